"""Answers where an address is, whose network it belongs to, and what lists of networks say of it."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from flowlogs.decorate.address_sets import AddressSets
from flowlogs.decorate.facts import Facts
from flowlogs.decorate.special_purpose import is_special
from flowlogs.record.values import packed

CORRUPT = (
    *(ValueError, OSError, ArithmeticError, LookupError, TypeError, AttributeError),
    *(RuntimeError, SystemError, MemoryError),
)
"""What reading a corrupt database may raise beside InvalidDatabaseError (a RuntimeError), by either reader."""

_LARGEST_ASN = 2**32 - 1  # RFC 6793


class Database(Protocol):
    """What is asked of a database (`maxminddb.Reader`)."""

    def get_with_prefix_len(self, ip_address: str) -> tuple[Any, int]:
        """Give the entry of an address, None where it has none, and the prefix of the network that shares it."""
        ...


class _Networks:
    """What one database says, kept by network: neighbours share an entry, which is read once."""

    def __init__(self, database: Database, read: Callable[[Mapping[str, Any]], Facts]) -> None:
        self._database = database
        self._read = read
        self._kept: dict[tuple[int, int, int], Facts] = {}

    def __call__(self, address: str, number: int, bits: int) -> Facts:
        """Give the facts of an address, which is a number of so many bits: the same object for neighbours.

        Raise what the reader does.
        """
        entry, length = self._database.get_with_prefix_len(address)
        key = (bits, length, number >> bits - length if length < bits else number)
        facts = self._kept.get(key)
        if facts is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            facts = self._kept[key] = self._read(entry) if isinstance(entry, dict) else _NOTHING
        return facts


_NOTHING: Facts = {}
_MOST_KEPT = 1 << 14
"""Networks, and pairs of them, kept at a time."""


class Places:
    """City and ASN databases and lists of networks, any of them absent; a corrupt entry is an absent one, and counted.

    Private and special-purpose addresses have no place, but lists may name them.
    """

    def __init__(
        self, city: Database | None = None, asn: Database | None = None, sets: AddressSets | None = None
    ) -> None:
        self._city = None if city is None else _Networks(city, _place)
        self._asn = None if asn is None else _Networks(asn, _network)
        self._has_databases = city is not None or asn is not None
        self._sets = sets or None  # None where they are empty
        self._joined: dict[tuple[int, int], tuple[Facts, Facts, Facts]] = {}
        self.misses = 0  # public addresses of which no database knows anything
        self.corrupt = 0  # look-ups that failed inside a database

    def __call__(self, address: str) -> Facts:
        """Give what is known of an address by the names of the document table, without the end's prefix."""
        return self.look_up(address) if self.may_have(address) else _NOTHING

    def may_have(self, address: str) -> bool:
        """Say whether it is worth asking: a database may know the address, or a list names it."""
        if self._has_databases and not is_special(packed(address)):
            return True
        return self._sets is not None and bool(self._sets.facts(address))

    def look_up(self, address: str) -> Facts:
        """Ask for an address that may have facts; neighbours get the same object."""
        if self._sets is None:
            return self._look_up_place(address)
        listed = self._sets.facts(address)
        if not self._has_databases or is_special(packed(address)):
            return listed
        place = self._look_up_place(address)
        return self._join(place, listed) if listed else place

    def _look_up_place(self, address: str) -> Facts:
        number = packed(address)
        asked = (address, int.from_bytes(number), 8 * len(number))
        found = self._join(self._ask(self._city, asked), self._ask(self._asn, asked))
        self.misses += not found
        return found

    def _join(self, one: Facts, other: Facts) -> Facts:
        """Put facts together, the same two only once: they are kept too, so that no others get their identities."""
        key = (id(one), id(other))
        kept = self._joined.get(key)
        if kept is None:
            if len(self._joined) >= _MOST_KEPT:
                self._joined.clear()
            kept = self._joined[key] = (one, other, {**one, **other})
        return kept[2]

    def _ask(self, networks: _Networks | None, asked: tuple[str, int, int]) -> Facts:
        if networks is None:
            return _NOTHING
        try:
            return networks(*asked)
        except CORRUPT:
            self.corrupt += 1
            return _NOTHING


def _place(entry: Mapping[str, Any]) -> Facts:
    """Read an entry of a City database. Source: MaxMind, "GeoIP City and Country databases"; any key may be absent."""
    country, city, location = _map(entry.get("country")), _map(entry.get("city")), _map(entry.get("location"))
    subdivisions = entry.get("subdivisions")
    region = _map(subdivisions[0]) if isinstance(subdivisions, list) and subdivisions else {}
    facts = {
        "country-code": country.get("iso_code"),
        "country-name": _map(country.get("names")).get("en"),
        "region-code": region.get("iso_code"),
        "region-name": _map(region.get("names")).get("en"),
        "city": _map(city.get("names")).get("en"),
    }
    found: dict[str, Any] = {name: value for name, value in facts.items() if value and isinstance(value, str)}
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if _is_degrees(latitude, 90) and _is_degrees(longitude, 180) and (latitude, longitude) != (0, 0):
        found["location"] = {"lat": latitude, "lon": longitude}
    return found


def _network(entry: Mapping[str, Any]) -> Facts:
    """Read an entry of an ASN or ISP database; it may have no organization. An Enterprise one has both in `traits`."""
    system = _map(entry["traits"]) if "traits" in entry else entry
    number, organization = system.get("autonomous_system_number"), system.get("autonomous_system_organization")
    found: dict[str, Any] = {}
    if type(number) is int and 0 <= number <= _LARGEST_ASN:
        found["asn"] = number
    if isinstance(organization, str) and organization:
        found["as-organization"] = organization
    return found


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_degrees(value: object, largest: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -largest <= cast(float, value) <= largest
