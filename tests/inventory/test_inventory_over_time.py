import ipaddress
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.record.values import packed

ADDRESS = packed("10.0.0.5")
PREFIX = ipaddress.ip_network("10.0.0.0/28")
PREFIX_6 = ipaddress.ip_network("2001:db8:0:1::/80")


def interface(interface_id: str, since: int = BEGINNING, until: int = END, **more: Any) -> NetworkInterface:
    given: dict[str, Any] = {"addresses": (ADDRESS,), "vpc_id": "vpc-1"} | more
    return NetworkInterface(interface_id, since=since, until=until, **given)


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
    time: int, known: bool, span: tuple[int, int]
) -> None:
    inventory = Inventory([interface("eni-1", 100, 200)])
    for found in (inventory.with_id("eni-1", time), inventory.with_address("vpc-1", ADDRESS, time)):
        assert (found.interface is not None) is known
        assert (found.since, found.until) == span
        assert not found.ambiguous


def test_an_address_that_changes_hands_belongs_to_whoever_had_it_then() -> None:
    inventory = Inventory([interface("eni-1", 100, 200), interface("eni-2", 200, 300), interface("eni-3", 400)])
    owners = [inventory.with_address("vpc-1", ADDRESS, time).interface for time in (150, 200, 299, 350, 400)]
    assert [owner and owner.interface_id for owner in owners] == ["eni-1", "eni-2", "eni-2", None, "eni-3"]


def test_one_interface_may_have_had_other_groups_before() -> None:
    before = interface("eni-1", BEGINNING, 100, security_group_ids=("sg-old",))
    inventory = Inventory([interface("eni-1", 100, security_group_ids=("sg-new",)), before])
    groups = [inventory.with_id("eni-1", time).interface for time in (99, 100)]
    assert [found and found.security_group_ids for found in groups] == [("sg-old",), ("sg-new",)]


def test_two_at_once_are_none_and_ambiguous_only_while_both_are_there() -> None:
    inventory = Inventory([interface("eni-1", 100, 300), interface("eni-2", 200)])
    found = inventory.with_address("vpc-1", ADDRESS, 250)
    assert (found.interface, found.ambiguous, found.since, found.until) == (None, True, 200, 300)
    alone = inventory.with_address("vpc-1", ADDRESS, 300)
    assert alone.interface is not None
    assert alone.interface.interface_id == "eni-2"


def test_an_address_means_something_only_in_its_vpc() -> None:
    inventory = Inventory([interface("eni-1"), interface("eni-2", vpc_id="vpc-2"), interface("eni-3", vpc_id=None)])
    found = inventory.with_address("vpc-2", ADDRESS, 0).interface
    assert found is not None
    assert found.interface_id == "eni-2"
    assert inventory.with_address("vpc-3", ADDRESS, 0).interface is None
    assert inventory.has_id("eni-3")


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
def test_addresses_of_delegated_prefixes_are_the_interfaces_own(address: str, known: bool) -> None:
    delegate = interface("eni-1", addresses=(), prefixes=(PREFIX, PREFIX_6))
    inventory = Inventory([delegate])
    assert (inventory.with_address("vpc-1", packed(address), 0).interface is delegate) is known
    assert delegate.has(packed(address)) is known


@pytest.mark.parametrize(
    "twice",
    [
        interface("eni-1", prefixes=(PREFIX,)),
        interface("eni-1", addresses=(ADDRESS, ADDRESS)),
        interface("eni-1", addresses=(), prefixes=(PREFIX, ipaddress.ip_network("10.0.0.4/30"))),
    ],
)
def test_an_address_that_one_interface_has_twice_is_still_its_own(twice: NetworkInterface) -> None:
    found = Inventory([twice, twice]).with_address("vpc-1", ADDRESS, 0)
    assert (found.interface, found.ambiguous) == (twice, False)


def test_the_networks_of_a_subnet_say_what_lies_in_it() -> None:
    inventory = Inventory([], {"subnet-1": (PREFIX, PREFIX_6)})
    assert inventory.subnet_has("subnet-1", packed("10.0.0.15"))
    assert inventory.subnet_has("subnet-1", packed("2001:db8:0:1::5"))
    assert not inventory.subnet_has("subnet-1", packed("10.0.0.16"))


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda span: (min(span), max(span)))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from("abc"), SPANS, st.booleans()), max_size=6), st.integers(-1, 21))
def test_an_answer_holds_for_the_whole_span_it_names(
    described: Sequence[tuple[str, tuple[int, int], bool]], time: int
) -> None:
    interfaces = [
        interface(name, *span, addresses=() if by_prefix else (ADDRESS,), prefixes=(PREFIX,) if by_prefix else ())
        for name, span, by_prefix in described
    ]
    inventory = Inventory(interfaces)
    there = {found for found in interfaces if found.since <= time < found.until}
    answer = inventory.with_address("vpc-1", ADDRESS, time)
    assert answer.interface == (next(iter(there)) if len(there) == 1 else None)
    assert answer.ambiguous is (len(there) > 1)
    assert answer.since <= time < answer.until
    for other in range(max(answer.since, -1), min(answer.until, 22)):
        assert inventory.with_address("vpc-1", ADDRESS, other) == answer
