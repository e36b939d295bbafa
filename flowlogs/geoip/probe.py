"""Tries a database before it replaces the last good one: some open, and fail only on a look-up."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import maxminddb

from flowlogs.decorate.database_file import try_database
from flowlogs.decorate.places import CORRUPT
from flowlogs.decorate.special_purpose import is_special
from flowlogs.errors import UnusableDatabase
from flowlogs.geoip.providers import Edition, Kind

DAY = 86_400
_AHEAD = DAY
"""Seconds that a database may be built in the future: clocks differ, and the maker's day may have begun."""
LEAST_SHARE = 0.1
"""Share of the public IPv4 addresses tried that a database must know. GeoLite2 and DB-IP know most (*assumed*)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a database says of itself; `built` is Unix seconds."""

    type: str
    built: int
    nodes: int


class Asking(Protocol):
    """An open database: `opened` has maxminddb's, `flowlogs.geoip.with_geoip2` geoip2's."""

    def metadata(self) -> Metadata:
        """Give what it says of itself; raise any of CORRUPT where that cannot be read."""
        ...

    def ask(self, address: str) -> Mapping[str, Any] | None:
        """Give the record of an address in MaxMind's keys, None where it has none; raise any of CORRUPT."""
        ...


Open = Callable[[Path], AbstractContextManager[Asking]]
"""Opens a database for asking; raises any of CORRUPT."""


def probe(path: Path, edition: Edition, open_database: Open, now: float, last_built: int | None) -> Metadata:
    """Open a database, read its metadata, look addresses up all over the space; give the metadata.

    Raise UnusableDatabase where it is not what it should be. `now` is Unix seconds, `last_built` the build time of the
    database that it would replace.
    """
    asked = ""
    try:
        with open_database(path) as database:
            metadata = database.metadata()
            _check(metadata, edition, now, last_built)
            found = tried = 0
            for asked in addresses():
                is_known = _is_readable(edition.kind, database.ask(asked))
                found, tried = found + (is_known and ":" not in asked), tried + (":" not in asked)
    except CORRUPT as error:
        where = f"fails on a look-up, of {asked}" if asked else "cannot be opened"
        raise UnusableDatabase(f"the database {where} ({type(error).__name__})") from error
    if found < LEAST_SHARE * tried:
        raise UnusableDatabase(f"the database knows only {found} of {tried} public addresses; it cannot be whole")
    try_database(path, addresses())  # what decorators would refuse is not published
    return metadata


def _check(metadata: Metadata, edition: Edition, now: float, last_built: int | None) -> None:
    """Raise UnusableDatabase where the metadata are not those of a new database of the edition."""
    if not metadata.type.startswith(edition.type):
        raise UnusableDatabase(f"the database is of the type {metadata.type[:60]!r}, not {edition.type}")
    if metadata.nodes <= 0:
        raise UnusableDatabase("the database is empty")
    if metadata.built > now + _AHEAD:
        raise UnusableDatabase(f"the database was built {(metadata.built - now) / DAY:.0f} days in the future")
    if last_built is not None and metadata.built < last_built:
        days = (last_built - metadata.built) / DAY
        raise UnusableDatabase(f"the database is {days:.1f} days older than the one it would replace")


def _is_readable(kind: Kind, record: Mapping[str, Any] | None) -> bool:
    """Say whether a record has what its kind of database is for; raise TypeError where it is no map."""
    if record is None:
        return False
    if not isinstance(record, Mapping):
        raise TypeError(f"a record is {type(record).__name__}")
    if kind is Kind.ASN:
        return isinstance(record.get("autonomous_system_number"), int)
    places = (record.get(key) for key in ("country", "registered_country", "continent"))
    return any(isinstance(place, Mapping) and place for place in places)


def addresses() -> Iterator[str]:
    """Give some hundred public addresses, always the same: all over IPv4, and over what is given out of IPv6."""
    for number in range(_FIRST, 2**32, _STEP):
        if not is_special(number.to_bytes(4)):
            yield str(ipaddress.IPv4Address(number))
    for block in map(ipaddress.IPv6Network, _IPV6):
        step = block.num_addresses // _EACH
        yield from (str(block.network_address + step * number + _WITHIN) for number in range(_EACH))


_STEP = 2**23 + 77_777
"""About every second /9; the odd remainder makes the lower bytes differ too."""
_FIRST = 2**24
_EACH = 32
_WITHIN = 0x1_0000_0000_0000_0001
_IPV6 = ("2001::/16", "2400::/12", "2600::/12", "2800::/12", "2a00::/12", "2c00::/12", "2000::/3", "::/0")
"""Source: IANA, "IPv6 Global Unicast Address Assignments"; the last two for what is given out later, and everything."""


@contextmanager
def opened(path: Path) -> Iterator[Asking]:
    """Open a database with maxminddb, which is all that functions have.

    With its slow reader: the C extension (3.2.0) ends the process where the key of a map is no text.
    """
    with maxminddb.open_database(path, maxminddb.MODE_MMAP) as reader:
        yield _Reader(reader)


class _Reader:
    def __init__(self, reader: maxminddb.Reader) -> None:
        self._reader = reader

    def metadata(self) -> Metadata:
        return metadata_of(self._reader.metadata())

    def ask(self, address: str) -> Mapping[str, Any] | None:
        return self._reader.get(address)  # type: ignore[return-value]  # looked at by whoever asks


def metadata_of(found: Any) -> Metadata:
    """Read maxminddb's metadata; raise TypeError where something in them has another type."""
    if not isinstance(found.database_type, str):
        raise TypeError("the metadata name no type")
    if not isinstance(found.build_epoch, int) or not isinstance(found.node_count, int):
        raise TypeError("the metadata have no build time or no size")
    return Metadata(found.database_type, found.build_epoch, found.node_count)
