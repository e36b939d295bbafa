import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import unhurried

from flowlogs.inventory.cloudtrail import as_ec2_says, members
from flowlogs.inventory.interface_changes import (
    Created,
    Deleted,
    Given,
    InterfaceEvent,
    Launched,
    Listed,
    with_events,
)
from flowlogs.inventory.interface_events import EVENT_NAMES, events_of
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.network_interface import END

SAMPLES = {
    sample["detail"]["eventName"]: sample
    for sample in map(json.loads, map(Path.read_text, (Path(__file__).parents[2] / "events").glob("cloudtrail-*.json")))
}
SCOPE = Scope("123456789012", "eu-west-1")
FILES, WORKER = "eni-0c10ad7a110000001", "eni-0c10ad7a110000002"
MIDNIGHT = 1767225600
"""2026-01-01T00:00:00Z"""
MOUNT_TARGET = {
    "vpc-id": "vpc-0a000000000000001",
    "subnet-id": "subnet-0a000000000000001",
    "addresses": ["10.0.1.20"],
    "security-group-ids": ["sg-0f000000000000001"],
    "interface-type": "interface",
    "requester-id": "555555555555",
    "description": "EFS mount target for fs-0e5f0000000000001 (fsmt-0e5f0000000000001)",
    "owner-id": "123456789012",
}
OF_INSTANCE = {
    "vpc-id": "vpc-0a000000000000001",
    "subnet-id": "subnet-0a000000000000001",
    "addresses": ["10.0.1.30"],
    "security-group-ids": ["sg-0f000000000000002"],
    "instance-id": "i-0a000000000000001",
    "attached": MIDNIGHT + 127,
    "interface-type": "interface",
    "owner-id": "123456789012",
}


def told(event: dict[str, Any]) -> list[tuple[str, int, object]]:
    found = events_of(orjson.dumps(event))
    assert all(event.scope == SCOPE for event in found)
    return [(event.interface_id, event.time - MIDNIGHT, event.change) for event in found]


def test_a_created_interface_brings_what_ec2_describes() -> None:
    [(id_, time, change)] = told(SAMPLES["CreateNetworkInterface"])
    assert (id_, time) == (FILES, 70)
    assert isinstance(change, Created)
    facts = dict(change.facts)
    facts.pop("interface-owner", None)  # tests/inventory/test_owners.py
    assert facts == MOUNT_TARGET


def test_an_instance_brings_its_interfaces_from_when_they_were_attached() -> None:
    assert told(SAMPLES["RunInstances"]) == [(WORKER, 127, Launched(OF_INSTANCE))]


def test_attaching_names_the_instance() -> None:
    assert told(SAMPLES["AttachNetworkInterface"]) == [
        (FILES, 180, Given("instance-id", "i-0a000000000000001")),
        (FILES, 180, Given("attached", MIDNIGHT + 180)),
    ]


def test_modifying_names_every_security_group() -> None:
    groups = ["sg-0f000000000000001", "sg-0f000000000000003"]
    assert told(SAMPLES["ModifyNetworkInterfaceAttribute"]) == [(FILES, 240, Given("security-group-ids", groups))]


def test_addresses_are_those_of_the_answer_as_the_call_may_ask_for_a_number() -> None:
    assert told(SAMPLES["AssignPrivateIpAddresses"]) == [
        (WORKER, 300, Listed("addresses", "10.0.1.31", there=True)),
        (WORKER, 300, Listed("addresses", "10.0.1.32", there=True)),
    ]
    assert told(SAMPLES["UnassignPrivateIpAddresses"]) == [
        (WORKER, 360, Listed("addresses", "10.0.1.32", there=False)),
    ]
    assert told(SAMPLES["AssignIpv6Addresses"]) == [(WORKER, 420, Listed("addresses", "2001:db8:0:1::31", there=True))]


def test_deleting_ends_it() -> None:
    assert told(SAMPLES["DeleteNetworkInterface"]) == [(FILES, 480, Deleted())]


