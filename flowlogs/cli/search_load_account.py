"""What became of every document that `flowlogs search load` read."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

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
_ROOM = 64 * 1024
"""Bytes that a folder must have room for: a disk that is all but full is told at the beginning."""


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
        self.perhaps_own = 0
        """Duplicates that may have been added by this load, for an answer was lost."""
        self.not_kept = 0
        """Documents that failed and could not be kept."""
        self.abandoned = 0
        """Documents beside the account, for whose fate nobody waited."""
        self.refused = 0
        self.reached: Origin | None = None
        """The last document that was settled: so are all before it."""

    def check_folder(self) -> None:
        """Raise NotKept where documents that fail could not be kept, before the first of them is sent."""
        try:
            there = next(path for path in (self._folder, *self._folder.absolute().parents) if path.exists())
            with TemporaryFile(dir=there) as file:
                file.write(bytes(_ROOM))
        except OSError as error:
            raise self._why(error) from error

    def settled(self, document: Document, fate: Fate, origin: Origin) -> None:
        """Take note of what became of a document that was sent; raise NotKept where it failed and cannot be kept."""
        self.reached = origin
        if fate.indexed:
            self.indexed_in[document[0]] += 1
        elif fate.already_there:
            self.duplicates += 1
            self.perhaps_own += fate.answer_lost
        else:
            self.reasons.note(fate.status, fate.kind, fate.reason, answer_lost=fate.answer_lost)
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
        if self.not_kept:  # it was said of the first of them
            self.not_kept += 1
            return
        try:
            self._kept.write([failed_document(record, index, id_, fate.message, status=fate.status, attempts=attempts)])
        except OSError as error:
            raise self._given_up(error) from error

    def close(self) -> list[Path]:
        """Finish the objects of documents that failed, and give their paths; raise NotKept where that fails."""
        try:
            return self._kept.close()
        except OSError as error:
            raise self._given_up(error) from error

    def _given_up(self, error: OSError) -> NotKept:
        """Keep nothing: an object of which the end is missing would look whole."""
        self.not_kept = self.reasons.total()
        with suppress(OSError):
            self._kept.discard()
        return self._why(error)

    def _why(self, error: OSError) -> NotKept:
        return NotKept(f"--failed {self._folder} cannot keep what fails: {error.strerror or error}")

    @property
    def taken(self) -> int:
        """Documents that the server has."""
        return self.indexed_in.total() + self.duplicates

    def remarks(self) -> dict[str, int]:
        """Give what the account does not say by itself, where there is any of it."""
        found = {"not_kept": self.not_kept, "perhaps_own": self.perhaps_own, "abandoned": self.abandoned}
        return {name: number for name, number in found.items() if number}

    def as_dict(self) -> dict[str, int]:
        """Give the account: `read` is the sum of the others. `refused` are lines that are no document."""
        parts = {
            "indexed": self.indexed_in.total(),
            "duplicates": self.duplicates,
            "failed": self.reasons.total(),
            "refused": self.refused,
        }
        return {"read": sum(parts.values()), **parts}
