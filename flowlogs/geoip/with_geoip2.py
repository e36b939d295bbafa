"""Asks databases through geoip2's models, which only the command line has; functions bundle maxminddb alone.

By the slow reader, which is fast enough for a terminal: the C extension (3.2.0) ends the process where the key of a map
is no text.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import maxminddb
from geoip2.models import ISP, City

from flowlogs.decorate.database_file import of_both_families
from flowlogs.decorate.databases import known_by
from flowlogs.geoip.probe import Metadata, metadata_of
from flowlogs.geoip.providers import Kind


class Geoip2Database:
    """An open database (`flowlogs.geoip.probe.Asking`, `flowlogs.decorate.places.Database`).

    geoip2's own reader refuses all types but MaxMind's; its models read the records of any.
    """

    def __init__(self, path: Path, closing: ExitStack, kind: Kind | None = None) -> None:
        """Open it to ask it for `kind`, else for what its type says it is for first.

        Raise any of CORRUPT where it cannot be opened, TypeError where it knows neither places nor networks.
        """
        self._reader = closing.enter_context(maxminddb.open_database(path, maxminddb.MODE_MMAP))
        self._database = of_both_families(self._reader)
        database_type = self.metadata().type
        known = known_by(database_type)
        if not known:
            raise TypeError(
                f"it is of the type {database_type[:60]!r}, of which neither place nor network can be asked"
            )
        self._kind = kind or Kind(known[0])

    def metadata(self) -> Metadata:
        """Give what it says of itself."""
        return metadata_of(self._reader.metadata())

    def ask(self, address: str) -> Mapping[str, Any] | None:
        """Give the record of an address as geoip2 understands it; None where it has none."""
        return self._read(address, *self._reader.get_with_prefix_len(address))

    def get_with_prefix_len(self, ip_address: str) -> tuple[dict[str, Any] | None, int]:
        """Give the record, and the prefix of the network that shares it."""
        record, length = self._database.get_with_prefix_len(ip_address)
        return self._read(ip_address, record, length), length

    def _read(self, address: str, record: object, length: int) -> dict[str, Any] | None:
        """Read a record: City is the model of all places, ISP that of all networks but those that stand in traits."""
        if record is None:
            return None
        if not isinstance(record, dict):
            raise TypeError(f"a record is {type(record).__name__}")
        if self._kind is Kind.ASN and "traits" not in record:
            return ISP(address, prefix_len=length, **record).to_dict()
        return City(["en"], ip_address=address, prefix_len=length, **record).to_dict()


@contextmanager
def opened(path: Path) -> Iterator[Geoip2Database]:
    """Open a database for asking; raise any of CORRUPT."""
    with ExitStack() as closing:
        yield Geoip2Database(path, closing)
