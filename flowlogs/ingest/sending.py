"""Puts records onto a delivery stream: in parallel, only the failed ones again, until time runs out."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

from flowlogs.errors import StreamError
from flowlogs.ingest.packing import calls
from flowlogs.ingest.streams import MAX_RECORD_BYTES, Streams

FIRST_PAUSE = 0.1
"""Seconds before the first resend, at most; each further pause may be twice as long."""
LONGEST_PAUSE = 5.0
PARALLEL_CALLS = 8


class Unsent(NamedTuple):
    """A record that could not be put, and AWS's error code of the last try."""

    record: bytes
    reason: str


@dataclass(frozen=True)
class Sender:
    """Sends records; `time_left` says how many seconds may still be spent, `sleep` waits."""

    streams: Streams
    sleep: Callable[[float], None]
    jitter: random.Random = field(default_factory=random.SystemRandom)

    def send(self, stream: str, records: Iterable[bytes], time_left: Callable[[], float]) -> list[Unsent]:
        """Put all records; give those that could not be put before time ran out, or never will be.

        Records are taken from the iterable as calls are done, so that it may be as long as an S3 object.
        """
        unsent: list[Unsent] = []
        fitting = _without_too_large(records, unsent)
        with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
            for done in _in_parallel(pool, lambda call: self._send_call(stream, call, time_left), calls(fitting)):
                unsent += done
        return unsent

    def _send_call(self, stream: str, call: list[bytes], time_left: Callable[[], float]) -> list[Unsent]:
        """Put one call's records until none is left, with jittered, growing pauses."""
        pause, reason = FIRST_PAUSE, "OutOfTime"
        while call and time_left() > 0:
            try:
                call, reason = _failed(call, self.streams.put(stream, call)) or ([], "")
            except StreamError as error:
                reason = error.code
                if not error.temporary:
                    break
            wait = self.jitter.uniform(0, pause)
            if not call or wait >= time_left():
                break
            self.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)
        return [Unsent(record, reason) for record in call]


def _without_too_large(records: Iterable[bytes], unsent: list[Unsent]) -> Iterator[bytes]:
    """Pass on the records that a stream takes: one that is too large would fail all of its call."""
    for record in records:
        if len(record) > MAX_RECORD_BYTES:
            unsent.append(Unsent(record, "RecordTooLarge"))
        else:
            yield record


def _failed(call: list[bytes], codes: Sequence[str | None]) -> tuple[list[bytes], str] | None:
    """Pick the records that were not taken, and the code of the last of them; None where all were."""
    failed = [(record, code) for record, code in zip(call, codes, strict=True) if code is not None]
    return ([record for record, _ in failed], failed[-1][1]) if failed else None


def _in_parallel(
    pool: ThreadPoolExecutor, send: Callable[[list[bytes]], list[Unsent]], batches: Iterator[list[bytes]]
) -> Iterator[list[Unsent]]:
    """Run `send` over batches, a few at once, without reading all batches ahead."""
    waiting: list[Future[list[Unsent]]] = []
    for batch in batches:
        waiting.append(pool.submit(send, batch))
        if len(waiting) >= 2 * PARALLEL_CALLS:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()
