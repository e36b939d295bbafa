"""A set of networks, as settings name them by CIDR."""

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache

from flowlogs.record.values import packed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def contains(network: Network, address: bytes) -> bool:
    """Say whether a packed address lies in a network; one of the other family never does."""
    return network.max_prefixlen == 8 * len(address) and ipaddress.ip_address(address) in network


class Networks:
    """Networks that are asked whether an address lies in one of them."""

    def __init__(self, cidrs: Iterable[str] = ()) -> None:
        """Raise ValueError where a CIDR is none, or has bits set behind its prefix."""
        self._networks: tuple[Network, ...] = tuple(ipaddress.ip_network(cidr) for cidr in cidrs)
        self._has = lru_cache(maxsize=65_536)(self._look)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __iter__(self) -> Iterator[Network]:
        return iter(self._networks)

    def have(self, *addresses: str) -> bool:
        """Say whether every one of these addresses lies in one of the networks."""
        return all(map(self._has, addresses))

    def _look(self, address: str) -> bool:
        try:
            number = packed(address)
        except ValueError:
            return False
        return any(contains(network, number) for network in self._networks)
