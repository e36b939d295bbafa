"""One reader for all who are given an inventory as JSON: `run`, `show`, `diff`, and the decorator."""

import gc
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import unhurried

from flowlogs.cli.inventory_contents import contents_of
from flowlogs.errors import UnusableInventory
from flowlogs.inventory import files
from flowlogs.inventory.documents import interfaces_in, intervals_in, parted
from flowlogs.inventory.files import read_inventory, uncollected
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import INTERFACES, SUBNETS
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.record.values import packed

ROW = {"interface-id": "eni-1", "addresses": ["10.0.0.1"], "vpc-id": "vpc-1"}
SUBNET = {
    "SubnetId": "subnet-1",
    "CidrBlock": "10.0.0.0/24",
    "Ipv6CidrBlockAssociationSet": [
        {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}},
        {"Ipv6CidrBlock": "2001:db8:1::/64", "Ipv6CidrBlockState": {"State": "disassociated"}},
        {"AssociationId": "subnet-cidr-assoc-1"},
    ],
}


def ours(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flowlogs-inventory": 1, "interfaces": list(rows), **more}


@pytest.mark.parametrize(
    "document",
    [
        ours(ROW | {"security-group-ids": "sg-1"}),
        ours(ROW | {"addresses": ["10.0.0"]}),
        ours(ROW | {"prefixes": ["10.0.0.1/28"]}),
        ours(ROW | {"from": 60, "to": 30}),
        ours(ROW, **{"flowlogs-inventory": 2}),
        {"interfaces": [ROW]},
        ours({}),
        ours(subnets=[{"subnet-id": "subnet-1", "cidrs": ["10.0.0.0/99"]}]),
        {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "ten"}]},
        {"NetworkInterfaces": [], "Subnets": [SUBNET | {"CidrBlock": "10.0.0.1/24"}]},
        {"NetworkInterfaces": [], "Subnets": [SUBNET | {"CidrBlock": {}}]},
        {"NetworkInterfaces": [], "Subnets": [{"CidrBlock": "10.0.0.0/24"}]},
    ],
    ids=range(12),
)
def test_what_one_command_refuses_the_others_refuse_too_and_name_the_file(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps(document))
    for read in (lambda: read_inventory(path), lambda: contents_of([str(path)])):
        with pytest.raises(UnusableInventory, match=r"inventory\.json"):
            read()


def test_a_network_that_a_subnet_has_no_more_is_not_its_own(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps({"NetworkInterfaces": [], "Subnets": [SUBNET]}))
    inventory, (shown,) = read_inventory(path), contents_of([str(path)]).intervals[SUBNETS.name]
    assert shown.facts["cidrs"] == ["10.0.0.0/24", "2001:db8::/64"]
    addresses = ("10.0.0.9", "2001:db8::9", "2001:db8:1::9")
    assert [inventory.subnet_has("subnet-1", packed(address)) for address in addresses] == [True, True, False]


