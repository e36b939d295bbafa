"""Makes Arrow of an answer of Athena, whose values are all text."""

from collections.abc import Iterable

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.analyse.athena_query import Column, Page

_TYPES: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
    "float": pa.float32(),
    "integer": pa.int32(),
    "real": pa.float32(),
    "smallint": pa.int16(),
    "timestamp": pa.timestamp("us"),
    "tinyint": pa.int8(),
}
"""Arrow's types of Athena's; the others (varchar, json, varbinary, array, map, row …) are text as Athena writes it."""


def table_of(pages: Iterable[Page]) -> pa.Table:
    """Make a table of a whole answer: text first, each column cast to its type at the end."""
    columns: list[Column] = []
    parts: list[list[pa.Array]] = []
    for page in pages:
        if not columns:
            columns = list(page.columns)
            parts = [[] for _ in columns]
        for number, part in enumerate(parts):
            part.append(pa.array([row[number] for row in page.rows], pa.string()))
    arrays = [
        values_of(pa.chunked_array(part, pa.string()), column) for part, column in zip(parts, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def values_of(texts: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Make texts the values that they are of; a column with one that Arrow cannot hold stays text."""
    try:
        wanted = _decimal(column) if column.type == "decimal" else _TYPES.get(column.type)
        return texts if wanted is None else texts.cast(wanted)
    except ValueError:  # Arrow's too: a timestamp of the year 12000, a decimal of 39 digits
        return texts


def _decimal(column: Column) -> pa.DataType:
    return pa.decimal128(column.precision or 38, column.scale)
