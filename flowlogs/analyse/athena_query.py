"""Has Athena make a query: starts it, waits for its end, cancels it where nobody waits any more."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, TypeVar

from flowlogs.errors import FlowlogsError

Answer = TypeVar("Answer")

_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 0.25, 5.0, 1.5
"""Seconds between two looks at a query: short ones take a second, long ones minutes."""
_ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
STATES = _ENDED | {"QUEUED", "RUNNING"}
"""How a query may stand. Source: Athena API, QueryExecutionStatus."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a deployment's queries run."""

    region: str
    database: str
    workgroup: str


@dataclass(frozen=True, slots=True)
class Execution:
    """A query as it stands: `scanned` in bytes, `seconds` since it was started, both as Athena counts them."""

    state: str
    """One of STATES."""
    reason: str
    kind: str
    """`DML` (a SELECT too), `DDL`, `UTILITY`."""
    scanned: int
    seconds: float

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self.state in _ENDED


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer; `type` is Athena's name, with precision and scale where it is `decimal`."""

    name: str
    type: str
    precision: int
    scale: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an answer: every value as text, None where it is NULL."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | None]]


class Athena(Protocol):
    """Queries of an account and region; each method raises a FlowlogsError where AWS does not answer it."""

    def start(self, sql: str, *, database: str, workgroup: str) -> str:
        """Start a query; give its id."""

    def look(self, query_id: str) -> Execution:
        """Say how a query stands."""

    def stop(self, query_id: str) -> None:
        """Cancel a query."""

    def pages(self, query_id: str, kind: str) -> Iterator[Page]:
        """Give the answer of a query that succeeded."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a query is waited for, and who is told of it.

    `show` is told how the query stands. Where the waiting is given up, `asks_which` is told that the query's id is
    awaited in order to cancel it, `cancelled` that it was, `left` that it may go on: its id where that is known, and
    why. `patience` is how many seconds each of the two calls may take by then.
    """

    sleep: Callable[[float], None]
    show: Callable[[Execution], None]
    asks_which: Callable[[], None]
    cancelled: Callable[[], None]
    left: Callable[[str | None, str], None]
    patience: float = 10


def execute(athena: Athena, sql: str, where: Where, waiting: Waiting) -> tuple[str, Execution]:
    """Have a query made to its end; give its id and how it ended.

    What ends the waiting early, an interrupt too, cancels it; another interrupt ends that as well.
    """
    starting: Future[str] = Future()
    try:
        _call(starting, lambda: athena.start(sql, database=where.database, workgroup=where.workgroup))
        query_id = starting.result()
        return query_id, _end_of(athena, query_id, waiting)
    except BaseException:
        _give_up(athena, starting, waiting)
        raise


def _call(future: Future[Answer], asked: Callable[[], Answer]) -> None:
    """Make a call in a thread of its own, for which nobody has to wait: interrupts come through while it hangs.

    The process may end while it does; one that is interrupted before it began is not made.
    """

    def make() -> None:
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(asked())
            except BaseException as error:  # noqa: BLE001 (it is raised where the answer is taken)
                future.set_exception(error)

    threading.Thread(target=make, daemon=True).start()


def _end_of(athena: Athena, query_id: str, waiting: Waiting) -> Execution:
    """Look at a query until it has ended, ever less often."""
    pause = _FIRST_WAIT
    while not (now := athena.look(query_id)).ended:
        waiting.show(now)
        waiting.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_WAIT)
    return now


def _give_up(athena: Athena, starting: Future[str], waiting: Waiting) -> None:
    """Cancel a query that was started or is just being started, and say what became of it."""
    if starting.cancel():
        return  # nothing was sent
    query_id = None
    try:
        if not starting.done():
            waiting.asks_which()
        query_id = starting.result(waiting.patience)
        stopping: Future[None] = Future()
        _call(stopping, lambda: athena.stop(query_id))
        stopping.result(waiting.patience)
    except FlowlogsError as error:
        if query_id is None:  # it was not started, and that says more than that somebody gave up
            raise
        waiting.left(query_id, str(error))
    except TimeoutError:
        waiting.left(query_id, f"no answer for {waiting.patience:g} s")
    except (KeyboardInterrupt, SystemExit):
        waiting.left(query_id, "interrupted")
    else:
        waiting.cancelled()
