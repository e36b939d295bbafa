"""The search destination on a laptop where there is a server: documents go to OpenSearch itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.failed_document import failed_document, no_document
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.search_files import why_not_one_document
from flowlogs.deliver.local.stream_record import StreamRecord


class Outcome(Protocol):
    """What became of a document (`flowlogs.search.bulk_outcome.Outcome`)."""

    @property
    def status(self) -> int:
        """HTTP's."""
        ...

    @property
    def attempts(self) -> int:
        """How often it was sent."""
        ...

    @property
    def refused(self) -> bool:
        """Whether it is not there."""
        ...

    @property
    def message(self) -> str:
        """Why, as JSON."""
        ...


class Bulk(Protocol):
    """Adds documents (index, id, source) and gives the outcome of each (`flowlogs.search.bulk.Bulk`)."""

    def __call__(self, documents: Sequence[tuple[str, str, bytes]]) -> Sequence[Outcome]:
        """Add documents; the outcomes are in their order."""
        ...


@dataclass(frozen=True, slots=True)
class SearchServer:
    """Adds documents to `<index>` with the ending of its rotation; what is added is there at once, not at `close`.

    `run` is part of every id: records of another run have the same ids, but are others.
    """

    bulk: Bulk
    run: str
    index: str = "cwl"
    rotation: Rotation = Rotation.DAILY
    added: Counter[str] = field(default_factory=Counter)
    """Documents that were added, by index."""

    @acts_on(Behaviour.SEARCH_RETRY)
    def write(self, records: Sequence[StreamRecord]) -> list[FailedRecord]:
        """Add the records that are one document each, and give those back that are none or that the server refuses."""
        failed: list[FailedRecord] = []
        sent: list[tuple[StreamRecord, tuple[str, str, bytes]]] = []
        for record in records:
            index, id_ = self.rotation.index_of(self.index, record.arrived), self._id(record)
            reason = why_not_one_document(record.data)
            if reason is None:
                sent.append((record, (index, id_, record.data)))
            else:
                failed.append(no_document(record, index, id_, reason))
        outcomes = self.bulk([document for _, document in sent])
        for (record, (index, id_, _)), outcome in zip(sent, outcomes, strict=True):
            if outcome.refused:
                why, status, attempts = outcome.message, outcome.status, outcome.attempts
                failed.append(failed_document(record, index, id_, why, status=status, attempts=attempts))
            else:
                self.added[index] += 1
        return failed

    @acts_on(Behaviour.SEARCH_ID)
    def _id(self, record: StreamRecord) -> str:
        return f"{self.run}{record.record_id}.0"

    def close(self) -> list[Path]:
        """Do nothing: there are no files."""
        return []

    def discard(self) -> None:
        """Do nothing: what was added stays, as it does in AWS."""
