"""Adds documents by several connections at once, in bounded memory."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from queue import SimpleQueue
from threading import Event
from typing import Generic, TypeVar

from flowlogs.search.bulk import Bulk, Document
from flowlogs.search.fate import Fate

_ROUND_A_SOURCE = 64
"""Bytes of a document's other line, beside its index and id."""
_AHEAD = 2
"""Batches a connection that are read before the first of them is settled."""

Note = TypeVar("Note")
"""What the caller wants to know of a document when it is told of its fate."""
Batch = list[tuple[Document, Note]]


class Loading(Generic[Note]):
    """Takes documents one by one, sends them in batches, and tells the fate of each in their order, in this thread.

    As a context it sends at the end what is left. Where an exception or an interrupt ends it, also while it waits for
    the last answers, what is not sent yet is forgotten, and what is under way is settled and told all the same. A
    second interrupt ends that too.
    """

    def __init__(
        self,
        bulks: Sequence[Bulk],
        told: Callable[[Document, Fate, Note], None],
        hurry: Event,
        undisturbed: Callable[[], AbstractContextManager[None]] = nullcontext,
        on_interrupt: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Use each of `bulks` in one thread at a time; `hurry` is set when they shall wait for no second try.

        `undisturbed` keeps interrupts off while a batch is handed over or told of: all of it is, or nothing.
        `on_interrupt` is told how many documents have no answer yet that is waited for, where there are some.
        """
        self._undisturbed = undisturbed
        self._on_interrupt = on_interrupt
        self._free: SimpleQueue[Bulk] = SimpleQueue()
        for bulk in bulks:
            self._free.put(bulk)
        self._batch_bytes = min(bulk.max_body_bytes for bulk in bulks)
        self._most = _AHEAD * len(bulks)
        self._told = told
        self._hurry = hurry
        self.lost_for: Fate | None = None
        """Why the server takes nothing any more: the fate of a whole batch; None while it does."""
        self.abandoned = 0
        """Documents for whose fate nobody waited, after a second interrupt: they may have been added, or may yet be."""
        self._pool = ThreadPoolExecutor(len(bulks), thread_name_prefix="bulk")
        self._under_way: deque[tuple[Batch[Note], Future[list[Fate]]]] = deque()
        self._batch: Batch[Note] = []
        self._size = 0

    @property
    def is_lost(self) -> bool:
        """Whether the server takes nothing any more: what is added now is forgotten."""
        return self.lost_for is not None

    def add(self, document: Document, note: Note) -> None:
        """Take a document; wait while too many are under way."""
        index, id_, source = document
        size = len(source) + len(index) + len(id_) + _ROUND_A_SOURCE
        if self._batch and self._size + size > self._batch_bytes:
            self._send()
        if not self.is_lost:
            self._batch.append((document, note))
            self._size += size

    def _send(self) -> None:
        while len(self._under_way) >= self._most:
            self._settle_oldest()
        if self.is_lost:
            return
        with self._undisturbed():
            batch, self._batch, self._size = self._batch, [], 0
            self._under_way.append((batch, self._pool.submit(self._add, [document for document, _ in batch])))

    def _add(self, batch: Sequence[Document]) -> list[Fate]:
        bulk = self._free.get()
        try:
            return bulk(batch)
        finally:
            self._free.put(bulk)

    def _settle_oldest(self) -> None:
        batch, future = self._under_way[0]
        if not future.cancelled():  # `wait` would wait until a thread comes upon it, and all may hang
            wait([future])
        with self._undisturbed():
            self._under_way.popleft()
            if not future.cancelled():
                self._tell(batch, future.result())

    def _tell(self, batch: Batch[Note], fates: Sequence[Fate]) -> None:
        """Tell all of a batch; where one cannot be taken note of (a full disk), raise that at the end."""
        raised: BaseException | None = None
        for (document, note), fate in zip(batch, fates, strict=True):
            try:
                self._told(document, fate, note)
            except BaseException as error:  # noqa: BLE001 (raised when all is told)
                raised = error
        if all(fate.concerns_all for fate in fates):
            self.lost_for = replace(fates[0], answer_lost=False)
            self._stop()
        if raised is not None:
            raise raised

    def _stop(self) -> None:
        """Forget what no thread has begun with, and wait for no second try."""
        self._hurry.set()
        self._batch, self._size = [], 0
        for _, future in self._under_way:
            future.cancel()

    def __enter__(self) -> "Loading[Note]":
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: object) -> None:
        try:
            self._finish(error)
        finally:
            self._pool.shutdown(wait=not self.abandoned, cancel_futures=True)

    def _finish(self, ended_by: BaseException | None) -> None:
        """Settle all there is; what interrupts that is raised when the rest is told, or at once the second time."""
        raised: BaseException | None = None
        interrupts = 0
        error = ended_by
        while True:
            try:
                if error is not None:
                    interrupts += _is_interrupt(error)
                    error = None
                    self._stop()
                    self._tell_of_waiting(interrupts)
                self._settle_rest()
                break
            except BaseException as another:  # noqa: BLE001 (raised below)
                error = another
                raised = raised or another
                if interrupts and _is_interrupt(another):
                    self._abandon()
                    break
        if raised is not None:
            raise raised

    def _settle_rest(self) -> None:
        while self._batch or self._under_way:
            if self._batch:
                self._send()
            else:
                self._settle_oldest()

    def _tell_of_waiting(self, interrupts: int) -> None:
        waiting = self._without_answer()
        if interrupts and waiting:
            self._on_interrupt(waiting)

    def _abandon(self) -> None:
        """Wait for no answer any more."""
        self._stop()
        self.abandoned = self._without_answer()
        self._under_way = deque(each for each in self._under_way if each[1].done())
        self._settle_rest()

    def _without_answer(self) -> int:
        return sum(len(batch) for batch, future in self._under_way if not future.done())


def _is_interrupt(error: BaseException) -> bool:
    return isinstance(error, (KeyboardInterrupt, SystemExit))
