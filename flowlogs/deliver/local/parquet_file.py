"""One Parquet file of the lake while it is written."""

from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.lake_rows import SCHEMA

ROW_GROUP = 100_000
"""Rows that wait in memory, at most, before they are written together."""


class ParquetFile:
    """Collects tables and writes them as row groups, Snappy inside as Firehose's."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = AtomicFile.unique(folder, name, ".parquet")
        self._writer = pq.ParquetWriter(self._file.file, SCHEMA, compression="snappy")
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, table: pa.Table) -> None:
        """Take rows of the lake's schema."""
        self._waiting.append(table)
        self._rows += table.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=ROW_GROUP)
        self._waiting, self._rows = [], 0

    def keep(self) -> Path:
        """Finish the file and give its path."""
        self._flush()
        self._writer.close()
        return self._file.keep()

    def discard(self) -> None:
        """Remove what was written."""
        try:
            self._writer.close()
        except OSError:
            self._writer.is_open = False  # a full disk; else it would try, and complain, once more when it is let go
        self._file.discard()
