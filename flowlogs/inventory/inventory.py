"""Answers which interface had an id, or an address in a VPC, at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
_Key = tuple[str, bytes]


class Inventory:
    """Interfaces by id and by (VPC, address), each over time. Look-ups are O(1) in the number of interfaces."""

    def __init__(
        self, interfaces: Iterable[NetworkInterface] = (), subnets: Mapping[str, tuple[Network, ...]] | None = None
    ) -> None:
        self.subnets = dict(subnets or {})
        self._by_id: dict[str, list[NetworkInterface]] = defaultdict(list)
        self._by_address: dict[_Key, list[NetworkInterface]] = defaultdict(list)
        self._by_prefix: dict[tuple[str, int, int, int], list[NetworkInterface]] = defaultdict(list)
        self._prefix_lengths: set[tuple[int, int]] = set()  # (address bits, prefix length)
        for interface in interfaces:
            self.add(interface)

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, interface: NetworkInterface) -> None:
        """Take in an interface; the same one twice counts once."""
        known = self._by_id[interface.interface_id]
        if interface in known:
            return
        known.append(interface)
        if interface.vpc_id is None:
            return
        for address in interface.addresses:
            self._by_address[interface.vpc_id, address].append(interface)
        for prefix in interface.prefixes:
            bits, length = prefix.max_prefixlen, prefix.prefixlen
            self._prefix_lengths.add((bits, length))
            self._by_prefix[interface.vpc_id, bits, length, int(prefix.network_address)].append(interface)

    def has_id(self, interface_id: str) -> bool:
        """Say whether an interface of this id is known at any time."""
        return interface_id in self._by_id

    def with_id(self, interface_id: str, time: int) -> Found:
        """Find the interface that had this id at a time (Unix seconds)."""
        return _at(self._by_id.get(interface_id, ()), time)

    def with_address(self, vpc_id: str, address: bytes, time: int) -> Found:
        """Find the interface that had this packed address in a VPC at a time (Unix seconds)."""
        candidates: Sequence[NetworkInterface] = self._by_address.get((vpc_id, address), ())
        if self._prefix_lengths:
            candidates = (*candidates, *self._delegated(vpc_id, address))
        return _at(candidates, time)

    def _delegated(self, vpc_id: str, address: bytes) -> Iterable[NetworkInterface]:
        bits, number = 8 * len(address), int.from_bytes(address)
        for size, length in self._prefix_lengths:
            if size == bits:
                first = number >> (bits - length) << (bits - length)
                yield from self._by_prefix.get((vpc_id, bits, length, first), ())

    def subnet_has(self, subnet_id: str, address: bytes) -> bool:
        """Say whether a packed address lies in a subnet whose CIDRs are known (`subnets`)."""
        return any(contains(network, address) for network in self.subnets[subnet_id])


def _at(candidates: Sequence[NetworkInterface], time: int) -> Found:
    if not candidates:
        return NOTHING
    there, since, until = [], BEGINNING, END
    for candidate in candidates:
        if candidate.since <= time < candidate.until and candidate not in there:  # an address may lie in a prefix too
            there.append(candidate)
        for edge in (candidate.since, candidate.until):  # the answer holds between the edges around `time`
            if edge <= time:
                since = max(since, edge)
            else:
                until = min(until, edge)
    if len(there) > 1:
        return Found(None, since, until, ambiguous=True)
    return Found(there[0] if there else None, since, until)
