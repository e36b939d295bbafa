"""The generated VPC: a shop in three tiers over two availability zones, and a little beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from flowlogs.generate import describe, describe_groups, security_groups
from flowlogs.generate.addressing import Addressing
from flowlogs.generate.interface import Interface
from flowlogs.generate.internet import own_public_address
from flowlogs.generate.roles import BESIDE, FORMER, Role, fleet
from flowlogs.generate.security_groups import MOST, SecurityGroup
from flowlogs.generate.subnet import Subnet
from flowlogs.record.fields import FlowRecord

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
ZONES = (("eu-west-1a", "euw1-az1"), ("eu-west-1b", "euw1-az2"))

_PUBLIC_ADDRESSES = 4000
"""The generated public network has that many; interfaces beyond have none."""
_V11_TYPES = {"nat_gateway": "nat_gateway", "vpc_endpoint": "vpc_endpoint"}
"""The record's `interface-type` by EC2's; absent for others."""


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC: what is in it, and the same in the shapes of EC2's API."""

    vpc_id: str
    account_id: str
    region: str
    flow_log_id: str
    cidr_blocks: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    shop: tuple[Interface, ...]
    beside: tuple[Interface, ...]
    """Interfaces of the inventory that are not the shop's: `roles.BESIDE`."""
    former: tuple[Interface, ...]
    """Interfaces with traffic that the inventory does not have."""
    groups: dict[str, SecurityGroup]
    """Security groups by name."""
    by_role: dict[str, tuple[Interface, ...]]

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """All that the inventory has."""
        return self.shop + self.beside

    def describe_network_interfaces(self) -> Iterator[describe.Described]:
        """Give the members of `NetworkInterfaces` one by one, without the former ones."""
        names = {group.group_id: group.name for group in self.groups.values()}
        for interface in self.interfaces:
            yield describe.interface(interface, self.account_id, self.vpc_id, names)

    def describe_subnets(self) -> Iterator[describe.Described]:
        """Give the members of `Subnets`."""
        return (describe.subnet(subnet, self.account_id, self.vpc_id) for subnet in self.subnets)

    def describe_security_groups(self) -> Iterator[describe.Described]:
        """Give the members of `SecurityGroups`."""
        return describe_groups.security_groups(self.groups.values(), self.account_id, self.region, self.vpc_id)

    def describe_security_group_rules(self) -> Iterator[describe.Described]:
        """Give the members of `SecurityGroupRules`."""
        return describe_groups.security_group_rules(self.groups.values(), self.account_id, self.vpc_id)


def build(*, seed: int = 1, interfaces: int = 32, ipv6: bool = True) -> Vpc:
    """Build the VPC of a seed with so many interfaces in its inventory, at least `roles.SMALLEST`."""
    return _Builder(seed, ipv6=ipv6).vpc(interfaces)


class _Builder:
    """Makes one interface after the other from one source of random numbers."""

    def __init__(self, seed: int, *, ipv6: bool) -> None:
        self._rng = Random(f"vpc {seed}")  # noqa: S311 - to be repeated, not to be secret
        self._vpc_id = self._id("vpc")
        self._groups = security_groups.build(self._rng, security_groups.GROUPS, ipv6=ipv6)
        self._addressing = Addressing(self._rng, ZONES, ipv6=ipv6)
        self._ipv6 = ipv6
        self._count: dict[str, int] = {}
        self._publics = 0

    def vpc(self, interfaces: int) -> Vpc:
        shop = tuple(self._interface(role) for role in fleet(interfaces - len(BESIDE)))
        former = tuple(self._interface(FORMER) for _ in range(FORMER.least))
        flow_log_id = self._id("fl")
        beside = self._beside()
        by_role: dict[str, list[Interface]] = {}
        for interface in (*shop, *beside, *former):
            by_role.setdefault(interface.role.name, []).append(interface)
        return Vpc(
            vpc_id=self._vpc_id,
            account_id=ACCOUNT_ID,
            region=REGION,
            flow_log_id=flow_log_id,
            cidr_blocks=tuple(self._addressing.blocks()),
            subnets=tuple(self._addressing.subnets),
            shop=shop,
            beside=beside,
            former=former,
            groups=self._groups,
            by_role={name: tuple(members) for name, members in by_role.items()},
        )

    def _beside(self) -> tuple[Interface, ...]:
        """Make what is beside the shop, last of all: what it draws leaves the ids of the shop as they are."""
        self._groups |= security_groups.build(self._rng, security_groups.BESIDE, ipv6=self._ipv6)
        return tuple(self._interface(role) for role in BESIDE)

    def _id(self, kind: str) -> str:
        return f"{kind}-0{self._rng.getrandbits(64):016x}"

    def _interface(self, role: Role) -> Interface:
        number = self._count[role.name] = self._count.get(role.name, 0) + 1
        secondaries = 2 if role.name == "web" and number % 10 == 2 else 0
        pool = self._addressing.pool(role.tier, (number - 1) % len(ZONES), 1 + secondaries)
        interface_id, name = self._id("eni"), f"{role.name}-{number}"
        instance_id = self._id("i") if role.on_instance else None
        dual = role.name in ("alb", "web", "bastion")
        return Interface(
            interface_id=interface_id,
            name=name,
            role=role,
            subnet=pool.subnet,
            resource=self._resource(role, name, interface_id),
            address=self._addressing.address(pool),
            secondary=tuple(self._addressing.address(pool) for _ in range(secondaries)),
            prefix=self._addressing.prefix(pool) if role.name == "eks" else None,
            ipv6=self._addressing.ipv6_address(pool) if dual else None,
            public=self._public(role),
            security_group_ids=self._group_ids(role, number),
            instance_id=instance_id,
            fields=self._fields(role, name, interface_id, pool.subnet, instance_id),
        )

    def _group_ids(self, role: Role, number: int) -> tuple[str, ...]:
        most = role.name == "app" and number == 1
        return tuple(self._groups[name].group_id for name in (MOST if most else role.groups))

    def _public(self, role: Role) -> str | None:
        if role.tier != "public" or self._publics >= _PUBLIC_ADDRESSES:
            return None
        self._publics += 1
        return own_public_address(self._publics)

    def _resource(self, role: Role, name: str, interface_id: str) -> str:
        if role.name == "nat":
            return self._id("nat")
        if role.name == "endpoint":
            return self._id("vpce")
        if role.name == "alb":
            return f"app/shop/{self._rng.getrandbits(64):016x}"
        return name if role.on_instance else f"{name}-{interface_id.removeprefix('eni-')}"

    def _fields(self, role: Role, name: str, interface_id: str, subnet: Subnet, instance_id: str | None) -> FlowRecord:
        fields: FlowRecord = {
            "account_id": "unknown" if role is FORMER else ACCOUNT_ID,
            "interface_id": interface_id,
            "log_status": "OK",
            "vpc_id": self._vpc_id,
            "subnet_id": subnet.subnet_id,
            "region": REGION,
            "az_id": subnet.az_id,
        }
        if instance_id is not None:
            fields |= {"instance_id": instance_id, "instance_tag": name}
        if role.interface_type in _V11_TYPES:
            fields["interface_type"] = _V11_TYPES[role.interface_type]
        return fields
