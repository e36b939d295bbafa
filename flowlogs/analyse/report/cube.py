"""The cube: what the page sums up under a filter, in no more rows than asked for, with sums that are exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.analyse.report.detail import ABSENT, OTHERS, Detail, details
from flowlogs.analyse.report.dictionaries import make_table
from flowlogs.analyse.report.group_sets import GroupSets
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.report.typed_arrays import typed_array

_SUMS = ("flows", "packets", "bytes")
_ENTRIES = {
    "interface": ("interface",),
    "address": ("source", "destination"),
    "port": ("port",),
    "protocol": ("protocol",),
}
"""What has a list of entries in the report, and the dimensions whose numbers are of that list."""


@dataclass(frozen=True, slots=True)
class Cube:
    """The rows, the detail they were made in, and per list the ranks that its entries stand for.

    Of every list the first two entries are what is absent and the others.
    """

    rows: Any
    detail: Detail
    entries: Mapping[str, list[int]]
    sets: list[int]
    """The folded sets of groups that occur, by their number at the detail's level; the first is that of no group."""

    def encoded(self) -> dict[str, object]:
        """Give it as the page reads it."""
        columns = {name: typed_array(self.rows.column(name)) for name in self.rows.column_names}
        return {"length": self.rows.num_rows, "columns": columns}


def make_cube(connection: duckdb.DuckDBPyConnection, finest: Span, sets: GroupSets, limit: int) -> Cube:
    """Sum the cells up in the best detail that has at most `limit` rows, else in the coarsest.

    That one has 26,000 rows at most: what is not told apart is still accepted or rejected, and came some way.
    """
    detail = None
    for detail in details(connection, finest, sets, limit):
        make_table(connection, "report_cube", detail.cube())
        if _count(connection) <= limit:
            break
    if detail is None:
        raise AssertionError("there is always a coarsest detail")
    return _cube(connection, detail)


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM report_cube").fetchall()[0]
    return int(count)


def _cube(connection: duckdb.DuckDBPyConnection, detail: Detail) -> Cube:
    sums = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in _SUMS)
    sql = f"SELECT * REPLACE ({sums}) FROM report_cube ORDER BY ALL"
    rows = connection.sql(sql).to_arrow_table()
    entries = {}
    for name, columns in _ENTRIES.items():
        entries[name] = _entries({rank for column in columns for rank in pc.unique(rows.column(column)).to_pylist()})
        for column in columns:
            rows = _numbered(rows, column, entries[name])
    sets = [0, *sorted(number for number in pc.unique(rows.column("set")).to_pylist() if number)]
    return Cube(_numbered(rows, "set", sets), detail, entries, sets)


def _entries(ranks: set[int]) -> list[int]:
    """Order what occurs: what is absent, the others, the others of areas, then the ranks."""
    areas = sorted((rank for rank in ranks if rank < OTHERS), reverse=True)
    return [ABSENT, OTHERS, *areas, *sorted(rank for rank in ranks if rank > ABSENT)]


def _numbered(rows: Any, column: str, entries: list[int]) -> Any:
    """Replace the ranks of a column by their place among the entries."""
    values = rows.column(column)
    numbers = pc.index_in(values, value_set=pa.array(entries, values.type))
    return rows.set_column(rows.column_names.index(column), column, numbers)
