import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.decorate import places as module
from flowlogs.decorate.address_lists import Kind, Label, read_prefix
from flowlogs.decorate.address_ranges import Prefixes
from flowlogs.decorate.address_sets import AddressSet, AddressSets
from flowlogs.decorate.document import FACTS, lake_columns
from flowlogs.decorate.places import Places
from flowlogs.decorate.special_purpose import is_special
from flowlogs.decorate.spelling import COLUMNS, NATIVE

CITY = {
    "country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}},
    "subdivisions": [{"iso_code": "BE", "names": {"en": "Land Berlin"}}, {"iso_code": "X"}],
    "city": {"names": {"en": "Berlin"}},
    "location": {"latitude": 52.5, "longitude": 13, "time_zone": "Europe/Berlin"},
}
ASN = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"}


class Table(dict[str, Any]):
    """A database with one entry for every address (`flowlogs.decorate.places.Database`)."""

    def __init__(self, entry: object) -> None:
        self.entry, self.asked = entry, list[str]()

    def get_with_prefix_len(self, ip_address: str) -> tuple[Any, int]:
        self.asked.append(ip_address)
        if isinstance(self.entry, Exception):
            raise self.entry
        return self.entry, 128 if ":" in ip_address else 32


def lists(*listed: tuple[str, Kind, str]) -> AddressSets:
    prefixes = {4: Prefixes(4), 16: Prefixes(16)}
    for cidr, kind, text in listed:
        prefix = read_prefix(cidr)
        prefixes[prefix.size].add(prefix, Label(kind, text))
    flat = {size: found.flatten() for size, found in prefixes.items()}
    return AddressSets(flat, [AddressSet("all", Kind.OWN, len(listed), 0)])


def test_both_databases_say_where_an_address_is() -> None:
    places = Places(Table(CITY), Table(ASN))
    assert places("8.8.8.8") == {
        "country-code": "DE",
        "country-name": "Germany",
        "region-code": "BE",
        "region-name": "Land Berlin",
        "city": "Berlin",
        "location": {"lat": 52.5, "lon": 13},
        "asn": 64500,
        "as-organization": "Example",
    }
    assert all(f"source-{name}" in FACTS for name in places("8.8.8.8"))
    assert places.misses == places.corrupt == 0


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.5",
        "255.255.255.255",
        "198.51.100.7",
        "fd00::1",
        "fe80::1",
        "::1",
        "::",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",  # IPv4-mapped: within a machine, never on a wire (RFC 4291 §2.5.5.2)
    ],
)
def test_special_addresses_have_no_place_and_are_not_asked_for(address: str) -> None:
    city = Table(CITY)
    places = Places(city, None)
    assert places(address) == {}
    assert not city.asked
    assert places.misses == 0


