"""What the interfaces of the generated VPC are there for: one table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made an interface that the customer did not make, as EC2 says it."""

    requester_id: str
    """May have `{account}`, the customer's, and `{instance}` in it."""
    holder: str | None = None
    """Account of the instance it is attached to; None: the customer's."""
    is_managed: bool = True
    """What EC2 says as `RequesterManaged`."""

    @property
    def on_hyperplane(self) -> bool:
        """Whether it is attached to no instance, but to what several services share."""
        return self.holder == _HYPERPLANE


_HYPERPLANE = "amazon-aws"
_ELB = Maker("amazon-elb", "amazon-elb")
_RDS = Maker("amazon-rds", "amazon-rds")
_SERVICE = Maker("444455556666", _HYPERPLANE)
_LAMBDA = Maker("AROAEXAMPLELAMBDA0001:{account}", _HYPERPLANE, is_managed=False)
_NODE = Maker("AROAEXAMPLEEKSNODE001:{instance}", is_managed=False)
"""Source: answers of EC2 printed in public repositories, and flowlogs.inventory.owner. The account of a NAT gateway or
endpoint is some account of AWS's, with no alias; Lambda and the nodes of EKS use a role of the customer's."""


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of interface, how many there are and how EC2 describes one."""

    name: str
    tier: str
    least: int
    """How many there are in the smallest VPC."""
    share: float
    """Part of the interfaces beyond the smallest VPC."""
    groups: tuple[str, ...]
    """Names of its security groups, keys of `security_groups.GROUPS` or `BESIDE`."""
    description: str = ""
    """May have `{resource}`, `{name}`, `{instance}` and `{uuid}` in it."""
    interface_type: str = "interface"
    maker: Maker | None = None
    """None where it is an instance's own, made with it."""

    @property
    def on_instance(self) -> bool:
        """Whether the interface is attached to an EC2 instance of the account."""
        return self.maker is None or self.maker.holder is None


_SERVER = ("ssh", "monitoring")
_PRIMARY = "Primary network interface"
_OF_RDS = "RDSNetworkInterface"
_OF_NAT = "Interface for NAT Gateway {resource}"
_OF_LAMBDA = "AWS Lambda VPC ENI-{name}-{uuid}"
_OF_ENDPOINT = "VPC Endpoint Interface {resource}"

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("alb", "public", 2, 0.01, ("alb",), "ELB {resource}", maker=_ELB),
        Role("nat", "public", 2, 0.0, (), _OF_NAT, "nat_gateway", _SERVICE),
        Role("bastion", "public", 1, 0.0, ("bastion",), _PRIMARY),
        Role("web", "web", 2, 0.36, ("web", *_SERVER), _PRIMARY),
        Role("app", "app", 2, 0.36, ("app", *_SERVER), _PRIMARY),
        Role("eks", "app", 2, 0.04, ("eks", *_SERVER), "aws-K8S-{instance}", maker=_NODE),
        Role("lambda", "app", 2, 0.17, ("lambda",), _OF_LAMBDA, "lambda", _LAMBDA),
        Role("database", "data", 1, 0.03, ("database",), _OF_RDS, maker=_RDS),
        Role("standby", "data", 1, 0.0, ("database",), _OF_RDS, maker=_RDS),
        Role("endpoint", "data", 2, 0.03, ("endpoint",), _OF_ENDPOINT, "vpc_endpoint", _SERVICE),
    )
}

BESIDE = (
    Role("desktop", "office", 1, 0.0, ("remote-desktop",), _PRIMARY),
    Role("spare", "web", 1, 0.0, ("recovery",), _PRIMARY),
)
"""What the shop does without, one of each: a remote desktop server, and a web server that waits for the others to fail.

Neither has a public address, so that nothing on the Internet knocks there; the latter has no traffic at all.
"""

SMALLEST = sum(role.least for role in (*ROLES.values(), *BESIDE))
"""Interfaces of the smallest VPC."""

FORMER = Role("former", "app", 2, 0.0, ("app",))
"""Interfaces with traffic that the inventory does not have: deleted before the snapshot was taken."""


def fleet(interfaces: int) -> list[Role]:
    """Give the role of each of so many interfaces of the shop, at least its smallest fleet; the rest is web."""
    beyond = max(0, interfaces - sum(role.least for role in ROLES.values()))
    counts = {name: role.least + int(role.share * beyond) for name, role in ROLES.items()}
    counts["web"] += max(0, interfaces - sum(counts.values()))
    return [role for name, role in ROLES.items() for _ in range(counts[name])]
