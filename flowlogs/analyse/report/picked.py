"""The records a report is about, as every text of the report selects them.

`picked` is one relation for the page and for the SQL beside its panels: a number is summed up from nothing else.
"""

from collections.abc import Sequence

from flowlogs.analyse.named_query import with_relations
from flowlogs.analyse.relations import SEEN, seen
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.window import Window

FILTER = "/*filter*/"
"""Stands in the text of a panel where the page puts ` AND (…)` for the filter in force."""
FLOW_RECORD = "coalesce(log_status, 'OK') = 'OK'"
"""Which rows of the lake are flow records: not NODATA, nor SKIPDATA; the status may be absent."""
TIME = 'coalesce("start", "end", date_diff(\'second\', TIMESTAMP \'1970-01-01 00:00:00\', "timestamp"))'
"""When a record began, in Unix seconds; as for `timestamp`, where it does not say so, when it ended or came."""

_DIRECTED = "directed"
_OF_PICKED = (
    "client",
    "server",
    "server_port",
    "is_reply",
    "coalesce(pkt_srcaddr, srcaddr) AS source",
    "coalesce(pkt_dstaddr, dstaddr) AS destination",
    "protocol",
    "action",
    "direction",
    "interface_id",
    "interface_end",
    "security_group_ids",
    "coalesce(packets, 0) AS packets",
    "coalesce(bytes, 0) AS bytes",
)
_PICKED = """
WITH picked AS (
    SELECT *
    FROM (
        SELECT
            {time} AS start,
            {columns}
        FROM {source}
        WHERE {which}
    ) AS records
    WHERE start >= {since} AND start < {until} {filter}
)
""".strip()


def has(name: str) -> bool:
    """Say whether `picked` has a column of this name anyway."""
    return any(name == column.rpartition(" ")[2] for column in _OF_PICKED)


def picked(span: Span, asked: Window, further: Sequence[str] = ()) -> str:
    """Write the relation of the flow records of a span that were asked for, with further columns of `directed`."""
    return _written(span, asked, (*_OF_PICKED, *further), _DIRECTED, FLOW_RECORD)


def picked_as_they_stand(span: Span, asked: Window, columns: Sequence[str]) -> str:
    """Write the relation of the same records with columns of the lake alone."""
    return _written(span, asked, columns, SEEN, FLOW_RECORD)


def picked_statuses(span: Span, asked: Window) -> str:
    """Write the relation of all rows of a span that name their interface, also those that say there was nothing."""
    columns = (f'coalesce("end", {TIME}) AS ended', "interface_id", "coalesce(log_status, 'OK') AS log_status")
    return _written(span, asked, columns, SEEN, "interface_id IS NOT NULL")


def _written(span: Span, asked: Window, columns: Sequence[str], source: str, which: str) -> str:
    return _PICKED.format(
        time=TIME,
        columns=",\n            ".join(columns),
        source=source,
        which=which,
        since=span.since if asked.since is None else max(span.since, asked.since),
        until=span.until if asked.until is None else min(span.until, asked.until),
        filter=FILTER,
    )


def runnable(sql: str, asked: Window) -> str:
    """Put before a text the relations it names, of the time that the user asked about."""
    return with_relations(sql, {SEEN: seen(asked.times())}, inlined=True)
