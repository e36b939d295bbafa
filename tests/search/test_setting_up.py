from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any

import pytest

from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused
from flowlogs.search.plan import Plan
from flowlogs.search.setting_up import LEFT_OVER, LONGEST_DOUBT, SettingUp

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
SILENT = DomainUnreachable(ENDPOINT, "GET", "NameResolutionError")
REFUSED = SignInRefused("who")


class FakeDomain:
    """A domain whose pings come to these errors, one after the other, and then to an answer.

    Each other call takes its time (seconds).
    """

    endpoint = ENDPOINT

    def __init__(self, *, pings: Iterable[DomainError] = (), call_seconds: float = 0) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.pinged: set[str] = set()
        self.changed_at: list[str] = []
        self._pings = iter(pings)
        self._call_seconds = call_seconds

    def ping(self, path: str) -> None:
        self.pinged.add(path)
        for error in self._pings:
            raise error

    def get(self, path: str) -> Any | None:
        self.now += self._call_seconds
        return None

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

    def set_up(self, seconds: float = 900) -> None:
        SettingUp(self, lambda: seconds - self.now, self.sleep)(PLAN)


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
        domain.set_up(seconds=150)
    assert 150 - domain.now >= 0
    assert domain.changed_at == EVERYTHING[:2]


def test_a_domain_that_is_too_slow_for_the_retention_policy_says_so() -> None:
    domain = FakeDomain(call_seconds=50)
    with pytest.raises(DomainError, match="no time was left for the retention policy"):
        domain.set_up(seconds=300)
    assert domain.changed_at == EVERYTHING[:3]
