"""The tables of a look-up file, and how ids, addresses and networks lie in them."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.networks import Network

APPLICATION = int.from_bytes(b"flow")
"""What `PRAGMA application_id` says of such a file."""
FORMAT = 1
"""What `PRAGMA user_version` says: a reader refuses a format it does not know."""

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE texts (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE vpcs (vpc_id TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE interfaces (
    id NOT NULL, since INTEGER NOT NULL, number INTEGER NOT NULL, until INTEGER, addresses BLOB NOT NULL,
    prefixes TEXT, instance_id TEXT, vpc INTEGER, subnet INTEGER, region INTEGER, groups INTEGER, owner INTEGER,
    PRIMARY KEY (id, since, number)
) WITHOUT ROWID;
CREATE TABLE holders (
    vpc INTEGER NOT NULL, network BLOB NOT NULL, length INTEGER NOT NULL, id NOT NULL,
    PRIMARY KEY (vpc, network, length, id)
) WITHOUT ROWID;
CREATE TABLE lengths (bits INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (bits, length)) WITHOUT ROWID;
CREATE TABLE subnets (subnet_id TEXT PRIMARY KEY, cidrs TEXT NOT NULL) WITHOUT ROWID;
"""
"""`interfaces` lie in the order of their ids and of the times from which they were so; `number` is the order in which
they were written. `holders` lead from a network in a VPC (an address is one of its own) to ids, once each however often
the rest of an interface changed. `texts` are those that repeat; `lengths` the prefix lengths that occur."""

_ID = re.compile(r"eni-[0-9a-f]{17}\Z")
_BETWEEN = "\n"


def packed_id(interface_id: str) -> bytes | str:
    """Pack an id of today's form into nine bytes; any other stays a text, which equals no bytes in SQLite."""
    return bytes.fromhex(f"0{interface_id[4:]}") if _ID.match(interface_id) else interface_id


def unpacked_id(key: bytes | str) -> str:
    """Undo `packed_id`."""
    return key if isinstance(key, str) else f"eni-{key.hex()[1:]}"


def packed_addresses(addresses: Iterable[bytes]) -> bytes:
    """Write packed addresses one after the other, each with its length before it."""
    return b"".join(bytes((len(address),)) + address for address in addresses)


def unpacked_addresses(content: bytes) -> Iterator[bytes]:
    """Undo `packed_addresses`."""
    at = 0
    while at < len(content):
        end = at + 1 + content[at]
        yield content[at + 1 : end]
        at = end


def joined(texts: Iterable[object]) -> str | None:
    """Write texts as one; None for none."""
    return _BETWEEN.join(map(str, texts)) or None


def parted(text: str | None) -> tuple[str, ...]:
    """Undo `joined`."""
    return tuple(text.split(_BETWEEN)) if text else ()


@lru_cache(maxsize=4096)  # the networks of an interface outlast many of its intervals
def networks_in(text: str | None) -> tuple[Network, ...]:
    """Undo `joined` for networks; raise ValueError where one is none."""
    return tuple(map(ipaddress.ip_network, parted(text)))


def held(interface: NetworkInterface) -> Iterator[tuple[bytes, int]]:
    """Give the networks whose addresses are an interface's own: their first address and prefix length."""
    for address in interface.addresses:
        yield address, 8 * len(address)
    for prefix in interface.prefixes:
        yield prefix.network_address.packed, prefix.prefixlen


def network_of(address: bytes, length: int) -> bytes:
    """Give the first address of the network of this prefix length in which a packed address lies."""
    cut = 8 * len(address) - length
    return (int.from_bytes(address) >> cut << cut).to_bytes(len(address))
