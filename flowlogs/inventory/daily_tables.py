"""The Parquet of days: which of them are still written, and that no day is ever told by less than is known of it.

A day is finished once it has been over for a day and every scope has been asked since it ended: until then what is
learned late still belongs into it, as that an interface of an account which failed had been deleted. What finished
last is in history.json, since only what was written is finished.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.history import day_table, history_key
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import KINDS, Kind
from flowlogs.published import Store

MARKER = "history.json"
_DAY = timedelta(days=1)
STALE_DAYS = 4
"""Days that wait for a scope that fails: they are written each hour, and what ended in them fills the state."""
MOST_DAYS = 31
"""Days that are written at once, after the function has stood still."""


class DailyTables:
    """The tables of the days from the first that is not finished to today (UTC)."""

    def __init__(self, store: Store, now: int, otherwise: date | None) -> None:
        """Ask which day is the first; `otherwise` where nothing is remembered, None for today.

        Raise OSError where the store refuses, UnusableInventory where what is remembered cannot be read.
        """
        self._store = store
        self._today = _day(now)
        remembered = _read(store) or otherwise or self._today
        self.first = min(self._today, max(remembered, self._today - MOST_DAYS * _DAY))

    @property
    def begin(self) -> int:
        """Say when the first day began (Unix seconds): what ended before it is in no table that is still written."""
        return int(datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC).timestamp())

    @property
    def days(self) -> list[date]:
        """Give the days."""
        return [self.first + number * _DAY for number in range((self._today - self.first).days + 1)]

    def write(self, intervals: Callable[[Kind], Sequence[Interval]], asked: int) -> Mapping[str, str]:
        """Write all tables; give a sentence for each kind that cannot be written: then no day is finished by this.

        `asked` is when the scope that was asked longest ago was (Unix seconds).
        """
        failed: dict[str, str] = {}
        for kind in KINDS.values():
            try:
                known = intervals(kind)
                for day in self.days:
                    self._store.write(history_key(kind, day), day_table(kind, known, day))
            except (OSError, UnusableInventory) as error:
                failed[kind.name] = str(error)
        if not failed:
            stale = max(_day(asked), self._today - STALE_DAYS * _DAY)
            unfinished = max(self.first, min(self._today - _DAY, stale))
            self._store.write(MARKER, orjson.dumps({"unfinished": unfinished.isoformat()}))
        return failed


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _read(store: Store) -> date | None:
    found = store.read(MARKER)
    if found is None:
        return None
    try:
        return date.fromisoformat(orjson.loads(found[0])["unfinished"])
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableInventory(f"{MARKER} cannot be read: {error!r}; remove it to go on with yesterday") from error
