"""The decorator's form of the inventory: one SQLite file that is opened and asked, never read as a whole."""

import sqlite3
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.lookup_tables import (
    APPLICATION,
    FORMAT,
    TABLES,
    held,
    joined,
    network_of,
    networks_in,
    packed_addresses,
    packed_id,
    parted,
    unpacked_addresses,
    unpacked_id,
)
from flowlogs.inventory.network_interface import END, NetworkInterface
from flowlogs.record.networks import Network

_OF_ID = """
SELECT i.since, i.until, i.addresses, i.prefixes, i.instance_id, v.text, s.text, r.text, g.text, o.text
FROM interfaces AS i
LEFT JOIN texts AS v ON v.number = i.vpc
LEFT JOIN texts AS s ON s.number = i.subnet
LEFT JOIN texts AS r ON r.number = i.region
LEFT JOIN texts AS g ON g.number = i.groups
LEFT JOIN texts AS o ON o.number = i.owner
WHERE i.id = ? ORDER BY i.since, i.number
"""
_IDS_WITH = """
SELECT h.id FROM vpcs AS v JOIN holders AS h ON h.vpc = v.number
WHERE v.vpc_id = ? AND h.network = ? AND h.length = ?
"""
_NETWORKS_OF = "SELECT cidrs FROM subnets WHERE subnet_id = ?"
_MOST_SUBNETS = 4096
"""Subnets whose networks are kept in memory; every end of every line is asked for."""
_DAMAGES = (sqlite3.Error, ValueError, TypeError, AttributeError, OverflowError)
"""What comes of a file of which some bytes are others: SQLite's refusals, and values that are none."""


class LookUpFile:
    """A look-up file, opened read-only (`flowlogs.inventory.inventory.Interfaces`): for one thread at a time.

    Nobody may write into a file that is open here. One that turns out to be damaged says so in `problem`, and what it
    cannot tell of is not known.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        """Raise UnusableInventory where it is no look-up file, one of another format, or cut short.

        `name` is what sentences call it, where it is not the file's own.
        """
        self._name = name or path.name
        self.problem: str | None = None
        try:
            self._file = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            weakref.finalize(self, self._file.close)
            self._check(path.stat().st_size)
            about = dict(self._file.execute("SELECT name, value FROM about"))
            self.taken: int | None = about["taken"]
            self._size = int(about["interfaces"])
            self._lengths = [(int(bits), int(length)) for bits, length in self._file.execute("SELECT * FROM lengths")]
        except (sqlite3.Error, OSError, ValueError, TypeError, KeyError) as error:
            raise UnusableInventory(f"{self._name} cannot be read: {error}") from error
        self._networks: dict[str, tuple[Network, ...] | None] = {}

    def _check(self, size: int) -> None:
        (application,), (form,), (pages,), (page_size,) = (
            self._file.execute(f"PRAGMA {name}").fetchone()
            for name in ("application_id", "user_version", "page_count", "page_size")
        )
        if application != APPLICATION:
            raise UnusableInventory(f"{self._name} is no look-up file of an inventory")
        if form != FORMAT:
            raise UnusableInventory(
                f"{self._name} has format {form}, and {FORMAT} is known here: "
                "the function that wrote it and the one that reads it are of two versions"
            )
        if pages * page_size != size:
            raise UnusableInventory(f"{self._name} is not whole: it has {size:,} of {pages * page_size:,} bytes")
        for question in (_OF_ID, _IDS_WITH, _NETWORKS_OF):
            self._file.execute(question, [""] * question.count("?"))  # every table is there

    def __len__(self) -> int:
        return self._size

    def of_id(self, interface_id: str) -> Sequence[NetworkInterface]:
        """Give an interface as it was over time, in the order in which its intervals began."""
        try:
            return [_interface(interface_id, row) for row in self._file.execute(_OF_ID, (packed_id(interface_id),))]
        except _DAMAGES as error:
            return self._damaged(error)

    def ids_with(self, vpc_id: str, address: bytes) -> Sequence[str]:
        """Give the ids of all interfaces that had a packed address in a VPC at any time, delegated prefixes counted."""
        try:
            return [
                unpacked_id(key)
                for bits, length in self._lengths
                if bits == 8 * len(address)
                for (key,) in self._file.execute(_IDS_WITH, (vpc_id, network_of(address, length), length))
            ]
        except _DAMAGES as error:
            return self._damaged(error)

    def networks_of(self, subnet_id: str) -> tuple[Network, ...] | None:
        """Give the CIDRs of a subnet; None where they are not known."""
        if subnet_id not in self._networks:
            if len(self._networks) >= _MOST_SUBNETS:
                self._networks.clear()
            self._networks[subnet_id] = self._look_up_networks(subnet_id)
        return self._networks[subnet_id]

    def _look_up_networks(self, subnet_id: str) -> tuple[Network, ...] | None:
        try:
            found = self._file.execute(_NETWORKS_OF, (subnet_id,)).fetchone()
            return None if found is None else networks_in(found[0])
        except _DAMAGES as error:
            self._damaged(error)
            return None

    def _damaged(self, error: Exception) -> tuple[()]:
        self.problem = f"{self._name} is damaged: {error}"
        return ()


def _interface(interface_id: str, row: tuple[Any, ...]) -> NetworkInterface:
    since, until, addresses, prefixes, instance_id, vpc_id, subnet_id, region, groups, owner = row
    return NetworkInterface(
        interface_id,
        tuple(unpacked_addresses(addresses)),
        networks_in(prefixes),
        parted(groups),
        vpc_id,
        subnet_id,
        region,
        instance_id,
        owner,
        since,
        END if until is None else until,
    )


def write_lookup_file(
    path: Path, interfaces: Iterable[NetworkInterface], subnets: Mapping[str, tuple[Network, ...]], taken: int
) -> None:
    """Write a look-up file, whole or not at all; `taken` is Unix seconds. Raise OSError where it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    made = sqlite3.connect("", isolation_level=None)  # a temporary file of SQLite's own
    try:
        made.executescript(f"PRAGMA application_id={APPLICATION}; PRAGMA user_version={FORMAT}; BEGIN; {TABLES}")
        _Writer(made).write(interfaces, subnets, taken)
        made.execute("COMMIT")
        made.execute("VACUUM INTO ?", (str(part),))  # in the order of the keys, and nothing between them
        part.replace(path)
    except sqlite3.Error as error:
        raise OSError(f"{path.name} cannot be written: {error}") from error
    finally:
        made.close()
        part.unlink(missing_ok=True)


