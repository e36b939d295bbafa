"""What `run --opensearch` and `search load` see to before the first document."""

from collections.abc import Iterator
from typing import Any

import pytest
from local_domain import LocalDomain

from flowlogs.aws.opensearch import Domain, password
from flowlogs.cli.search_target import prepare
from flowlogs.search.domain_errors import DomainError, SignInRefused
from flowlogs.search.index_template import index_template
from flowlogs.setting_kinds import Shape

TEMPLATE = "/_index_template/cwl"


@pytest.fixture
def local() -> Iterator[LocalDomain]:
    with LocalDomain() as local:
        local.version = {"distribution": "opensearch", "number": "2.19.1"}
        yield local


def domain_at(local: LocalDomain, word: str = "correct horse") -> Domain:
    return Domain(local.url, password("admin", word))


@pytest.mark.parametrize(("nodes", "replicas"), [(1, 0), (2, 1), (3, 1)])
def test_a_prefix_without_a_template_gets_one(
    local: LocalDomain, capsys: pytest.CaptureFixture[str], nodes: int, replicas: int
) -> None:
    local.nodes = nodes
    prepare(domain_at(local), "cwl", Shape.ECS)
    assert local.kept == {TEMPLATE: index_template("cwl", replicas=replicas, shape=Shape.ECS)}
    assert capsys.readouterr().err == f"Put the index template cwl into {local.url}: there was none\n"


@pytest.mark.parametrize("theirs", [index_template("cwl", shards=9), {"index_patterns": ["cwl-*"]}])
def test_a_template_that_is_there_stays(local: LocalDomain, theirs: Any) -> None:
    local.kept[TEMPLATE] = theirs
    prepare(domain_at(local), "cwl")
    assert local.kept == {TEMPLATE: theirs}


def test_documents_of_another_shape_than_the_templates_are_refused(local: LocalDomain) -> None:
    local.kept[TEMPLATE] = index_template("cwl", shape=Shape.OCSF)
    with pytest.raises(
        DomainError, match=r"the index template cwl of \S+ is made for documents of shape ocsf, .* json: take"
    ):
        prepare(domain_at(local), "cwl")


def test_documents_of_another_shape_than_an_indexs_are_refused_and_no_template_is_put(local: LocalDomain) -> None:
    local.mappings = {"cwl-2026-01-01": {"mappings": {"_meta": {"shape": "json"}}}}
    with pytest.raises(
        DomainError, match=r"the index cwl-2026-01-01 of \S+ is made for documents of shape json, .* ecs: "
    ):
        prepare(domain_at(local), "cwl", Shape.ECS)
    assert local.kept == {}


def test_a_server_that_is_too_old_is_refused(local: LocalDomain) -> None:
    local.version = {"number": "7.4.2"}
    with pytest.raises(DomainError, match=r"7\.8 or later"):
        prepare(domain_at(local), "cwl")
    assert local.kept == {}


def test_a_wrong_password_is_tried_once(local: LocalDomain) -> None:
    with pytest.raises(SignInRefused):
        prepare(domain_at(local, "wrong"), "cwl")
    assert local.refused == 1


def test_a_template_of_somebody_elses_that_takes_the_indexes_is_told(
    local: LocalDomain, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = domain_at(local)
    prepare(domain, "cwl")
    assert "Note:" not in capsys.readouterr().err
    theirs = {"name": "logs", "index_template": {"index_patterns": ["c*"], "priority": 200}}
    real = domain.get
    monkeypatch.setattr(
        domain, "get", lambda path: {"index_templates": [theirs]} if "/_index_template?" in path else real(path)
    )
    prepare(domain, "cwl")
    assert "Note: the index template logs has a higher priority than cwl and takes" in capsys.readouterr().err
