"""Which index a document goes to, by the time it arrived."""

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


@lru_cache(maxsize=16)
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
