"""Reads an inventory from files: what the AWS CLI prints, the project's own form, or look-up files."""

import gc
import gzip
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.documents import read_documents
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.kinds import INTERFACES, SUBNETS
from flowlogs.inventory.lookup_file import LookUpFile
from flowlogs.inventory.network_interfaces import network_interface, networks_of_subnets
from flowlogs.inventory.pulled import Pull, one_history

_JSON = (".json", ".json.gz")
_LOOK_UPS = (".sqlite", ".sqlite.gz")
_BLANKS = re.compile(r"\s*")
_GZIP = b"\x1f\x8b"
MOST_BYTES = 2 << 30
"""The largest document that is read: an EC2 answer about 200,000 interfaces is a quarter of that."""
_BROKEN = (OSError, EOFError, zlib.error)


def read_inventory(*places: Path) -> Inventory:
    """Read JSON and look-up files, and those of folders, as one inventory; several pulls are one history.

    Look-up files, which know when things were so, are asked before JSON, which may only say what is now. Raise
    UnusableInventory where one cannot be read, or none holds a list of interfaces.
    """
    files = [file for place in places for file in files_in(place, _JSON + _LOOK_UPS)]
    look_ups = [_look_up_file(file) for file in files if file.name.endswith(_LOOK_UPS)]
    with uncollected():
        read_files = [_read(file) for file in files if not file.name.endswith(_LOOK_UPS)]
        documents = [
            *(found for found, _ in read_files),
            one_history([pull for _, pulls in read_files for pull in pulls]),
        ]
        if not look_ups and not any(INTERFACES.name in found for found in documents):
            raise UnusableInventory(
                f"{_names(places)} holds no network interfaces; give what `flowlogs inventory pull` writes or "
                "`aws ec2 describe-network-interfaces` prints"
            )
        read = InterfacesInMemory(
            (network_interface(each) for found in documents for each in found.get(INTERFACES.name, ())),
            networks_of_subnets(each for found in documents for each in found.get(SUBNETS.name, ())),
        )
    return Inventory(*look_ups, *([read] if read_files else []))


@contextmanager
def uncollected() -> Iterator[None]:
    """Make millions of objects, all of which stay, without looking for garbage among them: that takes half the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _read(path: Path) -> tuple[dict[str, list[Interval]], list[Pull]]:
    """Read what is looked up; sentences name the file, and say what it should be."""
    try:
        return read_documents(documents_in(path), {INTERFACES.name, SUBNETS.name})
    except UnusableInventory as error:
        name = "" if str(error).startswith(path.name) else f"{path.name}: "
        raise UnusableInventory(
            f"{name}{error}; give what `flowlogs inventory pull` writes or the AWS CLI prints"
        ) from error


def files_in(place: Path, suffixes: tuple[str, ...] = _JSON) -> list[Path]:
    """Give the files of a folder and of the folders in it, in their order; of a file itself, whatever its name."""
    if not place.is_dir():
        return [place]
    return sorted(path for path in place.rglob("*") if path.name.endswith(suffixes) and path.is_file())


def documents_in(path: Path) -> Iterator[object]:
    """Read the JSON documents of a file, packed or not; raise UnusableInventory where it holds anything else."""
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(_GZIP)) == _GZIP
        with gzip.open(path) if is_packed else path.open("rb") as content:
            text = content.read(MOST_BYTES + 1)
    except _BROKEN as error:
        raise UnusableInventory(f"{path.name} cannot be read: {error}") from error
    if len(text) > MOST_BYTES:
        raise UnusableInventory(f"{path.name} holds more than {MOST_BYTES >> 30} GiB")
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
