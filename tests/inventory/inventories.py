"""Every way in which an inventory may be kept: all of them answer alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup_file import LookUpFile, write_lookup_file
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.networks import Network

Subnets = Mapping[str, tuple[Network, ...]]
Make = Callable[..., Inventory]
"""Makes an inventory of interfaces and subnets."""


def in_file(path: Path, interfaces: Iterable[NetworkInterface], subnets: Subnets | None = None) -> Inventory:
    """Write a look-up file and open it."""
    write_lookup_file(path, interfaces, subnets or {}, 0)
    return Inventory(LookUpFile(path))


def makes(folder: Path) -> dict[str, Make]:
    """Give the ways by name; files lie in the folder."""

    def file(interfaces: Sequence[NetworkInterface] = (), subnets: Subnets | None = None) -> Inventory:
        return in_file(folder / "interfaces.sqlite", interfaces, subnets)

    def two(interfaces: Sequence[NetworkInterface] = (), subnets: Subnets | None = None) -> Inventory:
        return Inventory(InterfacesInMemory(interfaces[:1]), InterfacesInMemory(interfaces[1:], subnets))

    def both(interfaces: Sequence[NetworkInterface] = (), subnets: Subnets | None = None) -> Inventory:
        return file(interfaces[:1], subnets).followed_by(InterfacesInMemory(interfaces[1:]))

    def memory(interfaces: Sequence[NetworkInterface] = (), subnets: Subnets | None = None) -> Inventory:
        return Inventory(InterfacesInMemory(interfaces, subnets))

    found: dict[str, Any] = {"memory": memory, "file": file, "two sources": two, "file before memory": both}
    return found


WAYS = ["memory", "file", "two sources", "file before memory"]
