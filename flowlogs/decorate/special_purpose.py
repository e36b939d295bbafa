"""Addresses that lie at no place: private and other special-purpose networks."""

import ipaddress
from bisect import bisect_right

_NETWORKS = (
    # Source: IANA, "IPv4 Special-Purpose Address Registry"; RFC 5771 (multicast)
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    # Source: IANA, "IPv6 Special-Purpose Address Registry"; RFC 4291 (multicast)
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)


def _edges(length: int) -> list[int]:
    """List where special networks begin and end, in turn, as numbers of an address of `length` bytes."""
    networks = [network for network in map(ipaddress.ip_network, _NETWORKS) if network.max_prefixlen == 8 * length]
    firsts = sorted((int(network.network_address), int(network.broadcast_address) + 1) for network in networks)
    return [edge for edges in firsts for edge in edges]


_EDGES = {length: _edges(length) for length in (4, 16)}


def is_special(address: bytes) -> bool:
    """Say whether a packed address is private or special-purpose and so has no place."""
    return bisect_right(_EDGES[len(address)], int.from_bytes(address)) % 2 == 1
