"""Which index a document goes to, by the time it arrived."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from flowlogs.deliver.local.behaviours import Behaviour, acts_on

_HOUR_MS = 60 * 60 * 1000


class Rotation(StrEnum):
    """How often Firehose begins an index, as the deployment's setting `index_rotation` says it."""

    NONE = "none"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @acts_on(Behaviour.SEARCH_INDEX, Behaviour.SEARCH_WEEK)
    def index_of(self, prefix: str, arrived: int) -> str:
        """Name the index of what arrived at a time, in milliseconds since 1970; the names are in UTC.

        Source: Firehose Developer Guide, "Configure index rotation for OpenSearch Service".
        """
        return f"{prefix}{_ending(self, arrived // _HOUR_MS)}"


@lru_cache(maxsize=1024)
def parted(index: str) -> tuple[str, str]:
    """Part an index's name into its prefix and the ending that rotation gave it, which may be nothing.

    What looks like a date and is none belongs to the prefix.
    """
    found = _DATED.search(index)
    if found is None or not _is_dated(found):
        return index, ""
    return index[: found.start()], found.group()


@lru_cache(maxsize=4096)
def _ending(rotation: Rotation, hours: int) -> str:
    return _ENDINGS[rotation](datetime.fromtimestamp(hours * 3600, UTC))


def _week(arrived: datetime) -> str:
    """Name a week: from Sunday to Saturday, counted in the year of its Saturday."""
    saturday = arrived + timedelta(days=(5 - arrived.weekday()) % 7)
    return f"-{saturday:%Y}-w{(saturday.timetuple().tm_yday + 6) // 7:02}"


_ENDINGS: dict[Rotation, Callable[[datetime], str]] = {
    Rotation.NONE: lambda _: "",
    Rotation.HOURLY: lambda arrived: f"-{arrived:%Y-%m-%d-%H}",
    Rotation.DAILY: lambda arrived: f"-{arrived:%Y-%m-%d}",
    Rotation.WEEKLY: _week,
    Rotation.MONTHLY: lambda arrived: f"-{arrived:%Y-%m}",
}
_DATED = re.compile(r"-(\d{4})-(?:w(\d\d)|(\d\d)(?:-(\d\d)(?:-(\d\d))?)?)$", re.ASCII)


def _is_dated(found: re.Match[str]) -> bool:
    """Say whether an ending is one that a rotation writes: that of the first instant it stands for."""
    year, week, month, day, hour = map(int, found.groups("0"))
    try:
        first = datetime(year, month or 1, day or 1, hour, tzinfo=UTC) + timedelta(weeks=max(week - 1, 0))
        return any(write(first) == found.group() for write in _ENDINGS.values())
    except (OverflowError, ValueError):  # no such day
        return False
