"""Reads events on network interfaces as EventBridge sends them: CloudTrail's records of calls to EC2."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.cloudtrail import as_ec2_says, members, opened
from flowlogs.inventory.describe import facts_of_interface
from flowlogs.inventory.interface_changes import (
    Change,
    Created,
    Deleted,
    Given,
    InterfaceEvent,
    Launched,
    Listed,
)
from flowlogs.inventory.interval import Scope
from flowlogs.record.timestamps import unix_seconds

SOURCE, DETAIL_TYPE = "aws.ec2", "AWS API Call via CloudTrail"
"""What EventBridge calls them. Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail"."""

_Call: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any], int]
"""What was asked, what was answered, and when the call ended (Unix seconds)."""
_Told: TypeAlias = Iterator[tuple[str, int, Change]]
"""Interface ids, times, and what changed."""


def events_of(message: bytes) -> list[InterfaceEvent]:
    """Read one event of EventBridge; raise ValueError where it is none that `EVENT_NAMES` asks for.

    A call that was refused changed nothing, nor did one that is about something else of the interface. The account is
    the one to which the call's record was given (`recipientAccountId`), as it owns the interface. What the event says
    is never part of an error's text.
    """
    try:
        return _read(orjson.loads(message))
    except KeyError as error:
        raise ValueError(f"it is no event of CloudTrail on network interfaces: it lacks {error}") from error
    except (TypeError, AttributeError, UnusableInventory) as error:
        raise ValueError("it is no event of CloudTrail on network interfaces: a part is of another type") from error


def _read(event: Mapping[str, Any]) -> list[InterfaceEvent]:
    detail = event["detail"]
    name = detail["eventName"]
    if (event["source"], event["detail-type"]) != (SOURCE, DETAIL_TYPE) or name not in _READERS:
        raise ValueError("it is an event, but not of CloudTrail on network interfaces")
    if detail.get("errorCode"):
        return []
    time = unix_seconds(_text(detail.get("eventTime") or event["time"]))
    if time is None:
        raise ValueError("its time is none")
    scope = Scope(
        _text(detail.get("recipientAccountId") or event["account"]), _text(detail.get("awsRegion") or event["region"])
    )
    asked, answered = (opened(detail.get(part) or {}, name) for part in ("requestParameters", "responseElements"))
    return [
        InterfaceEvent(scope, _text(id_), at, change) for id_, at, change in _READERS[name]((asked, answered, time))
    ]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _created(call: _Call) -> _Told:
    _, answered, time = call
    described = as_ec2_says(answered["networkInterface"])
    yield described["NetworkInterfaceId"], time, Created(facts_of_interface(described))


def _launched(call: _Call) -> _Told:
    """Read interfaces of new instances: without a call of their own, and attached before the call ended."""
    _, answered, time = call
    for instance in members(answered["instancesSet"]):
        for interface in members(instance.get("networkInterfaceSet")):
            described = as_ec2_says(interface)
            attachment = (described.get("Attachment") or {}) | {"InstanceId": instance["instanceId"]}
            facts = facts_of_interface(described | {"Attachment": attachment})
            yield described["NetworkInterfaceId"], min(time, facts.get("attached", time)), Launched(facts)


def _deleted(call: _Call) -> _Told:
    asked, _, time = call
    yield asked["networkInterfaceId"], time, Deleted()


def _attached(call: _Call) -> _Told:
    asked, _, time = call
    yield asked["networkInterfaceId"], time, Given("instance-id", _text(asked["instanceId"]))
    yield asked["networkInterfaceId"], time, Given("attached", time)


def _modified(call: _Call) -> _Told:
    """Read new security groups; a call sets one attribute, and the others are no facts of ours."""
    asked, _, time = call
    groups = [_text(group["groupId"]) for group in members(asked.get("groupSet"))]
    if groups:
        yield asked["networkInterfaceId"], time, Given("security-group-ids", groups)


def _assigned(call: _Call) -> _Told:
    """Read addresses from the answer, as the call may ask for a number of them; older answers do not name them."""
    asked, answered, time = call
    for column, value in _own(answered) or _own(asked):
        yield asked["networkInterfaceId"], time, Listed(column, value, there=True)


def _unassigned(call: _Call) -> _Told:
    asked, _, time = call
    for column, value in _own(asked):
        yield asked["networkInterfaceId"], time, Listed(column, value, there=False)


_OWN = {
    "privateIpAddress": ("PrivateIpAddresses", "assignedPrivateIpAddressesSet", "privateIpAddressesSet"),
    "ipv6Address": ("Ipv6Addresses", "assignedIpv6Addresses", "ipv6Addresses"),
    "ipv4Prefix": ("Ipv4Prefixes", "assignedIpv4PrefixSet", "ipv4Prefixes", "ipv4PrefixSet"),
    "ipv6Prefix": ("Ipv6Prefixes", "assignedIpv6PrefixSet", "ipv6Prefixes", "ipv6PrefixSet"),
}
"""Name of a member, of the list in the EC2 API, and of the lists in CloudTrail's answers and requests.

The lists of IPv4 addresses were seen; the others are *assumed* from botocore's ec2 model (`locationName`).
"""


def _own(held: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give addresses and delegated networks, each with its column, spelt as `facts_of_interface` does."""
    described = {}
    for member, (listed, *names) in _OWN.items():
        found = [value for name in (*names, member) for value in members(held.get(name))]
        described[listed] = [{member[:1].upper() + member[1:]: _one(value, member)} for value in found]
    facts = facts_of_interface(described)
    return [(column, value) for column in ("addresses", "prefixes") for value in facts.get(column, ())]


def _one(value: object, member: str) -> str:
    """Give the text of a member, which stands alone, under its name or as `content` of an envelope."""
    return _text(value if not isinstance(value, dict) else value.get(member, value.get("content")))


_READERS: dict[str, Callable[[_Call], _Told]] = {
    "AssignIpv6Addresses": _assigned,
    "AssignPrivateIpAddresses": _assigned,
    "AttachNetworkInterface": _attached,
    "CreateNetworkInterface": _created,
    "DeleteNetworkInterface": _deleted,
    "ModifyNetworkInterfaceAttribute": _modified,
    "RunInstances": _launched,
    "UnassignIpv6Addresses": _unassigned,
    "UnassignPrivateIpAddresses": _unassigned,
}
EVENT_NAMES = tuple(_READERS)
"""Calls whose events are wanted.

DetachNetworkInterface is none: it names an attachment and no interface, and what is detached has no traffic until it is
attached again. Nor is TerminateInstances: it does not say which interfaces go, nor when; the next snapshot does.
"""
