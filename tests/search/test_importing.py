from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import pytest

from flowlogs.search.domain_errors import DomainError, DomainUnreachable, ObjectsRefused, RequestRefused, SignInRefused
from flowlogs.search.setup.importing import LONGEST_WAIT, Importing
from flowlogs.search.setup.step import Result, Step

URL = "https://search.example/_dashboards"
OURS = "flowlogs-cwl-records"
OBJECTS = [{"type": "index-pattern", "id": OURS}, {"type": "dashboard", "id": "d"}]
ASLEEP = DomainUnreachable(URL, "POST", "it answered 503")


class FakeDashboards:
    """Dashboards whose imports come to these errors, one after the other, and then succeed; `now` is in seconds."""

    url = URL

    def __init__(self, errors: Iterable[DomainError] = (), *, chosen: str | None = None, known: str = "") -> None:
        self.imported: list[Any] = []
        self.chosen = chosen
        self.now = 0.0
        self._errors = iter(errors)
        self._known = known

    def put_objects(self, objects: Sequence[Any]) -> None:
        for error in self._errors:
            raise error
        self.imported += objects

    def default_index(self) -> str | None:
        return self.chosen

    def has_index_pattern(self, id_: str) -> bool:
        return id_ == self._known

    def set_default_index(self, id_: str) -> None:
        self.chosen = id_

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def take(self, seconds: float = 600, *, certain: bool = False, in_deployment: bool = False) -> Step:
        importing = Importing(self, lambda: seconds - self.now, self.sleep, certain, in_deployment)
        return importing(OBJECTS, OURS)


def test_everything_is_imported_and_the_index_pattern_is_shown_first() -> None:
    dashboards = FakeDashboards()
    assert dashboards.take() == Step("dashboards", Result.DONE, f"2 saved objects in {URL}")
    assert (dashboards.imported, dashboards.chosen) == (OBJECTS, OURS)


def test_a_default_that_somebody_chose_stays_while_it_is_there() -> None:
    theirs = FakeDashboards(chosen="theirs", known="theirs")
    theirs.take()
    assert theirs.chosen == "theirs"
    gone = FakeDashboards(chosen="gone")
    gone.take()
    assert gone.chosen == OURS


def test_ours_is_not_set_twice() -> None:
    class Strict(FakeDashboards):
        def set_default_index(self, id_: str) -> None:
            raise AssertionError

    assert Strict(chosen=OURS).take().result is Result.DONE


def test_dashboards_that_wake_up_are_waited_for() -> None:
    dashboards = FakeDashboards([ASLEEP] * 5)
    assert dashboards.take().result is Result.DONE
    assert dashboards.now == 1 + 2 + 4 + 8 + 10


@pytest.mark.parametrize(("seconds", "most"), [(900, LONGEST_WAIT), (30, 30), (0, 0), (-5, 0)])
def test_waiting_ends_and_is_no_error(seconds: float, most: float) -> None:
    dashboards = FakeDashboards(repeat(ASLEEP))
    outcome = dashboards.take(seconds)
    assert outcome.result is Result.FAILED
    assert "it answered 503" in outcome.detail
    assert "run the same again" in outcome.advice
    assert most - 10 <= dashboards.now <= most


@pytest.mark.parametrize(
    ("error", "result", "detail", "advice"),
    [
        (RequestRefused(URL, "POST", 404, "Not Found"), Result.LEFT_OUT, "there are no Dashboards at", "by hand"),
        (RequestRefused(URL, "POST", 405, "method"), Result.LEFT_OUT, "there are no Dashboards at", "by hand"),
        (RequestRefused(URL, "POST", 400, "no handler found for"), Result.LEFT_OUT, "there are no", "--dashboards-url"),
        (RequestRefused(URL, "POST", 400, "Invalid file extension"), Result.FAILED, "Invalid file", "mended"),
        (SignInRefused("401 to POST"), Result.FAILED, "401 to POST", "paths stand in docs/by-hand.md"),
        (ObjectsRefused(URL, ["search 'a': why"]), Result.FAILED, "search 'a': why", "older Dashboards"),
    ],
)
def test_what_goes_wrong_is_an_outcome_with_advice(
    error: DomainError, result: Result, detail: str, advice: str
) -> None:
    dashboards = FakeDashboards([error])
    outcome = dashboards.take()
    assert (outcome.result, dashboards.now, dashboards.chosen) == (result, 0, None)
    assert detail in outcome.detail
    assert advice in outcome.advice


@pytest.mark.parametrize("error", [ASLEEP, SignInRefused("401 to POST")])
def test_a_deployment_does_not_try_again_by_itself(error: DomainError) -> None:
    advice = FakeDashboards(repeat(error)).take(in_deployment=True).advice
    assert "run `flowlogs search setup` when it is mended: a deployment tries again only with something else" in advice


def test_dashboards_that_somebody_named_must_be_there() -> None:
    outcome = FakeDashboards([RequestRefused(URL, "POST", 404, "Not Found")]).take(certain=True)
    assert (outcome.result, outcome.detail) == (Result.FAILED, f"there are no Dashboards at {URL}")
    assert "check the address (--dashboards-url)" in outcome.advice


def test_a_default_that_cannot_be_set_is_told_and_the_dashboards_are_there() -> None:
    class Forbidding(FakeDashboards):
        def set_default_index(self, id_: str) -> None:
            raise SignInRefused("403 to POST")

    outcome = Forbidding().take()
    assert outcome.result is Result.DONE
    assert "the default index pattern was left as it is: 403 to POST" in outcome.detail
