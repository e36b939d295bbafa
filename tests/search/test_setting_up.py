import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest

from flowlogs.search.dashboards.index_pattern import index_pattern_id
from flowlogs.search.dashboards_server import DashboardsServer
from flowlogs.search.domain_errors import (
    CertificateRefused,
    DomainError,
    DomainUnreachable,
    RequestRefused,
    SignInRefused,
)
from flowlogs.search.index_template import index_template
from flowlogs.search.setup.deadline import LEFT_OVER, LONGEST_DOUBT
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.setting_up import SettingUp
from flowlogs.search.setup.step import Result, Step
from flowlogs.setting_kinds import Shape

ENDPOINT = "https://search.example"
PLAN = Plan(ENDPOINT, "cwl", "arn:aws:iam::123456789012:role/firehose", "flowlogs-cwl", 1, 1, 30)
TEMPLATE = "/_index_template/cwl"
MAPPING = "/_plugins/_security/api/rolesmapping/flowlogs-cwl"
EVERYTHING = [
    "/_index_template/cwl",
    "/_plugins/_security/api/roles/flowlogs-cwl",
    MAPPING,
    "/_plugins/_ism/policies/flowlogs-cwl",
    "/_plugins/_ism/add/cwl-*",
]
OPENSEARCH = {"distribution": "opensearch", "number": "2.19.1"}
SILENT = DomainUnreachable(ENDPOINT, "GET", "NameResolutionError")
REFUSED = SignInRefused("who")


class FakeDomain:
    """A domain whose pings come to these errors, one after the other, and then to an answer.

    Each other call takes its time (seconds).
    """

    endpoint = ENDPOINT

    def __init__(
        self, *, pings: Iterable[DomainError] = (), call_seconds: float = 0, version: Mapping[str, str] = OPENSEARCH
    ) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.pinged: set[str] = set()
        self.changed_at: list[str] = []
        self._pings = iter(pings)
        self._call_seconds = call_seconds
        self._version = version
        self.found: dict[str, Any] = {}

    def ping(self, path: str) -> None:
        self.pinged.add(path)
        for error in self._pings:
            raise error

    def get(self, path: str) -> Any | None:
        self.now += self._call_seconds
        return {"version": self._version} if path == "/" else self.found.get(path)

    def put(self, path: str, body: Any) -> None:
        self.now += self._call_seconds
        self.changed_at.append(path)

    def post(self, path: str, body: Any) -> Any:
        self.now += self._call_seconds
        self.changed_at.append(path)
        return {"updated_indices": 0, "failures": False, "failed_indices": []}

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)

    def set_up(self, seconds: float = 900, plan: Plan = PLAN, *, in_deployment: bool = True) -> list[Step]:
        set_up = SettingUp(self, lambda: seconds - self.now, self.sleep, in_deployment)
        return list(set_up(plan))

    def dashboards(self, url: str, *, settings: str) -> DashboardsServer:
        self.dashboards_at = url, settings
        return FakeDashboards()


class FakeDashboards:
    """Dashboards that take what they get."""

    url = f"{ENDPOINT}/_dashboards"

    def put_objects(self, objects: Sequence[Any]) -> None:
        assert objects[0]["id"] == index_pattern_id("cwl")

    def default_index(self) -> str | None:
        return index_pattern_id("cwl")

    def has_index_pattern(self, id_: str) -> bool:
        raise AssertionError

    def set_default_index(self, id_: str) -> None:
        raise AssertionError


def test_a_domain_is_waited_for_with_growing_pauses() -> None:
    domain = FakeDomain(pings=[SILENT] * 8)
    domain.set_up()
    assert domain.pauses == [0.5, 1, 2, 4, 8, 10, 10, 10]
    assert domain.changed_at == EVERYTHING


def test_waiting_ends_before_the_invocation_does_and_says_what_to_check() -> None:
    domain = FakeDomain(pings=repeat(SILENT))
    with pytest.raises(
        DomainError, match=r"did not answer within 8\d\d s .*NameResolutionError.*security group.*route"
    ):
        domain.set_up()
    assert 900 - domain.now >= LEFT_OVER
    assert domain.changed_at == []


def test_a_short_invocation_waits_too() -> None:
    domain = FakeDomain(pings=[SILENT] * 3)
    domain.set_up(seconds=10)
    assert domain.changed_at == EVERYTHING


