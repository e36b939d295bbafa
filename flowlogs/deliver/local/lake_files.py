"""A lake that is not Parquet: gzip objects of the records as they are."""

import gzip
from collections.abc import Sequence
from pathlib import Path

from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.object_names import ObjectNames, arrival_day
from flowlogs.deliver.local.stream_record import StreamRecord

_LEVEL = 6


class LakeFiles:
    """Writes `<folder>/date=YYYY-MM-DD/<stream>-….gz`, an object a day of arrival (UTC) and run."""

    def __init__(self, folder: Path, stream: str = "lake") -> None:
        self._folder = folder
        self._names = ObjectNames(stream)
        self._open: dict[str, tuple[AtomicFile, gzip.GzipFile]] = {}

    @acts_on(Behaviour.S3_JOINED)
    def write(self, records: Sequence[StreamRecord]) -> list[FailedRecord]:
        """Join the records to what is written, with nothing between them; none is ever given back."""
        for record in records:
            self._zipped(record.arrived).write(record.data)
        return []

    def _zipped(self, arrived: int) -> gzip.GzipFile:
        day = arrival_day(arrived)
        if day not in self._open:
            file = AtomicFile.unique(self._folder / f"date={day}", self._names.next(arrived), ".gz")
            zipped = gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file.file, mtime=0)
            self._open[day] = (file, zipped)
        return self._open[day][1]

    def close(self) -> list[Path]:
        """Finish the objects and give their paths."""
        for _, zipped in self._open.values():
            zipped.close()
        kept = [file.keep() for file, _ in self._open.values()]
        self._open.clear()
        return kept

    def discard(self) -> None:
        """Remove what is not finished."""
        for file, zipped in self._open.values():
            zipped.close()
            file.discard()
        self._open.clear()
