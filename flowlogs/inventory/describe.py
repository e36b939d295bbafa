"""Reads network interfaces and subnets as EC2 describes them, and as this project writes them over time."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.answers import id_in, members_of
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.inventory.network_interfaces import network_interface
from flowlogs.inventory.owner import owner_of
from flowlogs.inventory.zones import region_of
from flowlogs.record.networks import Network
from flowlogs.record.timestamps import unix_seconds
from flowlogs.record.values import LAST_SECOND, packed, spelt

Described = Mapping[str, Any]
"""A member of a response of EC2, whose shape the reader checks as it goes (KeyError, TypeError, ValueError)."""

_Read = TypeVar("_Read")
_MAPPED = bytes(10) + b"\xff\xff"
"""What comes before an IPv4 address that is written as an IPv6 one. Source: RFC 4291 §2.5.5.2."""


def facts_of_interface(described: Described) -> dict[str, Any]:
    """Read one member of `NetworkInterfaces` as columns of the kind `network-interfaces`, absent where EC2 is silent.

    Any member may be missing, null or empty; one of another type raises UnusableInventory. Source: EC2 API,
    DescribeNetworkInterfaces; an interface of an IPv6-only subnet has no IPv4 address, a NAT gateway's no group.
    """
    return _checked(_facts, described)


def interface_of_ec2(described: Described) -> NetworkInterface:
    """Read one member of `NetworkInterfaces`; raise UnusableInventory where it has no id, or is none.

    Such an answer says what is now; it is taken for what was, as nothing else is known.
    """
    return _checked(_interface, described)


def _interface(described: Described) -> NetworkInterface:
    id_ = id_in(described, "NetworkInterfaceId")
    zone = _text_or_none(described.get("AvailabilityZone")), _text_or_none(described.get("AvailabilityZoneId"))
    region = region_of(*zone)
    return network_interface(Interval(Scope("", region or ""), id_, _facts(described), BEGINNING))


def _facts(described: Described) -> dict[str, Any]:
    attachment = described.get("Attachment") or {}
    tags = {tag.get("Key"): tag.get("Value") for tag in members_of(described, "TagSet")}
    facts = {
        "vpc-id": _text_or_none(described.get("VpcId")),
        "subnet-id": _text_or_none(described.get("SubnetId")),
        "addresses": _addresses(described),
        "prefixes": _prefixes(described),
        "public-addresses": _public_addresses(described),
        "security-group-ids": [_text(id_) for id_ in _values(members_of(described, "Groups"), "GroupId")],
        "instance-id": _text_or_none(attachment.get("InstanceId")),
        "attached": _attach_time(attachment.get("AttachTime")),
        "interface-type": _text_or_none(described.get("InterfaceType")),
        "interface-owner": owner_of(described),
        "requester-id": _text_or_none(described.get("RequesterId")),
        "description": _text_or_none(described.get("Description")),
        "owner-id": _text_or_none(described.get("OwnerId")),
        "name": _text_or_none(tags.get("Name")),
    }
    return {column: value for column, value in facts.items() if value not in (None, "", [])}


def _addresses(described: Described) -> list[str]:
    """Give its addresses as AWS writes them in flow logs, primary first."""
    private = sorted(
        members_of(described, "PrivateIpAddresses"), key=lambda address: address.get("Primary") is not True
    )
    ipv6 = _values([described, *members_of(described, "Ipv6Addresses")], "Ipv6Address")
    return _spelt([*_values([described, *private], "PrivateIpAddress"), *ipv6])


def _prefixes(described: Described) -> list[str]:
    found = [
        *_values(members_of(described, "Ipv4Prefixes"), "Ipv4Prefix"),
        *_values(members_of(described, "Ipv6Prefixes"), "Ipv6Prefix"),
    ]
    return [str(ipaddress.ip_network(_text(prefix))) for prefix in found]


def _public_addresses(described: Described) -> list[str]:
    """Give its addresses outside; in a Wavelength Zone the carrier has them. Source: EC2 API, CarrierIp."""
    holders = [described, *members_of(described, "PrivateIpAddresses")]
    associations = _values(holders, "Association")
    return _spelt([*_values(associations, "PublicIp"), *_values(associations, "CarrierIp")])


def _spelt(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(spelt(packed(address).removeprefix(_MAPPED)) for address in addresses))


def _attach_time(value: object) -> int | None:
    """Read ISO 8601 as the CLI prints it, boto3's datetime, or Unix seconds; AWS's own attachments have none."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    seconds = unix_seconds(value) if isinstance(value, str) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LAST_SECOND:
        raise ValueError(f"{value!r} is no time")
    return int(seconds)


def _values(members: Iterable[Described], key: str) -> list[Any]:
    """Give what the members have under a key, and nothing for those without."""
    return [value for member in members if (value := member.get(key)) not in (None, "")]


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
        for key, read in (("NetworkInterfaces", _interface), ("interfaces", interface_of_history)):
            for described in _members(content, key):
                yield _checked(read, described)
        if "NetworkInterfaceId" in content:
            yield interface_of_ec2(content)


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


def _checked(read: Callable[[Any], _Read], described: object) -> _Read:
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
    if type(seconds) is not int or not 0 <= seconds <= LAST_SECOND:
        raise ValueError(f"{value!r} is no time from 1970 to 9999")
    return seconds
