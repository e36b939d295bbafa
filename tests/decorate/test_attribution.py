import ipaddress
from typing import Any

import pytest

from flowlogs.decorate.attribution import Attributor
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.fields import FlowRecord
from flowlogs.record.networks import Networks
from flowlogs.record.values import packed

START = 1_700_000_000


def interface(interface_id: str, *addresses: str, **more: Any) -> NetworkInterface:
    more = {"vpc_id": "vpc-1", "subnet_id": "subnet-a", "security_group_ids": (f"sg-{interface_id}",)} | more
    return NetworkInterface(interface_id, tuple(map(packed, addresses)), **more)


WEB = interface("eni-web", "10.0.0.5", "10.0.0.6", "2001:db8::5", instance_id="i-web", region="eu-west-1")
APP = interface("eni-app", "10.0.0.9", security_group_ids=("sg-2", "sg-1"))
DATA = interface("eni-data", "10.0.1.9", subnet_id="subnet-b")
NODE = interface("eni-node", "10.0.2.4", subnet_id="subnet-c", prefixes=(ipaddress.ip_network("10.0.2.16/28"),))
NAT = interface("eni-nat", "10.0.3.3", subnet_id="subnet-d", owner="nat-gateway nat-1")
ELSEWHERE = interface("eni-else", "10.0.0.9", "10.0.0.77", vpc_id="vpc-2")
ALL = (WEB, APP, DATA, NODE, NAT, ELSEWHERE)
CIDRS = {"subnet-a": (ipaddress.ip_network("10.0.0.0/24"),), "subnet-c": (ipaddress.ip_network("10.0.2.0/24"),)}


def facts(record: dict[str, Any], inventory: Inventory | None = None, **more: Any) -> dict[str, Any]:
    known = Inventory(InterfacesInMemory(ALL)) if inventory is None else inventory
    attribute = Attributor(known, more.get("internal", Networks()), more.get("region"))
    flow: FlowRecord = {"interface_id": "eni-web", **record}  # type: ignore[typeddict-item]
    return dict(attribute(flow, START).facts)


def ends(record: dict[str, Any], inventory: Inventory | None = None, **more: Any) -> tuple[Any, Any]:
    found = facts(record, inventory, **more)
    return found.get("interface-end"), found.get("direction")


def pair(source: str, destination: str, **more: str) -> dict[str, str]:
    return {"srcaddr": source, "dstaddr": destination, **more}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (pair("10.0.0.5", "8.8.8.8"), ("source", "outbound")),
        (pair("8.8.8.8", "10.0.0.5"), ("destination", "inbound")),
        (pair("8.8.8.8", "10.0.0.6"), ("destination", "inbound")),
        (pair("2001:db8::5", "2a00::1"), ("source", "outbound")),
        (pair("2001:DB8:0::5", "2a00::1"), ("source", "outbound")),
        (pair("10.0.0.5", "10.0.1.9"), ("source", "outbound")),
        (pair("10.0.0.5", "10.0.0.6"), (None, "internal")),
        (pair("1.1.1.1", "8.8.8.8"), (None, None)),
        (pair("1.1.1.1", "8.8.8.8", flow_direction="egress"), ("source", "outbound")),
        (pair("10.0.0.5", "8.8.8.8", flow_direction="ingress"), ("destination", "inbound")),
        (pair("10.0.0.5", "8.8.8.8", flow_direction="sideways"), ("source", "outbound")),
        ({"srcaddr": "10.0.0.5"}, ("source", "outbound")),
        ({"dstaddr": "10.0.0.5"}, ("destination", "inbound")),
        ({"pkt_srcaddr": "10.0.0.6", "pkt_dstaddr": "8.8.8.8"}, ("source", "outbound")),
        ({}, (None, None)),
    ],
)
def test_the_interfaces_end_is_told_by_aws_or_by_its_addresses(
    record: dict[str, Any], expected: tuple[Any, Any]
) -> None:
    assert ends(record) == expected


def test_without_an_inventory_only_aws_tells_the_end() -> None:
    assert ends(pair("10.0.0.5", "8.8.8.8"), Inventory()) == (None, None)
    assert ends(pair("10.0.0.5", "8.8.8.8", flow_direction="ingress"), Inventory()) == ("destination", "inbound")


@pytest.mark.parametrize("cidrs", [{}, CIDRS], ids=["by known interfaces", "by the subnet's networks"])
def test_both_ends_in_the_interfaces_subnet_are_internal_and_the_end_stays(cidrs: Any) -> None:
    inventory = Inventory(InterfacesInMemory(ALL, cidrs))
    assert ends(pair("10.0.0.5", "10.0.0.9"), inventory) == ("source", "internal")
    assert ends(pair("10.0.1.9", "10.0.0.5"), inventory) == ("destination", "inbound")


def test_an_unknown_address_is_in_the_subnet_where_its_networks_say_so_and_else_is_not() -> None:
    assert ends(pair("10.0.0.5", "10.0.0.200"), Inventory(InterfacesInMemory(ALL, CIDRS))) == ("source", "internal")
    assert ends(pair("10.0.0.5", "10.0.0.200"), Inventory(InterfacesInMemory(ALL))) == ("source", "outbound")


def test_the_records_own_subnet_is_asked_and_not_the_inventorys() -> None:
    inventory = Inventory(InterfacesInMemory(ALL, CIDRS | {"subnet-x": (ipaddress.ip_network("192.168.0.0/16"),)}))
    assert ends(pair("10.0.0.5", "10.0.0.9", subnet_id="subnet-x"), inventory) == ("source", "outbound")


