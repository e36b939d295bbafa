"""What became of every document that `flowlogs search load` read."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flowlogs.deliver.local.failed_document import failed_document
from flowlogs.deliver.local.failure_files import FailureFiles
from flowlogs.deliver.local.stream_record import StreamRecord
from flowlogs.search.bulk import Document
from flowlogs.search.bulk_outcome import Outcome

_NAME = "search-load"
"""Begins the names of objects of documents that failed, where Firehose has the delivery stream's."""


class LoadAccount:
    """Counts documents when they are settled, and keeps those that failed in Firehose's form below a folder."""

    def __init__(self, failed: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept = FailureFiles(failed, _NAME, clock)
        self.indexed_in: Counter[str] = Counter()
        """Documents that were added, by index."""
        self.failed_for: Counter[tuple[int, str]] = Counter()
        """Documents that failed, by status and the server's type of error."""
        self.examples: dict[tuple[int, str], str] = {}
        """What the server said of the first of them."""
        self.duplicates = 0
        self.refused = 0

    def settled(self, document: Document, outcome: Outcome) -> None:
        """Take note of what became of a document that was sent."""
        if outcome.indexed:
            self.indexed_in[document[0]] += 1
        elif outcome.already_there:
            self.duplicates += 1
        else:
            self._keep(document, outcome)

    def refuse(self) -> None:
        """Take note of a line that is no document."""
        self.refused += 1

    def _keep(self, document: Document, outcome: Outcome) -> None:
        index, id_, source = document
        record = StreamRecord(id_, int(self._clock() * 1000), source)
        why, status, attempts = outcome.message, outcome.status, outcome.attempts
        self._kept.write([failed_document(record, index, id_, why, status=status, attempts=attempts)])
        kind = (status, str(outcome.error.get("type", "")))
        self.failed_for[kind] += 1
        self.examples.setdefault(kind, str(outcome.error.get("reason", "")))

    def close(self) -> list[Path]:
        """Finish the objects of documents that failed, and give their paths."""
        return self._kept.close()

    @property
    def failed(self) -> int:
        """Documents that the server does not have."""
        return self.failed_for.total()

    def as_dict(self) -> dict[str, int]:
        """Give the account: `read` is the sum of the others. `refused` are lines that are no document."""
        parts = {
            "indexed": self.indexed_in.total(),
            "duplicates": self.duplicates,
            "failed": self.failed,
            "refused": self.refused,
        }
        return {"read": sum(parts.values()), **parts}
