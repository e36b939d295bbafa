"""Log streams of a log group in CloudWatch Logs, one a network interface, filled as VPC Flow Logs fills them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

# Source: CloudWatch Logs API, PutLogEvents.
MOST_EVENTS = 10_000
"""Events a call."""
MOST_BYTES = 1_048_576
"""Bytes a call: the messages in UTF-8, and AROUND for each."""
AROUND = 26
LONGEST_SPAN_MS = 24 * 60 * 60 * 1000
"""Milliseconds between the first and the last event of a call."""
MOST_HELD = 200_000
"""Lines held in memory over all interfaces."""


class Event(NamedTuple):
    """A log event: `timestamp` in milliseconds since 1970; of a flow record it is the start."""

    timestamp: int
    message: str


class PutEvents(Protocol):
    """Writes into log streams; CloudWatch Logs and a test's fake stand in for each other."""

    def create(self, group: str, stream: str) -> None:
        """Create a log stream where there is none of this name; raise Refused where there is no such group."""
        ...

    def put(self, group: str, stream: str, events: Sequence[Event]) -> int:
        """Put events of one call, in order of time; give how many were rejected as too old or too new."""
        ...


@dataclass(slots=True)
class _Waiting:
    events: list[Event]
    size: int = 0


class LogStreams:
    """Writes lines into the log stream `<interface>-all` of their interface; `close` writes what waits."""

    def __init__(self, to: PutEvents, group: str) -> None:
        self.written = 0
        """Lines that CloudWatch Logs took."""
        self.rejected = 0
        """Lines that it rejected as too old or too new."""
        self._to = to
        self._group = group
        self._waiting: dict[str, _Waiting] = {}
        self._created: set[str] = set()
        self._held = 0

    @property
    def count(self) -> int:
        """Log streams so far."""
        return len(self._created)

    def add(self, line: bytes, interface_id: str, start: int) -> None:
        """Add a line of an interface whose record starts at this time, Unix seconds."""
        waiting = self._waiting.setdefault(interface_id, _Waiting([]))
        size = len(line) + AROUND
        if waiting.size + size > MOST_BYTES or len(waiting.events) == MOST_EVENTS:
            self._flush(interface_id)
            waiting = self._waiting.setdefault(interface_id, _Waiting([]))
        waiting.events.append(Event(start * 1000, line.decode()))
        waiting.size += size
        self._held += 1
        if self._held >= MOST_HELD:
            self.close()

    def close(self) -> None:
        """Write what waits."""
        for interface_id in list(self._waiting):
            self._flush(interface_id)

    def _flush(self, interface_id: str) -> None:
        waiting = self._waiting.pop(interface_id)
        self._held -= len(waiting.events)
        stream = f"{interface_id}-all"
        if stream not in self._created:
            self._to.create(self._group, stream)
            self._created.add(stream)
        for call in _within_a_day(sorted(waiting.events, key=lambda event: event.timestamp)):
            rejected = self._to.put(self._group, stream, call)
            self.rejected += rejected
            self.written += len(call) - rejected


def _within_a_day(events: list[Event]) -> list[list[Event]]:
    calls: list[list[Event]] = []
    for event in events:
        if not calls or event.timestamp - calls[-1][0].timestamp > LONGEST_SPAN_MS:
            calls.append([])
        calls[-1].append(event)
    return calls
