"""Says of rows whether an address is their interface's own, without asking for each pair there is."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.decorate.surroundings import KnownOwn
from flowlogs.enrich.coded import Coded, places
from flowlogs.inventory.lookup_tables import network_of
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.values import ABSENT, packed, spelt

_IPV4 = 4  # bytes
_MOST_KEPT = 1 << 16
"""Addresses kept at a time."""

_Size = tuple[int, int]
"""Bytes of an address, and the length of a network's prefix."""


class OwnAddresses:
    """Finds by networks which addresses an interface may have; whether it has them, the interface says."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()  # as they stand in lines
        self._by_network: dict[_Size, dict[bytes, list[bytes]]] = {}

    def are_own(self, owns: Coded[KnownOwn], addresses: Coded[bytes]) -> pa.Array:
        """Say of each row whether the address, as it stands in the line, is its interface's own."""
        self._see(addresses.things)
        place_of = {address: place for place, address in enumerate(addresses.things)}
        width = len(addresses.things)
        own = [
            number * width + place_of[address]
            for number, known in enumerate(owns.things)
            if known.own.interface is not None
            for address in self._candidates(known.own.interface)
            if address in place_of and known.has(address)
        ]
        return pc.is_in(places(owns, addresses), value_set=pa.array(own, pa.int64()))

    def _see(self, addresses: Iterable[bytes]) -> None:
        if len(self._seen) > _MOST_KEPT:
            self._seen.clear()
            self._by_network.clear()
        new = set(addresses) - self._seen - {ABSENT}
        self._seen |= new
        for size, networks in self._by_network.items():
            _sort_into(networks, size, new)

    def _candidates(self, interface: NetworkInterface) -> Iterator[bytes]:
        """Give all addresses seen that may be an interface's own; only an IPv6 one is spelt in several ways."""
        for address in interface.addresses:
            if len(address) == _IPV4:
                yield _text_of(address)
            else:
                yield from self._in_network(address, 8 * len(address))
        for prefix in interface.prefixes:
            yield from self._in_network(prefix.network_address.packed, prefix.prefixlen)

    def _in_network(self, first: bytes, length: int) -> Iterable[bytes]:
        size = (len(first), length)
        if size not in self._by_network:
            self._by_network[size] = {}
            _sort_into(self._by_network[size], size, self._seen)
        return self._by_network[size].get(first, ())


def _sort_into(networks: dict[bytes, list[bytes]], size: _Size, addresses: Iterable[bytes]) -> None:
    length = size[1]
    is_ipv6 = size[0] > _IPV4
    for address in addresses:
        if (b":" in address) == is_ipv6:
            networks.setdefault(network_of(packed(address.decode()), length), []).append(address)


@lru_cache(maxsize=_MOST_KEPT)
def _text_of(address: bytes) -> bytes:
    return spelt(address).encode()
