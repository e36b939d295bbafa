"""How CloudTrail spells what EC2's API was asked and answered.

Seen in public records of RunInstances, CreateNetworkInterface and AttachNetworkInterface: lists are `{"items": […]}`,
those of private addresses `{"item": […]}`, an empty one is `{}`, and times are milliseconds since 1970. *Assumed*, from
records of other calls: an operation that came to EC2 after 2015 may stand in an envelope, `AssignIpv6AddressesRequest`,
with its names as a query spells them, and one member alone in place of a list.
"""

from collections.abc import Mapping
from typing import Any

_ENVELOPES = ("Request", "Response")
_LISTS = ("items", "item", "assignedPrivateIpAddressSetType")
_NAMES = {
    "groupSet": "Groups",
    "ipv4PrefixSet": "Ipv4Prefixes",
    "ipv6AddressesSet": "Ipv6Addresses",
    "ipv6PrefixSet": "Ipv6Prefixes",
    "privateIpAddressesSet": "PrivateIpAddresses",
}
"""Lists whose names in the API do not follow from CloudTrail's. Source: botocore's ec2 model, `locationName`."""


def opened(held: Mapping[str, Any], operation: str) -> dict[str, Any]:
    """Give `requestParameters` or `responseElements` of an operation without its envelope, names in camel case."""
    for envelope in _ENVELOPES:
        held = held.get(operation + envelope, held)
    return {name[:1].lower() + name[1:]: value for name, value in held.items()}


def members(held: object) -> list[Any]:
    """Give the members of a list, however CloudTrail writes it; one alone may stand for a list of one."""
    if isinstance(held, list):
        return held
    if isinstance(held, dict):
        for name in _LISTS:
            if name in held:
                return members(held[name])
    return [] if held in (None, {}, "") else [held]


def as_ec2_says(held: Mapping[str, Any]) -> dict[str, Any]:
    """Spell a member of a response as the EC2 API does: `NetworkInterfaceId`, `PrivateIpAddresses`, seconds."""
    return {_NAMES.get(name, name[:1].upper() + name[1:]): _value(name, value) for name, value in held.items()}


def _value(name: str, value: Any) -> Any:
    if name.endswith("Set"):
        return [as_ec2_says(member) if isinstance(member, dict) else member for member in members(value)]
    if isinstance(value, dict):
        return as_ec2_says(value)
    if name.endswith("Time") and type(value) is int:
        return value // 1000
    return value
