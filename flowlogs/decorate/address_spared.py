"""Networks that no threat list marks: what lies in them is the reader's own, or no one's."""

from bisect import bisect_right
from collections.abc import Iterator
from ipaddress import ip_network
from typing import NamedTuple

SPARED = (
    # Source: IANA, "IPv4 Special-Purpose Address Registry"; RFC 5771 (multicast)
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
    # Source: IANA, "IPv6 Special-Purpose Address Registry"; RFC 4291 (multicast)
    *("::/128", "::1/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "5f00::/16"),
    *("fc00::/7", "fe80::/10", "ff00::/8"),
)
"""All private and special-purpose networks but those for documentation, by which lists are explained and tried."""


class Prefix(NamedTuple):
    """A network: bytes of its addresses (4 or 16), its first address as a number, how many bits are fixed."""

    size: int
    first: int
    length: int


def unspared(prefix: Prefix) -> Iterator[Prefix]:
    """Give what of a prefix may be marked: mostly itself, of one around spared networks its parts beside them."""
    edges, behind = _EDGES[prefix.size], 8 * prefix.size - prefix.length
    place = bisect_right(edges, prefix.first)
    if place != bisect_right(edges, prefix.first + (1 << behind) - 1):
        half = 1 << behind - 1
        yield from unspared(Prefix(prefix.size, prefix.first, prefix.length + 1))
        yield from unspared(Prefix(prefix.size, prefix.first + half, prefix.length + 1))
    elif place % 2 == 0:
        yield prefix


def _edges(size: int) -> list[int]:
    """List where spared networks begin and end, in turn, as numbers of an address of so many bytes."""
    networks = [network for network in map(ip_network, SPARED) if network.max_prefixlen == 8 * size]
    ends = sorted((int(network.network_address), int(network.broadcast_address) + 1) for network in networks)
    return [edge for both in ends for edge in both]


_EDGES = {size: _edges(size) for size in (4, 16)}
