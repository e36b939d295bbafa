"""The search destination on a laptop where there is a server: documents go to OpenSearch itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.failed_document import NO_DOCUMENT, failed_document, no_document, own_id
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.failure_reasons import FailureReasons
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.search_files import why_not_one_document
from flowlogs.deliver.local.stream_record import StreamRecord


class Fate(Protocol):
    """What became of a document (`flowlogs.search.fate.Fate`)."""

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
    def answer_lost(self) -> bool:
        """Whether it may be there all the same."""
        ...

    @property
    def kind(self) -> str:
        """The server's type of error."""
        ...

    @property
    def reason(self) -> str:
        """Why, for a person."""
        ...

    @property
    def message(self) -> str:
        """Why, as JSON."""
        ...


class Bulk(Protocol):
    """Adds documents (index, id, source) and gives the fate of each (`flowlogs.search.bulk.Bulk`)."""

    @property
    def gave_up_for(self) -> Fate | None:
        """Why the server takes nothing; None while it does."""
        ...

    def __call__(self, documents: Sequence[tuple[str, str, bytes]]) -> Sequence[Fate]:
        """Add documents; the fates are in their order."""
        ...


Addressed = tuple[StreamRecord, str, str]
"""A record with the index and the id that it goes to."""


@dataclass(frozen=True, slots=True)
class SearchServer:
    """Adds documents to `<index>` with the ending of its rotation; what is added is there at once, not at `close`.

    `run` is part of every id: records of another run have the same ids, but are others. A server that was given up is
    asked no more: what comes then is given back, unsent.
    """

    bulk: Bulk
    run: str
    index: str = "cwl"
    rotation: Rotation = Rotation.DAILY
    added: Counter[str] = field(default_factory=Counter)
    """Documents that were added, by index."""
    reasons: FailureReasons = field(default_factory=FailureReasons)
    """Why others were not."""

    def write(self, records: Sequence[StreamRecord]) -> list[FailedRecord]:
        """Add the records that are one document each, and give those back that are none or that the server refuses."""
        failed: list[FailedRecord] = []
        documents: list[Addressed] = []
        for record in records:
            index, id_ = self.rotation.index_of(self.index, record.arrived), self._id(record)
            reason = why_not_one_document(record.data)
            if reason is None:
                documents.append((record, index, id_))
            else:
                self.reasons.note(NO_DOCUMENT.status, NO_DOCUMENT.kind, reason)
                failed.append(no_document(record, index, id_, reason))
        return failed + self._add(documents)

    @acts_on(Behaviour.SEARCH_RETRY)
    def _add(self, documents: Sequence[Addressed]) -> list[FailedRecord]:
        gone = self.bulk.gave_up_for
        if gone is not None:
            return [self._kept(document, gone, attempts=0) for document in documents]
        fates = self.bulk([(index, id_, record.data) for record, index, id_ in documents])
        for (_, index, _), fate in zip(documents, fates, strict=True):
            self.added[index] += not fate.refused
        return [
            self._kept(document, fate, fate.attempts)
            for document, fate in zip(documents, fates, strict=True)
            if fate.refused
        ]

    def _kept(self, document: Addressed, fate: Fate, attempts: int) -> FailedRecord:
        record, index, id_ = document
        self.reasons.note(fate.status, fate.kind, fate.reason, answer_lost=fate.answer_lost)
        return failed_document(record, index, id_, fate.message, status=fate.status, attempts=attempts)

    def _id(self, record: StreamRecord) -> str:
        return f"{self.run}{own_id(record)}"

    def close(self) -> list[Path]:
        """Do nothing: there are no files."""
        return []

    def discard(self) -> None:
        """Do nothing: what was added stays, as it does in AWS."""