@settings(deadline=None, max_examples=500)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_special_where_iana_says_it_is_not_global(address: ipaddress.IPv4Address) -> None:
    exceptions = [ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24")]
    if not any(address in network for network in exceptions):
        assert is_special(address.packed) is (not address.is_global or address.is_multicast)


@pytest.mark.parametrize("address", ["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "223.255.255.255"])
def test_the_neighbours_of_special_networks_are_ordinary(address: str) -> None:
    assert Places(Table(CITY))(address)["country-code"] == "DE"


@pytest.mark.parametrize("location", [(0, 0), (0.0, -0.0), (91, 0), (0, 181), (float("nan"), 1), (True, 5), ("1", "2")])
def test_a_location_that_is_none_is_absent(location: tuple[Any, Any]) -> None:
    places = Places(Table({"location": dict(zip(("latitude", "longitude"), location, strict=True))}))
    assert places("8.8.8.8") == {}


@pytest.mark.parametrize("location", [(0, 1), (-90, -180), (90.0, 180.0), (1e-9, 0)])
def test_a_location_on_an_edge_is_one(location: tuple[float, float]) -> None:
    places = Places(Table({"location": {"latitude": location[0], "longitude": location[1]}}))
    assert places("8.8.8.8") == {"location": {"lat": location[0], "lon": location[1]}}


@pytest.mark.parametrize("number", [-1, 2**32, 2**64, 2**127, True, 1.5, "64500", None])
def test_an_asn_that_is_none_is_absent(number: Any) -> None:
    assert Places(None, Table({"autonomous_system_number": number}))("8.8.8.8") == {}


def test_an_address_that_nobody_knows_is_a_miss() -> None:
    places = Places(Table(None), Table(None))
    assert places("8.8.8.8") == {}
    assert places.misses == 1
    none = Places()
    assert none("8.8.8.8") == {}
    assert none.misses == 0


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        RuntimeError("corrupt"),
        KeyError("x"),
        IndexError("x"),
        OSError("x"),
        MemoryError(),
        SystemError("x"),
    ],
)
def test_a_corrupt_entry_is_an_absent_one_and_counted(error: Exception) -> None:
    places = Places(Table(error), Table(ASN))
    assert places("8.8.8.8") == {"asn": 64500, "as-organization": "Example"}
    assert places.corrupt == 1


OFFICE = ("10.0.0.0/8", Kind.OWN, "office")
GOOGLE = ("8.8.0.0/16", Kind.OWN, "resolvers")
LISTED = ("8.8.8.0/24", Kind.THREAT, "drop")


def test_lists_name_private_addresses_which_have_no_place_all_the_same() -> None:
    city = Table(CITY)
    places = Places(city, Table(ASN), lists(OFFICE, ("fd00::/8", Kind.THREAT, "drop")))
    assert places("10.0.0.1") == {"network": "office"}
    assert places("fd00::1") == {"threat": ["drop"]}
    assert places("192.168.0.1") == {}
    assert [places.may_have(address) for address in ("10.0.0.1", "192.168.0.1", "9.9.9.9")] == [True, False, True]
    assert not city.asked
    assert places.misses == 0


def test_what_lists_say_stands_beside_the_place() -> None:
    places = Places(Table({"city": {"names": {"en": "Berlin"}}}), Table(ASN), lists(GOOGLE, LISTED))
    known = {"city": "Berlin", "asn": 64500, "as-organization": "Example"}
    assert places("8.8.8.8") == {**known, "network": "resolvers", "threat": ["drop"]}
    assert places("8.8.9.9") == {**known, "network": "resolvers"}
    assert places("9.9.9.9") == known
    ends = {f"{end}-{name}" for end in ("source", "destination") for name in places("8.8.8.8")}
    assert ends <= FACTS.keys()
    assert {"source_network": "string", "destination_threat": "array<string>"}.items() <= lake_columns().items()


def test_lists_alone_are_asked_and_nothing_is_missed() -> None:
    places = Places(sets=lists(GOOGLE))
    assert places("8.8.8.8") == {"network": "resolvers"}
    assert places("9.9.9.9") == {}
    assert not places.may_have("9.9.9.9")
    assert places.misses == 0


def test_an_address_that_only_a_list_knows_is_a_miss_of_the_databases() -> None:
    places = Places(Table(None), None, lists(GOOGLE))
    assert places("8.8.8.8") == {"network": "resolvers"}
    assert places.misses == 1


class Halves(Table):
    """A database with one entry for each half of the IPv4 addresses."""

    def get_with_prefix_len(self, ip_address: str) -> tuple[Any, int]:
        return {"autonomous_system_number": int(ip_address.split(".")[0]) // 128}, 1


def test_neighbours_get_the_same_object_also_where_lists_name_them() -> None:
    places = Places(None, Halves(None), lists(OFFICE, GOOGLE))
    for one, other in (("8.8.8.8", "8.8.9.9"), ("9.9.9.9", "7.7.7.7"), ("10.0.0.1", "10.9.9.9")):
        assert places.look_up(one) is places.look_up(other)
    found = {id(places.look_up(address)) for address in ("8.8.8.8", "9.9.9.9", "10.0.0.1", "200.0.0.1")}
    assert len(found) == 4


def test_what_is_kept_is_bounded_and_right_whenever_it_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_KEPT", 3)
    city = {"city": {"names": {"en": "Berlin"}}}
    places = Places(Table(city), Halves(None), lists(*((f"8.{n}.0.0/16", Kind.OWN, f"net {n}") for n in range(9))))
    for number in [*range(9), *range(9)]:
        assert places(f"8.{number}.1.1") == {"city": "Berlin", "asn": 0, "network": f"net {number}"}
        assert len(places._joined) <= 3
        assert places._city is not None
        assert len(places._city._kept) <= 3


@pytest.mark.parametrize("traits", [{}, {"isp": "X"}, None, [5], "text"])
def test_an_enterprise_database_has_the_network_among_its_traits(traits: Any) -> None:
    network = {"autonomous_system_number": 7, "autonomous_system_organization": "Seven"}
    with_it = {**traits, **network} if isinstance(traits, dict) else network
    assert Places(None, Table({**CITY, "traits": with_it}))("8.8.8.8") == {"asn": 7, "as-organization": "Seven"}
    assert Places(None, Table({**CITY, "traits": traits}))("8.8.8.8") == {}


def test_a_country_without_city_and_a_region_without_code_are_fine() -> None:
    country = {"continent": {"code": "EU"}, "registered_country": {"iso_code": "FR"}, "country": {"iso_code": "DE"}}
    assert Places(Table(country))("8.8.8.8") == {"country-code": "DE"}
    dbip = {  # DB-IP Lite: no codes of regions, no time zone, no radius
        "city": {"names": {"en": "Berlin (Mitte)"}},
        "country": {"is_in_european_union": True, "iso_code": "DE", "names": {"en": "Germany"}},
        "location": {"latitude": 52.5, "longitude": 13.25},
        "subdivisions": [{"names": {"en": "Land Berlin"}}],
    }
    assert Places(Table(dbip))("8.8.8.8") == {
        "country-code": "DE",
        "country-name": "Germany",
        "region-name": "Land Berlin",
        "city": "Berlin (Mitte)",
        "location": {"lat": 52.5, "lon": 13.25},
    }
    assert Places(None, Table({"autonomous_system_organization": "Nameless"}))("8.8.8.8") == {
        "as-organization": "Nameless"
    }


KEYS = st.sampled_from(
    [
        "country",
        "iso_code",
        "names",
        "en",
        "subdivisions",
        "city",
        "location",
        "latitude",
        "longitude",
        "autonomous_system_number",
        "autonomous_system_organization",
        "traits",
    ]
)
ENTRY = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2**128 - 1) | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


@settings(deadline=None, max_examples=300)
@given(ENTRY, ENTRY)
def test_whatever_a_database_holds_becomes_facts_that_can_be_written(city: object, asn: object) -> None:
    places = Places(Table(city), Table(asn))("8.8.8.8")
    for spelling in (NATIVE, COLUMNS):
        spelling.facts({f"source-{name}": value for name, value in places.items()})
    assert all(value not in ("", None) for value in places.values())
