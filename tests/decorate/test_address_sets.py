from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lists_on_disk import NOW, empty_place, opened, put, ranges

from flowlogs.decorate.address_lists import Kind, Label, read_prefix
from flowlogs.decorate.address_ranges import Prefixes
from flowlogs.decorate.address_sets import AddressSet, AddressSets, open_address_sets
from flowlogs.record.values import packed, spelt


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return empty_place(tmp_path)


def test_the_innermost_name_counts_and_behind_it_the_outer_one_again(place: Path) -> None:
    put(
        place / "networks" / "own.txt", "10.0.0.0/8 company\n10.1.0.0/16  Paris office # since 2024\n10.1.2.3 printer\n"
    )
    sets = opened(place)
    names = {
        "10.0.255.255": "company",
        "10.1.0.0": "Paris office",
        "10.1.2.2": "Paris office",
        "10.1.2.3": "printer",
        "10.1.2.4": "Paris office",
        "10.2.0.0": "company",
    }
    assert {address: sets.facts(address)["network"] for address in names} == names
    assert sets.facts("9.255.255.255") == sets.facts("11.0.0.0") == sets.facts("::a01:203") == {}


def test_an_own_name_counts_before_what_aws_says_at_any_length(place: Path) -> None:
    put(place / "networks" / "own.txt", "52.0.0.0/8 partner\n18.5.6.0/24 ours")
    put(
        place / "networks" / "aws.json", ranges(("52.1.2.0/24", "S3", "eu-west-1"), ("18.5.0.0/16", "EC2", "us-east-1"))
    )
    sets = opened(place)
    assert sets.facts("52.1.2.3") == {"network": "partner"}
    assert sets.facts("18.5.6.7") == {"network": "ours"}
    assert sets.facts("18.5.7.7") == {"network": "aws ec2 us-east-1"}


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (["AMAZON"], "amazon"),
        (["AMAZON", "EC2"], "ec2"),
        (["EC2", "AMAZON", "S3"], "s3"),  # every prefix of S3 is listed as EC2's too
        (["S3", "AMAZON", "DYNAMODB"], "dynamodb"),
        (["ROUTE53_HEALTHCHECKS", "EC2", "AMAZON"], "route53_healthchecks"),
    ],
)
@pytest.mark.parametrize("cidr", ["3.5.140.0/22", "2600:1f01::/36"])
def test_of_several_services_of_one_prefix_the_one_that_says_most_counts(
    place: Path, services: list[str], said: str, cidr: str
) -> None:
    for order in (services, services[::-1]):
        put(place / "networks" / "aws.json", ranges(*((cidr, service, "GLOBAL") for service in order)))
        assert opened(place).facts(cidr.split("/")[0]) == {"network": f"aws {said} global"}


def test_of_services_of_different_prefixes_the_inner_one_counts(place: Path) -> None:
    outer, inner = ("52.94.0.0/16", "S3", "eu-west-1"), ("52.94.5.0/24", "AMAZON", "eu-west-1")
    put(place / "networks" / "aws.json", ranges(outer, inner))
    put(place / "threats" / "list.txt", "52.94.5.0/24")  # said of the same prefix, and no network
    assert opened(place).facts("52.94.5.1")["network"] == "aws amazon eu-west-1"


def test_all_threat_lists_that_hold_an_address_are_named_in_order(place: Path) -> None:
    put(place / "threats" / "drop.txt", "; Spamhaus DROP\n1.10.16.0/20 ; SBL256894\n2a06:f680::/29;SBL1\n")
    put(
        place / "threats" / "c2.txt", "# DstIP\r\n1.10.16.5\r\n1.10.16.6,2025-12-31,Dridex\r\n2A06:F680:0::5\tnoted\r\n"
    )
    put(place / "threats" / "again.txt", "1.10.16.5\n1.10.16.5/32\n")
    sets = opened(place)
    assert sets.facts("1.10.16.5") == {"threat": ["again", "c2", "drop"]}
    assert sets.facts("1.10.16.6") == sets.facts("2a06:f680::5") == {"threat": ["c2", "drop"]}
    assert sets.facts("1.10.31.255") == sets.facts("2a06:f687::1") == {"threat": ["drop"]}
    assert sets.facts("1.10.32.0") == sets.facts("2a06:f688::") == {}


def test_an_address_may_have_a_name_and_be_a_threat(place: Path) -> None:
    put(place / "networks" / "own.txt", "10.0.0.0/8 company")
    put(place / "networks" / "partner.txt", "185.10.0.0/16 partner")
    put(place / "threats" / "drop.txt", "185.10.0.66\n10.0.0.66")
    assert opened(place).facts("185.10.0.66") == {"network": "partner", "threat": ["drop"]}
    assert opened(place).facts("10.0.0.66") == {"network": "company"}


def test_neighbours_get_the_same_object_and_so_do_ranges_of_which_the_same_is_said(place: Path) -> None:
    put(
        place / "networks" / "own.txt", "10.0.0.0/24 office\n10.0.1.0/24 office\n10.9.0.0/24 office\n10.0.0.7/32 office"
    )
    sets = opened(place)
    addresses = ("10.0.0.1", "10.0.0.7", "10.0.0.8", "10.0.1.1", "10.9.0.1")
    assert len({id(sets.facts(address)) for address in addresses}) == 1
    assert sets.facts("1.1.1.1") is sets.facts("2.2.2.2")


