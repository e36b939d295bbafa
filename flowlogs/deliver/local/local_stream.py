"""One local delivery stream: its queue, its transformation, its destination."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.call_error import CallError
from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.dice import Dice
from flowlogs.deliver.local.failure_files import FailureFiles
from flowlogs.deliver.local.stream_count import StreamCount
from flowlogs.deliver.local.stream_record import StreamRecord
from flowlogs.deliver.local.tally import Tally
from flowlogs.deliver.local.transformation import MAX_EVENT_BYTES, Transformation, event_bytes
from flowlogs.deliver.local.verdicts import Verdicts

BUFFER_BYTES = 200_000
"""Raw bytes a transformation is given, unless told otherwise: the least Firehose can be set to."""

Observer = Callable[[bytes], None]
"""Is shown the data of a record."""

_ENVELOPE_BYTES = 1_000  # of the event beside its records


class LocalStream:
    """Takes records from any thread; delivers from one at a time. Made by `LocalFirehose.create`."""

    def __init__(
        self,
        destination: Destination,
        failures: FailureFiles,
        *,
        ids: Iterator[str],
        clock: Callable[[], float],
        dice: Dice,
        tally: Tally,
        transformation: Transformation | None,
        buffer_bytes: int = BUFFER_BYTES,
        on_delivered: Observer | None = None,
        on_failed: Observer | None = None,
        on_undelivered: Observer | None = None,
        stays: bool = False,
    ) -> None:
        if buffer_bytes < 1:
            raise ValueError(f"buffer_bytes is a number of bytes above 0, not {buffer_bytes}")
        self._destination = destination
        self._failures = failures
        self._ids = ids
        self._clock = clock
        self._dice = dice
        self._tally = tally
        self._transformation = transformation
        self._buffer_bytes = buffer_bytes
        self._on_delivered = on_delivered
        self._on_failed = on_failed
        self._on_undelivered = on_undelivered or on_failed
        self._stays = stays
        self._lock = Lock()
        self._queue: deque[StreamRecord] = deque()
        self._queued_bytes = 0

    @property
    def count(self) -> StreamCount:
        """What happened so far."""
        return self._tally.snapshot()

    @acts_on(Behaviour.PUT_PARTIAL, Behaviour.PUT_THROTTLED, Behaviour.PUT_TIME_OUT)
    def put(self, records: Sequence[bytes]) -> list[str | None]:
        """Queue records and give their ids, None for one not taken.

        Raise CallError where the call is throttled, TimeoutError where it is taken and its answer lost.
        """
        with self._lock:
            if self._dice.throw("throttle"):
                self.refuse_call()
                raise CallError("ServiceUnavailableException", "Slow down.")
            ids = [None if self._dice.throw("fail_puts") else self._take(data) for data in records]
            self._count_put(records, ids)
            if self._dice.throw("lose_answers"):
                self._tally.add(lost_answers=1)
                raise TimeoutError("the records may have been taken")
        return ids

    def refuse_call(self) -> None:
        """Count a call that was refused as a whole."""
        self._tally.add(refused_calls=1)

    def _take(self, data: bytes) -> str:
        record = StreamRecord(next(self._ids), int(self._clock() * 1000), data)
        self._queue.append(record)
        self._queued_bytes += len(data)
        return record.record_id

    def _count_put(self, records: Sequence[bytes], ids: list[str | None]) -> None:
        taken = [len(data) for data, record_id in zip(records, ids, strict=True) if record_id is not None]
        self._tally.add(records=len(taken), record_bytes=sum(taken), refused_records=ids.count(None))

    def deliver(self, *, final: bool) -> bool:
        """Transform and deliver one buffer, with `final` also a partial one; say whether there was one."""
        batch = self._cut(final=final)
        if not batch:
            return False
        transformed = self._transformation.run(batch) if self._transformation else Verdicts(batch, 0, ())
        undelivered = self._destination.write(transformed.ok)
        self._failures.write([*transformed.failed, *undelivered])
        lost = {kept.record.record_id for kept in undelivered}
        delivered = [record.data for record in transformed.ok if record.record_id not in lost]
        self._count_delivered(delivered, transformed.dropped, len(transformed.failed) + len(undelivered))
        _show(self._on_delivered, delivered)
        _show(self._on_failed, [kept.record.data for kept in transformed.failed])
        _show(self._on_undelivered, [kept.record.data for kept in undelivered])
        return True

    @acts_on(Behaviour.BUFFER, Behaviour.EVENT_BYTES)
    def _cut(self, *, final: bool) -> list[StreamRecord]:
        batch: list[StreamRecord] = []
        raw, serialized = 0, _ENVELOPE_BYTES
        with self._lock:
            if not final and self._queued_bytes < self._buffer_bytes:
                return []
            while self._queue:
                raw += len(self._queue[0].data)
                serialized += event_bytes(self._queue[0])
                if batch and (raw > self._buffer_bytes or serialized > MAX_EVENT_BYTES):
                    break
                batch.append(self._queue.popleft())
                self._queued_bytes -= len(batch[-1].data)
        return batch

    def _count_delivered(self, delivered: list[bytes], dropped: int, failed: int) -> None:
        self._tally.add(
            ok=len(delivered),
            dropped=dropped,
            failed=failed,
            documents=sum(data.count(b"\n") + (data[-1:] not in (b"", b"\n")) for data in delivered),
            document_bytes=sum(map(len, delivered)),
        )

    def close(self) -> list[Path]:
        """Finish the files of the destination and of what failed, and give their paths."""
        return [*self._destination.close(), *self._failures.close()]

    def discard(self) -> None:
        """Forget what is queued and remove files that are not finished.

        Where what was delivered stays, in a server, what failed is kept too: else nobody could tell the two apart.
        """
        with self._lock:
            self._queue.clear()
            self._queued_bytes = 0
        self._destination.discard()
        try:
            if self._stays:
                self._failures.close()
        finally:
            self._failures.discard()


def _show(observer: Observer | None, every: Sequence[bytes]) -> None:
    if observer is not None:
        for data in every:
            observer(data)
