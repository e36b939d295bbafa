"""Says of the lines of an estimate how many there are and how large, as a sample tells it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowlogs.costs.plan import REJECTS_SHARE, Plan, indexed_bytes
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.errors import UnreadableInput
from flowlogs.sample.counting import Sample
from flowlogs.sample.growth import ENOUGH_LINES, growth, gzipped

LEAST_SECONDS = 60
"""Seconds that a sample must cover to tell a rate: the shortest aggregation interval."""
_SHORT = 6 * 3600


@dataclass(frozen=True, slots=True)
class Basis:
    """What an estimate rests on: what lines are like, and sentences on where that comes from."""

    lines: Plan
    notes: Sequence[str]


def basis_of(sample: Sample, rate: float | None, knowledge: Knowledge | None) -> Basis:
    """Tell of lines like those of a sample; `rate` (lines a second) wins over its times.

    With `knowledge` its lines are made documents, and these measured. Raise UnreadableInput where it tells too little.
    """
    _check(sample)
    said = [_counted(sample), *_doubts(sample)]
    lines = Plan(
        lines_per_second=_rate(sample) if rate is None else rate,
        line_bytes=sample.line_bytes,
        rejects=REJECTS_SHARE if sample.rejects is None else sample.rejects,
        gzipped=min(1.0, gzipped(sample.first_lines)) if sample.first_lines else Plan(lines_per_second=0).gzipped,
    )
    if rate is not None:
        said.append("the rate is yours, not that of the sample")
    elif sample.covered.seconds < _SHORT:
        said.append(f"a sample of {_span(sample.covered.seconds)} says little of a month: nights, weekends")
    return Basis(*_with_growth(lines, said, sample, knowledge))


def _check(sample: Sample) -> None:
    if not sample.lines:
        raise UnreadableInput("there is no flow record in the sample")
    if 2 * sample.misfits > sample.lines:
        raise UnreadableInput(
            f"{sample.misfits:,} of {sample.lines:,} lines of the sample are no flow records of the format that "
            "--format or their header names: is that right?"
        )


def _rate(sample: Sample) -> float:
    seconds = sample.covered.seconds
    if not seconds:
        raise UnreadableInput("no line of the sample has a time, so it tells no rate: say --rate too")
    if seconds < LEAST_SECONDS:
        raise UnreadableInput(f"the sample covers {_span(seconds)}, too little to tell a rate: say --rate too")
    if sample.covered.is_full:
        raise UnreadableInput("the times of the sample are spread over years, and tell no rate: say --rate too")
    return sample.lines / seconds


def _counted(sample: Sample) -> str:
    said = f"counted: {sample.lines:,} lines of {sample.line_bytes:.0f} bytes"
    if sample.covered.seconds:
        said += f" over {_span(sample.covered.seconds)}"
    return said if sample.rejects is None else f"{said}, {sample.rejects:.1%} of the flows rejected"


def _doubts(sample: Sample) -> list[str]:
    said = []
    if not sample.is_whole:
        said.append("part of the sample could not be read, and is not counted")
    if sample.misfits:
        said.append(f"{sample.misfits:,} of the lines are no flow records; they cost like the others")
    if len(sample.formats) > 1:
        said.append(f"the lines are of {len(sample.formats)} formats; their sizes are averages")
    if sample.rejects is None:
        said.append(f"no line says ACCEPT or REJECT (NODATA alone?): {REJECTS_SHARE:.0%} rejects are assumed")
    return said


def _with_growth(
    lines: Plan, said: list[str], sample: Sample, knowledge: Knowledge | None
) -> tuple[Plan, Sequence[str]]:
    if knowledge is None:
        return lines, [*said, "what lines become is assumed, not measured: --inventory and --geoip measure it"]
    grown = growth(sample.first_lines, knowledge)
    if grown is None:
        return lines, [*said, f"what lines become is assumed: fewer than {ENOUGH_LINES:,} were there to be measured"]
    measured = (
        f"measured on {grown.documents:,} lines: a document has {grown.document_bytes:,.0f} bytes, "
        f"{grown.parquet_bytes:,.0f} in Parquet"
    )
    indexed = indexed_bytes(grown.document_bytes)
    return replace(lines, indexed_bytes=indexed, parquet_bytes=grown.parquet_bytes), [*said, measured]


def _span(seconds: int) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds} second{'' if seconds == 1 else 's'}"
