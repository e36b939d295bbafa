"""A publication in memory, and runs that follow each other."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from memory_store import MemoryStore
from world import NOW

from flowlogs.geoip.probe import opened
from flowlogs.geoip.source import Source, Work
from flowlogs.geoip.updated import Updated
from flowlogs.geoip.updating import update
from flowlogs.published import POINTER, read_pointer


@dataclass
class Place:
    """A publication, and runs that follow each other."""

    folder: Path
    now: float = NOW
    runs: int = 0
    work: Work | None = None
    store: MemoryStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(lambda: self.now)

    def run(self, *sources: Source, later: float = 0, time_left: Callable[[], float] = lambda: 100.0) -> Updated:
        self.now += later
        self.runs += 1
        work = self.work or Work(lambda *_: None, self.folder, self.now, opened)
        return update(self.store, sources, replace(work, now=self.now), f"run-{self.runs}", time_left)

    def files(self) -> dict[str, bytes]:
        """Give the content of the publication: every file that it names is there."""
        return {name: self.store.objects[key] for name, key in read_pointer(self.store).files.items()}

    def objects(self) -> list[str]:
        return sorted(key for key in self.store.objects if key != POINTER)
