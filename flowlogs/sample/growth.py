"""Measures what lines of a sample become: compressed, as documents of search, as Parquet of the lake."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.spelling import COLUMNS, NATIVE, Spelling
from flowlogs.errors import MalformedRecord
from flowlogs.ingest.lines import Line
from flowlogs.record.log_format import LogFormat

ENOUGH_LINES = 1_000
"""Lines from which on the Parquet of a sample says something of that of a lake."""
_AT_ONCE = 5_000  # documents
_MOST_FORMATS = 50  # of which lines are measured


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes of a document of search, and of one in Parquet; how many were measured."""

    documents: int
    document_bytes: float
    parquet_bytes: float


def gzipped(lines: Sequence[Line]) -> float:
    """Give the share of their size that lines have when compressed."""
    text = b"\n".join(line.text for line in lines)
    return len(zlib.compress(text)) / len(text)


def growth(lines: Sequence[Line], knowledge: Knowledge) -> Growth | None:
    """Make documents of lines with the real encoder and measure them; None where too few lines fit."""
    search, lake = _encoded(lines, NATIVE, knowledge), _encoded(lines, COLUMNS, knowledge)
    if len(search) < ENOUGH_LINES:
        return None
    return Growth(len(search), sum(map(len, search)) / len(search), _parquet_bytes(lake) / len(lake))


def _encoded(lines: Sequence[Line], spelling: Spelling, knowledge: Knowledge) -> list[bytes]:
    encoders: dict[LogFormat, Encoder] = {}
    documents = []
    for line in lines:
        if line.log_format not in encoders:
            if len(encoders) >= _MOST_FORMATS:
                continue
            encoders[line.log_format] = Encoder(line.log_format, spelling, knowledge)
        try:
            documents.append(encoders[line.log_format].encode(line.text, line.event_time))
        except MalformedRecord:
            continue
    return documents


def _parquet_bytes(documents: Sequence[bytes]) -> int:
    """Give the bytes of the columns, without what stands once in a file."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    from flowlogs.deliver.local.lake_rows import rows_of

    tables = (
        rows_of(list(map(orjson.loads, documents[at : at + _AT_ONCE]))) for at in range(0, len(documents), _AT_ONCE)
    )
    written = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), written, compression="snappy")
    groups = pq.read_metadata(io.BytesIO(written.getvalue()))
    return sum(
        groups.row_group(group).column(column).total_compressed_size
        for group in range(groups.num_row_groups)
        for column in range(groups.num_columns)
    )
