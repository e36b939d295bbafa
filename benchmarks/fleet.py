"""Seeded interfaces of an organization over one day, as the look-up file holds them."""

import ipaddress
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flowlogs.inventory.network_interface import END, NetworkInterface
from flowlogs.record.networks import Network

DAY = 1_767_225_600
"""Its beginning, Unix seconds: 2026-01-01."""
SECONDS = 86_400
_SUBNETS = 6  # an account, in two VPCs
_KINDS = (("instance", 45), ("lambda", 15), ("task", 20), ("node", 5), ("balancer", 10), ("database", 5))


@dataclass(frozen=True, slots=True)
class Fleet:
    """Interfaces of accounts: instances that stay, tasks that come and go and share addresses, nodes that change."""

    accounts: int = 500
    interfaces: int = 200_000  # at any time; with those that are gone some 320,000

    def subnets(self) -> dict[str, tuple[Network, ...]]:
        """Give the CIDRs of every subnet."""
        return {
            _id("subnet", account, number): (ipaddress.ip_network((_network(account, number), 20)),)
            for account in range(self.accounts)
            for number in range(_SUBNETS)
        }

    def __iter__(self) -> Iterator[NetworkInterface]:
        """Give the intervals of every interface, some 400,000."""
        dice = random.Random(1)  # noqa: S311 (repeatable, not secret)
        names, shares = zip(*_KINDS, strict=True)
        for number in range(self.interfaces):
            account, (kind,) = number % self.accounts, dice.choices(names, shares)
            yield from _intervals(_made(dice, account, number // self.accounts, kind), kind, dice)


def _made(dice: random.Random, account: int, number: int, kind: str) -> NetworkInterface:
    subnet, host = number % _SUBNETS, 16 + number // _SUBNETS * 24
    first = _network(account, subnet) + host
    several = range(12) if kind == "node" else range(1)
    return NetworkInterface(
        f"eni-{dice.getrandbits(68):017x}",
        tuple((first + extra).to_bytes(4) for extra in several),
        (ipaddress.ip_network((_network(account, subnet) + 2048 + host // 24 * 16, 28)),) if kind == "node" else (),
        tuple(_id("sg", account, dice.randrange(40)) for _ in range(dice.choice((1, 1, 2, 3)))),
        _id("vpc", account, subnet % 2),
        _id("subnet", account, subnet),
        "eu-west-1",
        f"i-{dice.getrandbits(68):017x}" if kind in ("instance", "node") else None,
        {"lambda": f"lambda function-{number % 50}", "database": "rds", "balancer": f"load-balancer app/{number}"}.get(
            kind
        ),
        DAY - dice.randrange(10**7),
    )


def _intervals(made: NetworkInterface, kind: str, dice: random.Random) -> Iterator[NetworkInterface]:
    """Give what it was over the day: a task one of some that had its address, a node another set of addresses at times.

    Four tasks in turn have the address of one.
    """
    if kind == "task":
        edges = [DAY + quarter * SECONDS // 4 + dice.randrange(3600) for quarter in range(4)]
        for since, until in zip(edges, [*edges[1:], END], strict=True):
            yield replace(made, interface_id=f"eni-{dice.getrandbits(68):017x}", since=since, until=until)
    elif kind == "node":
        edges = [made.since, *(DAY + hour * 3600 for hour in range(0, 24, 3))]
        for at, (since, until) in enumerate(zip(edges, [*edges[1:], END], strict=True)):
            yield replace(made, addresses=made.addresses[: 4 + at], since=since, until=until)
    else:
        yield made


def _network(account: int, subnet: int) -> int:
    return (10 << 24) + (account % 250 << 16) + (subnet << 12)


def _id(kind: str, account: int, number: int) -> str:
    return f"{kind}-{account:05x}{number:04x}{'0' * 8}"
