"""A delivery stream that takes, refuses and fails as it is told."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from threading import Lock

from flowlogs.errors import StreamError
from flowlogs.ingest.streams import MAX_CALL_BYTES, MAX_RECORD_BYTES, MAX_RECORDS

Fault = str | StreamError | None | Sequence[int]
"""What a call does: None takes all, a code refuses all, numbers refuse those records, an error fails the call."""

THROTTLED = "ServiceUnavailableException"


class FakeStreams:
    """Answers each call by the next of the faults, then takes everything (`flowlogs.ingest.streams.Streams`)."""

    def __init__(self, faults: Sequence[Fault] = (), then: Fault = None) -> None:
        self._faults = list(faults)
        self._then = then
        self._lock = Lock()
        self.taken: dict[str, list[bytes]] = defaultdict(list)
        self.calls: list[tuple[str, list[bytes]]] = []
        self.before: Callable[[str], None] = lambda stream: None

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        assert 1 <= len(records) <= MAX_RECORDS
        assert sum(map(len, records)) <= MAX_CALL_BYTES
        assert all(0 < len(record) <= MAX_RECORD_BYTES for record in records)
        self.before(stream)
        with self._lock:
            self.calls.append((stream, list(records)))
            fault = self._faults.pop(0) if self._faults else self._then
            if isinstance(fault, StreamError):
                raise fault
            codes = [_code(fault, place, len(records)) for place in range(len(records))]
            self.taken[stream] += [record for record, code in zip(records, codes, strict=True) if code is None]
        return codes


def _code(fault: str | Sequence[int] | None, place: int, length: int) -> str | None:
    if fault is None or isinstance(fault, str):
        return fault
    return THROTTLED if place in {number % length for number in fault} else None


class FakeTime:
    """Time that passes only while someone sleeps."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.left -= seconds

    def time_left(self) -> float:
        return self.left
