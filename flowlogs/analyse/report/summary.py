"""What the data are, before anything is summed up: how many rows say what, of which time, and what they lack."""

from dataclasses import dataclass, fields

import duckdb

from flowlogs.analyse.report.picked import FLOW_RECORD, TIME, runnable
from flowlogs.analyse.window import Window

FEW = 4_000
"""Of fewer records one in a thousand is hardly one."""
_MORE_THAN_A_MINUTE = 90  # seconds: one-minute intervals are seldom cut exactly


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of rows; times are Unix seconds, None where no row has one."""

    rows: int
    records: int
    without_time: int
    nodata: int
    skipdata: int
    sampled: int
    accepted: int
    rejected: int
    with_ports: int
    with_groups: int
    with_place: int
    without_interface: int
    """Flow records that say a VPC, but no interface."""
    with_end: int
    with_flags: int
    first: int | None
    last: int | None
    low: int | None
    """So that one row in a thousand began before it, of few rows up to three and one in ten; `high` after it."""
    high: int | None
    lasting: float | None

    @property
    def interval(self) -> int:
        """The aggregation interval in seconds, by how long records last."""
        return 600 if (self.lasting or 0) > _MORE_THAN_A_MINUTE else 60


_EDGE = f"""CASE
    WHEN count(began) < {FEW} THEN list_extract({{edge}}(began, 4), least(4, 1 + count(began) // 10))
    ELSE quantile_disc(began, {{share}})
END"""
_COUNTED = {
    "rows": "count(*)",
    "records": f"count_if({FLOW_RECORD})",
    "without_time": f"count_if({FLOW_RECORD} AND began IS NULL)",
    "nodata": "count_if(log_status = 'NODATA')",
    "skipdata": "count_if(log_status = 'SKIPDATA')",
    "sampled": "count_if(sample_rate > 1)",
    "accepted": "count_if(action = 'ACCEPT')",
    "rejected": "count_if(action = 'REJECT')",
    "with_ports": "count_if(dstport IS NOT NULL)",
    "with_groups": "count_if(cardinality(security_group_ids) > 0)",
    "without_interface": f"count_if({FLOW_RECORD} AND interface_id IS NULL AND vpc_id IS NOT NULL)",
    "with_place": "count_if(coalesce(source_country_code, destination_country_code) IS NOT NULL)",
    "with_end": "count_if(interface_end IS NOT NULL)",
    "with_flags": "count_if(tcp_flags IS NOT NULL)",
    "first": "min(began)",
    "last": "max(began)",
    "low": _EDGE.format(edge="min", share=0.001),
    "high": _EDGE.format(edge="max", share=0.999),
    "lasting": 'quantile_disc("end" - "start", 0.95) FILTER (WHERE "end" >= "start")',
}


def summarize(connection: duckdb.DuckDBPyConnection, asked: Window) -> Summary:
    """Read the data once."""
    counts = ", ".join(_COUNTED[field.name] for field in fields(Summary))
    sql = f"SELECT {counts} FROM (SELECT *, {TIME} AS began FROM seen) AS timed"
    (row,) = connection.execute(runnable(sql, asked)).fetchall()
    return Summary(*row)
