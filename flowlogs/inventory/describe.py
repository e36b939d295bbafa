"""Reads network interfaces and subnets as EC2 describes them, and as this project writes them over time."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.inventory.owner import owner_of
from flowlogs.record.networks import Network
from flowlogs.record.timestamps import unix_seconds
from flowlogs.record.values import packed

Described = Mapping[str, Any]
"""A member of a response of EC2, whose shape the reader checks as it goes (KeyError, TypeError, ValueError)."""

_REGION = re.compile(r"[a-z]+(?:-[a-z]+)+-\d")


def interface_of_ec2(described: Described) -> NetworkInterface:
    """Read one member of `NetworkInterfaces`. Source: EC2 API, DescribeNetworkInterfaces.

    Such an answer says what is now; it is taken for what was, as nothing else is known.
    """
    addresses = [address["PrivateIpAddress"] for address in described.get("PrivateIpAddresses") or ()]
    primary = [described["PrivateIpAddress"]] if described.get("PrivateIpAddress") else []
    ipv6 = [address["Ipv6Address"] for address in described.get("Ipv6Addresses") or ()]
    prefixes = [prefix["Ipv4Prefix"] for prefix in described.get("Ipv4Prefixes") or ()]
    prefixes += [prefix["Ipv6Prefix"] for prefix in described.get("Ipv6Prefixes") or ()]
    zone = _REGION.match(described.get("AvailabilityZone") or "")
    return NetworkInterface(
        interface_id=_text(described["NetworkInterfaceId"]),
        addresses=tuple(dict.fromkeys(packed(address) for address in (*primary, *addresses, *ipv6))),
        prefixes=tuple(ipaddress.ip_network(prefix) for prefix in prefixes),
        security_group_ids=tuple(_text(group["GroupId"]) for group in described.get("Groups") or ()),
        vpc_id=_text_or_none(described.get("VpcId")),
        subnet_id=_text_or_none(described.get("SubnetId")),
        region=zone[0] if zone else None,
        instance_id=_text_or_none((described.get("Attachment") or {}).get("InstanceId")),
        owner=owner_of(described),
    )


def interface_of_history(described: Described) -> NetworkInterface:
    """Read one member of `interfaces` of our own form: native names, `from` and `to` (ISO 8601 or Unix seconds).

    An absent `from` is the beginning, an absent `to` means it is still there.
    """
    return NetworkInterface(
        interface_id=_text(described["interface-id"]),
        addresses=tuple(packed(address) for address in described.get("addresses") or ()),
        prefixes=tuple(ipaddress.ip_network(prefix) for prefix in described.get("prefixes") or ()),
        security_group_ids=tuple(_text(group) for group in described.get("security-group-ids") or ()),
        vpc_id=_text_or_none(described.get("vpc-id")),
        subnet_id=_text_or_none(described.get("subnet-id")),
        region=_text_or_none(described.get("aws-region")),
        instance_id=_text_or_none(described.get("instance-id")),
        owner=_text_or_none(described.get("interface-owner")),
        since=_instant(described.get("from"), BEGINNING),
        until=_instant(described.get("to"), END),
    )


def networks_of_subnet(described: Described) -> tuple[str, tuple[Network, ...]]:
    """Read one member of `Subnets` (EC2 API, DescribeSubnets) or of `subnets` of our own form: its id and its CIDRs."""
    if "subnet-id" in described:
        return _text(described["subnet-id"]), tuple(ipaddress.ip_network(cidr) for cidr in described["cidrs"])
    ipv6 = [entry["Ipv6CidrBlock"] for entry in described.get("Ipv6CidrBlockAssociationSet") or ()]
    cidrs = [described[key] for key in ("CidrBlock",) if described.get(key)] + ipv6
    return _text(described["SubnetId"]), tuple(ipaddress.ip_network(cidr) for cidr in cidrs)


def interfaces_in(content: object) -> Iterator[NetworkInterface]:
    """Find the interfaces in decoded JSON of either form; raise UnusableInventory where one cannot be read."""
    if isinstance(content, list):
        for member in content:
            yield from interfaces_in(member)
    elif isinstance(content, dict):
        for key, read in (("NetworkInterfaces", interface_of_ec2), ("interfaces", interface_of_history)):
            for described in _members(content, key):
                yield _checked(read, described)
        if "NetworkInterfaceId" in content:
            yield _checked(interface_of_ec2, content)


def subnets_in(content: object) -> Iterator[tuple[str, tuple[Network, ...]]]:
    """Find the subnets in decoded JSON of either form; raise UnusableInventory where one cannot be read."""
    if isinstance(content, list):
        for member in content:
            yield from subnets_in(member)
    elif isinstance(content, dict):
        for key in ("Subnets", "subnets"):
            for described in _members(content, key):
                yield _checked(networks_of_subnet, described)


def _members(content: dict[str, object], key: str) -> list[object]:
    members = content.get(key) or []
    if not isinstance(members, list):
        raise UnusableInventory(f"{key} is no list")
    return members


def _checked(read: Any, described: object) -> Any:
    try:
        return read(described)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        name = described.get("NetworkInterfaceId") if isinstance(described, dict) else None
        raise UnusableInventory(f"{name or 'an entry'} is not as EC2 describes it: {error!r}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _instant(value: object, otherwise: int) -> int:
    if value is None:
        return otherwise
    seconds = unix_seconds(value) if isinstance(value, str) else value
    if not isinstance(seconds, int):
        raise ValueError(f"{value!r} is no time")  # noqa: TRY004 (a wrong value as much as a wrong type)
    return seconds
