"""Finds in an inventory what a person names: by id, name, owner, address or network."""

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache

from flowlogs.inventory.interval import Interval
from flowlogs.record.networks import Network, contains
from flowlogs.record.values import packed, spelt

_ADDRESSES = ("addresses", "public-addresses")
_NETWORKS = ("prefixes", "cidrs", "entries")
_OWNER = "interface-owner"
_MAPPED = bytes(10) + b"\xff\xff"
"""What comes before an IPv4 address that is written as an IPv6 one. Source: RFC 4291 §2.5.5.2."""


def finder(text: str) -> Callable[[Interval], bool]:
    """Give what says of a resource whether `text` names it.

    An id, a name, a value of a list, or a word of what an interface works for, as it is; an address, however it is
    spelt, of an interface or within a prefix, subnet, VPC or prefix list; a network as any of these or in a rule.
    """
    text = text.strip()
    network = _network(text)
    if network is not None and network.num_addresses == 1:
        address: bytes | None = network.network_address.packed
    else:
        address = _address(text)
    words = {text, *([spelt(address)] if address else []), *([str(network)] if network else [])}

    def has(found: Interval) -> bool:
        return _is_named(found, words) or (address is not None and _has_address(found, address))

    return has


def _address(text: str) -> bytes | None:
    try:
        return packed(text).removeprefix(_MAPPED)
    except ValueError:
        return None


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _is_named(found: Interval, words: set[str]) -> bool:
    if found.id in words or not words.isdisjoint(str(found.facts.get(_OWNER, "")).split()):
        return True
    return any(
        value in words if isinstance(value, str) else not words.isdisjoint(value)
        for value in found.facts.values()
        if isinstance(value, str | list | tuple)
    )


def _has_address(found: Interval, address: bytes) -> bool:
    addresses = (member for name in _ADDRESSES for member in found.facts.get(name, ()))
    networks = (member for name in _NETWORKS for member in found.facts.get(name, ()))
    return any(_address(member) == address for member in addresses) or _within(address, networks)


def _within(address: bytes, networks: Iterable[str]) -> bool:
    return any(network is not None and contains(network, address) for network in map(_read, networks))


_read = lru_cache(maxsize=65_536)(_network)
