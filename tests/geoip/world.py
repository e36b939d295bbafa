"""Databases that know all the world, so small that a test can write them; and the same, broken."""

import functools
import io
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter, TreeWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # mmdb-writer's own dependency

NOW = 1_795_000_000
"""2026-11-18T11:06:40Z."""
DAY = 86_400
MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = 16
"""Bytes between tree and data. Source: MaxMind DB File Format Specification, "Data Section Separator"."""

_CITY = {"country": {"iso_code": "IE", "names": {"en": "Ireland"}}, "location": {"latitude": 53.3, "longitude": -6.3}}
_ASN = {"autonomous_system_number": 64600, "autonomous_system_organization": "Generated"}
_EVERYTHING = (*(f"{first}.0.0.0/8" for first in range(1, 224)), "2000::/3")


@functools.cache
def database(
    kind: str,
    built: int = NOW - DAY,
    *,
    networks: tuple[str, ...] = _EVERYTHING,
    empty: bool = False,
    description: str = "",
) -> bytes:
    """Write a database of a type such as GeoLite2-City; `empty`: its records have nothing in them."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    row: Any = {"postal": {"code": "D01"}} if empty else _ASN if "ASN" in kind.upper() else _CITY
    for network in networks:
        writer.insert_network(IPSet([network]), row)
    about = {
        "ip_version": 6,
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "description": {"en": description},
        "build_epoch": built,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.mmdb"
        TreeWriter(writer.tree, about, int_type="u32").write(str(path))
        return path.read_bytes()


def with_broken_data(content: bytes, filling: int = 0xFF) -> bytes:
    """Break all records and leave tree and metadata: such a database opens, and fails on a look-up."""
    start, end = content.index(bytes(_SEPARATOR)) + _SEPARATOR, content.rindex(MARKER)
    return content[:start] + bytes([filling]) * (end - start) + content[end:]


def with_broken_tree(content: bytes) -> bytes:
    """Lead every look-up behind the end of the file."""
    end = content.index(bytes(_SEPARATOR))
    return b"\xff" * end + content[end:]


def without_end(content: bytes) -> bytes:
    """Cut the metadata off."""
    return content[: content.rindex(MARKER)]


def with_wrong_keys(content: bytes) -> bytes:
    """Make the keys of records numbers: maxminddb's C extension 3.2.0 ends the process on a look-up.

    Source: MaxMind DB File Format Specification, "Data Field Format": type and size stand before a content; a text is
    of type 2, and where it is longer than 28 bytes of a size that stands apart. 6 is a number.
    """
    for key in (b"country", b"autonomous_system_number"):
        content = content.replace(bytes([2 << 5 | len(key)]) + key, bytes([6 << 5 | 1]) + key)
    return content


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "records": with_broken_data,
    "records of another type": lambda content: with_broken_data(content, 0x41),  # texts of one letter
    "keys": with_wrong_keys,
    "tree": with_broken_tree,
    "metadata": without_end,
    "half": lambda content: content[: len(content) // 2],
    "nothing": lambda content: b"",
    "text": lambda content: b"no database\n" * 50,
    "metadata alone": lambda content: content[content.rindex(MARKER) :],
}


def tar_of(
    edition: str, content: bytes, *, folder: str = "GeoLite2_20261117", beside: Mapping[str, bytes] | None = None
) -> bytes:
    """Wrap a database as MaxMind does: a folder with the date, texts beside it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        members = {"COPYRIGHT.txt": b"(c)", "LICENSE.txt": b"terms", f"{edition}.mmdb": content, **(beside or {})}
        for name, text in members.items():
            about = tarfile.TarInfo(f"{folder}/{name}")
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text))
    return packed.getvalue()
