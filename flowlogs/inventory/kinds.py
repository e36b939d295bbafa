"""The one table of what the inventory keeps: kinds of resources and their columns.

From it follow the merge over time, the Parquet history with its Glue tables, the own JSON form, and docs/inventory.md;
what is read of AWS's answers (readers.py, uses.py) is checked against it. A fact is a mapping of column names to
values; what is absent is an absent key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Facts: TypeAlias = Mapping[str, Any]
"""What is known of a resource, by column name."""


class ColumnKind(StrEnum):
    """What a column's value is."""

    TEXT = "text"
    TEXTS = "list of texts"
    NUMBER = "number"
    FLAG = "true or false"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, by its native name; Parquet and SQL have `_` for `-`."""

    name: str
    kind: ColumnKind
    meaning: str


class Rhythm(StrEnum):
    """How often a kind is asked for."""

    EVERY_RUN = "every run"
    HOURLY = "hourly"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource: `id_column` names it among those of one account and region."""

    name: str
    id_column: str
    rhythm: Rhythm
    meaning: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """Give its name where no hyphen may be: SQL, Parquet, Glue."""
        return self.name.replace("-", "_")


def _text(name: str, meaning: str) -> Column:
    return Column(name, ColumnKind.TEXT, meaning)


def _texts(name: str, meaning: str) -> Column:
    return Column(name, ColumnKind.TEXTS, meaning)


def _number(name: str, meaning: str) -> Column:
    return Column(name, ColumnKind.NUMBER, meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, ColumnKind.FLAG, meaning)


_VPC, _NAME = _text("vpc-id", "its VPC"), _text("name", "its tag `Name`")
_OWNER = _text("owner-id", "account that owns it; another than the one asked where a VPC is shared")
_PROTOCOL = _text("protocol", 'IANA number, or tcp, udp, icmp, icmpv6; "-1": all')
_PORTS = (
    _number("from-port", "first port, or ICMP type; absent or -1: all"),
    _number("to-port", "last port, or ICMP code; absent or -1: all"),
)

INTERFACES = Kind(
    "network-interfaces",
    "interface-id",
    Rhythm.EVERY_RUN,
    "network interfaces, also those that AWS manages",
    (
        _VPC,
        _text("subnet-id", "its subnet"),
        _texts("addresses", "private IPv4 and IPv6 addresses, primary first"),
        _texts("prefixes", "networks delegated to it (EKS)"),
        _texts("public-addresses", "public IPv4 addresses associated with it"),
        _texts("security-group-ids", "all of its security groups"),
        _text("instance-id", "instance it is attached to"),
        _number("attached", "when it was attached, Unix seconds"),
        _text("interface-type", "as EC2 names it"),
        _text("interface-owner", "what it works for where AWS manages it, e.g. `nat-gateway nat-0123`"),
        _text("requester-id", "account or service that asked for it"),
        _text("description", "as its maker wrote it"),
        _OWNER,
        _NAME,
    ),
)
SUBNETS = Kind(
    "subnets",
    "subnet-id",
    Rhythm.HOURLY,
    "subnets",
    (_VPC, _texts("cidrs", "its IPv4 and IPv6 CIDRs"), _text("az-id", "its availability zone"), _OWNER, _NAME),
)
KINDS = {
    kind.name: kind
    for kind in (
        INTERFACES,
        Kind(
            "security-groups",
            "security-group-id",
            Rhythm.HOURLY,
            "security groups",
            (_text("group-name", "its name"), _text("description", "as its maker wrote it"), _VPC, _OWNER),
        ),
        Kind(
            "security-group-rules",
            "security-group-rule-id",
            Rhythm.HOURLY,
            "rules of security groups; exactly one of the four peers is there",
            (
                _text("security-group-id", "its security group"),
                _flag("is-outbound", "an outbound rule, else an inbound one"),
                _PROTOCOL,
                *_PORTS,
                _text("cidr", "peer: an IPv4 or IPv6 network"),
                _text("prefix-list-id", "peer: a prefix list"),
                _text("peer-security-group-id", "peer: the interfaces of a security group"),
                _text("peer-account-id", "account of that group, where it is another"),
                _text("description", "as its maker wrote it"),
            ),
        ),
        Kind(
            "security-group-uses",
            "use-id",
            Rhythm.HOURLY,
            "what keeps a security group in use beside interfaces and rules: launch templates, launch configurations, "
            "functions, databases, services that run nothing at the moment",
            (
                _text("resource-type", "e.g. `launch-template`"),
                _text("resource", "its id or name"),
                _texts("security-group-ids", "groups that it names"),
            ),
        ),
        Kind(
            "prefix-lists",
            "prefix-list-id",
            Rhythm.HOURLY,
            "managed prefix lists, AWS's own too",
            (
                _NAME,
                _texts("entries", "its CIDRs"),
                _number("max-entries", "entries it counts as in a rule"),
                _OWNER,
            ),
        ),
        SUBNETS,
        Kind("vpcs", "vpc-id", Rhythm.HOURLY, "VPCs", (_texts("cidrs", "its IPv4 and IPv6 CIDRs"), _OWNER, _NAME)),
        Kind(
            "network-acls",
            "network-acl-id",
            Rhythm.HOURLY,
            "network ACLs and the subnets they stand before",
            (_VPC, _flag("is-default", "the VPC's default"), _texts("subnet-ids", "subnets it stands before"), _OWNER),
        ),
        Kind(
            "network-acl-entries",
            "entry-id",
            Rhythm.HOURLY,
            "entries of network ACLs; the lowest number that matches decides",
            (
                _text("network-acl-id", "its network ACL"),
                _flag("is-outbound", "for packets that leave the subnet"),
                _number("number", "its place; the last denies: 32767, of IPv6 32768"),
                _text("action", "`allow` or `deny`"),
                _PROTOCOL,
                *_PORTS,
                _text("cidr", "peer network"),
            ),
        ),
        Kind(
            "instances",
            "instance-id",
            Rhythm.HOURLY,
            "instances, for their names",
            (_NAME, _text("auto-scaling-group", "its tag `aws:autoscaling:groupName`"), _VPC, _OWNER),
        ),
    )
}
"""Every kind by name."""
