"""The time that a dashboard shows, and how long the slices are that Dashboards makes of it.

Source: OpenSearch Dashboards, `src/plugins/data/common/search/aggs/buckets/lib/time_buckets`: `time_buckets.ts`,
`calc_auto_interval.ts`; settings `histogram:barTarget` 50 and `histogram:maxBars` 100 as they are by default.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_BAR_TARGET, _MAX_BARS = 50, 100
_LENGTHS = [
    (timedelta(milliseconds=500), timedelta(milliseconds=100)),
    (timedelta(seconds=5), timedelta(seconds=1)),
    (timedelta(seconds=7.5), timedelta(seconds=5)),
    (timedelta(seconds=15), timedelta(seconds=10)),
    (timedelta(seconds=45), timedelta(seconds=30)),
    (timedelta(minutes=3), timedelta(minutes=1)),
    (timedelta(minutes=9), timedelta(minutes=5)),
    (timedelta(minutes=20), timedelta(minutes=10)),
    (timedelta(minutes=45), timedelta(minutes=30)),
    (timedelta(hours=2), timedelta(hours=1)),
    (timedelta(hours=6), timedelta(hours=3)),
    (timedelta(hours=24), timedelta(hours=12)),
    (timedelta(weeks=1), timedelta(days=1)),
]
"""Below which length a slice is made so long. Longer ones are months of the calendar, for which nothing here asks."""
_FIXED = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class NotTranslated(Exception):
    """What the saved panel asks is not translated here; says what."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time range, both ends in it."""

    since: datetime
    until: datetime

    @property
    def query(self) -> dict[str, str]:
        """Give the bounds of a range query."""
        bounds = {"gte": self.since.isoformat(), "lte": self.until.isoformat()}
        return {**bounds, "format": "strict_date_optional_time"}

    @property
    def length(self) -> timedelta:
        """Give the time between both ends."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Slices:
    """Slices of time; where they are longer than was asked for, `scale` is what amounts are multiplied by."""

    length: timedelta
    scale: float = 1.0

    @property
    def expression(self) -> str:
        """Give the interval in OpenSearch's words."""
        return f"{self.length // timedelta(milliseconds=1)}ms"


def slices(interval: str, span: Span) -> Slices:
    """Give the slices of an interval as saved: `auto`, or the letter of a unit."""
    if interval == "auto":
        return Slices(_near(span.length / _BAR_TARGET))
    if interval not in _FIXED:
        raise NotTranslated(f"slices of {interval}")
    asked = _FIXED[interval]
    if span.length / asked <= _MAX_BARS:
        return Slices(asked)
    longer = _less_than(span.length / _MAX_BARS)
    return Slices(longer, asked / longer)


def _near(length: timedelta) -> timedelta:
    for bound, made in _LENGTHS:
        if length < bound:
            return made
    raise NotTranslated(f"slices of about {length}")


def _less_than(length: timedelta) -> timedelta:
    return max(made for _, made in _LENGTHS if made <= length)
