"""Reads the inventory that a deployment's function publishes: its state, or a day of its history."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flowlogs.aws.s3 import address_of
from flowlogs.aws.s3_store import S3Store
from flowlogs.errors import UnusableInventory
from flowlogs.folder_store import FolderStore
from flowlogs.inventory.history import history_key, intervals_of
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.publication import Publication
from flowlogs.published import POINTER, Store, read_pointer
from flowlogs.record.timestamps import unix_seconds

_STATE_SECONDS = 48 * 3600
"""For how long before it was taken the state tells all: what is gone stays in it an hour longer."""


@dataclass(frozen=True, slots=True)
class Published:
    """What is published: intervals and who was asked by kind, when it was taken, and sentences on what was not."""

    taken: str  # ISO 8601
    intervals: dict[str, list[Interval]]
    asked: dict[str, set[Scope]]
    failed: list[str]
    day: date | None = None  # of the history, where it is not the last state


def publication_at(place: str) -> Store | None:
    """Give the publication at a place, which may end in its pointer; None where files lie there.

    Raise SettingsError where an address in S3 is none.
    """
    root = place.removesuffix(POINTER) if place.rpartition("/")[2] == POINTER else place
    if place.startswith("s3://"):
        return S3Store(address_of(root))
    return FolderStore(Path(root)) if (Path(root) / POINTER).is_file() else None


def published(store: Store, place: str, at: int | None = None) -> Published:
    """Read the last state; where `at` (Unix seconds) is before it, the Parquet of that day (UTC).

    Raise UnusableInventory where nothing is published, or what is cannot be read.
    """
    try:
        return _published(store, at)
    except (OSError, ValueError, UnusableInventory) as error:
        raise UnusableInventory(f"the inventory published at {place} cannot be read: {error}") from error


def _published(store: Store, at: int | None) -> Published:
    pointer = read_pointer(store)
    if pointer.tag is None:
        raise UnusableInventory(f"there is no {POINTER}")
    publication = Publication(store, run="")
    records = publication.records()
    taken = str(pointer.about.get("taken") or "")
    day = None
    if at is not None and at < (unix_seconds(taken) or 0) - _STATE_SECONDS:
        day = datetime.fromtimestamp(at, UTC).date()
        intervals = _of_day(store, day)
    else:
        intervals = {name: publication.intervals(kind) for name, kind in KINDS.items()}
    asked = {name: {scope for scope, record in records.items() if name in record.taken} for name in intervals}
    failed = [sentence for record in records.values() for sentence in record.failed.values()]
    return Published(taken, intervals, asked, list(dict.fromkeys(failed)), day)


def _of_day(store: Store, day: date) -> dict[str, list[Interval]]:
    stored = {name: store.read(history_key(kind, day)) for name, kind in KINDS.items()}
    intervals = {name: intervals_of(KINDS[name], found[0]) for name, found in stored.items() if found is not None}
    if not intervals:
        raise UnusableInventory(f"there is no history of {day}: it was not written then, or is not kept any longer")
    return intervals
