"""Accounts whose content a test changes, and runs of the inventory over them."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
from memory_store import MemoryStore

from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.interface_changes import InterfaceEvent
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.inventory import Found, Inventory
from flowlogs.inventory.kinds import INTERFACES, Facts, Kind
from flowlogs.inventory.publication import LOOK_UP_NAME, Publication
from flowlogs.inventory.taking import Taken
from flowlogs.inventory.updating import Outcome, Sources, Update
from flowlogs.published import Store, read_pointer

NOON = int(datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp())
MINUTE, HOUR = 60, 3600
ONE, TWO = Scope("111111111111", "eu-west-1"), Scope("222222222222", "eu-west-1")
WEB = {"vpc-id": "vpc-1", "addresses": ["10.0.0.5"], "security-group-ids": ["sg-web"], "owner-id": ONE.account_id}
World = dict[Scope, dict[str, dict[str, Facts]]]  # scope, kind, id


@dataclass
class FakeAws:
    """Accounts whose content a test changes; those in `failing` answer nothing."""

    world: World
    failing: dict[Scope, str] = field(default_factory=dict)
    waiting: list[InterfaceEvent] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unread: int = 0
    now: int = NOON
    asked: list[tuple[str, ...]] = field(default_factory=list)
    listing_fails: bool = False
    failing_kinds: set[str] = field(default_factory=set)

    def scopes(self) -> list[Scope]:
        if self.listing_fails:
            raise OSError("AccessDeniedException")
        return list(self.world)

    def take(self, scopes: Sequence[Scope], kinds: Sequence[Kind], time_left: Callable[[], float]) -> Taken:
        self.asked.append(tuple(kind.name for kind in kinds))
        snapshots: dict[Scope, dict[str, Snapshot]] = {}
        failed: dict[tuple[Scope, str], str] = {}
        for scope in scopes:
            if scope in self.failing:
                failed |= {(scope, kind.name): self.failing[scope] for kind in kinds}
                continue
            found = self.world[scope]
            failed |= {(scope, kind.name): "no time" for kind in kinds if kind.name in self.failing_kinds}
            came = [kind.name for kind in kinds if kind.name not in self.failing_kinds]
            snapshots[scope] = {name: Snapshot(scope, self.now, found.get(name, {})) for name in came}
        return Taken(snapshots, failed)

    def drain(self, time_left: Callable[[], float]) -> list[InterfaceEvent]:
        return list(self.waiting)

    def done(self) -> None:
        self.waiting.clear()

    def run(self, store: Store, name: str = "") -> Outcome:
        return self.update(store, name).run()

    def update(self, store: Store, name: str = "") -> Update:
        publication = Publication(store, name or f"run-{self.now}")
        return Update(publication, Sources(self.scopes, self.take, self), self.now, lambda: 60.0)


def interfaces(**by_id: Facts) -> dict[str, dict[str, Facts]]:
    return {INTERFACES.name: {f"eni-{name}": facts for name, facts in by_id.items()}}


def published(store: MemoryStore, folder: Path) -> Inventory:
    """Read what a decorator would: the look-up file that the pointer names."""
    found = store.read(read_pointer(store).files[LOOK_UP_NAME])
    assert found is not None
    path = folder / f"{len(list(folder.iterdir()))}.sqlite.gz"
    path.write_bytes(found[0])
    return read_inventory(path)


def owner(found: Found) -> str | None:
    return None if found.interface is None else found.interface.interface_id


class Crashing(MemoryStore):
    """A store at whose nth writing the process dies."""

    def __init__(self, objects: Mapping[str, bytes], survive: int) -> None:
        super().__init__()
        for key, content in objects.items():
            super().write(key, content)
        self.left = survive

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def write(self, key: str, content: bytes) -> None:
        self._step()
        super().write(key, content)

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        self._step()
        return super().swap(key, content, tag)

    def delete(self, key: str) -> None:
        self._step()
        super().delete(key)


def table(store: MemoryStore, key: str) -> list[dict[str, Any]]:
    found = store.read(key)
    assert found is not None, key
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(found[0])).to_pylist()
    return rows
