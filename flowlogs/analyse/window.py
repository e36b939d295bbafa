"""The time that a query is asked about, as a condition on the flow records."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flowlogs.errors import SettingsError
from flowlogs.record.timestamps import unix_seconds

_LASTING = re.compile(r"([0-9]{1,6})(m|h|d|w)")
_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` to before `until` (Unix seconds); None where that side is open."""

    since: int | None = None
    until: int | None = None

    @classmethod
    def read(cls, since: str | None, until: str | None, last: str | None, now: float) -> "Window":
        """Read what a user gives: ISO times, or how long until now (`90m`, `24h`, `7d`, `2w`).

        Raise SettingsError where it is none, or the end is not after the beginning.
        """
        if last is not None and since is not None:
            raise SettingsError("--last and --from say the same twice: give one of them")
        begin = None if since is None else _instant("--from", since)
        if last is not None:
            begin = max(0, int(now) - lasting(last))
        end = None if until is None else _instant("--to", until)
        if begin is not None and end is not None and begin >= end:
            raise SettingsError(f"--to is not after {'--from' if last is None else 'the beginning of --last'}")
        return cls(begin, end)

    def times(self) -> str:
        """Write the condition on the time of a record."""
        parts = []
        if self.since is not None:
            parts.append(f"\"timestamp\" >= TIMESTAMP '{_written(self.since)}'")
        if self.until is not None:
            parts.append(f"\"timestamp\" < TIMESTAMP '{_written(self.until)}'")
        return " AND ".join(parts) or "true"

    def days(self) -> str:
        """Write the condition on the days whose folders may hold such records, so that no other is read.

        A record lies in the folder of the day on which it arrived: the day before it began at the earliest (clocks),
        two days after it ended at the latest.
        """
        parts = []
        if self.since is not None:
            parts.append(f"\"date\" >= '{_day(self.since) - _DAY:%Y-%m-%d}'")
        if self.until is not None:
            parts.append(f"\"date\" <= '{_day(self.until) + 2 * _DAY:%Y-%m-%d}'")
        return " AND ".join(parts) or "true"


@dataclass(frozen=True, slots=True)
class LastDays:
    """So many days until whenever the query runs; for queries that are kept in Athena."""

    number: int

    def times(self) -> str:
        """Write the condition on the time of a record, in Athena's words."""
        return f"\"timestamp\" >= CAST(current_date - INTERVAL '{self.number}' DAY AS TIMESTAMP)"

    def days(self) -> str:
        """Write the condition on the days of the folders, in Athena's words."""
        return f"\"date\" >= CAST(current_date - INTERVAL '{self.number + 1}' DAY AS VARCHAR)"


def lasting(text: str) -> int:
    """Read how long something lasts (`90m`, `24h`, `7d`, `2w`) as seconds; raise SettingsError where it is none."""
    found = _LASTING.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise SettingsError(f"{text[:40]!r} is no length of time such as 90m, 24h, 7d or 2w")
    return int(found[1]) * _UNITS[found[2]]


def _instant(option: str, text: str) -> int:
    seconds = unix_seconds(text)
    if seconds is None:
        raise SettingsError(f"{option}: {text[:40]!r} is no time such as 2026-11-20 or 2026-11-20T10:00")
    return seconds


def _day(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _written(seconds: int) -> str:
    return _day(seconds).strftime("%Y-%m-%d %H:%M:%S")
