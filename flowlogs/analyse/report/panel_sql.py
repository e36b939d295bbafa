"""The kinds of questions that the panels of a report ask, as SQL over `picked`."""

from collections.abc import Sequence

from flowlogs.analyse.report.span import Span

WINDOW, THRESHOLD = 10, 3
"""An outlier is farther than so many standard deviations from the mean of so many slices before."""

_SUMS = {
    "bytes": "CAST(sum(bytes) AS BIGINT) AS bytes",
    "packets": "CAST(sum(packets) AS BIGINT) AS packets",
    "flows": "count(*) AS flows",
}
ACCEPTED, REJECTED = "action = 'ACCEPT'", "action = 'REJECT'"
LET_IN = "action = 'ACCEPT' AND interface_end = 'destination' AND is_reply IS DISTINCT FROM true"
"""What a security group of the record's interface let in by an inbound rule."""
GROUPS = "picked CROSS JOIN UNNEST(security_group_ids) AS sets (security_group)"
"""The records once per security group of theirs."""

_DIGITS = ", ".join(f"({number})" for number in range(10))


def totals(sums: Sequence[str], where: str = "true") -> str:
    """Sum all records up; of none, bytes and packets are 0."""
    columns = [
        _SUMS[name] if name == "flows" else f"CAST(coalesce(sum({name}), 0) AS BIGINT) AS {name}" for name in sums
    ]
    return f"SELECT {', '.join(columns)}\nFROM picked\nWHERE {where}"


def top(keys: Sequence[str], sums: Sequence[str], limit: int | None, *, where: str = "", source: str = "picked") -> str:
    """Sum up by keys (a column, or `column AS name`), the most of the first sum first; absent keys are left out."""
    columns = [key.partition(" AS ")[0] for key in keys]
    names = [key.rpartition(" AS ")[2] for key in keys]
    conditions = [*(f"{column} IS NOT NULL" for column in columns), *([where] if where else [])]
    lines = [
        f"SELECT {', '.join([*keys, *(_SUMS[name] for name in sums)])}",
        f"FROM {source}",
        f"WHERE {' AND '.join(conditions)}",
        f"GROUP BY {', '.join(columns)}",
        f"ORDER BY {sums[0]} DESC, {', '.join(names)}",
    ]
    return "\n".join(lines if limit is None else [*lines, f"LIMIT {limit}"])


def by_slice(span: Span, name: str, where: str = "true", shifts: Sequence[tuple[str, int]] = ()) -> str:
    """Sum bytes, packets or flows up per slice, 0 where there were none; beside it the sums of so many seconds before.

    A sum before the first slice is NULL.
    """
    before = "".join(
        f",\n    lag(coalesce(total, 0), {seconds // span.step}) OVER (ORDER BY slices.slice) AS {title}"
        for title, seconds in shifts
    )
    return f"""{_sums_by_slice(span, name, where)}
SELECT slices.slice, coalesce(total, 0) AS {name}{before}
FROM slices
LEFT JOIN sums ON slices.slice = sums.slice
ORDER BY slices.slice"""


def outliers(span: Span, name: str, where: str = "true") -> str:
    """Sum up per slice, with the band in which a sum is to be expected by those of the slices before."""
    return f"""{_sums_by_slice(span, name, where)},
bands AS (
    SELECT
        slices.slice, coalesce(total, 0) AS value, count(*) OVER before AS slices_before,
        avg(CAST(coalesce(total, 0) AS DOUBLE)) OVER before AS mean,
        stddev_pop(CAST(coalesce(total, 0) AS DOUBLE)) OVER before AS deviation
    FROM slices
    LEFT JOIN sums ON slices.slice = sums.slice
    WINDOW before AS (ORDER BY slices.slice ROWS BETWEEN {WINDOW} PRECEDING AND 1 PRECEDING)
)
SELECT
    slice, value,
    CASE
        WHEN slices_before < {WINDOW} THEN NULL
        WHEN mean < {THRESHOLD} * deviation THEN 0e0
        ELSE mean - {THRESHOLD} * deviation
    END AS low,
    CASE WHEN slices_before = {WINDOW} THEN mean + {THRESHOLD} * deviation END AS high,
    slices_before = {WINDOW} AND abs(value - mean) > {THRESHOLD} * deviation AS outlier
FROM bands
ORDER BY slice"""


def slice_of(span: Span) -> str:
    """Write the Unix second at which the slice of a record begins."""
    return f"start - start % {span.step}"


def slices(span: Span) -> str:
    """Write the relation of all slices; each engine would make a row of numbers in its own way."""
    number = "ones.n + 10 * tens.n + 100 * hundreds.n"
    return f"""digits AS (
    SELECT n FROM (VALUES {_DIGITS}) AS listed (n)
),
slices AS (
    SELECT {span.since} + CAST({span.step} AS BIGINT) * ({number}) AS slice
    FROM digits AS ones CROSS JOIN digits AS tens CROSS JOIN digits AS hundreds
    WHERE {number} < {span.slices}
)"""


def _sums_by_slice(span: Span, name: str, where: str) -> str:
    total = _SUMS[name].partition(" AS ")[0] if name == "flows" else f"CAST(sum({name}) AS BIGINT)"
    return f""", {slices(span)},
sums AS (
    SELECT {slice_of(span)} AS slice, {total} AS total
    FROM picked
    WHERE {where}
    GROUP BY {slice_of(span)}
)"""