def test_the_packets_addresses_say_what_is_internal() -> None:
    through = pair("10.0.0.5", "10.0.0.9", pkt_srcaddr="10.0.0.6", pkt_dstaddr="8.8.8.8")
    assert ends(through, Inventory(InterfacesInMemory(ALL, CIDRS))) == ("source", "outbound")


@pytest.mark.parametrize(
    ("record", "direction"),
    [
        (pair("10.0.0.5", "10.0.1.9"), "internal"),
        (pair("172.16.0.1", "10.0.0.5"), "internal"),
        (pair("8.8.8.8", "10.0.0.5"), "inbound"),
        ({"dstaddr": "10.0.0.5"}, "inbound"),
        (pair("10.7.0.1", "10.8.0.1"), "internal"),
    ],
)
def test_networks_called_internal_make_traffic_among_them_internal(record: dict[str, Any], direction: str) -> None:
    assert ends(record, internal=Networks(["10.0.0.0/8", "172.16.0.0/12"]))[1] == direction


def test_the_interface_brings_its_facts() -> None:
    assert facts(pair("8.8.8.8", "10.0.0.5")) == {
        "vpc-id": "vpc-1",
        "subnet-id": "subnet-a",
        "instance-id": "i-web",
        "aws-region": "eu-west-1",
        "security-group-ids": ["sg-eni-web"],
        "interface-end": "destination",
        "direction": "inbound",
    }
    assert facts({"interface_id": "eni-nat"})["interface-owner"] == "nat-gateway nat-1"


def test_every_security_group_is_there() -> None:
    groups = tuple(f"sg-{number}" for number in range(16))
    inventory = Inventory(InterfacesInMemory([interface("eni-web", "10.0.0.5", security_group_ids=groups)]))
    assert facts(pair("8.8.8.8", "10.0.0.5"), inventory)["security-group-ids"] == list(groups)


def test_what_aws_says_is_not_said_again() -> None:
    record = {"vpc_id": "vpc-9", "subnet_id": "subnet-9", "instance_id": "i-9"}
    assert not {"vpc-id", "subnet-id", "instance-id"} & facts(record).keys()


@pytest.mark.parametrize(
    ("record", "event", "region"),
    [
        ({"region": "us-east-1"}, "ap-south-1", "us-east-1"),
        ({}, "ap-south-1", "eu-west-1"),
        ({"interface_id": "eni-app"}, "ap-south-1", "ap-south-1"),
        ({"interface_id": "eni-none"}, "ap-south-1", "ap-south-1"),
        ({"interface_id": "eni-none"}, None, None),
    ],
)
def test_the_region_is_the_records_else_the_interfaces_else_the_events(
    record: dict[str, Any], event: str | None, region: str | None
) -> None:
    assert facts(record, region=event).get("aws-region") == region


@pytest.mark.parametrize(
    ("record", "peer"),
    [
        (pair("10.0.0.5", "10.0.0.9"), "eni-app"),
        (pair("10.0.0.9", "10.0.0.5"), "eni-app"),
        (pair("10.0.0.5", "10.0.2.20"), "eni-node"),
        (pair("10.0.0.5", "10.0.2.32"), None),
        (pair("10.0.0.5", "10.0.3.3", pkt_srcaddr="10.0.0.5", pkt_dstaddr="10.0.1.9"), "eni-data"),
        (pair("10.0.0.5", "10.0.0.77"), None),
        (pair("10.0.0.5", "10.0.0.77", vpc_id="vpc-2"), "eni-else"),
        (pair("1.1.1.1", "10.0.0.9"), None),
        (pair("8.8.8.8", "10.0.0.5"), None),
    ],
)
def test_the_peer_is_whoever_has_the_other_address_in_that_vpc(record: dict[str, Any], peer: str | None) -> None:
    assert facts(record).get("peer-interface-id") == peer


def test_the_peer_brings_its_groups_in_their_order() -> None:
    assert facts(pair("10.0.0.5", "10.0.0.9"))["peer-security-group-ids"] == ["sg-2", "sg-1"]


def test_an_attribution_holds_as_long_as_all_it_rests_on() -> None:
    bounded = [
        interface("eni-web", "10.0.0.5", since=START - 10, until=START + 50),
        interface("eni-app", "10.0.0.9", since=START - 5, until=START + 90),
        interface("eni-later", "8.8.8.8", since=START + 20),
    ]
    attribute = Attributor(Inventory(InterfacesInMemory(bounded)), Networks())
    found = attribute({"interface_id": "eni-web", "srcaddr": "10.0.0.5", "dstaddr": "10.0.0.9"}, START)
    assert (found.since, found.until) == (START - 5, START + 50)
    found = attribute({"interface_id": "eni-web", "srcaddr": "10.0.0.5", "dstaddr": "8.8.8.8"}, START)
    assert (found.since, found.until) == (START - 10, START + 20)


def test_an_unknown_interface_and_an_ambiguous_address_are_said() -> None:
    attribute = Attributor(Inventory(InterfacesInMemory([*ALL, interface("eni-twin", "10.0.0.9")])), Networks())
    unknown = attribute({"account_id": "007", "interface_id": "eni-none"}, START)
    assert (unknown.unknown_interface, unknown.ambiguous) == (("007", "eni-none"), False)
    twin = attribute({"interface_id": "eni-web", "srcaddr": "10.0.0.5", "dstaddr": "10.0.0.9"}, START)
    assert (twin.unknown_interface, twin.ambiguous) == (None, True)
    assert "peer-interface-id" not in twin.facts
    assert attribute({"srcaddr": "10.0.0.5"}, START).unknown_interface is None
