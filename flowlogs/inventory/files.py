"""Reads an inventory from JSON files: what the AWS CLI prints, or the project's own form."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.describe import interfaces_in, subnets_in
from flowlogs.inventory.inventory import Inventory

_SUFFIXES = (".json", ".json.gz")


def read_inventory(*places: Path) -> Inventory:
    """Read files, and every JSON file of folders; raise UnusableInventory where they hold no list of interfaces."""
    contents = [content for place in places for path in _files(place) for content in _contents(path)]
    try:
        interfaces = [interface for content in contents for interface in interfaces_in(content)]
        subnets = dict(subnet for content in contents for subnet in subnets_in(content))
    except RecursionError as error:
        raise UnusableInventory(f"{_names(places)} holds lists in lists without end") from error
    known = any(
        isinstance(content, list) or {"NetworkInterfaces", "interfaces", "NetworkInterfaceId"} & content.keys()
        for content in contents
        if isinstance(content, list | dict)
    )
    if not known:
        raise UnusableInventory(
            f"{_names(places)} holds no network interfaces; give what `aws ec2 describe-network-interfaces` prints"
        )
    return Inventory(interfaces, subnets)


def _names(places: Sequence[Path]) -> str:
    return ", ".join(place.name for place in places)


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(path for path in place.iterdir() if path.name.endswith(_SUFFIXES) and path.is_file())


def _contents(path: Path) -> Iterator[object]:
    try:
        text = path.read_bytes()
        text = gzip.decompress(text) if text.startswith(b"\x1f\x8b") else text
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInventory(f"{path.name} cannot be read: {error}") from error
    try:
        yield orjson.loads(text)
    except orjson.JSONDecodeError:
        yield from _one_after_the_other(path.name, text)


def _one_after_the_other(name: str, text: bytes) -> Iterator[object]:
    """Read several responses in one file, as a loop over pages prints them."""
    decoder = json.JSONDecoder()
    try:
        rest = text.decode().lstrip()
        while rest:
            content, end = decoder.raw_decode(rest)
            yield content
            rest = rest[end:].lstrip()
    except (ValueError, RecursionError) as error:
        raise UnusableInventory(f"{name} is not JSON") from error
