"""Reads a network interface as EC2 describes it."""

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.answers import members_of
from flowlogs.inventory.owner import owner_of
from flowlogs.record.timestamps import unix_seconds
from flowlogs.record.values import LAST_SECOND, packed, spelt

Described = Mapping[str, Any]
"""A member of a response of EC2, whose shape the reader checks as it goes (KeyError, TypeError, ValueError)."""

_MAPPED = bytes(10) + b"\xff\xff"
"""What comes before an IPv4 address that is written as an IPv6 one. Source: RFC 4291 §2.5.5.2."""


def facts_of_interface(described: Described) -> dict[str, Any]:
    """Read one member of `NetworkInterfaces` as columns of the kind `network-interfaces`, absent where EC2 is silent.

    Any member may be missing, null or empty; one of another type raises UnusableInventory. Source: EC2 API,
    DescribeNetworkInterfaces; an interface of an IPv6-only subnet has no IPv4 address, a NAT gateway's no group.
    """
    try:
        return _facts(described)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        name = described.get("NetworkInterfaceId") if isinstance(described, Mapping) else None
        raise UnusableInventory(f"{name or 'an entry'} is not as EC2 describes it: {error!r}") from error


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


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
