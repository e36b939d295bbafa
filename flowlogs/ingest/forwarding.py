"""Forwards lines to the delivery streams: to `search` one a record, narrowed; to `lake` packed, all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from flowlogs.account import Account
from flowlogs.ingest.dead_letters import DeadLetter
from flowlogs.ingest.lines import Line, Refused
from flowlogs.ingest.narrowing import Narrowing
from flowlogs.ingest.packing import packed, single
from flowlogs.ingest.sending import Sender, Unsent
from flowlogs.ingest.streams import MAX_RECORD_BYTES
from flowlogs.record.log_format import LogFormat

_HEADER_ROOM = 16 * 1024
"""Bytes kept free in a record for the header that may go before a line."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Names of the delivery streams; None for one that is not there."""

    search: str | None
    lake: str | None

    def names(self) -> list[str]:
        """Give the names of those that are there."""
        return [name for name in (self.search, self.lake) if name]


@dataclass(slots=True)
class Forwarded:
    """The account of lines by stream, and what could not be passed on."""

    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    letters: list[DeadLetter] = field(default_factory=list)
    objects: int = 0  # of dead letters, written so far

    def refuse(self, streams: Iterable[str], refused: Refused) -> None:
        """Count a line that cannot be a record, and keep it for each stream that lacks it now."""
        for stream in streams:
            self.accounts[stream].received += 1
            self.accounts[stream].failed += 1
            self.letters.append(DeadLetter(stream, refused.reason, refused.text, refused.header, refused.field))


def fitting(line: Line | Refused) -> Line | Refused:
    """Refuse a line that no record of a delivery stream could hold, keeping its beginning."""
    room = MAX_RECORD_BYTES - _HEADER_ROOM
    if isinstance(line, Refused) or len(line.text) <= room:
        return line
    reason = f"{len(line.text)} bytes are more than a delivery stream takes"
    return Refused(line.text[:room], "line", reason, line.log_format.header, line.number)


class Forwarder:
    """Forwards lines of any format; what it cannot pass on it gives back as dead letters."""

    def __init__(self, targets: Targets, *, log_format: LogFormat, narrowing: Narrowing, sender: Sender) -> None:
        self.targets = targets
        self._log_format = log_format
        self._narrowing = narrowing
        self._sender = sender
        self._choosers: dict[LogFormat, Callable[[bytes], bool]] = {}

    def forward(self, found: Sequence[Line | Refused], forwarded: Forwarded, time_left: Callable[[], float]) -> None:
        """Send lines to both streams at once, so that neither waits for the other."""
        fit = [fitting(line) for line in found]
        lines = [line for line in fit if isinstance(line, Line)]
        for line in fit:
            if isinstance(line, Refused):
                forwarded.refuse(self.targets.names(), line)
        sends = [send for send in (self._search(lines), self._lake(lines)) if send]
        with ThreadPoolExecutor(max(1, len(sends))) as pool:
            for stream, received, dropped, unsent in pool.map(lambda send: send(time_left), sends):
                self._count(forwarded, stream, received, dropped, unsent)

    def _search(self, lines: list[Line]) -> "_Send | None":
        stream = self.targets.search
        if stream is None or not lines:
            return None
        kept = [line for line in lines if self._is_kept(line)] if self._narrowing else lines

        def send(time_left: Callable[[], float]) -> "_Sent":
            records = (single(line, self._log_format) for line in kept)
            return stream, len(lines), len(lines) - len(kept), self._sender.send(stream, records, time_left)

        return send

    def _lake(self, lines: list[Line]) -> "_Send | None":
        stream = self.targets.lake
        if stream is None or not lines:
            return None

        def send(time_left: Callable[[], float]) -> "_Sent":
            records = (record for record, _ in packed(lines))
            return stream, len(lines), 0, self._sender.send(stream, records, time_left)

        return send

    def _is_kept(self, line: Line) -> bool:
        if line.log_format not in self._choosers:
            self._choosers[line.log_format] = self._narrowing.chooser(line.log_format)
        return self._choosers[line.log_format](line.text)

    def _count(self, forwarded: Forwarded, stream: str, received: int, dropped: int, unsent: list[Unsent]) -> None:
        letters = [letter for record in unsent for letter in self._letters(stream, record)]
        account = forwarded.accounts[stream]
        account.received += received
        account.dropped += dropped
        account.failed += len(letters)
        account.delivered += received - dropped - len(letters)
        forwarded.letters += letters

    def _letters(self, stream: str, unsent: Unsent) -> Iterator[DeadLetter]:
        """Take a record apart again: a line each."""
        first, _, rest = unsent.record.partition(b"\n")
        header, lines = (first, rest.split(b"\n")) if rest else (self._log_format.header, [first])
        return (DeadLetter(stream, unsent.reason, line, header) for line in lines if line)


_Sent = tuple[str, int, int, list[Unsent]]
_Send = Callable[[Callable[[], float]], _Sent]
