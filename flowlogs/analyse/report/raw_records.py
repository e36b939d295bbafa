"""The heaviest records as they stand in the lake, for the table of raw records."""

from collections.abc import Sequence

import duckdb

from flowlogs.analyse.report.entries import shown
from flowlogs.analyse.report.panel import Panel
from flowlogs.analyse.report.picked import FILTER, has, picked_as_they_stand, runnable
from flowlogs.analyse.report.script_json import script_json
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.window import Window
from flowlogs.decorate.document import lake_columns

_MOST = 2_000
_LARGEST = 1_000_000  # bytes in the page
_LEFT_OUT = ("timestamp", "start", "log_status", "extra")
_ORDERED_BY = ("srcaddr", "dstaddr", "srcport", "dstport", "end")
_SUMS = {name: f"coalesce({name}, 0) AS {name}" for name in ("bytes", "packets")}
_NAMES = [name for name in lake_columns() if name not in _LEFT_OUT and not name.endswith(("_lat", "_lon"))]
_COLUMNS = [_SUMS.get(name, f'"{name}"') for name in _NAMES]


def records(connection: duckdb.DuckDBPyConnection, span: Span, asked: Window) -> tuple[list[str], list[list[object]]]:
    """Give columns and rows; columns that no row has are left out, and rows beyond a megabyte of them."""
    heavy = f"AND bytes >= {_least(connection, span, asked)}"
    among = picked_as_they_stand(span, asked, _COLUMNS).replace(FILTER, heavy)
    sql = f"{among}\n{_select(['start', *_NAMES])}"
    table = connection.sql(runnable(sql, asked)).to_arrow_table()
    table = table.select([name for name in table.column_names if table.column(name).null_count < table.num_rows])
    rows: list[list[object]] = []
    size = 0
    for row in table.to_pylist():
        values = [_short(value) for value in row.values()]
        size += len(script_json(values).encode())
        if size > _LARGEST:
            break
        rows.append(values)
    return list(table.column_names), rows


def _least(connection: duckdb.DuckDBPyConnection, span: Span, asked: Window) -> int:
    """Give bytes that all of the heaviest records have: other columns are then read of few records only."""
    sql = f"""{picked_as_they_stand(span, asked, [_SUMS["bytes"]])}
SELECT coalesce(min(bytes), 0) FROM (SELECT bytes FROM picked ORDER BY bytes DESC LIMIT {_MOST}) AS heaviest"""
    ((least,),) = connection.execute(runnable(sql, asked)).fetchall()
    return int(least)


def records_panel(columns: Sequence[str]) -> Panel:
    """Give the panel of the records that have these columns."""
    needed = {*columns, *_ORDERED_BY}
    further = [_quoted(name) for name in lake_columns() if name in needed and name != "start" and not has(name)]
    return Panel(
        "records",
        "Raw records",
        f"Which flow records moved most bytes, as they stand in the data? At most {_MOST:,}.",
        _select(columns or ["start"]),
        further,
    )


def _select(columns: Sequence[str]) -> str:
    order = ", ".join(["bytes DESC", "start DESC", "interface_id", *map(_quoted, _ORDERED_BY), "packets"])
    return f"SELECT {', '.join(map(_quoted, columns))}\nFROM picked\nORDER BY {order}\nLIMIT {_MOST}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _short(value: object) -> object:
    if isinstance(value, list):
        return [_short(each) for each in value]
    return shown(value) if isinstance(value, str) else value