def test_documents_of_both_forms_also_in_lists_are_read_together() -> None:
    printed = [{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-2"}]}, {"NetworkInterfaceId": "eni-3"}, 5, None]
    found = intervals_in([[[ours(ROW)]], printed, {"Vpcs": []}])
    assert [interval.id for interval in found[INTERFACES.name]] == ["eni-2", "eni-3", "eni-1"]
    assert found["vpcs"] == []


def test_the_region_of_what_ec2_describes_is_that_of_its_zone_and_its_account_is_not_known() -> None:
    described = {"NetworkInterfaceId": "eni-1", "AvailabilityZone": "eu-west-1a"}
    elsewhere = {"NetworkInterfaceId": "eni-2", "AvailabilityZone": 5, "AvailabilityZoneId": "use1-az1"}
    nowhere = {"NetworkInterfaceId": "eni-3", "AvailabilityZone": None}
    found = intervals_in([{"NetworkInterfaces": [described]}, elsewhere, nowhere])
    assert found == {
        INTERFACES.name: [
            Interval(Scope("", "eu-west-1"), "eni-1", {}, BEGINNING),
            Interval(Scope("", "us-east-1"), "eni-2", {}, BEGINNING),
            Interval(Scope("", ""), "eni-3", {}, BEGINNING),
        ]
    }
    assert [found.region for found in interfaces_in([[described, elsewhere, nowhere]])] == [
        "eu-west-1",
        "us-east-1",
        None,
    ]


def test_an_answer_without_anything_says_that_there_is_nothing() -> None:
    nothing: dict[str, Any] = {"NetworkInterfaces": [], "SecurityGroups": [], "Subnets": None}
    assert intervals_in([nothing]) == {INTERFACES.name: [], "security-groups": []}


def test_only_the_kinds_wanted_are_read() -> None:
    documents = [
        ours(ROW, **{"security-groups": [{"odd": 1}]}),
        {"SecurityGroups": [{"odd": 1}], "Subnets": [SUBNET]},
    ]
    assert set(intervals_in(documents, {INTERFACES.name, SUBNETS.name})) == {INTERFACES.name, SUBNETS.name}
    with pytest.raises(UnusableInventory):
        intervals_in(documents)


def test_an_interface_on_two_pages_counts_once_as_it_was_told_last() -> None:
    pages = [{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": vpc}]} for vpc in ("vpc-1", "vpc-2")]
    (found,) = interfaces_in(pages)
    assert found.vpc_id == "vpc-2"


def nested(depth: int, innermost: object) -> object:
    for _ in range(depth):
        innermost = [innermost]
    return innermost


@pytest.mark.parametrize("depth", [0, 3, 100_000])
def test_lists_may_lie_in_lists_however_deep(depth: int) -> None:
    own, printed = parted([nested(depth, ours(ROW)), nested(depth, [])])
    assert (own, printed) == ([ours(ROW)], [])


@pytest.mark.parametrize(
    "document",
    [
        ours(ROW | {"vpc-id": nested(100_000, 1)}),
        {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": nested(100_000, 1)}]},
        {"SecurityGroups": [{"GroupId": "sg-1", "GroupName": nested(100_000, 1)}]},
    ],
    ids=["ours", "an interface", "a group"],
)
def test_a_value_of_lists_without_end_is_refused_in_one_sentence(document: object) -> None:
    with pytest.raises(UnusableInventory):
        intervals_in([document])


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_looked_for_afterwards_as_it_was_before(collects: bool) -> None:
    was = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        with pytest.raises(UnusableInventory):
            read_inventory(Path("nowhere.json"))
        assert gc.isenabled() == collects
    finally:
        (gc.enable if was else gc.disable)()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["10.0.0.1", "10.0.0.0/24"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = ["addresses", "prefixes", "vpc-id", "from", "to", "aws-region", "interface-id", "comment"]


@unhurried
@given(st.dictionaries(st.sampled_from(MEMBERS), VALUES))
def test_run_and_show_take_the_same_rows_of_our_own_form(row: dict[str, Any]) -> None:
    document = ours(ROW | row)
    try:
        shown = intervals_in([document])[INTERFACES.name]
    except UnusableInventory:
        with pytest.raises(UnusableInventory):
            interfaces_in([document])
    else:
        (read,) = interfaces_in([document])
        assert (read.interface_id, read.since, read.until) == (shown[0].id, shown[0].since, shown[0].until)


@pytest.mark.parametrize("packed_up", [False, True])
def test_a_document_without_end_is_refused_before_it_fills_the_memory(
    packed_up: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1 << 20)
    content = b"0" * (1 << 20) + b"1"
    path = tmp_path / "bomb.json"
    path.write_bytes(gzip.compress(content, mtime=0) if packed_up else content)
    with pytest.raises(UnusableInventory, match=r"^bomb\.json holds more than "):
        read_inventory(path)
