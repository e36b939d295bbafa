"""Reads inputs, makes documents of their lines on all cores and keeps them in files, batch by batch."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event

from flowlogs.account import Account
from flowlogs.enrich.batch import Batch
from flowlogs.enrich.blocks import Block, BlockEncoder
from flowlogs.enrich.day_files import DayFile
from flowlogs.enrich.packing import Packing
from flowlogs.enrich.reading import BrokenOff, SourceReader, Stopped
from flowlogs.enrich.source import Source
from flowlogs.enrich.written import Written
from flowlogs.errors import UnreadableInput

BLOCK = 16 << 20
"""Bytes of text that are worked on together: some 150,000 default lines."""
BATCH = 2 << 30
"""Bytes of inputs, as they lie there, of which the files are kept together; a packed one counts tenfold."""
_MOST_INPUTS = 20_000  # a batch
_READERS = 4
"""Inputs read at a time, as objects in S3 take their time to begin."""
_LOOK_UP = 0.5
"""Seconds after which one who waits looks whether it is still worth it."""


@dataclass(slots=True)
class Outcome:
    """What became of all lines; `unreadable` says why of inputs that could not be read, of which nothing is kept."""

    account: Account = field(default_factory=Account)
    unreadable: list[str] = field(default_factory=list)
    unknown_lines: int = 0
    inputs: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How documents are made and kept. `held_off` keeps interrupts away while a batch gets its names."""

    encoder: BlockEncoder
    reader: SourceReader
    folder: Path
    make: type[DayFile]
    today: str
    held_off: Callable[[], AbstractContextManager[None]]
    block: int = BLOCK
    workers: int = 0  # 0: one more than there are cores, as look-ups take turns


class Enriching:
    """Enriches inputs into one folder."""

    def __init__(self, plan: Plan, written: Written) -> None:
        self._plan = plan
        self._written = written
        self._workers = plan.workers or 1 + len(os.sched_getaffinity(0))
        self.outcome = Outcome()

    def run(self, sources: Sequence[Source]) -> Outcome:
        """Enrich inputs; one that cannot be read costs only itself: nothing of it is kept."""
        for batch in _batches(sources):
            left = batch
            while left:
                left = self._run(left)
        return self.outcome

    def _run(self, sources: Sequence[Source]) -> list[Source]:
        """Enrich a batch, and give the inputs that are to be read again because something of another was in it."""
        plan = self._plan
        batch = Batch(plan.folder, f"enriched-{self._written.batches:06}", plan.make, plan.today, self._workers)
        try:
            failed = _Work(plan, batch, self._workers).run(sources)
            self.outcome.unreadable += map(str, failed.values())
            left = [source for source in sources if source.name not in failed]
            if any(isinstance(error, BrokenOff) for error in failed.values()):
                batch.discard()
                return left
            if left:
                self._keep(batch, left)
        except BaseException:
            batch.discard()
            raise
        return []

    def _keep(self, batch: Batch, sources: Sequence[Source]) -> None:
        files = batch.finish()
        versions = [source.version for source in sources if source.version is not None]
        with self._plan.held_off():
            self._written.add(versions, files, batch.account.as_dict())
            batch.keep()
        self.outcome.account += batch.account
        self.outcome.unknown_lines += batch.unknown_lines
        self.outcome.inputs += len(sources)


class _Work:
    """The threads of one batch: some read inputs, the others make documents of blocks."""

    def __init__(self, plan: Plan, batch: Batch, workers: int) -> None:
        self._plan = plan
        self._batch = batch
        self._packing = Packing(plan.block)
        self._workers = ThreadPoolExecutor(workers)
        self._room = BoundedSemaphore(workers + 1)  # blocks in memory
        self._stop = Event()
        self._error: BaseException | None = None

    def run(self, sources: Sequence[Source]) -> dict[str, UnreadableInput]:
        """Work until all is written; give what is wrong with inputs that could not be read, by name."""
        failed: dict[str, UnreadableInput] = {}
        try:
            failed = self._read_all(sources)
            for block in self._packing.rest():
                self._submit(block)
            self._workers.shutdown()
        except Stopped:
            pass  # for the error below
        except BaseException:
            self._stop.set()
            raise
        finally:
            self._workers.shutdown(cancel_futures=True)
        if self._error is not None:
            raise self._error
        return failed

    def _read_all(self, sources: Sequence[Source]) -> dict[str, UnreadableInput]:
        if len(sources) == 1:  # in this thread: an interrupt ends the wait for standard input
            return dict(self._read(sources[0]))
        with ThreadPoolExecutor(_READERS) as readers:
            try:
                return {name: error for found in readers.map(self._read, sources) for name, error in found}
            except BaseException:
                self._stop.set()
                readers.shutdown(cancel_futures=True)
                raise

    def _read(self, source: Source) -> list[tuple[str, UnreadableInput]]:
        if self._stop.is_set():
            raise Stopped
        try:
            self._batch.ignore(self._plan.reader.read(source, self._packing, self._submit))
        except UnreadableInput as error:
            return [(source.name, error)]
        return []

    def _submit(self, block: Block) -> None:
        """Let a block be worked on, once there is room for it."""
        while not self._room.acquire(timeout=_LOOK_UP):
            if self._stop.is_set():
                raise Stopped
        if self._stop.is_set():
            raise Stopped
        self._workers.submit(self._work, block)

    def _work(self, block: Block) -> None:
        try:
            if not self._stop.is_set():
                self._batch.write(self._plan.encoder.encode(block))
        except BaseException as error:  # noqa: BLE001 (raised again where all threads have ended)
            self._error = self._error or error
            self._stop.set()
        finally:
            self._room.release()


def _batches(sources: Iterable[Source]) -> Iterator[list[Source]]:
    """Part inputs into batches; what can be read only once is one by itself, as another may have to be read again."""
    batch: list[Source] = []
    size = 0
    for source in sources:
        if source.version is None:
            yield [source]
            continue
        batch.append(source)
        size += source.size
        if size >= BATCH or len(batch) >= _MOST_INPUTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
