from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest

from flowlogs.search.dashboards.index_pattern import index_pattern_id
from flowlogs.search.dashboards_server import DashboardsServer
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused
from flowlogs.search.index_template import index_template
from flowlogs.search.outcome import Outcome, Result
from flowlogs.search.plan import Plan
from flowlogs.search.server import Server
from flowlogs.search.setting_up import SettingUp
from flowlogs.search.waiting import LEFT_OVER, LONGEST_DOUBT
from flowlogs.setting_kinds import Shape

ENDPOINT = "https://search.example"
PLAN = Plan(ENDPOINT, "cwl", "arn:aws:iam::123456789012:role/firehose", "flowlogs-cwl", 1, 1, 30)
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

    def ping(self, path: str) -> None:
        self.pinged.add(path)
        for error in self._pings:
            raise error

    def get(self, path: str) -> Any | None:
        self.now += self._call_seconds
        return {"version": self._version} if path == "/" else None

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

    def set_up(self, seconds: float = 900, plan: Plan = PLAN) -> list[Outcome]:
        set_up = SettingUp(self, lambda: seconds - self.now, self.sleep, self.dashboards)
        return list(set_up(plan))

    def dashboards(self, server: Server) -> DashboardsServer:
        self.server = server
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
    with pytest.raises(DomainError, match="no time was left for the role mapping"):
        domain.set_up(seconds=200)
    assert 200 - domain.now >= 0
    assert domain.changed_at == EVERYTHING[:2]


def test_a_domain_that_is_too_slow_for_the_retention_policy_says_so() -> None:
    domain = FakeDomain(call_seconds=50)
    with pytest.raises(DomainError, match="no time was left for the retention policy"):
        domain.set_up(seconds=350)
    assert domain.changed_at == EVERYTHING[:3]


def results(outcomes: Sequence[Outcome]) -> dict[str, Result]:
    return {outcome.step: outcome.result for outcome in outcomes}


def test_each_step_has_an_outcome_in_the_order_of_the_work() -> None:
    outcomes = FakeDomain().set_up()
    assert [(outcome.step, outcome.result, outcome.advice) for outcome in outcomes] == [
        ("server", Result.DONE, ""),
        ("index template", Result.DONE, ""),
        ("delivery role", Result.DONE, ""),
        ("retention policy", Result.DONE, ""),
        ("dashboards", Result.DONE, ""),
    ]
    assert outcomes[0].detail == "OpenSearch 2.19.1"


def test_what_a_plan_does_not_ask_for_is_left_out() -> None:
    domain = FakeDomain()
    outcomes = domain.set_up(plan=replace(PLAN, delivery_role=None, retention_days=None, dashboards=False))
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
        if path != "/":
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
    assert domain.server.settings == "/api/kibana/settings"


def test_what_a_plugin_refuses_is_raised() -> None:
    class Refusing(FakeDomain):
        def put(self, path: str, body: Any) -> None:
            if "_security" in path:
                raise RequestRefused(ENDPOINT, "PUT", 400, "Invalid configuration")
            super().put(path, body)

    with pytest.raises(RequestRefused, match="Invalid configuration"):
        Refusing().set_up()
