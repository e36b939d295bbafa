"""Which index template new indexes of a prefix get, where there are several."""

from collections.abc import Sequence
from typing import Any

import pytest
from opensearch_node.plugin import OpenSearch

from flowlogs.aws.opensearch import Domain, anonymous
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused
from flowlogs.search.index_template import index_template, template_path
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.putting import put_template
from flowlogs.search.template_in_force import overruled_by, remark


class Templates:
    """A domain that has index templates, or that refuses to say which."""

    endpoint = "https://host"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def get(self, path: str) -> Any:
        assert path.startswith("/_index_template?")
        if isinstance(self.answer, DomainError):
            raise self.answer
        return self.answer

    def put(self, path: str, body: Any) -> None:
        raise AssertionError("nothing is changed")

    def post(self, path: str, body: Any) -> Any:
        raise AssertionError("nothing is changed")


def template(name: str, *patterns: str, **more: int) -> dict[str, Any]:
    return {"name": name, "index_template": {"index_patterns": list(patterns), **more}}


OURS = template("cwl", "cwl", "cwl-*", priority=100)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], None),
        ([template("theirs", "cwl*", priority=101)], "theirs"),
        ([template("theirs", "x", "*", priority=500), template("more", "c*w*-*", priority=501)], "more"),
        ([template("theirs", "cwl*", priority=99)], None),
        ([template("theirs", "*")], None),
        ([template("theirs", "cwl-team-*", "cw?-*", "cwl", "[c]wl*", priority=500)], None),
    ],
    ids=["alone", "higher", "the highest", "lower", "without a priority", "of other indexes"],
)
def test_the_highest_priority_that_matches_is_in_force(others: Sequence[dict[str, Any]], expected: str | None) -> None:
    for order in ([OURS, *others], [*others, OURS]):
        assert overruled_by(Templates({"index_templates": order}), "cwl") == expected


@pytest.mark.parametrize(
    "answer", [None, "<html>", {}, [], RequestRefused("https://host", "GET", 400, "no"), SignInRefused("no")]
)
def test_where_it_cannot_be_asked_nobody_knows(answer: Any) -> None:
    assert overruled_by(Templates(answer), "cwl") is None


def test_a_server_that_is_gone_is_an_error() -> None:
    with pytest.raises(DomainUnreachable):
        overruled_by(Templates(DomainUnreachable("https://host", "GET", "nothing listens there")), "cwl")


@pytest.mark.parametrize("in_deployment", [False, True])
def test_the_set_up_says_that_its_template_has_no_effect_but_a_deployment_may_not_ask(in_deployment: bool) -> None:
    class Overruled(Templates):
        def get(self, path: str) -> Any:
            if path.startswith("/_index_template?"):
                assert not in_deployment, "its policy does not open that path"
                return super().get(path)
            return None

        def put(self, path: str, body: Any) -> None:
            assert path == template_path("cwl")

    domain = Overruled({"index_templates": [OURS, template("theirs", "*", priority=500)]})
    plan = Plan("https://host", "cwl", None, "flowlogs-cwl", 1, 1, None)
    step = put_template(domain, plan, in_deployment=in_deployment)
    assert ("without effect" in step.detail) == (not in_deployment)
    assert step.advice == ("" if in_deployment else remark("cwl", "theirs"))


def test_a_real_server_gives_an_index_the_template_that_is_said(opensearch: OpenSearch) -> None:
    domain, prefix = Domain(opensearch.url, anonymous()), opensearch.prefix()
    domain.put(template_path(prefix), index_template(prefix, replicas=0))
    assert overruled_by(domain, prefix) is None
    name = f"{prefix}-theirs"
    domain.put(template_path(name), {"index_patterns": [f"{prefix}*"], "priority": 500})
    assert overruled_by(domain, prefix) == name
    domain.put(f"/{prefix}-2026-01-01", {})
    mapping = domain.get(f"/{prefix}-2026-01-01/_mapping")
    assert mapping == {f"{prefix}-2026-01-01": {"mappings": {}}}
    assert remark(prefix, name).startswith(f"the index template {name} has a higher priority than {prefix}")