def test_the_ends_of_the_address_space_are_found(place: Path) -> None:
    put(place / "networks" / "own.txt", "0.0.0.0/1 low\n255.255.255.255 last\n::/0 all\nffff::/16 high")
    sets = opened(place)
    expected = {
        "0.0.0.0": "low",  # noqa: S104 (an address to ask for)
        "127.255.255.255": "low",
        "128.0.0.0": None,
        "255.255.255.254": None,
        "255.255.255.255": "last",
        "::": "all",
        "fffe::": "all",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "high",
    }
    assert {address: sets.facts(address).get("network") for address in expected} == expected


def test_what_is_no_address_is_refused(place: Path) -> None:
    with pytest.raises(ValueError, match="not an address"):
        opened(place).facts("10.0.0")


NETWORKS = st.one_of(
    st.builds(lambda host, bits: f"10.20.{host >> 8}.{host & 255}/{bits}", st.integers(0, 65_535), st.integers(14, 32)),
    st.builds(lambda host, bits: f"2001:db8::{host:x}/{bits}", st.integers(0, 65_535), st.integers(110, 128)),
)
LABELS = st.one_of(
    st.builds(lambda name: Label(Kind.OWN, name), st.sampled_from(["a", "b"])),
    st.builds(lambda name, rank: Label(Kind.AWS, name, rank), st.sampled_from(["c", "d"]), st.sampled_from([0, 1, 2])),
    st.builds(lambda name: Label(Kind.THREAT, name), st.sampled_from(["t", "s"])),
)


def slowly(listed: list[tuple[str, Label]], address: str) -> dict[str, Any]:
    """Ask every prefix."""
    holding = [
        (label, ip_network(cidr, strict=False).prefixlen)
        for cidr, label in listed
        if ip_address(address) in ip_network(cidr, strict=False)
    ]
    names = sorted(
        (label.kind != Kind.OWN, -length, label.rank, label.text)
        for label, length in holding
        if label.kind != Kind.THREAT
    )
    threats = sorted({label.text for label, _ in holding if label.kind == Kind.THREAT})
    return {**({"network": names[0][-1]} if names else {}), **({"threat": threats} if threats else {})}


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(NETWORKS, LABELS), max_size=12), st.lists(NETWORKS, max_size=8))
def test_ranges_say_what_all_prefixes_together_say(listed: list[tuple[str, Label]], others: list[str]) -> None:
    prefixes = {4: Prefixes(4), 16: Prefixes(16)}
    for cidr, label in listed:
        prefix = read_prefix(cidr)
        prefixes[prefix.size].add(prefix, label)
    flat = {size: found.flatten() for size, found in prefixes.items()}
    for network in (ip_network(cidr, strict=False) for cidr in [*others, *(cidr for cidr, _ in listed)]):
        first, last = int(network.network_address), int(network.broadcast_address)
        for number in {first - 1, first, (first + last) // 2, last, last + 1}:
            address = str(type(network.network_address)(number))
            number_of_bytes = len(packed(address))
            assert flat[number_of_bytes].at(number) == slowly(listed, address)


def test_lists_are_summed_up_for_display(place: Path) -> None:
    put(place / "networks" / "own.txt", "10.0.0.0/8 company\n10.1.0.0/16 Paris\n10.1.0.0/16 Lyon", days=1)
    put(place / "networks" / "aws.json", ranges(("3.5.0.0/16", "S3", "eu-west-1"), ("2600::/28", "EC2", "us-east-1")))
    put(place / "threats" / "drop.txt", "1.1.1.1\n1.1.1.1\n", days=2)
    put(place / "threats" / "README.md", "no list")
    sets = opened(place)
    assert sets.sets == (
        AddressSet("own", Kind.OWN, 3, 1),
        AddressSet("aws", Kind.AWS, 2, 0),
        AddressSet("drop", Kind.THREAT, 2, 2),
    )
    assert len(sets) == 7
    assert not AddressSets()


def test_places_and_single_files_are_taken_together(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "threats").mkdir()
    put(place / "threats" / "drop.txt", "1.1.1.1")
    put(place / "networks" / "own.txt", "10.0.0.0/8 company")
    put(other / "threats" / "drop.txt", "2.2.2.2")
    put(other / "threats" / "more.txt", "2.2.2.2")
    sets = open_address_sets([place, other / "threats" / "drop.txt", other / "city.mmdb", other / "nowhere"], NOW)
    assert sets.problems == []
    assert sets.facts("1.1.1.1") == sets.facts("2.2.2.2") == {"threat": ["drop"]}
    assert open_address_sets([place, other], NOW).facts("2.2.2.2") == {"threat": ["drop", "more"]}
    missing = open_address_sets([place / "threats" / "none.txt"], NOW)
    assert missing.problems == ["threats/none.txt cannot be read: it is no file"]


def test_ranges_are_as_few_as_can_be() -> None:
    prefixes = Prefixes(4)
    for cidr in ("10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/24", "10.0.0.7/32", "10.2.0.0/16"):
        prefixes.add(read_prefix(cidr), Label(Kind.OWN, "office"))
    prefixes.add(read_prefix("10.2.0.0/24"), Label(Kind.OWN, "printers"))
    assert [spelt(begin.to_bytes(4)) for begin in prefixes.flatten().begins] == [
        *("10.0.0.0", "10.0.2.0", "10.2.0.0", "10.2.1.0", "10.3.0.0")
    ]
