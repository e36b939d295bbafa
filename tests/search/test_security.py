from fnmatch import fnmatchcase
from typing import Any

import pytest

from flowlogs.search.index_template import index_patterns
from flowlogs.search.setup.security import delivery_role, mapping_with

ROLE = "arn:aws:iam::123456789012:role/firehose"


def test_the_delivery_role_may_write_the_indexes_of_its_prefix_and_no_others() -> None:
    role = delivery_role("cwl")
    assert role["description"] == "flowlogs: the delivery stream writes cwl*"
    assert role["cluster_permissions"] == ["cluster_composite_ops", "cluster_monitor"]
    assert role["index_permissions"] == [
        {"index_patterns": ["cwl*"], "allowed_actions": ["create_index", "manage", "crud"]}
    ]


def test_the_delivery_role_may_write_whatever_the_template_maps() -> None:
    (permission,) = delivery_role("cwl")["index_permissions"]
    for index in index_patterns("cwl"):
        assert any(fnmatchcase(index, pattern) for pattern in permission["index_patterns"])


@pytest.mark.parametrize("found", [None, {}, {"backend_roles": []}, {"backend_roles": [ROLE]}])
def test_the_role_is_mapped_once(found: dict[str, Any] | None) -> None:
    assert mapping_with(found, ROLE) == {"backend_roles": [ROLE]}


def test_who_was_mapped_stays_mapped() -> None:
    found = {
        "users": ["ann"],
        "hosts": ["10.*"],
        "backend_roles": ["arn:other"],
        "and_backend_roles": ["a", "b"],
        "description": "ours",
        "reserved": False,
        "hidden": False,
    }
    mapping = mapping_with(found, ROLE)
    assert mapping == {
        "users": ["ann"],
        "hosts": ["10.*"],
        "backend_roles": ["arn:other", ROLE],
        "and_backend_roles": ["a", "b"],
        "description": "ours",
    }
    assert found["backend_roles"] == ["arn:other"]