def test_a_domain_is_waited_for_at_a_path_that_the_set_up_needs_anyway() -> None:
    domain = FakeDomain(pings=[SILENT, REFUSED])
    domain.set_up()
    assert domain.pinged == {MAPPING}


def test_what_waiting_cannot_mend_is_raised_at_once() -> None:
    domain = FakeDomain(pings=repeat(RequestRefused(ENDPOINT, "GET", 400, "what")))
    with pytest.raises(RequestRefused):
        domain.set_up()
    assert domain.pauses == []


def test_a_fresh_domain_may_refuse_the_sign_in_for_some_minutes() -> None:
    domain = FakeDomain(pings=[REFUSED] * 18)
    domain.set_up()
    assert 120 <= domain.now <= LONGEST_DOUBT
    assert domain.changed_at == EVERYTHING


@pytest.mark.parametrize(("seconds", "patience"), [(900, 180), (1200, 180), (300, 60), (10, 2)])
def test_a_sign_in_that_stays_refused_is_raised_after_three_minutes_or_a_fifth_of_the_invocation(
    seconds: float, patience: float
) -> None:
    domain = FakeDomain(pings=repeat(REFUSED))
    with pytest.raises(SignInRefused, match=r"^who$"):
        domain.set_up(seconds)
    assert domain.now <= patience < domain.now + 2 * domain.pauses[-1]
    assert domain.changed_at == []


def test_the_time_in_which_a_domain_was_silent_takes_nothing_from_a_refused_sign_in() -> None:
    domain = FakeDomain(pings=[*[SILENT] * 30, *[REFUSED] * 10, SILENT, *[REFUSED] * 10])
    domain.set_up()
    assert domain.now > 2 * LONGEST_DOUBT
    assert domain.changed_at == EVERYTHING


def test_a_refused_sign_in_is_never_waited_for_beyond_what_is_left_over() -> None:
    domain = FakeDomain(pings=chain([SILENT] * 75, repeat(REFUSED)))
    with pytest.raises(SignInRefused):
        domain.set_up()
    assert 900 - domain.now >= LEFT_OVER


def test_a_sign_in_that_is_refused_after_the_wait_is_raised_at_once() -> None:
    class Forbidding(FakeDomain):
        def put(self, path: str, body: Any) -> None:
            raise REFUSED

    domain = Forbidding()
    with pytest.raises(SignInRefused):
        domain.set_up()
    assert domain.pauses == []


def test_a_slow_domain_gets_no_request_that_the_invocation_could_not_finish() -> None:
    domain = FakeDomain(call_seconds=50)
    with pytest.raises(DomainError, match=f"no time was left for GET {MAPPING}; try again"):
        domain.set_up(seconds=200)
    assert 200 - domain.now >= 0
    assert domain.changed_at == EVERYTHING[:2]


def test_a_domain_that_is_too_slow_for_the_retention_policy_says_so() -> None:
    domain = FakeDomain(call_seconds=50)
    with pytest.raises(DomainError, match="no time was left for GET /_plugins/_ism/policies"):
        domain.set_up(seconds=350)
    assert domain.changed_at == EVERYTHING[:3]


@pytest.mark.parametrize("begun", range(1, 9))
def test_nothing_is_asked_for_which_no_time_is_left(begun: int) -> None:
    requests = ["/", TEMPLATE, TEMPLATE, EVERYTHING[1], MAPPING, MAPPING, EVERYTHING[3], EVERYTHING[3], EVERYTHING[4]]
    domain = FakeDomain(call_seconds=1)
    with pytest.raises(DomainError, match=f"no time was left for [A-Z]+ {re.escape(requests[begun])}; try again"):
        domain.set_up(seconds=(begun - 0.5) / 0.8)
    assert domain.now == begun


@pytest.mark.parametrize(("nodes", "replicas"), [(1, 0), (2, 1)])
def test_without_a_number_of_replicas_the_nodes_are_counted(nodes: int, replicas: int) -> None:
    class Keeping(FakeDomain):
        def put(self, path: str, body: Any) -> None:
            kept[path] = body

    kept: dict[str, Any] = {}
    domain = Keeping()
    domain.found = {"/_cluster/health": {"number_of_data_nodes": nodes}}
    domain.set_up(plan=replace(PLAN, replicas=None))
    assert kept[TEMPLATE] == index_template("cwl", replicas=replicas)


def results(steps: Sequence[Step]) -> dict[str, Result]:
    return {step.name: step.result for step in steps}


