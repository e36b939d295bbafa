"""Cubes: what the page sums up under a filter, each in no more rows than asked for, with sums that are exact."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.analyse.report.detail import ABSENT, ADDRESSES, OTHERS, TIME_LINES, Detail, details
from flowlogs.analyse.report.dictionaries import make_table
from flowlogs.analyse.report.group_sets import OTHERS as OTHER_GROUPS
from flowlogs.analyse.report.group_sets import FoldedSet, GroupSets
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.report.typed_arrays import typed_array

_WIDER = 3
"""How many times as many rows the cube may have that tells more addresses apart."""
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
    """The rows, and the detail they were made in."""

    rows: Any
    detail: Detail

    def encoded(self) -> dict[str, object]:
        """Give it as the page reads it."""
        span = self.detail.span
        columns = {name: typed_array(self.rows.column(name)) for name in self.rows.column_names}
        return {
            "from": span.since,
            "step": span.step,
            "slices": span.slices,
            "length": self.rows.num_rows,
            "columns": columns,
        }


@dataclass(frozen=True, slots=True)
class Cubes:
    """One cube, or two of the same records: the first for lines over time, the other tells more addresses apart.

    Their numbers are places in lists that they share. `entries` are these lists, as ranks: what is absent, the others,
    the others of areas, then ranks, of which each cube tells so many apart as its detail says.
    """

    cubes: Sequence[Cube]
    entries: Mapping[str, list[int]]
    sets: Sequence[FoldedSet]

    @property
    def over_time(self) -> Cube:
        """The cube in the finest slices."""
        return self.cubes[0]

    @property
    def widest(self) -> Cube:
        """The cube that tells most addresses apart."""
        return self.cubes[-1]

    def encoded(self) -> list[dict[str, object]]:
        """Give the cubes as the page reads them, each with the part of every list that it tells apart."""
        return [cube.encoded() | {"told": self._told(cube)} for cube in self.cubes]

    def _told(self, cube: Cube) -> dict[str, tuple[int, int]]:
        return {
            name: (sum(rank <= ABSENT for rank in ranks), sum(rank <= cube.detail.kept_of(name) for rank in ranks))
            for name, ranks in self.entries.items()
        }


def make_cubes(connection: duckdb.DuckDBPyConnection, finest: Span, sets: GroupSets, limit: int) -> Cubes:
    """Sum the cells up in the best details of at most `limit` rows, else in the coarsest.

    That one has 26,000 rows at most: what is not told apart is still accepted or rejected, and came some way. The cube
    that tells more addresses apart, if there is one, may be larger.
    """
    made = [_counted(connection, details(connection, finest, sets, TIME_LINES, limit), limit)]
    if _is_folded(made[0]):
        wide_limit = _WIDER * limit
        wide = _counted(connection, details(connection, finest, sets, ADDRESSES, wide_limit), wide_limit)
        made += [wide] if wide.detail.kept > made[0].detail.kept else []
    entries = {
        name: _entries({rank for cube in made for column in columns for rank in _distinct(cube, column)})
        for name, columns in _ENTRIES.items()
    }
    listed = list(dict.fromkeys([(), *(each for cube in made for each in _sets(cube, sets).values())]))
    entries["group"] = sorted({OTHER_GROUPS, *(group for each in listed for group in each)})
    return Cubes([_numbered(cube, entries, _sets(cube, sets), listed) for cube in made], entries, listed)


def _counted(connection: duckdb.DuckDBPyConnection, tried: Iterator[Detail], limit: int) -> Cube:
    detail = None
    for detail in tried:
        make_table(connection, "report_cube", detail.cube())
        ((count,),) = connection.execute("SELECT count(*) FROM report_cube").fetchall()
        if count <= limit:
            break
    if detail is None:
        raise AssertionError("there is always a coarsest detail")
    sums = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in _SUMS)
    sql = f"SELECT * REPLACE ({sums}) FROM report_cube ORDER BY ALL"
    return Cube(connection.sql(sql).to_arrow_table(), detail)


def _is_folded(cube: Cube) -> bool:
    return any(rank < ABSENT for columns in _ENTRIES.values() for column in columns for rank in _distinct(cube, column))


def _distinct(cube: Cube, column: str) -> list[int]:
    values: list[int] = pc.unique(cube.rows.column(column)).to_pylist()
    return values


def _entries(ranks: set[int]) -> list[int]:
    """Order what occurs: what is absent, the others, the others of areas, then the ranks."""
    areas = sorted((rank for rank in ranks if rank < OTHERS), reverse=True)
    return [ABSENT, OTHERS, *areas, *sorted(rank for rank in ranks if rank > ABSENT)]


def _sets(cube: Cube, sets: GroupSets) -> dict[int, FoldedSet]:
    """Give the folded sets of groups that occur, by their number at the detail's level."""
    return {number: sets.levels[cube.detail.set_level][number] for number in sorted(_distinct(cube, "set"))}


def _numbered(
    cube: Cube, entries: Mapping[str, list[int]], sets: Mapping[int, FoldedSet], listed: Sequence[FoldedSet]
) -> Cube:
    """Replace ranks, and the numbers of sets, by their places in the lists."""
    rows = cube.rows
    for name, columns in _ENTRIES.items():
        for column in columns:
            rows = _placed(rows, column, entries[name], range(len(entries[name])))
    places = {each: place for place, each in enumerate(listed)}
    rows = _placed(rows, "set", list(sets), [places[each] for each in sets.values()])
    return Cube(rows, cube.detail)


def _placed(rows: Any, column: str, values: Sequence[int], places: Sequence[int]) -> Any:
    found = pc.index_in(rows.column(column), value_set=pa.array(values, rows.column(column).type))
    numbers = pc.take(pa.array(places, pa.int32()), found)
    return rows.set_column(rows.column_names.index(column), column, numbers)
