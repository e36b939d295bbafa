"""Keeps knowledge fresh while a function is warm: files that change, interfaces that EC2 is asked for.

Whatever cannot be had is done without: a sentence says so once, and a count says so at every batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from flowlogs.decorate.databases import Opened, open_databases
from flowlogs.decorate.inventory_source import InventorySource
from flowlogs.decorate.knowledge import Knowledge, Noticed
from flowlogs.decorate.places import Places
from flowlogs.decorate.watched import Watched
from flowlogs.inventory.asking_ec2 import LookUp
from flowlogs.record.networks import Networks

_SECONDS_A_DAY = 86_400
_NO_DATABASES = Opened(Places())


@dataclass(slots=True)
class Problems:
    """What is missing at the moment; a sentence each."""

    inventory: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    look_ups: list[str] = field(default_factory=list)  # of the last call to EC2
    entries: list[str] = field(default_factory=list)  # of look-ups in the databases


@dataclass(frozen=True, slots=True)
class Sources:
    """Where knowledge comes from; None where nothing is set."""

    inventory: Watched | None = None
    databases: Watched | None = None
    look_up: LookUp = field(default_factory=lambda: LookUp(None, 0))
    internal: Networks = field(default_factory=Networks)
    refresh_seconds: float = 60
    most_days: int | None = None  # age from which a database is not used


class KnowledgeSource:
    """Gives what is known now. `warn` takes each sentence once, until it is no longer true."""

    def __init__(self, sources: Sources, warn: Callable[[str], None]) -> None:
        self._sources = sources
        self._warn = warn
        self._warned: set[str] = set()
        self._checked = float("-inf")
        self._now = float("-inf")
        self._inventory = InventorySource(sources.inventory, sources.look_up)
        self._databases = ""  # version of those that are open
        self._opened = _NO_DATABASES
        self._knowledge: Knowledge | None = None
        self._region: str | None = None
        self.problems = Problems()

    @property
    def inventory_age_seconds(self) -> float | None:
        """Age of the inventory in use, when knowledge was asked for last; None where it does not say."""
        return self._inventory.age(self._now)

    @property
    def database_age_days(self) -> float | None:
        """Age of the oldest database in use, when it was opened; None without one."""
        return self._opened.oldest_days

    @property
    def has_slow_reader(self) -> bool:
        """Whether a database in use is read without maxminddb's C extension."""
        return self._opened.slow_reader

    def current(self, now: float, region: str | None) -> Knowledge:
        """Give what is known at `now` (Unix seconds) in the event's region; the same object while nothing changed."""
        self._now = now
        if now - self._checked >= self._sources.refresh_seconds:
            self._checked = now
            if self._inventory.refresh(now):
                self._knowledge = None
            self._refresh_databases(now)
            self._tell()
        if self._knowledge is None or region != self._region:
            self._region = region
            self._knowledge = Knowledge(self._inventory.inventory, self._opened.places, self._sources.internal, region)
        return self._knowledge

    def learn(self, account_id: str, now: float) -> bool:
        """Ask EC2 for the interfaces of the own account that were not known; say whether any was found."""
        if self._knowledge is None:
            return False
        unknown = {found for account, found in self._knowledge.noticed.unknown_interfaces if account == account_id}
        is_found = self._inventory.learn(unknown, now)
        if is_found:
            self._knowledge = None
        self._tell()
        return is_found

    def notice(self, noticed: Noticed) -> None:
        """Take notice of what a batch met: a damaged inventory, entries of a database that cannot be read."""
        self._inventory.notice()
        if noticed.corrupt_look_ups and not self.problems.entries:
            self.problems.entries = ["a geo database has entries that cannot be read: it may be damaged"]
        self._tell()

    def _refresh_databases(self, now: float) -> None:
        watched = self._sources.databases
        if watched is None:
            return
        try:
            version = f"{watched.version()} on day {now // _SECONDS_A_DAY}"  # they grow old by the day
            if version != self._databases:
                self.problems.entries = []
                self._opened = open_databases(watched.files(), now, self._sources.most_days, self._opened)
                self._databases = version
                self._knowledge = None
            self.problems.databases = self._opened.problems
        except OSError as error:
            self.problems.databases = [f"the geo databases cannot be read: {error}"]

    def _tell(self) -> None:
        now = self.problems
        now.inventory, now.look_ups = self._inventory.problems, self._inventory.look_up_problems
        problems = {*now.inventory, *now.databases, *now.look_ups, *now.entries}
        for problem in sorted(problems - self._warned):
            self._warn(problem)
        self._warned = problems
