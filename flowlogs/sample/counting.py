"""Counts the lines of a sample: how many, how large, over how much time, how many rejected."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from flowlogs.ingest.lines import Line, Refused
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import ABSENT, read_time
from flowlogs.sample.time_covered import TimeCovered

MEASURED_LINES = 50_000
"""Lines that are kept to be measured, from all inputs alike."""
_MOST_TIMES = 100_000  # that are known by their text
_MOST_FORMATS = 1_000
_LONGEST_KEPT = 4_096  # bytes of a line: a real one is a few hundred
_MOST_REGIONS = 100
_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,9}){1,3}-\d{1,2}", re.ASCII)
_REGION_OF_PLACE = re.compile(rf"[/=]vpcflowlogs/(?:aws-region=)?({_REGION.pattern})/", re.ASCII)
"""Where a file of flow logs in S3 says its region. Source: VPC User Guide, "Flow log files"."""


@dataclass(slots=True)
class Sample:
    """What a sample holds. `misfits` are those of its lines that are no flow records; sizes are without newlines.

    `accepted` and `rejected` leave out lines without an action, such as NODATA. `first_lines` are the first of each
    input. `regions` are those that records name, or the addresses of their files.
    """

    lines: int = 0
    bytes: int = 0
    accepted: int = 0
    rejected: int = 0
    misfits: int = 0
    formats: set[LogFormat] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    covered: TimeCovered = field(default_factory=TimeCovered)
    first_lines: list[Line] = field(default_factory=list)
    is_whole: bool = True

    @property
    def line_bytes(self) -> float:
        """Bytes of a line on average."""
        return self.bytes / self.lines

    @property
    def rejects(self) -> float | None:
        """Share of rejects among lines with an action; None where no line has one."""
        flows = self.accepted + self.rejected
        return self.rejected / flows if flows else None


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a format has what is counted; None where it lacks it."""

    width: int
    action: int | None
    start: int | None
    end: int | None
    region: int | None


class Counting:
    """Takes the lines of so many inputs one after the other, and makes a sample of them."""

    def __init__(self, inputs: int) -> None:
        self.sample = Sample()
        kept_of_each = max(1, MEASURED_LINES // max(1, inputs))
        self._kept_of_each = kept_of_each
        self._left = kept_of_each
        self._log_format: LogFormat | None = None
        self._at = _Places(0, None, None, None, None)
        self._times: dict[bytes, int | None] = {ABSENT: None}
        self._last_region = ABSENT

    def begin(self, place: str) -> None:
        """Begin the next input, which lies at that path or address."""
        self._left = self._kept_of_each
        if found := _REGION_OF_PLACE.search(place):
            self._add_region(found[1])

    def take(self, line: Line | Refused) -> None:
        """Count one line."""
        sample = self.sample
        sample.lines += 1
        sample.bytes += len(line.text)
        if isinstance(line, Refused):
            sample.misfits += 1
            return
        if self._left and len(line.text) <= _LONGEST_KEPT:
            self._left -= 1
            sample.first_lines.append(line)
        if line.log_format is not self._log_format:
            self._turn_to(line.log_format)
        values = line.text.split()
        if len(values) != self._at.width:
            sample.misfits += 1
            return
        self._count_action(values)
        self._count_time(values, line.event_time)
        if self._at.region is not None and values[self._at.region] != self._last_region:
            self._count_region(values[self._at.region])

    def _turn_to(self, log_format: LogFormat) -> None:
        if len(self.sample.formats) < _MOST_FORMATS:
            self.sample.formats.add(log_format)
        self._log_format = log_format
        position = log_format.position
        self._at = _Places(
            len(log_format.fields), position("action"), position("start"), position("end"), position("region")
        )

    def _count_action(self, values: Sequence[bytes]) -> None:
        action = values[self._at.action] if self._at.action is not None else ABSENT
        if action == b"ACCEPT":
            self.sample.accepted += 1
        elif action == b"REJECT":
            self.sample.rejected += 1

    def _count_region(self, value: bytes) -> None:
        self._last_region = value
        region = value.decode("ascii", "replace")
        if _REGION.fullmatch(region):
            self._add_region(region)

    def _add_region(self, region: str) -> None:
        if len(self.sample.regions) < _MOST_REGIONS:
            self.sample.regions.add(region)

    def _count_time(self, values: Sequence[bytes], event_time: int | None) -> None:
        start = event_time if self._at.start is None else self._time(values[self._at.start])
        end = start if self._at.end is None else self._time(values[self._at.end])
        if (start := end if start is None else start) is not None:
            self.sample.covered.add(start, start if end is None else end)

    def _time(self, value: bytes) -> int | None:
        """Read a time, each text of one once; None where it is none."""
        if value not in self._times:
            if len(self._times) > _MOST_TIMES:
                self._times = {ABSENT: None}
            try:
                self._times[value] = read_time(value)
            except ValueError:
                self._times[value] = None
        return self._times[value]
