"""Reads each kind of resource as EC2 describes it; any member but the id may be missing or null."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from flowlogs.inventory.answers import id_in, members_of
from flowlogs.inventory.describe import facts_of_interface

Described: TypeAlias = Mapping[str, Any]
Columns: TypeAlias = dict[str, Any]
"""Values by column name; None, an empty text and an empty list stand for what is absent."""
Read: TypeAlias = Callable[[Described], Iterator[tuple[str, Columns]]]
"""Gives what an item of an answer describes, by id; raise KeyError, TypeError, ValueError, AttributeError."""

_GONE = frozenset({"disassociated", "failed"})
"""States of a CIDR that is not the VPC's or subnet's any more. Source: EC2 API, VpcCidrBlockState."""


def interface(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `NetworkInterfaces`."""
    yield id_in(described, "NetworkInterfaceId"), facts_of_interface(described)


def security_group(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `SecurityGroups`; its rules are read where they have ids, from `SecurityGroupRules`."""
    yield (
        id_in(described, "GroupId"),
        {
            "group-name": described.get("GroupName"),
            "description": described.get("Description"),
            "vpc-id": described.get("VpcId"),
            "owner-id": described.get("OwnerId"),
        },
    )


def security_group_rule(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `SecurityGroupRules`."""
    peer = described.get("ReferencedGroupInfo") or {}
    peer_account = peer.get("UserId")
    yield (
        id_in(described, "SecurityGroupRuleId"),
        {
            "security-group-id": described.get("GroupId"),
            "is-outbound": described.get("IsEgress"),
            "protocol": described.get("IpProtocol"),
            "from-port": described.get("FromPort"),
            "to-port": described.get("ToPort"),
            "cidr": described.get("CidrIpv4") or described.get("CidrIpv6"),
            "prefix-list-id": described.get("PrefixListId"),
            "peer-security-group-id": peer.get("GroupId"),
            "peer-account-id": None if peer_account == described.get("GroupOwnerId") else peer_account,
            "description": described.get("Description"),
        },
    )


def prefix_list(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `PrefixLists`; the older DescribePrefixLists says its `Cidrs` there and then."""
    yield (
        id_in(described, "PrefixListId"),
        {
            "name": described.get("PrefixListName"),
            "entries": sorted(set(members_of(described, "Cidrs"))),
            "max-entries": described.get("MaxEntries"),
            "owner-id": described.get("OwnerId"),
        },
    )


def subnet(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `Subnets`."""
    yield (
        id_in(described, "SubnetId"),
        {
            "vpc-id": described.get("VpcId"),
            "cidrs": _cidrs(described),
            "az-id": described.get("AvailabilityZoneId"),
            "owner-id": described.get("OwnerId"),
            "name": _tag(described, "Name"),
        },
    )


def vpc(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `Vpcs`."""
    yield (
        id_in(described, "VpcId"),
        {"cidrs": _cidrs(described), "owner-id": described.get("OwnerId"), "name": _tag(described, "Name")},
    )


def network_acl(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read one of `NetworkAcls` and the subnets it stands before."""
    subnets = (association.get("SubnetId") for association in members_of(described, "Associations"))
    yield (
        id_in(described, "NetworkAclId"),
        {
            "vpc-id": described.get("VpcId"),
            "is-default": described.get("IsDefault"),
            "subnet-ids": sorted(filter(None, subnets)),
            "owner-id": described.get("OwnerId"),
        },
    )


def network_acl_entries(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read the entries of one of `NetworkAcls`: `acl-…/inbound/100`.

    A number stands once in a direction, for IPv4 and IPv6 together. Source: EC2 API, CreateNetworkAclEntry.
    """
    acl = id_in(described, "NetworkAclId")
    for entry in members_of(described, "Entries"):
        outbound, number = entry.get("Egress") is True, entry["RuleNumber"]
        ports, icmp = entry.get("PortRange") or {}, entry.get("IcmpTypeCode") or {}
        yield (
            f"{acl}/{'outbound' if outbound else 'inbound'}/{number}",
            {
                "network-acl-id": acl,
                "is-outbound": outbound,
                "number": number,
                "action": entry.get("RuleAction"),
                "protocol": entry.get("Protocol"),
                "from-port": ports.get("From", icmp.get("Type")),
                "to-port": ports.get("To", icmp.get("Code")),
                "cidr": entry.get("CidrBlock") or entry.get("Ipv6CidrBlock"),
            },
        )


def instances(described: Described) -> Iterator[tuple[str, Columns]]:
    """Read the instances of one of `Reservations`.

    One that was terminated is told of for about an hour more, and is left out. Source: EC2 API, DescribeInstances.
    """
    for instance in members_of(described, "Instances"):
        if (instance.get("State") or {}).get("Name") == "terminated":
            continue
        yield (
            id_in(instance, "InstanceId"),
            {
                "name": _tag(instance, "Name"),
                "auto-scaling-group": _tag(instance, "aws:autoscaling:groupName"),
                "vpc-id": instance.get("VpcId"),
                "owner-id": described.get("OwnerId"),
            },
        )


def _tag(described: Described, key: str) -> str | None:
    return next((tag.get("Value") for tag in members_of(described, "Tags") if tag.get("Key") == key), None)


def _cidrs(described: Described) -> list[str]:
    """Give the CIDRs that are a subnet's or VPC's own at the moment, IPv4 first."""
    ipv4 = {described.get("CidrBlock"), *_associated(described, "CidrBlockAssociationSet", "CidrBlock")}
    ipv6 = _associated(described, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock")
    cidrs = [*sorted(filter(None, ipv4)), *sorted(filter(None, set(ipv6)))]
    return [str(ipaddress.ip_network(cidr)) for cidr in cidrs]


def _associated(described: Described, member: str, name: str) -> Iterator[str | None]:
    for association in members_of(described, member):
        if (association.get(f"{name}State") or {}).get("State") not in _GONE:
            yield association.get(name)
