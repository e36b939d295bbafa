"""A network interface of the generated VPC."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from flowlogs.generate.roles import Role
from flowlogs.generate.subnet import Subnet
from flowlogs.record.fields import FlowRecord


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface; an address it has none of is None or the empty tuple."""

    interface_id: str
    name: str
    role: Role
    subnet: Subnet
    resource: str
    """What it works for, as AWS writes it into a description: `nat-0…`, `app/shop/0…`; for ours its name."""
    address: str
    """Primary private IPv4 address."""
    secondary: tuple[str, ...]
    prefix: str | None
    """Delegated IPv4 prefix, a /28: the pods of an EKS node."""
    ipv6: str | None
    public: str | None
    """Public IPv4 address of the primary one; flow records never show it."""
    security_group_ids: tuple[str, ...]
    instance_id: str | None
    fields: FlowRecord
    """The fields that are the same in every record of this interface."""

    def addresses(self) -> Iterator[str]:
        """Give the IPv4 addresses a packet to or from it can have: primary, secondary, then the prefix's."""
        yield self.address
        yield from self.secondary
        if self.prefix is not None:
            yield from map(str, ip_network(self.prefix))
