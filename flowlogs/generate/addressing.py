"""Hands out the subnets and addresses of the generated VPC."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from random import Random

from flowlogs.generate.internet import OWN_IPV6
from flowlogs.generate.subnet import Subnet

FIRST_BLOCK = IPv4Network("10.0.0.0/16")
_SUBNET_BITS = 20
_RESERVED = 4
"""The first addresses of a subnet are AWS's, and the last one. Source: VPC User Guide, "Subnet sizing"."""
_PREFIX_SIZE = 16
"""Addresses of a delegated prefix, a /28. Source: EC2 User Guide, "Prefix delegation"."""


@dataclass(slots=True)
class _Pool:
    """What is left of a subnet: addresses from below, delegated prefixes from above."""

    subnet: Subnet
    network: IPv4Network
    low: int = _RESERVED
    high: int = field(default=2 ** (32 - _SUBNET_BITS) - _PREFIX_SIZE)

    def has(self, addresses: int) -> bool:
        return self.low + addresses + _PREFIX_SIZE < self.high


class Addressing:
    """Lays subnets of 4,096 addresses one after the other and fills them.

    The first sixteen are the VPC's first /16, further ones are in its secondary CIDR blocks.
    """

    def __init__(self, rng: Random, zones: tuple[tuple[str, str], ...], *, ipv6: bool) -> None:
        self.subnets: list[Subnet] = []
        self._rng = rng
        self._zones = zones
        self._ipv6 = ipv6
        self._pools: dict[tuple[str, int], _Pool] = {}

    def pool(self, tier: str, zone: int, addresses: int) -> "_Pool":
        """Give a subnet of a tier in a zone (counted from 0) with room for so many addresses and a prefix."""
        pool = self._pools.get((tier, zone))
        if pool is None or not pool.has(addresses):
            pool = self._pools[tier, zone] = self._new(tier, zone)
        return pool

    def address(self, pool: "_Pool") -> str:
        """Take the next free address."""
        pool.low += 1
        return str(pool.network[pool.low - 1])

    def prefix(self, pool: "_Pool") -> str:
        """Take a delegated prefix."""
        pool.high -= _PREFIX_SIZE
        return f"{pool.network[pool.high]}/28"

    def ipv6_address(self, pool: "_Pool") -> str | None:
        """Take an IPv6 address; None where the VPC has no IPv6."""
        if pool.subnet.ipv6_cidr is None:
            return None
        return str(IPv6Network(pool.subnet.ipv6_cidr)[self._rng.getrandbits(62) + 2**16])

    def blocks(self) -> list[str]:
        """List the VPC's IPv4 CIDR blocks."""
        count = (len(self.subnets) - 1) // 16 + 1
        return [f"10.{number}.0.0/16" for number in range(count)]

    def _new(self, tier: str, zone: int) -> _Pool:
        number = len(self.subnets)
        network = IPv4Network((int(FIRST_BLOCK[0]) + number * 2 ** (32 - _SUBNET_BITS), _SUBNET_BITS))
        ipv6 = IPv6Network((int(IPv6Network(OWN_IPV6)[0]) + (number << 64), 64)) if self._ipv6 else None
        name, az_id = self._zones[zone]
        subnet_id = f"subnet-0{self._rng.getrandbits(64):016x}"
        subnet = Subnet(subnet_id, tier, str(network), None if ipv6 is None else str(ipv6), name, az_id)
        self.subnets.append(subnet)
        return _Pool(subnet, network)
