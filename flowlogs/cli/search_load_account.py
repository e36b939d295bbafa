"""What became of every document that `flowlogs search load` read."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flowlogs.cli.document_files import Origin
from flowlogs.deliver.local.failed_document import failed_document
from flowlogs.deliver.local.failure_files import FailureFiles
from flowlogs.deliver.local.failure_reasons import FailureReasons
from flowlogs.deliver.local.stream_record import StreamRecord
from flowlogs.errors import NotKept
from flowlogs.search.bulk import Document
from flowlogs.search.fate import Fate

_NAME = "search-load"
"""Begins the names of objects of documents that failed, where Firehose has the delivery stream's."""


class LoadAccount:
    """Counts documents when they are settled, and keeps those that failed in Firehose's form below a folder."""

    def __init__(self, failed: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._folder = failed
        self._kept = FailureFiles(failed, _NAME, clock)
        self.indexed_in: Counter[str] = Counter()
        """Documents that were added, by index."""
        self.reasons = FailureReasons()
        """Why others failed."""
        self.duplicates = 0
        self.refused = 0
        self.reached: Origin | None = None
        """The last document that was settled: so are all before it."""

    def settled(self, document: Document, fate: Fate, origin: Origin) -> None:
        """Take note of what became of a document that was sent; raise NotKept where it failed and cannot be kept."""
        self.reached = origin
        if fate.indexed:
            self.indexed_in[document[0]] += 1
        elif fate.already_there:
            self.duplicates += 1
        else:
            self.reasons.note(fate.status, fate.kind, fate.reason)
            self._keep(document, fate, origin)

    def refuse(self) -> None:
        """Take note of a line that is no document."""
        self.refused += 1

    def _keep(self, document: Document, fate: Fate, origin: Origin) -> None:
        """Keep a document; one that was kept before keeps its arrival, and its attempts count on."""
        index, id_, source = document
        arrived, attempts = origin.earlier or (None, 0)
        record = StreamRecord(id_, int(self._clock() * 1000) if arrived is None else arrived, source)
        attempts += fate.attempts
        try:
            self._kept.write([failed_document(record, index, id_, fate.message, status=fate.status, attempts=attempts)])
        except OSError as error:
            raise NotKept(f"{self._folder} cannot keep what failed: {error.strerror or error}") from error

    def close(self) -> list[Path]:
        """Finish the objects of documents that failed, and give their paths."""
        return self._kept.close()

    @property
    def taken(self) -> int:
        """Documents that the server has."""
        return self.indexed_in.total() + self.duplicates

    def as_dict(self) -> dict[str, int]:
        """Give the account: `read` is the sum of the others. `refused` are lines that are no document."""
        parts = {
            "indexed": self.indexed_in.total(),
            "duplicates": self.duplicates,
            "failed": self.reasons.total(),
            "refused": self.refused,
        }
        return {"read": sum(parts.values()), **parts}
