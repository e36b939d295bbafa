"""What threat lists never mark is exactly the private and special-purpose space, but for that of documentation."""

from ipaddress import ip_address, ip_network
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from flowlogs.decorate.address_spared import SPARED, Prefix, unspared
from flowlogs.decorate.special_purpose import is_special

DOCUMENTATION = [
    ip_network(text)
    for text in (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
    )  # RFC 5737, 3849, 9637
]
NETWORKS = [ip_network(text) for text in SPARED]
EDGES = [
    int(edge) + step
    for network in (*NETWORKS, *DOCUMENTATION)
    for edge in (network.network_address, network.broadcast_address)
    for step in (-1, 0, 1)
]


def spared(size: int, number: int) -> bool:
    address = ip_address(number.to_bytes(size))
    return any(address.version == network.version and address in network for network in NETWORKS)


def numbers(size: int) -> st.SearchStrategy[int]:
    most = (1 << 8 * size) - 1
    return st.integers(0, most) | st.sampled_from([edge for edge in EDGES if 0 <= edge <= most])


@given(st.sampled_from((4, 16)).flatmap(lambda size: st.tuples(st.just(size), numbers(size))))
def test_what_is_spared_has_no_place_and_the_other_way_round_but_for_documentation(drawn: tuple[int, int]) -> None:
    size, number = drawn
    address = ip_address(number.to_bytes(size))
    documents = any(address.version == network.version and address in network for network in DOCUMENTATION)
    assert spared(size, number) == (is_special(number.to_bytes(size)) and not documents)


@given(st.data(), st.sampled_from((4, 16)))
def test_the_parts_of_a_network_are_disjoint_and_hold_all_that_is_not_spared(data: st.DataObject, size: int) -> None:
    bits = 8 * size
    length = data.draw(st.integers(0, bits))
    first = data.draw(numbers(size)) >> bits - length << bits - length
    parts = [(part.first, part.first + (1 << bits - part.length)) for part in unspared(Prefix(size, first, length))]
    assert all(end <= begin for (_, end), (begin, _) in pairwise(parts))
    last = first + (1 << bits - length) - 1
    for number in {first, last, data.draw(st.integers(first, last)), *(e for e in EDGES if first <= e <= last)}:
        assert any(begin <= number < end for begin, end in parts) == (not spared(size, number)), number
    assert not parts or (parts[0][0] >= first and parts[-1][1] - 1 <= last)


def test_a_network_far_from_all_of_them_stays_whole() -> None:
    whole = Prefix(4, 185 << 24, 8)
    assert list(unspared(whole)) == [whole]
