"""How much traffic is generated, when, and how it is aggregated."""

from collections.abc import Iterator
from dataclasses import dataclass

from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import LogFormat

_MINUTE = 60
NEW_YEAR = 1_767_225_600
"""2026-01-01T00:00:00Z."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The same plan gives the same traffic. Two plans that differ in one thing may differ in everything."""

    seed: int = 1
    lines: int = 20_000
    """About so many lines in all, the malformed ones among them."""
    start: int = NEW_YEAR
    """Unix seconds; whole minutes."""
    minutes: int = 60
    interval: int = 60
    """Aggregation interval in seconds, 60 or 600."""
    bad_lines: float = 0.0
    """Share of the lines that are malformed, 0 to below 1."""
    version: int = 5
    """What the records say is their version."""

    @property
    def records(self) -> int:
        """About so many flow records: the lines that are not malformed."""
        return round(self.lines * (1 - self.bad_lines))

    @property
    def end(self) -> int:
        """When the traffic ends, Unix seconds."""
        return self.start + self.minutes * _MINUTE

    def intervals(self) -> Iterator[tuple[int, int]]:
        """Give first and last second of every aggregation interval; the last one may be a short one."""
        for first in range(self.start, self.end, self.interval):
            yield first, min(first + self.interval, self.end) - 1


def version_of(log_format: LogFormat) -> int:
    """Give the version that records of this format state: the highest of its fields (VPC User Guide)."""
    return max((field.since for field in log_format.fields if field.name in FIELDS), default=2) or 2
