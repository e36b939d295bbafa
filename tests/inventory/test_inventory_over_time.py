import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventories import WAYS, Make, in_file, makes

from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import NOTHING, Inventory
from flowlogs.inventory.lookup_file import LookUpFile, write_lookup_file
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.record.networks import Network
from flowlogs.record.values import packed

ADDRESS = packed("10.0.0.5")
PREFIX = ipaddress.ip_network("10.0.0.0/28")
PREFIX_6 = ipaddress.ip_network("2001:db8:0:1::/80")


def interface(interface_id: str, since: int = BEGINNING, until: int = END, **more: Any) -> NetworkInterface:
    given: dict[str, Any] = {"addresses": (ADDRESS,), "vpc_id": "vpc-1"} | more
    return NetworkInterface(interface_id, since=since, until=until, **given)


@pytest.fixture(params=WAYS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    return makes(tmp_path)[request.param]


@pytest.mark.parametrize(
    ("time", "known", "span"),
    [
        (99, False, (BEGINNING, 100)),
        (100, True, (100, 200)),
        (199, True, (100, 200)),
        (200, False, (200, END)),
    ],
)
def test_an_interface_is_known_from_its_beginning_to_before_its_end(
    make: Make, time: int, known: bool, span: tuple[int, int]
) -> None:
    inventory = make([interface("eni-1", 100, 200)])
    for found in (inventory.with_id("eni-1", time), inventory.with_address("vpc-1", ADDRESS, time)):
        assert (found.interface is not None) is known
        assert (found.since, found.until) == span
        assert not found.ambiguous


def test_an_address_that_changes_hands_belongs_to_whoever_had_it_then(make: Make) -> None:
    inventory = make([interface("eni-1", 100, 200), interface("eni-2", 200, 300), interface("eni-3", 400)])
    owners = [inventory.with_address("vpc-1", ADDRESS, time).interface for time in (150, 200, 299, 350, 400)]
    assert [owner and owner.interface_id for owner in owners] == ["eni-1", "eni-2", "eni-2", None, "eni-3"]


def test_one_interface_may_have_had_other_groups_before(make: Make) -> None:
    before = interface("eni-1", BEGINNING, 100, security_group_ids=("sg-old",))
    inventory = make([interface("eni-1", 100, security_group_ids=("sg-new",)), before])
    groups = [inventory.with_id("eni-1", time).interface for time in (99, 100)]
    assert [found and found.security_group_ids for found in groups] == [("sg-old",), ("sg-new",)]


def test_two_at_once_are_none_and_ambiguous_only_while_both_are_there(make: Make) -> None:
    inventory = make([interface("eni-1", 100, 300), interface("eni-2", 200)])
    found = inventory.with_address("vpc-1", ADDRESS, 250)
    assert (found.interface, found.ambiguous, found.since, found.until) == (None, True, 200, 300)
    alone = inventory.with_address("vpc-1", ADDRESS, 300)
    assert alone.interface is not None
    assert alone.interface.interface_id == "eni-2"


def test_one_that_two_accounts_of_a_shared_vpc_tell_of_counts_once(make: Make) -> None:
    """The owner of a shared VPC sees its participants' interfaces. Source: VPC User Guide, "Share your VPC"."""
    owners = interface("eni-1", 100, 300, security_group_ids=("sg-1",))
    inventory = make([owners, interface("eni-1", 200, 400, security_group_ids=("sg-1", "sg-2"))])
    for found in (inventory.with_id("eni-1", 250), inventory.with_address("vpc-1", ADDRESS, 250)):
        assert (found.interface, found.ambiguous, found.since, found.until) == (owners, False, 200, 300)
    later = inventory.with_address("vpc-1", ADDRESS, 300).interface
    assert later is not None
    assert later.security_group_ids == ("sg-1", "sg-2")


def test_an_interface_has_an_address_only_while_it_has_it(make: Make) -> None:
    other = packed("10.0.0.6")
    with_it, without = interface("eni-1", 100, 200), interface("eni-1", 200, 300, addresses=(other,))
    again = interface("eni-1", 300, prefixes=(PREFIX,), addresses=(other,))
    inventory = make([with_it, without, again])
    found = {time: inventory.with_address("vpc-1", ADDRESS, time) for time in (150, 250, 350)}
    assert {time: answer.interface for time, answer in found.items()} == {150: with_it, 250: None, 350: again}
    assert (found[250].since, found[250].until) == (200, 300)


def test_an_interface_that_changed_its_vpc_is_found_in_each_at_its_time(make: Make) -> None:
    first, second = interface("eni-1", 100, 200), interface("eni-1", 200, vpc_id="vpc-2")
    inventory = make([first, second])
    assert inventory.with_address("vpc-1", ADDRESS, 150).interface == first
    assert inventory.with_address("vpc-1", ADDRESS, 250).interface is None
    assert inventory.with_address("vpc-2", ADDRESS, 250).interface == second


def test_an_address_means_something_only_in_its_vpc(make: Make) -> None:
    inventory = make([interface("eni-1"), interface("eni-2", vpc_id="vpc-2"), interface("eni-3", vpc_id=None)])
    found = inventory.with_address("vpc-2", ADDRESS, 0).interface
    assert found is not None
    assert found.interface_id == "eni-2"
    assert inventory.with_address("vpc-3", ADDRESS, 0) == NOTHING
    assert inventory.has_id("eni-3")
    assert not inventory.has_id("eni-4")
    assert inventory.with_id("eni-4", 0) == NOTHING


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("10.0.0.0", True),
        ("10.0.0.15", True),
        ("10.0.0.16", False),
        ("10.0.1.0", False),
        ("2001:db8:0:1::ffff:ffff", True),
        ("2001:db8:0:1:1::", False),
        ("::a00:5", False),
    ],
)
def test_addresses_of_delegated_prefixes_are_the_interfaces_own(make: Make, address: str, known: bool) -> None:
    delegate = interface("eni-1", addresses=(), prefixes=(PREFIX, PREFIX_6))
    found = make([delegate]).with_address("vpc-1", packed(address), 0).interface
    assert found == (delegate if known else None)
    assert delegate.has(packed(address)) is known


