"""Interfaces and subnets kept in memory."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.networks import Network


class InterfacesInMemory:
    """What was read from JSON, or told by EC2 (`flowlogs.inventory.inventory.Interfaces`)."""

    taken: int | None = None
    problem: str | None = None

    def __init__(
        self, interfaces: Iterable[NetworkInterface] = (), subnets: Mapping[str, tuple[Network, ...]] | None = None
    ) -> None:
        self._subnets = dict(subnets or {})
        self._by_id: dict[str, list[NetworkInterface]] = defaultdict(list)
        self._by_address: dict[tuple[str, bytes], dict[str, None]] = defaultdict(dict)
        self._by_prefix: dict[tuple[str, int, int, int], dict[str, None]] = defaultdict(dict)
        self._prefix_lengths: set[tuple[int, int]] = set()  # (address bits, prefix length)
        for interface in interfaces:
            self._add(interface)

    def __len__(self) -> int:
        return len(self._by_id)

    def of_id(self, interface_id: str) -> Sequence[NetworkInterface]:
        """Give an interface as it was over time, in the order in which its intervals began."""
        return self._by_id.get(interface_id, ())

    def ids_with(self, vpc_id: str, address: bytes) -> Iterator[str]:
        """Give the ids of all interfaces that had a packed address in a VPC at any time, delegated prefixes counted."""
        yield from self._by_address.get((vpc_id, address), ())
        bits, number = 8 * len(address), int.from_bytes(address)
        for size, length in self._prefix_lengths:
            if size == bits:
                first = number >> (bits - length) << (bits - length)
                yield from self._by_prefix.get((vpc_id, bits, length, first), ())

    def networks_of(self, subnet_id: str) -> tuple[Network, ...] | None:
        """Give the CIDRs of a subnet; None where they are not known."""
        return self._subnets.get(subnet_id)

    def _add(self, interface: NetworkInterface) -> None:
        """Take in an interface; the same one twice counts once."""
        known = self._by_id[interface.interface_id]
        if interface in known:
            return
        insort(known, interface, key=lambda known: known.since)
        if interface.vpc_id is None:
            return
        for address in interface.addresses:
            self._by_address[interface.vpc_id, address][interface.interface_id] = None
        for prefix in interface.prefixes:
            bits, length = prefix.max_prefixlen, prefix.prefixlen
            self._prefix_lengths.add((bits, length))
            key = (interface.vpc_id, bits, length, int(prefix.network_address))
            self._by_prefix[key][interface.interface_id] = None
