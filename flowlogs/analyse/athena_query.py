"""Has Athena make a query: starts it, waits for its end, cancels it where nobody waits any more."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from flowlogs.errors import FlowlogsError

_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 0.25, 5.0, 1.5
"""Seconds between two looks at a query: short ones take a second, long ones minutes."""
_ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


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
    """`QUEUED`, `RUNNING`, `SUCCEEDED`, `FAILED`, `CANCELLED`."""
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
    """How a query is waited for.

    `uninterrupted` opens a time in which no interrupt comes; `show` is told how the query stands; `cancelled` which
    query was cancelled, and why that failed where it did.
    """

    sleep: Callable[[float], None]
    uninterrupted: Callable[[], AbstractContextManager[None]]
    show: Callable[[Execution], None]
    cancelled: Callable[[str, FlowlogsError | None], None]


def execute(athena: Athena, sql: str, where: Where, waiting: Waiting) -> tuple[str, Execution]:
    """Have a query made to its end; give its id and how it ended. What ends the waiting early cancels it."""
    query_id = ""
    try:
        with waiting.uninterrupted():  # or it would run with nobody knowing its id
            query_id = athena.start(sql, database=where.database, workgroup=where.workgroup)
        return query_id, _end_of(athena, query_id, waiting)
    except BaseException:
        if query_id:
            with waiting.uninterrupted():
                _cancel(athena, query_id, waiting)
        raise


def _end_of(athena: Athena, query_id: str, waiting: Waiting) -> Execution:
    """Look at a query until it has ended, ever less often."""
    pause = _FIRST_WAIT
    while not (now := athena.look(query_id)).ended:
        waiting.show(now)
        waiting.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_WAIT)
    return now


def _cancel(athena: Athena, query_id: str, waiting: Waiting) -> None:
    try:
        athena.stop(query_id)
    except FlowlogsError as error:
        waiting.cancelled(query_id, error)
    else:
        waiting.cancelled(query_id, None)
