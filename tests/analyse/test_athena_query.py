"""How a query of Athena is waited for, and given up: what the command does of it is in tests/cli."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from flowlogs.analyse.athena_query import Execution, Page, Waiting, Where, execute
from flowlogs.errors import FlowlogsError

WHERE = Where("eu-west-1", "database", "workgroup")


class Played:
    """Gives these states one after the other; an error among them is raised."""

    def __init__(self, *states: str | BaseException, stop: FlowlogsError | None = None) -> None:
        self._states = iter(states)
        self._stop = stop
        self.stopped: list[str] = []

    def start(self, sql: str, *, database: str, workgroup: str) -> str:
        assert (sql, database, workgroup) == ("SELECT 1", "database", "workgroup")
        return "id-1"

    def look(self, query_id: str) -> Execution:
        state = next(self._states)
        if isinstance(state, BaseException):
            raise state
        return Execution(state, "", "DML", 7, 0.1)

    def stop(self, query_id: str) -> None:
        self.stopped.append(query_id)
        if self._stop:
            raise self._stop

    def pages(self, query_id: str, kind: str) -> Iterator[Page]:
        raise AssertionError("nobody asked for the answer")


class Noted:
    """Waits without waiting, and remembers what it was told."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.shown: list[str] = []
        self.cancelled: list[tuple[str, str]] = []

    def waiting(self) -> Waiting:
        return Waiting(
            self.slept.append,
            nullcontext,
            lambda now: self.shown.append(now.state),
            lambda query_id, error: self.cancelled.append((query_id, str(error or ""))),
        )


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_a_query_is_looked_at_until_it_has_ended_whatever_its_end(state: str) -> None:
    noted, played = Noted(), Played("QUEUED", "RUNNING", state, "RUNNING")
    assert execute(played, "SELECT 1", WHERE, noted.waiting()) == ("id-1", Execution(state, "", "DML", 7, 0.1))
    assert noted.shown == ["QUEUED", "RUNNING"]
    assert noted.slept == [0.25, 0.375]
    assert (played.stopped, noted.cancelled) == ([], [])


def test_what_ends_the_waiting_cancels_the_query_and_is_passed_on() -> None:
    noted, played = Noted(), Played("RUNNING", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    assert (played.stopped, noted.cancelled) == (["id-1"], [("id-1", "")])


def test_a_query_that_cannot_be_cancelled_is_told_and_the_first_error_stays() -> None:
    noted = Noted()
    with pytest.raises(FlowlogsError, match="no look"):
        execute(Played(FlowlogsError("no look"), stop=FlowlogsError("no stop")), "SELECT 1", WHERE, noted.waiting())
    assert noted.cancelled == [("id-1", "no stop")]
