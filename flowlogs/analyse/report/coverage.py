"""What the flow logs recorded when, interface by interface."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.analyse.report.coverage_sql import NOTHING, gaps, strip
from flowlogs.analyse.report.entries import shown
from flowlogs.analyse.report.picked import FILTER, picked_statuses, runnable
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.window import Window

_COUNTS = ("ok", "nodata", "skipdata", "gaps", "gap_seconds", "first", "last")


def coverage(
    connection: duckdb.DuckDBPyConnection,
    span: Span,
    asked: Window,
    interval: int,
    listed: Sequence[object],
    names: Mapping[str, str],
) -> dict[str, object]:
    """Give the interfaces with most gaps, each with its name and its place among those listed, -1 where it is not."""
    places = {id_: place for place, id_ in enumerate(listed)}
    before = picked_statuses(span, asked)
    rows = connection.execute(runnable(before + gaps(interval), asked)).fetchall()
    states = _states(connection, span, asked, [row[0] for row in rows])
    interfaces = [
        {
            "interface": places.get(shown(id_), -1),
            "id": shown(id_),
            "name": shown(names.get(id_)),
            "slices": "".join(map(str, states[id_])),
            **dict(zip(_COUNTS, counts, strict=True)),
        }
        for id_, *counts in rows
    ]
    sql = "SELECT count(DISTINCT interface_id) FROM picked"
    ((total,),) = connection.execute(runnable(f"{before}\n{sql}", asked)).fetchall()
    return {"step": span.step, "interval": interval, "total": total, "interfaces": interfaces}


def _states(
    connection: duckdb.DuckDBPyConnection, span: Span, asked: Window, ids: list[str]
) -> defaultdict[str, list[int]]:
    """Give per interface what is known of each slice."""
    states: defaultdict[str, list[int]] = defaultdict(lambda: [NOTHING] * span.slices)
    connection.register("report_covered", pa.table({"id": pa.array(ids, pa.string())}))
    among = "AND interface_id IN (SELECT id FROM report_covered)"
    before = picked_statuses(span, asked).replace(FILTER, among)
    for id_, slice_, state in connection.execute(runnable(before + strip(span), asked)).fetchall():
        states[id_][(slice_ - span.since) // span.step] = state
    connection.unregister("report_covered")
    return states
