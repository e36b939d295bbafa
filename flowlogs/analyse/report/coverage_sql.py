"""What the flow logs say of the time in which they recorded nothing, as SQL over the rows that name an interface."""

from flowlogs.analyse.report.panel_sql import slice_of, slices
from flowlogs.analyse.report.span import Span

MOST_INTERFACES = 200
_MINUTE = 60
_SEVERAL = 2
NOTHING, OK, NODATA, SKIPDATA = range(4)
"""What is known of an interface in a slice."""


def gaps(interval: int) -> str:
    """Count each interface's rows by what they say, and its pauses of more than two aggregation intervals (seconds).

    Interfaces whose records were lost, or that paused longest, come first.
    """
    minute, pause = f"start - start % {_MINUTE}", f"pause > {_SEVERAL * interval}"
    return f""", minutes AS (
    SELECT
        interface_id, {minute} AS minute, min(start) AS began, max(ended) AS ended,
        count_if(log_status = 'OK') AS ok, count_if(log_status = 'NODATA') AS nodata,
        count_if(log_status = 'SKIPDATA') AS skipdata
    FROM picked
    GROUP BY interface_id, {minute}
),
followed AS (
    SELECT *, began - max(ended) OVER (
        PARTITION BY interface_id ORDER BY minute ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS pause
    FROM minutes
)
SELECT
    interface_id, CAST(sum(ok) AS BIGINT) AS ok, CAST(sum(nodata) AS BIGINT) AS nodata,
    CAST(sum(skipdata) AS BIGINT) AS skipdata, count_if({pause}) AS gaps,
    CAST(coalesce(sum(pause) FILTER (WHERE {pause}), 0) AS BIGINT) AS gap_seconds,
    min(began) AS first_seen, max(ended) AS last_seen
FROM followed
GROUP BY interface_id
ORDER BY skipdata DESC, gap_seconds DESC, ok DESC, interface_id
LIMIT {MOST_INTERFACES}"""


def strip(span: Span) -> str:
    """Say per interface and slice what is known: there are records, it is known that there were none, some were lost.

    A row counts for every slice that its time touches; a slice of which nothing is known has no row.
    """
    begun, ended = slice_of(span), slice_of(span).replace("start", "greatest_second")
    return f""", {slices(span)},
stretches AS (
    SELECT DISTINCT interface_id, log_status, {begun} AS begun, {ended} AS done
    FROM (SELECT *, CASE WHEN ended > start THEN ended - 1 ELSE start END AS greatest_second FROM picked) AS timed
)
SELECT
    interface_id, slice,
    CASE
        WHEN count_if(log_status = 'SKIPDATA') > 0 THEN {SKIPDATA}
        WHEN count_if(log_status = 'OK') > 0 THEN {OK}
        ELSE {NODATA}
    END AS state
FROM stretches
JOIN slices ON slice BETWEEN begun AND done
GROUP BY interface_id, slice
ORDER BY interface_id, slice"""
