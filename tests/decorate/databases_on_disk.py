"""Writes geo databases, good and damaged, and opens them as maxminddb does without its C extension."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import maxminddb
from mmdb_writer import MMDBWriter, TreeWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # mmdb-writer's own dependency

BUILT = 1_700_000_000
DAY = 86_400
PLACE = {"country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin"}}}
NETWORK = {"autonomous_system_number": 7, "autonomous_system_organization": "Seven"}
EVERYWHERE = ("0.0.0.0/1", "128.0.0.0/1", "2000::/3")


def write(path: Path, kind: str, entries: Mapping[str, Any], *, built: int = BUILT, version: int = 6) -> Path:
    """Write a database: entries by network."""
    writer = MMDBWriter(ip_version=version, ipv4_compatible=version == 6)
    for cidr, entry in entries.items():
        writer.insert_network(IPSet([cidr]), entry)
    about = {"ip_version": version, "database_type": kind, "languages": ["en"], "description": {"en": "a test"}}
    about |= {"binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": built}
    TreeWriter(writer.tree, about, int_type="u32").write(str(path))
    return path


def slowly(
    path: Path, _: int = 0, really: Callable[[Path, int], maxminddb.Reader] = maxminddb.open_database
) -> maxminddb.Reader:
    """Open a database as maxminddb does where its C extension is missing."""
    return really(path, maxminddb.MODE_MMAP)


def damaged(path: Path, kind: str, cidrs: tuple[str, ...], built: int = BUILT) -> Path:
    """Write a database that opens and fails on look-ups: a text in its entries is no UTF-8."""
    entry = {"country": {"iso_code": "QQ"}, "autonomous_system_organization": "QQ"}
    write(path, kind, dict.fromkeys(cidrs, entry), built=built)
    path.write_bytes(path.read_bytes().replace(b"QQ", b"\xff\xff"))
    assert maxminddb.open_database(path).metadata().database_type == kind
    return path
