"""Files of documents, one a day (UTC) on which the records were: `<folder>/date=YYYY-MM-DD/<name>`."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.lake_rows import SCHEMA
from flowlogs.enrich.documents import Documents
from flowlogs.enrich.lake_table import TABLE_SCHEMA

_FILE_SCHEMA = TABLE_SCHEMA.with_metadata({"ARROW:schema": base64.b64encode(SCHEMA.serialize().to_pybytes())})
"""What is written are dictionaries, but Arrow's readers get texts, as from other files of the lake."""
ROW_GROUP = 100_000
"""Rows that wait in memory, at most, before they are written together."""
_AT_ONCE = 1 << 16
"""Values of a column that are encoded together."""
PARTITION = "date="
"""How the name of a day's folder begins."""
MOST_OPEN = 32
"""Files open at a time: a log has the records of a day or two, a hostile one those of thousands."""

_WITH_STATISTICS = [column.name for column in TABLE_SCHEMA if column.type in (pa.int64(), pa.timestamp("ms"))]
"""Least and greatest value of numbers and times, by which readers pass over row groups. Of ids and addresses they pass
over none, and finding them takes as long as writing."""


def _leaves(column: pa.Field) -> list[str]:
    """Give the paths of a column's values in Parquet."""
    if pa.types.is_list(column.type):
        return [f"{column.name}.list.element"]
    parts = ("key", "value") if pa.types.is_map(column.type) else ()
    return [f"{column.name}.key_value.{part}" for part in parts] or [column.name]


_VARYING = {"srcport", "dstport", "bytes", "start", "end", "timestamp"}
_REPEATING = [leaf for column in TABLE_SCHEMA if column.name not in _VARYING for leaf in _leaves(column)]
"""Columns that Parquet keeps a dictionary of: of the others it would be as large as the values."""


class LakeFile:
    """Parquet, Snappy inside."""

    ending = ".parquet"

    def __init__(self, file: AtomicFile) -> None:
        self._file = file
        self.path = file.path
        self._writer = pq.ParquetWriter(
            file.file,
            _FILE_SCHEMA,
            compression="snappy",
            use_dictionary=_REPEATING,
            write_statistics=_WITH_STATISTICS,
            write_batch_size=_AT_ONCE,
            store_schema=False,  # but the lake's own, as above
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, rows: pa.Table) -> None:
        """Take rows of the lake."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = self._waiting[0] if len(self._waiting) == 1 else pa.concat_tables(self._waiting)
            self._writer.write_table(table.unify_dictionaries())
        self._waiting, self._rows = [], 0

    def finish(self) -> None:
        """Write what is left and close it."""
        if self._writer.is_open:
            self._flush()
            self._writer.close()
            self._file.file.close()

    def keep(self) -> Path:
        """Give the finished file its name."""
        return self._file.keep()

    def discard(self) -> None:
        """Remove it."""
        try:
            self._writer.close()
        except OSError:
            self._writer.is_open = False  # a full disk; else it would try, and complain, once more when it is let go
        self._file.discard()


class JsonFile:
    """NDJSON."""

    ending = ".ndjson"

    def __init__(self, file: AtomicFile) -> None:
        self._file = file
        self.path = file.path

    def write(self, rows: pa.Array) -> None:
        """Take lines."""
        whole = pa.concat_arrays([rows]) if rows.offset else rows
        _, _, text = whole.buffers()
        self._file.file.write(memoryview(text)[: _length(whole)])

    def finish(self) -> None:
        """Close it."""
        self._file.file.close()

    def keep(self) -> Path:
        """Give the finished file its name."""
        return self._file.keep()

    def discard(self) -> None:
        """Remove it."""
        self._file.discard()


def _length(lines: pa.Array) -> int:
    return int(pc.sum(pc.binary_length(lines)).as_py() or 0)


DayFile = LakeFile | JsonFile


class DayFiles:
    """The files of one writer; `today` is the day of a record that has no time."""

    def __init__(self, folder: Path, name: str, make: type[DayFile], today: str) -> None:
        self._folder = folder
        self._name = name
        self._make = make
        self._today = today
        self._open: dict[str, DayFile] = {}  # the one written to last stands last
        self.finished: list[DayFile] = []

    def write(self, documents: Documents) -> None:
        """Take documents, each for the day of its record."""
        days = documents.times.mapped(self._day).merged()
        for code, day in enumerate(days.things):
            rows = documents.rows if len(days.things) == 1 else documents.rows.filter(pc.equal(days.codes, code))
            if len(rows):
                self._file(day).write(rows)

    def _day(self, time: int | None) -> str:
        return self._today if time is None else f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"

    def _file(self, day: str) -> DayFile:
        file = self._open.pop(day, None)
        if file is None:
            if len(self._open) >= MOST_OPEN:
                self._finish(next(iter(self._open)))
            file = self._make(AtomicFile.unique(self._folder / f"{PARTITION}{day}", self._name, self._make.ending))
        self._open[day] = file
        return file

    def _finish(self, day: str) -> None:
        file = self._open.pop(day)
        self.finished.append(file)
        file.finish()

    def finish(self) -> None:
        """Finish all files, which then wait for their names."""
        for day in list(self._open):
            self._finish(day)

    def discard(self) -> None:
        """Remove all of them."""
        for file in (*self._open.values(), *self.finished):
            file.discard()
        self._open.clear()
        self.finished.clear()
