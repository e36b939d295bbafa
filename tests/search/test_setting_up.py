from typing import Any

import pytest

from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused
from flowlogs.search.plan import Plan
from flowlogs.search.setting_up import LEFT_OVER, SettingUp

ENDPOINT = "https://search.example"
PLAN = Plan(ENDPOINT, "cwl", "arn:aws:iam::123456789012:role/firehose", "flowlogs-cwl", 1, 1)


class FakeDomain:
    """A domain that needs so many pings to come up; each call takes its time (seconds)."""

    endpoint = ENDPOINT

    def __init__(self, *, pings: float = 0, call_seconds: float = 0, refuses: DomainError | None = None) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.put_paths: list[str] = []
        self._pings = pings
        self._call_seconds = call_seconds
        self._refuses = refuses

    def ping(self) -> None:
        self._pings -= 1
        if self._refuses is not None:
            raise self._refuses
        if self._pings >= 0:
            raise DomainUnreachable(ENDPOINT, "GET /", "NameResolutionError")

    def get(self, path: str) -> Any | None:
        self.now += self._call_seconds
        return None

    def put(self, path: str, body: Any) -> None:
        self.now += self._call_seconds
        self.put_paths.append(path)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)

    def set_up(self, seconds: float = 900) -> None:
        SettingUp(self, lambda: seconds - self.now, self.sleep)(PLAN)


def test_a_domain_is_waited_for_with_growing_pauses() -> None:
    domain = FakeDomain(pings=8)
    domain.set_up()
    assert domain.pauses == [0.5, 1, 2, 4, 8, 10, 10, 10]
    assert len(domain.put_paths) == 3


def test_waiting_ends_before_the_invocation_does_and_says_what_to_check() -> None:
    domain = FakeDomain(pings=float("inf"))
    with pytest.raises(
        DomainError, match=r"did not answer within 8\d\d s .*NameResolutionError.*security group.*route"
    ):
        domain.set_up()
    assert 900 - domain.now >= LEFT_OVER
    assert domain.put_paths == []


def test_a_short_invocation_waits_too() -> None:
    domain = FakeDomain(pings=3)
    domain.set_up(seconds=10)
    assert len(domain.put_paths) == 3


@pytest.mark.parametrize("refusal", [SignInRefused("who"), RequestRefused(ENDPOINT, "GET /", 400, "what")])
def test_what_waiting_cannot_mend_is_raised_at_once(refusal: DomainError) -> None:
    domain = FakeDomain(refuses=refusal)
    with pytest.raises(type(refusal)):
        domain.set_up()
    assert domain.pauses == []


def test_a_slow_domain_gets_no_request_that_the_invocation_could_not_finish() -> None:
    domain = FakeDomain(call_seconds=50)
    with pytest.raises(DomainError, match="no time was left for the role mapping"):
        domain.set_up(seconds=150)
    assert 150 - domain.now >= 0
    assert domain.put_paths == ["/_index_template/cwl", "/_plugins/_security/api/roles/flowlogs-cwl"]