def test_the_samples_together_tell_the_lives_of_two_interfaces() -> None:
    events = [event for sample in SAMPLES.values() for event in events_of(orjson.dumps(sample))]
    spans = [(found.id, found.since - MIDNIGHT, found.until) for found in with_events([], events)]
    assert spans == [
        (FILES, 70, MIDNIGHT + 180),
        (FILES, 180, MIDNIGHT + 240),
        (FILES, 240, MIDNIGHT + 480),
        (WORKER, 127, MIDNIGHT + 300),
        (WORKER, 300, MIDNIGHT + 360),
        (WORKER, 360, MIDNIGHT + 420),
        (WORKER, 420, END),
    ]


def test_there_is_a_sample_of_every_call_that_is_asked_for() -> None:
    assert set(EVENT_NAMES) - set(SAMPLES) == {"UnassignIpv6Addresses"}
    assert set(SAMPLES) <= set(EVENT_NAMES)


def changed(name: str, **parts: Any) -> dict[str, Any]:
    event: dict[str, Any] = copy.deepcopy(SAMPLES[name])
    for part, value in parts.items():
        if value is None:
            event["detail"].pop(part)
        else:
            event["detail"][part] = value
    return event


@pytest.mark.parametrize(
    "asked",
    [
        {"networkInterfaceId": WORKER, "ipv6Addresses": {"items": [{"ipv6Address": "2001:DB8::1"}]}},
        {"networkInterfaceId": WORKER, "ipv6Addresses": {"items": ["2001:db8::1"]}},
        {"networkInterfaceId": WORKER, "ipv6Addresses": ["2001:db8:0::1"]},
        {
            "UnassignIpv6AddressesRequest": {
                "NetworkInterfaceId": WORKER,
                "Ipv6Address": {"tag": 1, "content": "2001:db8::1"},
            }
        },
    ],
)
def test_a_list_may_be_written_in_several_ways(asked: dict[str, Any]) -> None:
    event = changed("UnassignPrivateIpAddresses", eventName="UnassignIpv6Addresses", requestParameters=asked)
    assert told(event) == [(WORKER, 360, Listed("addresses", "2001:db8::1", there=False))]


def test_delegated_networks_are_assigned_as_addresses_are() -> None:
    answered = {"networkInterfaceId": WORKER, "assignedIpv4PrefixSet": {"items": [{"ipv4Prefix": "10.0.1.48/28"}]}}
    event = changed("AssignPrivateIpAddresses", responseElements=answered)
    assert told(event) == [(WORKER, 300, Listed("prefixes", "10.0.1.48/28", there=True))]


def test_an_answer_that_names_no_address_leaves_those_that_were_asked_for() -> None:
    asked = {"networkInterfaceId": WORKER, "privateIpAddressesSet": {"items": [{"privateIpAddress": "10.0.1.40"}]}}
    event = changed("AssignPrivateIpAddresses", requestParameters=asked, responseElements={"_return": True})
    assert told(event) == [(WORKER, 300, Listed("addresses", "10.0.1.40", there=True))]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_call_that_was_refused_changed_nothing(name: str) -> None:
    assert told(changed(name, errorCode="Client.DryRunOperation", responseElements=None)) == []


def test_another_attribute_of_an_interface_is_no_change_of_ours() -> None:
    asked = {"networkInterfaceId": FILES, "sourceDestCheck": {"value": False}}
    assert told(changed("ModifyNetworkInterfaceAttribute", requestParameters=asked)) == []


def test_the_account_is_the_one_whose_record_it_is() -> None:
    event = changed("DeleteNetworkInterface", recipientAccountId="999999999999", awsRegion="us-east-1")
    [found] = events_of(orjson.dumps(event))
    assert found.scope == Scope("999999999999", "us-east-1")
    [found] = events_of(orjson.dumps(changed("DeleteNetworkInterface", recipientAccountId=None, awsRegion=None)))
    assert found.scope == SCOPE


def test_the_time_is_that_of_the_call_else_of_the_event() -> None:
    event = changed("DeleteNetworkInterface", eventTime="2026-01-01T00:00:01Z")
    assert told(event)[0][1] == 1
    event["detail"].pop("eventTime")
    assert told(event)[0][1] == 480


