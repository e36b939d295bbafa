"""Asks databases through geoip2, which only the command line has; functions bundle maxminddb alone.

By the slow reader, which is fast enough for a terminal: the C extension (3.2.0) ends the process where the key of a map
is no text.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import geoip2.database
import geoip2.models
import maxminddb
from geoip2.errors import AddressNotFoundError

from flowlogs.geoip.probe import Metadata, metadata_of
from flowlogs.geoip.providers import Kind

_METHODS = (
    ("City", "city", Kind.CITY),
    ("Enterprise", "enterprise", Kind.CITY),
    ("Country", "country", Kind.CITY),
    ("GeoLite2-ASN", "asn", Kind.ASN),
    ("GeoIP2-ISP", "isp", Kind.ASN),
)
"""geoip2's method for databases in whose type a word stands, and what they know; it refuses all others. Best first."""


class _Model(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


class Geoip2Database:
    """An open database (`flowlogs.geoip.probe.Asking`, `flowlogs.decorate.places.Database`)."""

    def __init__(self, path: Path, closing: ExitStack) -> None:
        """Raise any of CORRUPT where it cannot be opened, TypeError where it is of no kind that geoip2 has."""
        self._reader = closing.enter_context(geoip2.database.Reader(path, mode=maxminddb.MODE_MMAP))
        about = self.metadata()
        found = [row for row in enumerate(_METHODS) if row[1][0] in about.type]
        if found:
            rank, (_, method, self.knows) = found[0]
            self._model: Callable[[str], _Model] = getattr(self._reader, method)
        elif "ASN" in about.type.upper():
            rank, self.knows = len(_METHODS), Kind.ASN
            self._model = _AsnModel(closing.enter_context(maxminddb.open_database(path, maxminddb.MODE_MMAP)))
        else:
            raise TypeError(f"it is of the type {about.type[:60]!r}, of which neither place nor network can be asked")
        self.preference = (-rank, about.built)
        """Of two that know the same, the one with the greater is asked: the better kind, then the one built last."""

    def metadata(self) -> Metadata:
        """Give what it says of itself."""
        return metadata_of(self._reader.metadata())

    def ask(self, address: str) -> Mapping[str, Any] | None:
        """Give the record of an address as geoip2 understands it; None where it has none."""
        return self.get_with_prefix_len(address)[0]

    def get_with_prefix_len(self, ip_address: str) -> tuple[dict[str, Any] | None, int]:
        """Give the record, and the prefix of the network that shares it; for none the address's own."""
        try:
            model = self._model(ip_address)
        except AddressNotFoundError as error:
            return None, error.network.prefixlen if error.network else _bits(ip_address)
        record = model.to_dict()
        network = record.get("network") or record.get("traits", {}).get("network", "")
        return record, int(network.rpartition("/")[2] or _bits(ip_address))


def _bits(address: str) -> int:
    return 128 if ":" in address else 32


class _AsnModel:
    """geoip2's model of an ASN record, of databases whose type geoip2's own method does not take."""

    def __init__(self, reader: maxminddb.Reader) -> None:
        self._reader = reader

    def __call__(self, address: str) -> geoip2.models.ASN:
        record, length = self._reader.get_with_prefix_len(address)
        if record is None:
            raise AddressNotFoundError(f"{address} is not in the database", address, length)
        if not isinstance(record, dict):
            raise TypeError(f"a record is {type(record).__name__}")
        return geoip2.models.ASN(address, prefix_len=length, **record)


@contextmanager
def opened(path: Path) -> Iterator[Geoip2Database]:
    """Open a database for asking; raise any of CORRUPT."""
    with ExitStack() as closing:
        yield Geoip2Database(path, closing)
