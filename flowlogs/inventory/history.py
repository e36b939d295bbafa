"""The inventory's history as Parquet, one table a kind and UTC day, for Athena and DuckDB."""

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import ColumnKind, Kind
from flowlogs.inventory.network_interface import BEGINNING, END

FROM, TO = "valid_from", "valid_to"
_ROWS = 50_000
"""Rows of a row group: what is held in columns at a time, some 50 MB; an engine skips those without the id it wants."""
_HIVE = {
    ColumnKind.TEXT: "string",
    ColumnKind.TEXTS: "array<string>",
    ColumnKind.NUMBER: "bigint",
    ColumnKind.FLAG: "boolean",
}
_ARROW = {
    "string": pa.string(),
    "array<string>": pa.list_(pa.string()),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("ms", tz="UTC"),  # Athena reads it as a timestamp in UTC
}


def columns_of(kind: Kind) -> dict[str, str]:
    """Give a kind's columns and their Glue types, without the partition column `date`."""
    spans = {FROM: "timestamp", TO: "timestamp"}
    own = {_sql(column.name): _HIVE[column.kind] for column in kind.columns}
    return {_sql(kind.id_column): "string", "account_id": "string", "region": "string", **spans, **own}


def history_key(kind: Kind, day: date) -> str:
    """Give the key of a kind's table of a day."""
    return f"history/{kind.table}/date={day.isoformat()}/{kind.table}.parquet"


def day_table(kind: Kind, intervals: Iterable[Interval], day: date) -> bytes:
    """Write the intervals that were alive at some time of a UTC day, by id and beginning.

    `valid_to` is NULL while they are; `valid_from` where the beginning is not known. What is absent is NULL. Athena
    reads Zstandard (Athena User Guide, "Athena compression support").
    """
    first = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    end = first + int(timedelta(days=1).total_seconds())
    alive = [found for found in intervals if found.since < end and found.until > first]
    alive.sort(key=lambda found: (found.id, found.since, found.scope))
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, _schema(kind), compression="zstd") as writer:  # a third less than Snappy, as fast
        for start in range(0, len(alive), _ROWS):
            columns = _columns(kind, alive[start : start + _ROWS])
            writer.write_table(_table(kind, columns), row_group_size=_ROWS)
    return buffer.getvalue()


def interval_table(kind: Kind, intervals: Iterable[Interval]) -> Any:
    """Give intervals of a kind as an Arrow table; raise UnusableInventory where one does not fit its columns."""
    return _table(kind, _columns(kind, list(intervals)))


def _table(kind: Kind, columns: dict[str, list[Any]]) -> Any:
    try:
        return pa.table(columns, schema=_schema(kind))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:  # as where a column was of another type
        raise UnusableInventory(f"{kind.name} cannot be written as Parquet: {error}") from error


def intervals_of(kind: Kind, parquet: bytes) -> list[Interval]:
    """Read what `day_table` wrote; raise UnusableInventory where it is none."""
    try:
        rows = pq.read_table(io.BytesIO(parquet), partitioning=None).to_pylist()
        return [_interval(kind, row) for row in rows]
    except (pa.ArrowException, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableInventory(f"the history of {kind.name} is damaged: {error}") from error


def _interval(kind: Kind, row: Mapping[str, Any]) -> Interval:
    facts = {column.name: row.get(_sql(column.name)) for column in kind.columns}
    return Interval(
        Scope(row["account_id"], row["region"]),
        row[_sql(kind.id_column)],
        {name: value for name, value in facts.items() if value is not None},
        BEGINNING if row[FROM] is None else int(row[FROM].timestamp()),
        END if row[TO] is None else int(row[TO].timestamp()),
    )


def _columns(kind: Kind, alive: list[Interval]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        _sql(kind.id_column): [found.id for found in alive],
        "account_id": [found.scope.account_id for found in alive],
        "region": [found.scope.region for found in alive],
        FROM: [None if found.since == BEGINNING else found.since * 1000 for found in alive],
        TO: [None if found.is_open else found.until * 1000 for found in alive],
    }
    for column in kind.columns:
        columns[_sql(column.name)] = [found.facts.get(column.name) for found in alive]
    return columns


@cache
def _schema(kind: Kind) -> Any:
    return pa.schema([(name, _ARROW[hive]) for name, hive in columns_of(kind).items()])


def _sql(name: str) -> str:
    return name.replace("-", "_")
