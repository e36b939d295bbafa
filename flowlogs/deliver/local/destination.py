"""Where a local stream delivers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.stream_record import StreamRecord


class Destination(Protocol):
    """Takes the records of one stream; every record written is in a file after `close`, or was given back."""

    def write(self, records: Sequence[StreamRecord]) -> Sequence[FailedRecord]:
        """Take records and give those back that cannot be delivered, each with its reason."""
        ...

    def close(self) -> list[Path]:
        """Finish the files and give their paths; until then they have other names."""
        ...

    def discard(self) -> None:
        """Remove what is not finished; files of earlier runs stay as they were."""
        ...
