"""Answers which interface had an id, or an address in a VPC, at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.record.networks import Network, contains


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a look-up, and the span of time (Unix seconds, `until` excluded) for which it is the answer.

    `interface` is None where none is known, or more than one (`ambiguous`): a guess is never an answer.
    """

    interface: NetworkInterface | None
    since: int = BEGINNING
    until: int = END
    ambiguous: bool = False


NOTHING = Found(None)


class Interfaces(Protocol):
    """Where interfaces and subnets are kept: `in_memory`, or `lookup_file`. What it cannot tell is not there."""

    @property
    def taken(self) -> int | None:
        """Say when it was taken (Unix seconds); None where that is not known."""
        ...

    @property
    def problem(self) -> str | None:
        """Say in a sentence what is wrong with it; None where nothing is known to be."""
        ...

    def of_id(self, interface_id: str) -> Sequence[NetworkInterface]:
        """Give an interface as it was over time, in the order in which its intervals began."""
        ...

    def ids_with(self, vpc_id: str, address: bytes) -> Iterable[str]:
        """Give the ids of all interfaces that had a packed address in a VPC at any time, delegated prefixes counted."""
        ...

    def networks_of(self, subnet_id: str) -> tuple[Network, ...] | None:
        """Give the CIDRs of a subnet; None where they are not known."""
        ...

    def __len__(self) -> int:
        """Count the ids of interfaces."""
        ...


class Inventory:
    """Interfaces by id and by (VPC, address), each over time. Look-ups are O(1) in the number of interfaces.

    One interface may be told of several times, by two accounts that share a VPC or by several sources: at one time it
    counts once, as the first source has it.
    """

    def __init__(self, *sources: Interfaces) -> None:
        """Take sources, the best first."""
        self._sources = sources

    def followed_by(self, last: Interfaces) -> "Inventory":
        """Give an inventory with one more source, which is asked last; nothing is copied."""
        return Inventory(*self._sources, last)

    def __len__(self) -> int:
        return sum(map(len, self._sources))

    @property
    def taken(self) -> int | None:
        """Say when its oldest source was taken (Unix seconds), of those that say so."""
        return min((source.taken for source in self._sources if source.taken is not None), default=None)

    @property
    def problems(self) -> list[str]:
        """Say what is wrong with its sources; a sentence each."""
        return [source.problem for source in self._sources if source.problem is not None]

    def has_id(self, interface_id: str) -> bool:
        """Say whether an interface of this id is known at any time."""
        return any(source.of_id(interface_id) for source in self._sources)

    def with_id(self, interface_id: str, time: int) -> Found:
        """Find the interface that had this id at a time (Unix seconds)."""
        return _at(self._of_id(interface_id), time)

    def with_address(self, vpc_id: str, address: bytes, time: int) -> Found:
        """Find the interface that had this packed address in a VPC at a time (Unix seconds)."""
        ids = {found: None for source in self._sources for found in source.ids_with(vpc_id, address)}
        candidates = [
            interface
            for interface_id in ids
            for interface in self._of_id(interface_id)
            if interface.vpc_id == vpc_id and interface.has(address)
        ]
        return _at(candidates, time)

    def subnet_has(self, subnet_id: str, address: bytes) -> bool | None:
        """Say whether a packed address lies in a subnet; None where the subnet's CIDRs are not known."""
        for source in self._sources:
            networks = source.networks_of(subnet_id)
            if networks is not None:
                return any(contains(network, address) for network in networks)
        return None

    def _of_id(self, interface_id: str) -> list[NetworkInterface]:
        return [interface for source in self._sources for interface in source.of_id(interface_id)]


def _at(candidates: Sequence[NetworkInterface], time: int) -> Found:
    if not candidates:
        return NOTHING
    there: dict[str, NetworkInterface] = {}
    since, until = BEGINNING, END
    for candidate in candidates:
        if candidate.since <= time < candidate.until:
            there.setdefault(candidate.interface_id, candidate)
        for edge in (candidate.since, candidate.until):  # the answer holds between the edges around `time`
            if edge <= time:
                since = max(since, edge)
            else:
                until = min(until, edge)
    if len(there) > 1:
        return Found(None, since, until, ambiguous=True)
    return Found(next(iter(there.values()), None), since, until)
