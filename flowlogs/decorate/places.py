"""Answers where an address is and whose network it belongs to, from City and ASN databases."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from flowlogs.decorate.facts import Facts
from flowlogs.decorate.special_purpose import is_special
from flowlogs.record.values import packed

_CORRUPT = (ValueError, OSError, ArithmeticError, LookupError, TypeError, RuntimeError, MemoryError)
"""What reading a corrupt database may raise beside InvalidDatabaseError (a RuntimeError), by maxminddb's C reader."""


_LARGEST_ASN = 2**32 - 1  # RFC 6793


class Database(Protocol):
    """What is asked of a database: the entry of an address, None where it has none (`maxminddb.Reader`)."""

    def get(self, ip_address: str) -> Any:
        """Look an address up."""
        ...


class Places:
    """City and ASN databases, either of which may be absent; a corrupt entry is an absent one, and counted."""

    def __init__(self, city: Database | None = None, asn: Database | None = None) -> None:
        self._city = city
        self._asn = asn
        self.misses = 0  # public addresses of which nothing is known
        self.corrupt = 0  # look-ups that failed inside a database

    def __call__(self, address: str) -> Facts:
        """Give place and network of an address by the names of the document table, without the end's prefix."""
        if not self.may_have(address):
            return {}
        facts = {**_place(self._entry(self._city, address)), **_network(self._entry(self._asn, address))}
        self.misses += not facts
        return facts

    def may_have(self, address: str) -> bool:
        """Say whether it is worth asking: there is a database, and the address is neither private nor special."""
        return not (self._city is None and self._asn is None) and not is_special(packed(address))

    def _entry(self, database: Database | None, address: str) -> Mapping[str, Any]:
        if database is None:
            return {}
        try:
            entry = database.get(address)
        except _CORRUPT:
            self.corrupt += 1
            return {}
        return entry if isinstance(entry, dict) else {}


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