@pytest.mark.parametrize(
    "event",
    [
        changed("DeleteNetworkInterface", eventName="DescribeNetworkInterfaces"),
        changed("DeleteNetworkInterface", eventName="DetachNetworkInterface"),
        changed("DeleteNetworkInterface", eventName=None),
        changed("DeleteNetworkInterface", eventName=["DeleteNetworkInterface"]),
        changed("DeleteNetworkInterface", requestParameters=None),
        changed("DeleteNetworkInterface", requestParameters={"networkInterfaceId": 5}),
        changed("DeleteNetworkInterface", eventTime="yesterday"),
        changed("DeleteNetworkInterface", recipientAccountId=5),
        changed("CreateNetworkInterface", responseElements={}),
        changed("CreateNetworkInterface", responseElements="null"),
        changed("CreateNetworkInterface", responseElements={"networkInterface": {"subnetId": "subnet-1"}}),
        changed("AssignPrivateIpAddresses", responseElements={"assignedPrivateIpAddressesSet": {"items": ["x.y"]}}),
        SAMPLES["DeleteNetworkInterface"] | {"source": "aws.s3"},
        SAMPLES["DeleteNetworkInterface"] | {"detail-type": "Object Created"},
        SAMPLES["DeleteNetworkInterface"] | {"detail": None},
        {},
        [],
        None,
        5,
        "text",
    ],
)
def test_what_is_no_such_event_is_refused(event: Any) -> None:
    with pytest.raises(ValueError, match=r"it is no|its time|but not of"):
        events_of(orjson.dumps(event))


SECRET = "hunter2" * 100


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("bad", [SECRET, [SECRET], {SECRET: SECRET}])
def test_why_it_is_refused_says_nothing_of_what_the_event_says(name: str, bad: object) -> None:
    refused = []
    for path in paths(SAMPLES[name]):
        event = copy.deepcopy(SAMPLES[name])
        part: Any = event
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = bad
        try:
            events_of(orjson.dumps(event))
        except ValueError as error:
            refused.append(str(error))
    assert len(refused) > 5
    assert all("hunter2" not in told and len(told) < 120 for told in refused)


def paths(part: Any) -> Iterator[list[Any]]:
    """Give the way to every member of JSON."""
    for key in list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
        yield [key]
        yield from ([key, *more] for more in paths(part[key]))


@pytest.mark.parametrize("gone", ["networkInterface", "responseElements"])
def test_why_it_is_refused_names_what_is_missing(gone: str) -> None:
    event = copy.deepcopy(SAMPLES["CreateNetworkInterface"])
    (event["detail"] if gone in event["detail"] else event["detail"]["responseElements"]).pop(gone)
    with pytest.raises(ValueError, match=r"^it is no event of CloudTrail on network interfaces: it lacks 'networkInte"):
        events_of(orjson.dumps(event))


@pytest.mark.parametrize("message", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        events_of(message)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@unhurried
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_an_event_with_any_part_replaced_is_read_or_refused(name: str, data: st.DataObject) -> None:
    event = copy.deepcopy(SAMPLES[name])
    part: Any = event
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if not (isinstance(part[key], dict | list) and part[key]) or data.draw(st.booleans()):
            break
        part = part[key]
    part[key] = data.draw(ANYTHING)
    try:
        found = events_of(json.dumps(event).encode())
    except ValueError:
        return
    assert all(isinstance(event, InterfaceEvent) for event in found)


def test_names_become_those_of_the_ec2_api() -> None:
    model = botocore.session.get_session().get_service_model("ec2")
    for name in (
        "NetworkInterface",
        "InstanceNetworkInterface",
        "NetworkInterfaceAttachment",
        "GroupIdentifier",
        "Tag",
    ):
        shape: Any = model.shape_for(name)
        spelt = {member.serialization["name"]: "x" for member in shape.members.values()}
        ours = set(as_ec2_says(spelt))
        assert set(shape.members) - ours <= {"AssociatedSubnets"}, name  # no fact of ours


@pytest.mark.parametrize("held", [None, {}, "", [], {"items": []}, {"item": {}}, {"items": None}])
def test_an_empty_list_has_no_members(held: object) -> None:
    assert members(held) == []