def test_outside_of_a_deployment_a_refused_sign_in_is_tried_once() -> None:
    domain = FakeDomain(pings=repeat(REFUSED))
    with pytest.raises(SignInRefused, match=r"^who$") as refused:
        domain.set_up(in_deployment=False)
    assert domain.pauses == []
    assert refused.value.step == "server"


def test_outside_of_a_deployment_a_server_of_ones_own_is_perhaps_not_started() -> None:
    domain = FakeDomain(pings=repeat(SILENT))
    with pytest.raises(DomainError, match=r"NameResolutionError\); is it started, and is this its address\?$"):
        domain.set_up(60, in_deployment=False)
    domain = FakeDomain(pings=repeat(SILENT))
    domain.endpoint = "https://search-x.eu-west-1.es.amazonaws.com"
    with pytest.raises(DomainError, match="security group"):
        domain.set_up(60, in_deployment=False)


def test_a_certificate_that_is_not_trusted_is_not_waited_for() -> None:
    domain = FakeDomain(pings=repeat(CertificateRefused("its certificate")))
    with pytest.raises(CertificateRefused):
        domain.set_up()
    assert domain.pauses == []


@pytest.mark.parametrize(
    ("path", "step"),
    [("/_index_template/cwl", "index template"), (MAPPING, "delivery role"), (EVERYTHING[3], "retention policy")],
)
def test_an_error_says_in_which_step_it_happened(path: str, step: str) -> None:
    class Failing(FakeDomain):
        def put(self, asked: str, body: Any) -> None:
            if asked == path:
                raise DomainUnreachable(ENDPOINT, f"PUT {path}", "it answered 503", 503)
            super().put(asked, body)

    with pytest.raises(DomainUnreachable) as failed:
        Failing().set_up()
    assert failed.value.step == step


def test_dashboards_are_looked_for_where_the_plan_says() -> None:
    domain = FakeDomain()
    domain.set_up()
    assert domain.dashboards_at == (f"{ENDPOINT}/_dashboards", "/api/opensearch-dashboards/settings")
    domain.set_up(plan=replace(PLAN, dashboards_url="https://other/base"))
    assert domain.dashboards_at[0] == "https://other/base"


def test_an_opensearch_that_was_not_tried_is_set_up_and_said() -> None:
    steps = FakeDomain(version={"distribution": "opensearch", "number": "3.1.0"}).set_up()
    assert (steps[0].detail, steps[0].advice) == (
        "OpenSearch 3.1.0",
        "look at the dashboards: this was tried with OpenSearch up to 2.19",
    )
    assert set(results(steps).values()) == {Result.DONE}


def template_of(shape: Any) -> Any:
    """Give a template as a server gives it back. Source: OpenSearch, "Index templates"."""
    mappings = {"_meta": {"flowlogs": "0.1.0", "shape": shape}}
    return {"index_templates": [{"name": "cwl", "index_template": {"template": {"mappings": mappings}}}]}


SHAPES = "/cwl,cwl-*/_mapping?allow_no_indices=true&ignore_unavailable=true&filter_path=*.mappings._meta.shape"


@pytest.mark.parametrize(
    ("found", "what"),
    [
        ({TEMPLATE: template_of("ecs")}, "the index template cwl"),
        ({SHAPES: {"cwl-2026-01-01": {"mappings": {"_meta": {"shape": "ecs"}}}}}, "the index cwl-2026-01-01"),
    ],
)
def test_documents_of_another_shape_are_refused_before_anything_is_put(found: dict[str, Any], what: str) -> None:
    domain = FakeDomain()
    domain.found = found
    with pytest.raises(
        DomainError, match=f"^{what} of {ENDPOINT} is made for documents of shape ecs.* json: take another --"
    ):
        domain.set_up(in_deployment=False)
    assert domain.changed_at == []


def test_a_deployment_that_changes_the_shape_says_what_stays() -> None:
    domain = FakeDomain()
    domain.found = {TEMPLATE: template_of("ecs")}
    template = domain.set_up()[1]
    assert "indexes that are there keep shape ecs" in template.detail
    assert "index_prefix" in template.advice
    assert TEMPLATE in domain.changed_at


