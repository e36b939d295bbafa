"""Adds documents by several connections at once, in bounded memory."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from queue import SimpleQueue
from threading import Event

from flowlogs.search.bulk import Bulk, Document
from flowlogs.search.bulk_outcome import Outcome

_ROUND_A_SOURCE = 64
"""Bytes of a document's other line, beside its index and id."""
_AHEAD = 2
"""Batches a connection that are read before the first of them is settled."""

Told = Callable[[Document, Outcome], None]


class Loading:
    """Takes documents one by one, sends them in batches, and tells what became of each, in the caller's thread.

    As a context it sends at the end what is left; where an exception ends it, what is not sent yet is forgotten, and
    what is under way is settled and told all the same.
    """

    def __init__(
        self,
        bulks: Sequence[Bulk],
        told: Told,
        hurry: Event,
        undisturbed: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Use each of `bulks` in one thread at a time; `hurry` is set when they shall wait for no second try.

        `undisturbed` keeps interrupts off while a batch is told of, so that all of it is or nothing.
        """
        self._undisturbed = undisturbed
        self._free: SimpleQueue[Bulk] = SimpleQueue()
        for bulk in bulks:
            self._free.put(bulk)
        self._batch_bytes = min(bulk.max_body_bytes for bulk in bulks)
        self._most = _AHEAD * len(bulks)
        self._told = told
        self._hurry = hurry
        self.is_lost = False
        """Whether the server has taken nothing of a batch in all the time there was."""
        self._pool = ThreadPoolExecutor(len(bulks), thread_name_prefix="bulk")
        self._under_way: deque[tuple[list[Document], Future[list[Outcome]]]] = deque()
        self._batch: list[Document] = []
        self._size = 0

    def add(self, document: Document) -> None:
        """Take a document; wait while too many are under way."""
        index, id_, source = document
        size = len(source) + len(index) + len(id_) + _ROUND_A_SOURCE
        if self._batch and self._size + size > self._batch_bytes:
            self._send()
        self._batch.append(document)
        self._size += size

    def _send(self) -> None:
        while len(self._under_way) >= self._most:
            self._settle_oldest()
        batch, self._batch, self._size = self._batch, [], 0
        self._under_way.append((batch, self._pool.submit(self._add, batch)))

    def _add(self, batch: Sequence[Document]) -> list[Outcome]:
        bulk = self._free.get()
        try:
            return bulk(batch)
        finally:
            self._free.put(bulk)

    def _settle_oldest(self) -> None:
        batch, future = self._under_way[0]
        outcomes = future.result()
        with self._undisturbed():
            self._under_way.popleft()
            for document, outcome in zip(batch, outcomes, strict=True):
                self._told(document, outcome)
        if all(outcome.may_pass_later for outcome in outcomes):
            self.is_lost = True
            self._hurry.set()

    def __enter__(self) -> "Loading":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._batch:
            self._send()
        elif kind is not None:
            self._forget()
        try:
            while self._under_way:
                self._settle_oldest()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _forget(self) -> None:
        """Leave out the batches that no thread has begun with."""
        self._hurry.set()
        self._under_way = deque((batch, future) for batch, future in self._under_way if not future.cancel())
