import contextlib
import gzip
import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.documents import interfaces_in, intervals_in
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.kinds import SUBNETS
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.inventory.network_interfaces import networks_of_subnets
from flowlogs.record.values import packed

EVENTS = Path(__file__).parent.parent.parent / "events"
EC2: dict[str, Any] = {
    "NetworkInterfaceId": "eni-1",
    "PrivateIpAddress": "10.0.0.5",
    "PrivateIpAddresses": [
        {"Primary": False, "PrivateIpAddress": "10.0.0.6"},
        {"Primary": True, "PrivateIpAddress": "10.0.0.5"},
    ],
    "Ipv6Addresses": [{"Ipv6Address": "2001:DB8::5", "IsPrimaryIpv6": True}],
    "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.0/28"}],
    "Ipv6Prefixes": [{"Ipv6Prefix": "2001:db8:0:1::/80"}],
    "Groups": [{"GroupId": "sg-2", "GroupName": "b"}, {"GroupId": "sg-1", "GroupName": "a"}],
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "AvailabilityZone": "eu-west-1a",
    "Attachment": {"InstanceId": "i-1", "Status": "attached"},
    "InterfaceType": "interface",
    "Description": "Primary network interface",
    "Status": "in-use",
    "TagSet": [],
}
READ = NetworkInterface(
    "eni-1",
    addresses=tuple(map(packed, ("10.0.0.5", "10.0.0.6", "2001:db8::5"))),
    prefixes=(ipaddress.ip_network("10.0.1.0/28"), ipaddress.ip_network("2001:db8:0:1::/80")),
    security_group_ids=("sg-2", "sg-1"),
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    region="eu-west-1",
    instance_id="i-1",
)
OTHER: dict[str, Any] = {"NetworkInterfaceId": "eni-2"}


def ids(inventory: Inventory) -> set[str]:
    return {name for name in ("eni-1", "eni-2") if inventory.has_id(name)}


def test_an_interface_is_read_as_ec2_describes_it() -> None:
    assert interfaces_in([{"NetworkInterfaces": [EC2]}]) == [READ]


def test_an_interface_without_anything_but_its_id_is_one() -> None:
    assert interfaces_in([OTHER]) == [NetworkInterface("eni-2")]


def test_our_own_form_knows_from_when_to_when() -> None:
    described = {
        "interface-id": "eni-1",
        "addresses": ["10.0.0.5", "10.0.0.6", "2001:db8::5"],
        "prefixes": ["10.0.1.0/28", "2001:db8:0:1::/80"],
        "security-group-ids": ["sg-2", "sg-1"],
        "vpc-id": "vpc-1",
        "subnet-id": "subnet-1",
        "aws-region": "eu-west-1",
        "instance-id": "i-1",
        "interface-owner": "eks",
        "from": "2026-01-01T00:00:00Z",
        "to": 1_767_225_700,
    }
    (found,) = interfaces_in([{"flowlogs-inventory": 1, "interfaces": [described]}])
    assert (found.since, found.until, found.owner) == (1_767_225_600, 1_767_225_700, "eks")
    assert found.addresses == READ.addresses
    (always,) = interfaces_in([{"flowlogs-inventory": 1, "interfaces": [{"interface-id": "eni-1"}]}])
    assert (always.since, always.until) == (BEGINNING, END)


def test_subnets_are_read_in_both_forms() -> None:
    ec2 = {
        "SubnetId": "s-1",
        "CidrBlock": "10.0.0.0/24",
        "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "fd00::/64"}],
    }
    ours = {"subnet-id": "s-2", "cidrs": ["10.0.1.0/24"]}
    documents = [{"Subnets": [ec2]}, {"flowlogs-inventory": 1, "subnets": [ours]}]
    assert networks_of_subnets(intervals_in(documents)[SUBNETS.name]) == {
        "s-1": (ipaddress.ip_network("10.0.0.0/24"), ipaddress.ip_network("fd00::/64")),
        "s-2": (ipaddress.ip_network("10.0.1.0/24"),),
    }


ONE = json.dumps({"NetworkInterfaces": [EC2]})
TWO = json.dumps({"NetworkInterfaces": [OTHER]}, indent=2)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"NetworkInterfaces": [EC2, OTHER], "NextToken": "x"}),
        json.dumps([{"NetworkInterfaces": [EC2]}, {"NetworkInterfaces": [OTHER]}]),
        json.dumps([EC2, OTHER]),
        f"{ONE}\n{TWO}\n",
        f" {ONE}{TWO}",
        f"{json.dumps(EC2)}\n{json.dumps(OTHER)}",
    ],
)
def test_a_file_may_hold_one_response_or_many(tmp_path: Path, text: str) -> None:
    plain, compressed = tmp_path / "a.json", tmp_path / "b.json.gz"
    plain.write_text(text)
    compressed.write_bytes(gzip.compress(text.encode(), mtime=0))
    assert ids(read_inventory(plain)) == ids(read_inventory(compressed)) == {"eni-1", "eni-2"}


def test_a_folder_is_all_its_json_files_and_several_places_are_one_inventory(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(ONE)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(TWO.encode(), mtime=0))
    (tmp_path / "subnets.json").write_text('{"Subnets": [{"SubnetId": "s", "CidrBlock": "10.0.0.0/24"}]}')
    (tmp_path / "notes.txt").write_text("no JSON")
    (tmp_path / "folder.json").mkdir()
    inventory = read_inventory(tmp_path)
    assert ids(inventory) == {"eni-1", "eni-2"}
    assert inventory.subnet_has("s", packed("10.0.0.9"))
    assert ids(read_inventory(tmp_path / "a.json", tmp_path / "b.json.gz")) == {"eni-1", "eni-2"}


def test_the_sample_inventory_can_be_read() -> None:
    assert len(read_inventory(EVENTS / "network-interfaces.json")) > 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON|no network interfaces"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"Reservations": []}', "no network interfaces"),
        (b"5", "no network interfaces"),
        (b'{"NetworkInterfaces": 5}', "no list"),
        (b'{"flowlogs-inventory": 1, "interfaces": {"a": 1}}', "no list"),
        (
            b'{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.0.0"}]}',
            "eni-1 is not as EC2",
        ),
        (b'{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": {}}]}', "eni-1 is not as EC2"),
        (b'{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "Groups": [5]}]}', "eni-1 is not as EC2"),
        (b'{"NetworkInterfaces": [{}]}', "no NetworkInterfaceId"),
        (b'{"flowlogs-inventory": 1, "interfaces": [{"interface-id": "eni-1", "from": "yesterday"}]}', "eni-1 cannot"),
        (b"\x1f\x8b\x08\x00", "cannot be read"),
        (b"[" * 1000 + b"]" * 1000, "."),
    ],
    ids=range(14),
)
def test_what_is_no_inventory_is_refused_in_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "inventory.json"
    path.write_bytes(content)
    with pytest.raises(UnusableInventory, match=words) as refused:
        read_inventory(path)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInventory, match=r"none.json cannot be read"):
        read_inventory(tmp_path / "none.json")


KEYS = st.sampled_from([*EC2, "InstanceId", "GroupId", "interfaces", "NetworkInterfaces", "interface-id", "addresses"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["eni-1", "10.0.0.1", "10.0.0.0/28", "fd00::/64"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(KEYS, JUNK, max_size=5))
def test_any_description_is_read_or_refused(described: dict[str, Any]) -> None:
    with contextlib.suppress(UnusableInventory):
        Inventory(InterfacesInMemory(interfaces_in([{"NetworkInterfaces": [OTHER | described], **described}])))
