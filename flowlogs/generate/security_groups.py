"""The security groups of the generated VPC and their rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from flowlogs.generate.internet import ADMIN_NETWORK, OFFICE_LAN

ANYWHERE = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"
INSIDE = "10.0.0.0/8"
UNUSED_PORT = 9200
"""Allowed by a rule of the group `app` that no generated record ever needs."""
HTTP, RDP = 80, 3389
"""Allowed by the group `remote-desktop`, of which only the latter is ever asked for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An inbound rule: `peer` is a CIDR block or a group's name, `ports` are EC2's (ICMP: type, code)."""

    protocol: str
    ports: tuple[int, int]
    peer: str
    description: str


GROUPS: dict[str, tuple[Rule, ...]] = {
    "alb": (
        Rule("tcp", (443, 443), ANYWHERE, "shop"),
        Rule("tcp", (443, 443), ANYWHERE_IPV6, "shop"),
        Rule("tcp", (80, 80), ANYWHERE, "redirect to 443"),
    ),
    "web": (Rule("tcp", (8080, 8080), "alb", "from the load balancer"),),
    "app": (
        Rule("tcp", (9090, 9090), "web", "from the web servers"),
        Rule("tcp", (9090, 9090), "eks", "from the pods"),
        Rule("tcp", (UNUSED_PORT, UNUSED_PORT), INSIDE, "search, switched off last year"),
    ),
    "eks": (Rule("tcp", (8080, 8080), "alb", "from the load balancer"),),
    "database": (
        Rule("tcp", (5432, 5432), "app", "from the application"),
        Rule("tcp", (5432, 5432), "lambda", "from the functions"),
    ),
    "endpoint": (Rule("tcp", (443, 443), INSIDE, "AWS APIs"),),
    "bastion": (Rule("tcp", (22, 22), ADMIN_NETWORK, "the office"),),
    "ssh": (Rule("tcp", (22, 22), "bastion", "from the bastion"),),
    "monitoring": (Rule("icmp", (8, -1), INSIDE, "ping"),),
    "lambda": (),
    "backup": (),
    "audit": (),
    "vendor": (),
}
"""Inbound rules by the name of the group. Every group also allows all outbound traffic."""

BESIDE: dict[str, tuple[Rule, ...]] = {
    "remote-desktop": (
        Rule("tcp", (HTTP, HTTP), ANYWHERE, "start page, as it was set up"),
        Rule("tcp", (RDP, RDP), OFFICE_LAN, "the office, by VPN"),
    ),
    "recovery": (Rule("tcp", (8080, 8080), "alb", "from the load balancer, when a zone is down"),),
    "migration": (Rule("tcp", (5432, 5432), "app", "the database before this one"),),
}
"""The same of groups that the shop does without: of one only RDP is used, one is of an idle interface, one of none."""

MOST = ("app", "ssh", "monitoring", "backup", "audit", "vendor")
"""The groups of one interface that has more of them than the default quota of five."""


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group with its id; `rules` has the id and the rule, inbound only."""

    group_id: str
    name: str
    rules: tuple[tuple[str, Rule], ...]


def build(rng: Random, groups: Mapping[str, tuple[Rule, ...]], *, ipv6: bool) -> dict[str, SecurityGroup]:
    """Give groups and rules their ids, by the name of the group; without `ipv6` no rules for IPv6."""
    return {
        name: SecurityGroup(
            f"sg-0{rng.getrandbits(64):016x}",
            name,
            tuple((f"sgr-0{rng.getrandbits(64):016x}", rule) for rule in rules if ipv6 or ":" not in rule.peer),
        )
        for name, rules in groups.items()
    }
