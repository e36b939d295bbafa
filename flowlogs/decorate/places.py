"""Answers where an address is and whose network it belongs to, from City and ASN databases."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from flowlogs.decorate.facts import Facts
from flowlogs.decorate.special_purpose import is_special
from flowlogs.record.values import packed

_CORRUPT = (ValueError, OSError, ArithmeticError, LookupError, TypeError, RuntimeError, MemoryError)
"""What reading a corrupt database may raise beside InvalidDatabaseError (a RuntimeError), by maxminddb's C reader."""


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

    def __call__(self, address: str) -> Facts:
        """Give the facts of an address: the same object for neighbours. Raise what the reader does."""
        entry, length = self._database.get_with_prefix_len(address)
        number = packed(address)
        key = (len(number), length, int.from_bytes(number) >> max(0, 8 * len(number) - length))
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
    """City and ASN databases, either of which may be absent; a corrupt entry is an absent one, and counted."""

    def __init__(self, city: Database | None = None, asn: Database | None = None) -> None:
        self._city = None if city is None else _Networks(city, _place)
        self._asn = None if asn is None else _Networks(asn, _network)
        self._joined: dict[tuple[int, int], tuple[Facts, Facts, Facts]] = {}
        self.misses = 0  # public addresses of which nothing is known
        self.corrupt = 0  # look-ups that failed inside a database

    def __call__(self, address: str) -> Facts:
        """Give place and network of an address by the names of the document table, without the end's prefix."""
        return self.look_up(address) if self.may_have(address) else _NOTHING

    def may_have(self, address: str) -> bool:
        """Say whether it is worth asking: there is a database, and the address is neither private nor special."""
        return not (self._city is None and self._asn is None) and not is_special(packed(address))

    def look_up(self, address: str) -> Facts:
        """Ask for an address that may have a place; neighbours get the same object."""
        place, network = self._ask(self._city, address), self._ask(self._asn, address)
        key = (id(place), id(network))
        kept = self._joined.get(key)
        if kept is None or kept[0] is not place or kept[1] is not network:
            if len(self._joined) >= _MOST_KEPT:
                self._joined.clear()
            kept = self._joined[key] = (place, network, {**place, **network})
        self.misses += not kept[2]
        return kept[2]

    def _ask(self, networks: _Networks | None, address: str) -> Facts:
        if networks is None:
            return _NOTHING
        try:
            return networks(address)
        except _CORRUPT:
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
    """Read an entry of an ASN database; it may have no organization."""
    number, organization = entry.get("autonomous_system_number"), entry.get("autonomous_system_organization")
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