@pytest.mark.parametrize(
    "theirs", [template_of("json"), template_of(None), template_of(5), {"index_templates": []}, [], "text"]
)
def test_a_template_of_the_same_shape_or_of_somebody_else_is_no_other_shape(theirs: Any) -> None:
    domain = FakeDomain()
    domain.found = {TEMPLATE: theirs, SHAPES: {"cwl": {"mappings": {}}, "cwl-1": None}}
    assert domain.set_up(in_deployment=False)[1].advice == ""


def test_each_step_has_an_outcome_in_the_order_of_the_work() -> None:
    outcomes = FakeDomain().set_up()
    assert [(step.name, step.result, step.advice) for step in outcomes] == [
        ("server", Result.DONE, ""),
        ("index template", Result.DONE, ""),
        ("delivery role", Result.DONE, ""),
        ("retention policy", Result.DONE, ""),
        ("dashboards", Result.DONE, ""),
    ]
    assert outcomes[0].detail == "OpenSearch 2.19.1"


def test_what_a_plan_does_not_ask_for_is_left_out() -> None:
    domain = FakeDomain()
    outcomes = domain.set_up(plan=replace(PLAN, delivery_role=None, retention_days=None, with_dashboards=False))
    assert domain.changed_at == ["/_index_template/cwl"]
    assert list(results(outcomes).values()) == [Result.DONE, Result.DONE, *[Result.LEFT_OUT] * 3]
    assert not [outcome for outcome in outcomes if outcome.advice]


@pytest.mark.parametrize(
    ("shape", "dashboards"), [(Shape.JSON, Result.DONE), (Shape.ECS, Result.DONE), (Shape.OCSF, Result.LEFT_OUT)]
)
def test_the_template_is_that_of_the_shape_and_dashboards_are_left_out_where_they_would_ask_in_vain(
    shape: Shape, dashboards: Result
) -> None:
    class Keeping(FakeDomain):
        def put(self, path: str, body: Any) -> None:
            super().put(path, body)
            kept[path] = body

    kept: dict[str, Any] = {}
    outcomes = Keeping().set_up(plan=replace(PLAN, shape=shape))
    assert kept["/_index_template/cwl"] == index_template("cwl", shape=shape)
    assert outcomes[-1].result is dashboards
    assert ("in shape ocsf action means something else" in outcomes[-1].detail) == (shape is Shape.OCSF)


class WithoutPlugins(FakeDomain):
    """A domain that knows neither security nor ISM, as a plain server."""

    def ping(self, path: str) -> None:
        self._refuse("GET", path)

    def get(self, path: str) -> Any | None:
        if path != "/" and not path.startswith("/_index_template"):
            self._refuse("GET", path)
        return super().get(path)

    def put(self, path: str, body: Any) -> None:
        if not path.startswith("/_index_template"):
            self._refuse("PUT", path)
        super().put(path, body)

    def _refuse(self, method: str, path: str) -> None:
        reason = f"no handler found for uri [{path}] and method [{method}]"
        raise RequestRefused(ENDPOINT, f"{method} {path}", 400, reason)


def test_a_server_without_plugins_gets_the_template_and_the_dashboards() -> None:
    domain = WithoutPlugins()
    outcomes = domain.set_up()
    assert domain.changed_at == ["/_index_template/cwl"]
    assert results(outcomes) == {
        "server": Result.DONE,
        "index template": Result.DONE,
        "delivery role": Result.LEFT_OUT,
        "retention policy": Result.LEFT_OUT,
        "dashboards": Result.DONE,
    }
    assert "OpenSearch 2.19.1 has no security plugin here" in outcomes[2].detail
    assert "no Index State Management plugin" in outcomes[3].detail
    assert all(outcome.advice for outcome in outcomes[2:4])


def test_a_plain_elasticsearch_is_asked_for_no_plugin() -> None:
    domain = FakeDomain(version={"number": "8.15.0", "build_flavor": "default"})
    outcomes = domain.set_up()
    assert domain.changed_at == ["/_index_template/cwl"]
    assert "Elasticsearch 8.15.0 has no security plugin here" in outcomes[2].detail
    assert domain.dashboards_at == (f"{ENDPOINT}/_plugin/kibana", "/api/kibana/settings")


def test_what_a_plugin_refuses_is_raised() -> None:
    class Refusing(FakeDomain):
        def put(self, path: str, body: Any) -> None:
            if "_security" in path:
                raise RequestRefused(ENDPOINT, "PUT", 400, "Invalid configuration")
            super().put(path, body)

    with pytest.raises(RequestRefused, match="Invalid configuration"):
        Refusing().set_up()
