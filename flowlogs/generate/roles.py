"""What the interfaces of the generated VPC are there for: one table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of interface, how many there are and how EC2 describes one.

    Descriptions and requesters are as EC2 prints them for interfaces that AWS services manage (from memory of
    real output, not from documentation); `requester_id` is None where the interface is the customer's own.
    """

    name: str
    tier: str
    least: int
    """How many there are in the smallest VPC."""
    share: float
    """Part of the interfaces beyond the smallest VPC."""
    groups: tuple[str, ...]
    """Names of its security groups, keys of `security_groups.GROUPS`."""
    description: str = ""
    """May have `{resource}` in it."""
    interface_type: str = "interface"
    requester_id: str | None = None

    @property
    def on_instance(self) -> bool:
        """Whether the interface is attached to an EC2 instance of the account."""
        return self.requester_id is None


_SERVER = ("ssh", "monitoring")
_RDS = "RDSNetworkInterface"
_NAT = "Interface for NAT Gateway {resource}"
_LAMBDA = "AWS Lambda VPC ENI-{resource}"
_ENDPOINT = "VPC Endpoint Interface {resource}"

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("alb", "public", 2, 0.01, ("alb",), "ELB {resource}", requester_id="amazon-elb"),
        Role("nat", "public", 2, 0.0, (), _NAT, "nat_gateway", "amazon-nat"),
        Role("bastion", "public", 1, 0.0, ("bastion",), "Primary network interface"),
        Role("web", "web", 2, 0.36, ("web", *_SERVER), "Primary network interface"),
        Role("app", "app", 2, 0.36, ("app", *_SERVER), "Primary network interface"),
        Role("eks", "app", 2, 0.04, ("eks", *_SERVER), "aws-K8S-{resource}"),
        Role("lambda", "app", 2, 0.17, ("lambda",), _LAMBDA, "lambda", "amazon-lambda"),
        Role("database", "data", 1, 0.03, ("database",), _RDS, requester_id="amazon-rds"),
        Role("standby", "data", 1, 0.0, ("database",), _RDS, requester_id="amazon-rds"),
        Role("endpoint", "data", 2, 0.03, ("endpoint",), _ENDPOINT, "vpc_endpoint", "amazon-vpce"),
    )
}

SMALLEST = sum(role.least for role in ROLES.values())
"""Interfaces of the smallest VPC."""

FORMER = Role("former", "app", 2, 0.0, ("app",))
"""Interfaces with traffic that the inventory does not have: deleted before the snapshot was taken."""


def fleet(interfaces: int) -> list[Role]:
    """Give the role of each of so many interfaces, at least the smallest fleet; the rest is web."""
    beyond = max(0, interfaces - SMALLEST)
    counts = {name: role.least + int(role.share * beyond) for name, role in ROLES.items()}
    counts["web"] += max(0, interfaces - sum(counts.values()))
    return [role for name, role in ROLES.items() for _ in range(counts[name])]
