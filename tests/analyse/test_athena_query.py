"""How a query of Athena is waited for, and given up: what the command does of it is in tests/cli."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from flowlogs.analyse.athena_query import Execution, Page, Waiting, Where, execute
from flowlogs.errors import FlowlogsError

WHERE = Where("eu-west-1", "database", "workgroup")


class Played:
    """Gives these states one after the other; an error among them is raised."""

    def __init__(
        self,
        *states: str | BaseException,
        start: Callable[[], str] = lambda: "id-1",
        stop: Callable[[], object] = lambda: None,
    ) -> None:
        self._states = iter(states)
        self._start = start
        self._stop = stop
        self.stopped: list[str] = []

    def start(self, sql: str, *, database: str, workgroup: str) -> str:
        assert (sql, database, workgroup) == ("SELECT 1", "database", "workgroup")
        return self._start()

    def look(self, query_id: str) -> Execution:
        state = next(self._states)
        if isinstance(state, BaseException):
            raise state
        return Execution(state, "", "DML", 7, 0.1)

    def stop(self, query_id: str) -> None:
        self.stopped.append(query_id)
        self._stop()

    def pages(self, query_id: str, kind: str) -> Iterator[Page]:
        raise AssertionError("nobody asked for the answer")


class Noted:
    """Waits without waiting, and remembers what it was told."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.shown: list[str] = []
        self.told: list[object] = []

    def waiting(self) -> Waiting:
        return Waiting(
            self.slept.append,
            lambda now: self.shown.append(now.state),
            lambda: self.told.append("asks which"),
            lambda: self.told.append("cancelled"),
            lambda query_id, reason: self.told.append((query_id, reason)),
            patience=0.05,
        )


@pytest.fixture
def hangs() -> Iterator[threading.Event]:
    """Give what is set when the test is over: who waits for it hangs."""
    over = threading.Event()
    yield over
    over.set()


def failing(sentence: str) -> Callable[[], str]:
    def fail() -> str:
        raise FlowlogsError(sentence)

    return fail


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_a_query_is_looked_at_until_it_has_ended_whatever_its_end(state: str) -> None:
    noted, played = Noted(), Played("QUEUED", "RUNNING", state, "RUNNING")
    assert execute(played, "SELECT 1", WHERE, noted.waiting()) == ("id-1", Execution(state, "", "DML", 7, 0.1))
    assert noted.shown == ["QUEUED", "RUNNING"]
    assert noted.slept == [0.25, 0.375]
    assert (played.stopped, noted.told) == ([], [])


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, FlowlogsError, RuntimeError])
def test_what_ends_the_waiting_cancels_the_query_and_is_passed_on(end: type[BaseException]) -> None:
    noted, played = Noted(), Played("RUNNING", end())
    with pytest.raises(end):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    assert (played.stopped, noted.told) == (["id-1"], ["cancelled"])


def test_a_query_that_was_not_started_is_not_cancelled() -> None:
    noted, played = Noted(), Played(start=failing("no start"))
    with pytest.raises(FlowlogsError, match="no start"):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    assert (played.stopped, noted.told) == ([], [])


def test_a_query_that_cannot_be_cancelled_is_told_and_the_first_error_stays() -> None:
    noted, played = Noted(), Played(FlowlogsError("no look"), stop=failing("no stop"))
    with pytest.raises(FlowlogsError, match="no look"):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    assert noted.told == [("id-1", "no stop")]


def test_a_cancelling_that_is_not_answered_ends_in_time(hangs: threading.Event) -> None:
    noted, played = Noted(), Played(KeyboardInterrupt(), stop=hangs.wait)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    assert noted.told == [("id-1", "no answer for 0.05 s")]
    assert time.monotonic() - begun < 10


def interrupted(then: Callable[[], str]) -> Callable[[], str]:
    """Interrupt who waits for a query to be started, and go on when that has had its effect."""
    waited = threading.main_thread()

    def start() -> str:
        signal.pthread_kill(waited.ident, signal.SIGINT)  # type: ignore[arg-type]
        return then()

    return start


def test_a_query_whose_start_is_not_answered_is_told_to_be_unknown(hangs: threading.Event) -> None:
    noted, played = Noted(), Played(start=interrupted(lambda: str(hangs.wait())))
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    assert noted.told == ["asks which", (None, "no answer for 0.05 s")]
    assert time.monotonic() - begun < 10


def test_a_query_of_which_nothing_was_sent_is_not_sent_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    noted, played, threads = Noted(), Played(start=failing("sent")), list[threading.Thread]()

    def interrupt(thread: threading.Thread) -> None:
        threads.append(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupt)
    with pytest.raises(KeyboardInterrupt):
        execute(played, "SELECT 1", WHERE, noted.waiting())
    threads[0].run()  # as if it had been on its way
    assert (played.stopped, noted.told) == ([], [])


def test_a_query_that_is_refused_while_its_id_is_awaited_ends_with_that() -> None:
    noted, asked = Noted(), threading.Event()
    waiting = replace(noted.waiting(), asks_which=asked.set, patience=10)
    played = Played(start=interrupted(lambda: (asked.wait(), failing("no start")())[1]))
    with pytest.raises(FlowlogsError, match="no start"):
        execute(played, "SELECT 1", WHERE, waiting)
    assert (played.stopped, noted.told) == ([], [])