class _Writer:
    def __init__(self, made: sqlite3.Connection) -> None:
        self._made = made
        self._numbers: dict[str, int] = {}

    def write(
        self, interfaces: Iterable[NetworkInterface], subnets: Mapping[str, tuple[Network, ...]], taken: int
    ) -> None:
        for number, interface in enumerate(interfaces):
            self._add(interface, number)
        self._many("subnets", ((subnet_id, joined(cidrs) or "") for subnet_id, cidrs in subnets.items()))
        self._many("texts", ((number, text) for text, number in self._numbers.items()))
        self._made.execute("INSERT INTO lengths SELECT DISTINCT 8 * length(network), length FROM holders")
        (known,) = self._made.execute("SELECT count(DISTINCT id) FROM interfaces").fetchone()
        self._many("about", [("taken", int(taken)), ("interfaces", known)])

    def _add(self, interface: NetworkInterface, number: int) -> None:
        key, vpc = packed_id(interface.interface_id), self._number(interface.vpc_id)
        row = (
            *(key, interface.since, number, None if interface.until == END else interface.until),
            *(packed_addresses(interface.addresses), joined(interface.prefixes), interface.instance_id, vpc),
            *map(self._number, (interface.subnet_id, interface.region, joined(interface.security_group_ids))),
            self._number(interface.owner),
        )
        self._many("interfaces", [row])
        if vpc is not None:
            self._many("vpcs", [(interface.vpc_id, vpc)])
            self._many("holders", ((vpc, network, length, key) for network, length in held(interface)))

    def _many(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Insert rows; one whose key is there already is the same."""
        for row in rows:
            self._made.execute(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(row))})", row)  # noqa: S608

    def _number(self, text: str | None) -> int | None:
        return None if text is None else self._numbers.setdefault(text, len(self._numbers) + 1)
