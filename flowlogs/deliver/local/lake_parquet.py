"""The lake on a laptop: Parquet with the lake's columns, as Firehose's format conversion writes it."""

from collections.abc import Sequence
from itertools import chain, groupby
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.lake_rows import ConversionError, Document, documents_in, rows_of
from flowlogs.deliver.local.object_names import ObjectNames, arrival_day
from flowlogs.deliver.local.open_files import OpenFiles
from flowlogs.deliver.local.parquet_file import ParquetFile
from flowlogs.deliver.local.stream_record import StreamRecord

_Opened = tuple[StreamRecord, list[Document]]


class LakeParquet:
    """Writes `<folder>/date=YYYY-MM-DD/<stream>-….parquet`, a file a day of arrival (UTC) and run."""

    def __init__(self, folder: Path, stream: str = "lake") -> None:
        self._folder = folder
        self._names = ObjectNames(stream)
        self._open: OpenFiles[str, ParquetFile] = OpenFiles()

    @acts_on(Behaviour.PARQUET_WHOLE_RECORD)
    def write(self, records: Sequence[StreamRecord]) -> list[FailedRecord]:
        """Take records whose documents all convert; give the others back whole."""
        opened, failed = _open_all(records)
        for day, of_day in groupby(opened, key=lambda pair: arrival_day(pair[0].arrived)):
            pairs = list(of_day)
            for table in _convert(pairs, failed):
                self._file(day, pairs[0][0].arrived).write(table)
        return failed

    def _file(self, day: str, arrived: int) -> ParquetFile:
        if day not in self._open:
            self._open[day] = ParquetFile(self._folder / f"date={day}", self._names.next(arrived))
        return self._open[day]

    def close(self) -> list[Path]:
        """Finish the files and give their paths."""
        return self._open.close()

    def discard(self) -> None:
        """Remove what is not finished."""
        self._open.discard()


def _open_all(records: Sequence[StreamRecord]) -> tuple[list[_Opened], list[FailedRecord]]:
    opened, failed = [], []
    for record in records:
        try:
            opened.append((record, documents_in(record.data)))
        except ConversionError as error:
            failed.append(_failed(record, error))
    return opened, failed


def _convert(opened: list[_Opened], failed: list[FailedRecord]) -> list[pa.Table]:
    """Convert all records together; where that fails, halve until the records that do not fit stand alone."""
    try:
        return [rows_of(list(chain.from_iterable(documents for _, documents in opened)))]
    except ConversionError as error:
        if len(opened) == 1:
            failed.append(_failed(opened[0][0], error))
            return []
    half = len(opened) // 2
    return _convert(opened[:half], failed) + _convert(opened[half:], failed)


def _failed(record: StreamRecord, error: ConversionError) -> FailedRecord:
    more = {"sequenceNumber": record.record_id, "subSequenceNumber": None, "dataCatalogTable": None}
    return FailedRecord(record, ErrorOutput.CONVERSION, error.code, str(error), more=more)
