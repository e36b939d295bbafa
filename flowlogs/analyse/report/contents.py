"""All that a report says, as one mapping that becomes JSON: what the page draws and sums up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.analyse.report import entries
from flowlogs.analyse.report.cells import make_cells
from flowlogs.analyse.report.counted_twice import counted_twice
from flowlogs.analyse.report.coverage import coverage
from flowlogs.analyse.report.cube import Cubes, make_cubes
from flowlogs.analyse.report.dictionaries import folded_keys, make_dictionaries
from flowlogs.analyse.report.group_sets import GroupSets, fold_sets
from flowlogs.analyse.report.names import Names
from flowlogs.analyse.report.notes import ToldApart, notes
from flowlogs.analyse.report.panel_sql import THRESHOLD, WINDOW
from flowlogs.analyse.report.panels import panels, sql_of
from flowlogs.analyse.report.raw_records import records, records_panel
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.report.summary import FEW, Summary, summarize
from flowlogs.analyse.window import Window
from flowlogs.errors import FlowlogsError

MOST_ROWS = 100_000
"""Rows of the cube over time: about six bytes each in the page, more where their sums are large."""
_TOTALS = {"records": "flows", "packets": "packets", "bytes": "bytes"}
_DAY = 86_400
_FAR = 20
"""How many times as long as nearly all data may last altogether."""
_YEAR = 366 * _DAY
"""Few data may last so long anyway: then only a clock that was never set is far from the others."""
_ISO = "%Y-%m-%dT%H:%M:%SZ"


class NothingToReport(FlowlogsError):
    """The data have no row of the time asked for."""


@dataclass(frozen=True, slots=True)
class About:
    """What stands at the head of a report."""

    title: str
    made: datetime
    version: str
    places: Sequence[str]


def contents(
    connection: duckdb.DuckDBPyConnection,
    about: About,
    asked: Window,
    *,
    most_rows: int = MOST_ROWS,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """Ask the lake of a connection; raise NothingToReport where no row of it is of the time asked for.

    `say` is told what is being done.
    """
    say("reading the records")
    found = summarize(connection, asked)
    shown = _narrowed(found, asked)
    summary = found if shown == asked else summarize(connection, shown)
    say("summing up")
    cubes, sets = _cubes(connection, summary, shown, most_rows)
    span = cubes.over_time.detail.span
    interfaces = entries.interfaces(connection, cubes)
    groups, group_sets = entries.groups(cubes, sets)
    say("looking for gaps and the heaviest records")
    columns, rows = records(connection, span, shown)
    told = _told(connection, cubes)
    names = Names.of(connection, span.until)
    twice = counted_twice(connection, summary.records, shown)
    return {
        "about": _head(about, shown, summary, cubes)
        | {
            "folded": told.everywhere < told.of,
            "notes": [
                *notes(summary, told, found.records - summary.records, entries.changing(connection)),
                *twice,
            ],
            "counted_twice": twice,
        },
        "addresses": entries.addresses(connection, cubes, shown),
        "interfaces": interfaces,
        "groups": groups,
        "names": names.beside(groups, interfaces["id"]),
        "group_sets": group_sets,
        "ports": entries.ports(connection, cubes),
        "protocols": entries.protocols(connection, cubes),
        "cubes": [
            encoded | {"folded": folded_keys(connection, cube.detail.kept)}
            for cube, encoded in zip(cubes.cubes, cubes.encoded(), strict=True)
        ],
        "coverage": coverage(connection, span, shown, summary.interval, interfaces["id"], names.interfaces),
        "records": {"columns": columns, "rows": rows},
        "comparison": {"step": span.step, "shifts": list(span.shifts())},
        "outliers": {"window": WINDOW, "threshold": THRESHOLD, "consecutive": 1},
        "panels": _panels(span, shown, summary.interval, columns),
    }


def _narrowed(summary: Summary, asked: Window) -> Window:
    """Leave out what lies far from nearly all other rows, such as a clock that was never set."""
    if summary.first is None or summary.last is None or summary.low is None or summary.high is None:
        raise NothingToReport("no flow record says its time" if summary.rows else "there are no records of that time")
    wide = max(summary.high - summary.low, _DAY)
    if summary.last - summary.first <= max(_FAR * wide, _YEAR if summary.records < FEW else 0):
        return asked
    since, until = max(summary.first, summary.low - wide), min(summary.last, summary.high + wide) + 1
    return Window(since, until)


def _cubes(
    connection: duckdb.DuckDBPyConnection, summary: Summary, shown: Window, most_rows: int
) -> tuple[Cubes, GroupSets]:
    span = Span.over(summary.first or 0, summary.last or 0)
    make_dictionaries(connection, shown)
    sets = fold_sets(connection)
    make_cells(connection, shown, span)
    return make_cubes(connection, span, sets, most_rows), sets


def _head(about: About, shown: Window, summary: Summary, cubes: Cubes) -> dict[str, object]:
    span = cubes.over_time.detail.span
    return {
        "title": about.title,
        "made": about.made.astimezone(UTC).strftime(_ISO),
        "version": about.version,
        "places": list(about.places),
        "from": span.since,
        "to": span.until,
        "step": span.step,
        "slices": span.slices,
        "interval": summary.interval,
        "asked": {"from": _written(shown.since), "to": _written(shown.until)},
        **{name: pc.sum(cubes.over_time.rows.column(column)).as_py() or 0 for name, column in _TOTALS.items()},
    }


def _told(connection: duckdb.DuckDBPyConnection, cubes: Cubes) -> ToldApart:
    """Say how many addresses the cubes tell apart."""
    ((of,),) = connection.execute("SELECT count(*) FROM report_addresses").fetchall()
    in_cubes = [min(int(of), cube.detail.kept) for cube in cubes.cubes]
    return ToldApart(in_cubes[0], in_cubes[-1], int(of))


def _panels(span: Span, shown: Window, interval: int, columns: Sequence[str]) -> dict[str, dict[str, str]]:
    return {
        panel.name: {"title": panel.title, "question": panel.question, "sql": sql_of(panel, span, shown)}
        for panel in (*panels(span, interval), records_panel(columns))
    }


def _written(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime(_ISO)