@pytest.mark.parametrize(
    "twice",
    [
        interface("eni-1", prefixes=(PREFIX,)),
        interface("eni-1", addresses=(ADDRESS, ADDRESS)),
        interface("eni-1", addresses=(), prefixes=(PREFIX, ipaddress.ip_network("10.0.0.4/30"))),
    ],
)
def test_an_address_that_one_interface_has_twice_is_still_its_own(make: Make, twice: NetworkInterface) -> None:
    found = make([twice, twice]).with_address("vpc-1", ADDRESS, 0)
    assert (found.interface, found.ambiguous) == (twice, False)


def test_the_networks_of_a_subnet_say_what_lies_in_it(make: Make) -> None:
    inventory = make([], {"subnet-1": (PREFIX, PREFIX_6), "subnet-0": ()})
    assert inventory.subnet_has("subnet-1", packed("10.0.0.15"))
    assert inventory.subnet_has("subnet-1", packed("2001:db8:0:1::5"))
    assert inventory.subnet_has("subnet-1", packed("10.0.0.16")) is False
    assert inventory.subnet_has("subnet-0", packed("10.0.0.16")) is False
    assert inventory.subnet_has("subnet-2", packed("10.0.0.15")) is None


def test_an_inventory_is_as_old_as_its_oldest_source(tmp_path: Path) -> None:
    files = []
    for taken in (2000, 1000):
        write_lookup_file(tmp_path / f"{taken}.sqlite", [], {}, taken)
        files.append(LookUpFile(tmp_path / f"{taken}.sqlite"))
    assert Inventory(*files, InterfacesInMemory()).taken == 1000
    assert Inventory(InterfacesInMemory([interface("eni-1")])).taken is None


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda span: (min(span), max(span)))
HOLDINGS = [{}, {"addresses": (), "prefixes": (PREFIX,)}, {"addresses": ()}, {"vpc_id": "vpc-2"}]
DESCRIBED = st.lists(
    st.builds(
        lambda name, span, held: interface(name, *span, **held),
        st.sampled_from("abc"),
        SPANS,
        st.sampled_from(HOLDINGS),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=200)
@given(DESCRIBED, st.integers(-1, 21))
def test_an_answer_holds_for_the_whole_span_it_names(interfaces: Sequence[NetworkInterface], time: int) -> None:
    inventory = Inventory(InterfacesInMemory(interfaces))
    there = {
        found.interface_id
        for found in interfaces
        if found.since <= time < found.until and found.vpc_id == "vpc-1" and found.has(ADDRESS)
    }
    answer = inventory.with_address("vpc-1", ADDRESS, time)
    assert (answer.interface and answer.interface.interface_id) == (next(iter(there)) if len(there) == 1 else None)
    assert answer.ambiguous is (len(there) > 1)
    assert answer.since <= time < answer.until
    for other in range(max(answer.since, -1), min(answer.until, 22)):
        assert inventory.with_address("vpc-1", ADDRESS, other) == answer


IDS = st.sampled_from(["eni-0123456789abcdef0", "eni-0123456789abcdef1", "eni-1235b8ca", "eni-ü", ""])
VPCS = st.sampled_from(["vpc-1", "vpc-2", ""])
SUBNET_IDS = st.sampled_from(["subnet-1", "subnet-2"])
TEXTS = st.none() | st.sampled_from(["a", "b c", "ü", "i-0123456789abcdef0"])
ADDRESSES = st.sampled_from([*map(packed, ("10.0.0.5", "10.0.0.200", "2001:db8:0:1::5", "::ffff:10.0.0.5"))])
NETWORKS = st.sampled_from([PREFIX, PREFIX_6, *map(ipaddress.ip_network, ("10.0.0.0/24", "0.0.0.0/0", "10.0.0.5/32"))])
TIMES = st.sampled_from([BEGINNING, -5, 0, 5, 10, 15, 2**32, END])
INTERFACES = st.builds(
    NetworkInterface,
    IDS,
    st.lists(ADDRESSES, max_size=3).map(tuple),
    st.lists(NETWORKS, max_size=2).map(tuple),
    st.lists(st.sampled_from(["sg-1", "sg-2", "sg-3"]), max_size=3).map(tuple),
    st.none() | VPCS,
    st.none() | SUBNET_IDS,
    TEXTS,
    TEXTS,
    TEXTS,
    TIMES,
    TIMES,
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(INTERFACES, max_size=8),
    st.dictionaries(SUBNET_IDS, st.lists(NETWORKS, max_size=2).map(tuple)),
    st.lists(st.tuples(IDS, VPCS, ADDRESSES, SUBNET_IDS, TIMES), min_size=1, max_size=10),
)
def test_a_file_answers_as_memory_does(
    tmp_path_factory: pytest.TempPathFactory,
    interfaces: list[NetworkInterface],
    subnets: dict[str, tuple[Network, ...]],
    questions: list[tuple[str, str, bytes, str, int]],
) -> None:
    memory = Inventory(InterfacesInMemory(interfaces, subnets))
    file = in_file(tmp_path_factory.mktemp("file") / "a b#?%.sqlite", interfaces, subnets)
    assert len(file) == len(memory)
    for interface_id, vpc_id, address, subnet_id, time in questions:
        assert file.has_id(interface_id) is memory.has_id(interface_id)
        assert file.with_id(interface_id, time) == memory.with_id(interface_id, time)
        assert file.with_address(vpc_id, address, time) == memory.with_address(vpc_id, address, time)
        assert file.subnet_has(subnet_id, address) is memory.subnet_has(subnet_id, address)
    assert file.problems == []
