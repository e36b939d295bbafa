"""Reads an inventory from files: what the AWS CLI prints, the project's own form, or look-up files."""

import gzip
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.describe import interfaces_in, subnets_in
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup_file import LookUpFile

_JSON = (".json", ".json.gz")
_LOOK_UPS = (".sqlite", ".sqlite.gz")
_BLANKS = re.compile(r"\s*")
_GZIP = b"\x1f\x8b"
_BROKEN = (OSError, EOFError, zlib.error)


def read_inventory(*places: Path) -> Inventory:
    """Read JSON and look-up files, and those of folders, as one inventory.

    Look-up files, which know when things were so, are asked before JSON, which may only say what is now. Raise
    UnusableInventory where one cannot be read, or none holds a list of interfaces.
    """
    files = [file for place in places for file in files_in(place, _JSON + _LOOK_UPS)]
    look_ups = [_look_up_file(file) for file in files if file.name.endswith(_LOOK_UPS)]
    documents = [document for file in files if not file.name.endswith(_LOOK_UPS) for document in _expected(file)]
    if not look_ups and not any(map(_lists_interfaces, documents)):
        raise UnusableInventory(
            f"{_names(places)} holds no network interfaces; give what `aws ec2 describe-network-interfaces` prints"
        )
    try:
        read = InterfacesInMemory(
            [interface for document in documents for interface in interfaces_in(document)],
            dict(subnet for document in documents for subnet in subnets_in(document)),
        )
    except RecursionError as error:
        raise UnusableInventory(f"{_names(places)} holds lists in lists without end") from error
    return Inventory.of(*look_ups, *([read] if documents else []))


def _expected(path: Path) -> Iterator[object]:
    try:
        yield from documents_in(path)
    except UnusableInventory as error:
        raise UnusableInventory(f"{error}; give what `flowlogs inventory pull` writes or the AWS CLI prints") from error


def files_in(place: Path, suffixes: tuple[str, ...] = _JSON) -> list[Path]:
    """Give the files of a folder and of the folders in it, in their order; of a file itself, whatever its name."""
    if not place.is_dir():
        return [place]
    return sorted(path for path in place.rglob("*") if path.name.endswith(suffixes) and path.is_file())


def documents_in(path: Path) -> Iterator[object]:
    """Read the JSON documents of a file, packed or not; raise UnusableInventory where it holds anything else."""
    try:
        text = path.read_bytes()
        text = gzip.decompress(text) if text.startswith(_GZIP) else text
    except _BROKEN as error:
        raise UnusableInventory(f"{path.name} cannot be read: {error}") from error
    try:
        yield orjson.loads(text)
    except orjson.JSONDecodeError:
        yield from _one_after_the_other(path.name, text)


def _one_after_the_other(name: str, text: bytes) -> Iterator[object]:
    """Read several responses in one file, as a loop over pages prints them."""
    decoder = json.JSONDecoder()
    try:
        rest = text.decode()
        at = _after_blanks(rest, 0)
        while at < len(rest):
            content, end = decoder.raw_decode(rest, at)
            yield content
            at = _after_blanks(rest, end)
    except (ValueError, RecursionError) as error:
        raise UnusableInventory(f"{name} is not JSON") from error


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _lists_interfaces(document: object) -> bool:
    if isinstance(document, dict):
        return bool({"NetworkInterfaces", "interfaces", "NetworkInterfaceId"} & document.keys())
    return isinstance(document, list)


def _look_up_file(path: Path) -> LookUpFile:
    """Open a look-up file; a packed one as a temporary file, whose space is free once it is let go."""
    if not path.name.endswith(".gz"):
        return LookUpFile(path)
    try:
        with gzip.open(path) as packed, tempfile.NamedTemporaryFile(prefix="flowlogs-", suffix=".sqlite") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
            plain.flush()
            return LookUpFile(Path(plain.name), path.name)  # it is open when its name goes
    except _BROKEN as error:
        raise UnusableInventory(f"{path.name} cannot be read: {error}") from error


def _names(places: Sequence[Path]) -> str:
    return ", ".join(place.name for place in places)
