"""Opens one geo database, and tries it."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import stat_result
from pathlib import Path
from typing import Any

import maxminddb

from flowlogs.decorate.places import CORRUPT, Database
from flowlogs.errors import UnusableDatabase

_SECONDS_A_DAY = 86_400
_IPV6 = 6
_PROBES = (
    *(f"{first}.77.31.9" for first in range(1, 224, 8)),
    *(f"{first:x}:a0::9" for first in (0x2001, 0x2400, 0x2600, 0x2800, 0x2A00, 0x2C0F)),
)
"""Addresses all over the Internet; few, since a cold decorator tries them."""


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """A database, and what its metadata says of it."""

    path: Path
    database: Database
    type: str
    built: int  # Unix seconds
    is_slow: bool  # maxminddb's C extension, which maps it into memory, is missing
    status: stat_result  # of the file that was opened

    def age_days(self, now: float) -> float:
        """Give the days since it was built; `now` is Unix seconds."""
        return (now - self.built) / _SECONDS_A_DAY

    def is_overwritten(self) -> bool:
        """Say whether its file has another content now, which shows through; one replaced or removed lives on here."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        is_same_file = (status.st_dev, status.st_ino) == (self.status.st_dev, self.status.st_ino)
        return is_same_file and (status.st_size, status.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns)


class _OnlyIPv4:
    """A database of IPv4 alone: asked for IPv6 the reader raises ValueError, as where an entry is corrupt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get_with_prefix_len(self, ip_address: str) -> tuple[Any, int]:
        """Say of all IPv6 that nothing is known of it."""
        return (None, 0) if ":" in ip_address else self._database.get_with_prefix_len(ip_address)


def open_database(path: Path) -> OpenDatabase:
    """Open a database; raise UnusableDatabase where its metadata cannot be read."""
    try:
        status = path.stat()
        reader = maxminddb.open_database(path)
        about = reader.metadata()
    except CORRUPT as error:
        raise UnusableDatabase(str(error)) from error
    kind, built = about.database_type, about.build_epoch
    if not isinstance(kind, str) or not isinstance(built, int):
        raise UnusableDatabase("its metadata names no type or no build time")
    return OpenDatabase(path, of_both_families(reader), kind, built, isinstance(reader, maxminddb.Reader), status)


def try_database(path: Path, others: Iterable[str] = ()) -> None:
    """Open a database and look up addresses in it; raise UnusableDatabase where one fails, as in some that do open.

    Who publishes databases tries `others` too. The slow reader does it: the C extension of maxminddb 3.2.0 takes every
    key of a map for a text, and may end the process where it is none.
    """
    open_database(path)
    try:
        with maxminddb.open_database(path, maxminddb.MODE_MMAP) as reader:
            database = of_both_families(reader)
            for address in (*_PROBES, *others):
                _check_keys(database.get_with_prefix_len(address)[0])
    except CORRUPT as error:
        raise UnusableDatabase(f"it is damaged: {error}") from error


def _check_keys(entry: object) -> None:
    """Raise ValueError where the key of a map is no text."""
    if isinstance(entry, dict):
        if not all(isinstance(key, str) for key in entry):
            raise ValueError("a key is no text")
        for value in entry.values():
            _check_keys(value)
    elif isinstance(entry, list):
        for value in entry:
            _check_keys(value)


def of_both_families(reader: maxminddb.Reader) -> Database:
    """Give what can be asked for IPv6 too, also where the database is of IPv4 alone."""
    return reader if reader.metadata().ip_version == _IPV6 else _OnlyIPv4(reader)
