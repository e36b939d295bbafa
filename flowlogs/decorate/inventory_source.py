"""Keeps the inventory fresh while a function is warm: files that change, and beside them what EC2 was asked for."""

from collections.abc import Iterable

from flowlogs.decorate.watched import Watched
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.asking_ec2 import KEEP_SECONDS, LookUp
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.network_interface import NetworkInterface

STALE_MINUTES = 30
"""Age from which an inventory is called old: runs of the inventory function that were missed."""
_MOST_TOLD = 10_000


class InventorySource:
    """Gives the inventory as it was read last, with the interfaces it lacks and EC2 told of a short while ago."""

    def __init__(self, watched: Watched | None, look_up: LookUp) -> None:
        self._watched = watched
        self._look_up = look_up
        self._version = ""
        self._read = Inventory()
        self._unreadable: list[str] = []
        self._told: dict[str, tuple[float, NetworkInterface]] = {}  # by id, with the time at which EC2 said it
        self.inventory = self._read
        self.problems: list[str] = []  # of the files, a sentence each
        self.look_up_problems: list[str] = []  # of the last call to EC2

    def refresh(self, now: float) -> bool:
        """Read files that changed, forget what EC2 said long ago; say whether another inventory is known by that."""
        is_read = self._watched is not None and self._read_anew(self._watched)
        is_forgotten = self._forget(now, is_read=is_read)
        if is_read or is_forgotten:
            self._combine()
        self.problems = [*self._unreadable, *self.inventory.problems, *_stale(self.age(now))]
        return is_read or is_forgotten

    def learn(self, unknown: Iterable[str], now: float) -> bool:
        """Ask EC2 for interfaces of the own account, if it is time to; say whether any was found."""
        wanted = {found for found in unknown if not self.inventory.has_id(found)}  # at another time: EC2 says only now
        try:
            interfaces = self._look_up.find(wanted, now) if wanted else []
        except OSError as error:
            self.look_up_problems = [f"EC2 does not tell of unknown interfaces: {error}"]
            return False
        if self._look_up.asked == now:
            self.look_up_problems = []
        if interfaces:
            if len(self._told) > _MOST_TOLD:
                self._told.clear()
            self._told |= {interface.interface_id: (now, interface) for interface in interfaces}
            self._combine()
        return bool(interfaces)

    def notice(self) -> None:
        """Take notice of what look-ups met: a file that is damaged."""
        self.problems += [problem for problem in self.inventory.problems if problem not in self.problems]

    def age(self, now: float) -> float | None:
        """Give the seconds since the inventory was taken; None where it does not say when."""
        taken = self._read.taken
        return None if taken is None else max(0.0, now - taken)

    def _read_anew(self, watched: Watched) -> bool:
        try:
            version = watched.version()
            is_new = version != self._version
            if is_new:
                self._read = read_inventory(*watched.files())
                self._version = version
        except (OSError, UnusableInventory) as error:
            self._unreadable = [f"the inventory cannot be read: {error}"]
            return False
        self._unreadable = []
        return is_new

    def _forget(self, now: float, *, is_read: bool) -> bool:
        """Forget what EC2 said long ago, and where the inventory is new what that knows by itself."""
        before = len(self._told)
        self._told = {
            interface_id: (told, interface)
            for interface_id, (told, interface) in self._told.items()
            if now - told < KEEP_SECONDS and not (is_read and self._read.has_id(interface_id))
        }
        return len(self._told) < before

    def _combine(self) -> None:
        told = InterfacesInMemory(interface for _, interface in self._told.values())
        self.inventory = self._read.followed_by(told) if self._told else self._read


def _stale(age: float | None) -> list[str]:
    """Say that an inventory is old: anew when it is twice as old, not at every refresh."""
    times = 0 if age is None else int(age) // (60 * STALE_MINUTES)
    if times < 1:
        return []
    minutes = STALE_MINUTES << (times.bit_length() - 1)
    return [f"the inventory was taken more than {minutes} minutes ago: look at the inventory function"]
