"""Keeps knowledge fresh while a function is warm: files that change, interfaces that EC2 is asked for.

Whatever cannot be had is done without: a sentence says so once, and a count says so at every batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from flowlogs.decorate.databases import Opened, open_databases
from flowlogs.decorate.knowledge import Knowledge, Noticed
from flowlogs.decorate.places import Places
from flowlogs.decorate.watched import Watched
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup import LookUp
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.networks import Networks

_SECONDS_A_DAY = 86_400
_MOST_FOUND = 10_000
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
        self._versions = {"inventory": "", "databases": ""}
        self._inventory = Inventory()
        self._found: dict[str, NetworkInterface] = {}
        self._opened = _NO_DATABASES
        self._knowledge: Knowledge | None = None
        self._region: str | None = None
        self.problems = Problems()

    @property
    def database_age_days(self) -> float | None:
        """Age of the oldest database in use, when it was opened; None without one."""
        return self._opened.oldest_days

    def current(self, now: float, region: str | None) -> Knowledge:
        """Give what is known at `now` (Unix seconds) in the event's region; the same object while nothing changed."""
        if now - self._checked >= self._sources.refresh_seconds:
            self._checked = now
            self._refresh_inventory()
            self._refresh_databases(now)
            self._tell()
        if self._knowledge is None or region != self._region:
            self._region = region
            self._knowledge = Knowledge(self._inventory, self._opened.places, self._sources.internal, region)
        return self._knowledge

    def learn(self, account_id: str, now: float) -> bool:
        """Ask EC2 for the interfaces of the own account that were not known; say whether any was found."""
        if self._knowledge is None:
            return False
        unknown = {
            found
            for account, found in self._knowledge.noticed.unknown_interfaces
            if account == account_id and not self._inventory.has_id(found)  # known at another time: EC2 says only now
        }
        look_up = self._sources.look_up
        try:
            interfaces = look_up.find(unknown, now) if unknown else []
        except OSError as error:
            self.problems.look_ups = [f"EC2 does not tell of unknown interfaces: {error}"]
            self._tell()
            return False
        if look_up.asked == now:
            self.problems.look_ups = []
        if interfaces:
            self._keep(interfaces)
        return bool(interfaces)

    def notice(self, noticed: Noticed) -> None:
        """Take notice of what a batch met: entries of a database that cannot be read are told of once."""
        if noticed.corrupt_look_ups and not self.problems.entries:
            self.problems.entries = ["a geo database has entries that cannot be read: it may be damaged"]
            self._tell()

    def _keep(self, interfaces: list[NetworkInterface]) -> None:
        if len(self._found) > _MOST_FOUND:
            self._found.clear()
        self._found |= {interface.interface_id: interface for interface in interfaces}
        for interface in interfaces:
            self._inventory.add(interface)
        self._knowledge = None

    def _refresh_inventory(self) -> None:
        watched = self._sources.inventory
        if watched is None:
            return
        try:
            version = watched.version()
            if version != self._versions["inventory"]:
                self._inventory = _with(read_inventory(*watched.files()), self._found)
                self._versions["inventory"] = version
                self._knowledge = None
            self.problems.inventory = []
        except (OSError, UnusableInventory) as error:
            self.problems.inventory = [f"the inventory cannot be read: {error}"]

    def _refresh_databases(self, now: float) -> None:
        watched = self._sources.databases
        if watched is None:
            return
        try:
            version = f"{watched.version()} on day {now // _SECONDS_A_DAY}"  # they grow old by the day
            if version != self._versions["databases"]:
                self.problems.entries = []
                self._opened = open_databases(watched.files(), now, self._sources.most_days)
                self._versions["databases"] = version
                self._knowledge = None
            self.problems.databases = self._opened.problems
        except OSError as error:
            self.problems.databases = [f"the geo databases cannot be read: {error}"]

    def _tell(self) -> None:
        now = self.problems
        problems = {*now.inventory, *now.databases, *now.look_ups, *now.entries}
        for problem in sorted(problems - self._warned):
            self._warn(problem)
        self._warned = problems


def _with(inventory: Inventory, found: dict[str, NetworkInterface]) -> Inventory:
    """Add what EC2 was asked for, where the new inventory still lacks it."""
    for interface in found.values():
        if not inventory.has_id(interface.interface_id):
            inventory.add(interface)
    return inventory
