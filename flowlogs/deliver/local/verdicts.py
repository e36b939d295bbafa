"""What became of the records of one transformation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.stream_record import StreamRecord

Fail = Callable[[StreamRecord, str, str], FailedRecord]
"""Makes a failed record of a record, Firehose's error code and its sentence."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every record of a batch, once: with new data, dropped on purpose, or failed with its old data."""

    ok: Sequence[StreamRecord]
    dropped: int
    failed: Sequence[FailedRecord]

    @classmethod
    def all_failed(cls, records: Sequence[StreamRecord], code: str, message: str, fail: Fail) -> "Verdicts":
        """Fail a batch as a whole."""
        return cls((), 0, [fail(record, code, message) for record in records])
