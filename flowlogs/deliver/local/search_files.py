"""The search destination on a laptop: one file of documents an index."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.failed_document import no_document, own_id
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.open_files import OpenFiles
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.stream_record import StreamRecord


class SearchFiles:
    """Writes `<folder>/<index>-YYYY-MM-DD.ndjson`, a document a line, by the day of arrival in UTC or another rotation.

    A run into a folder of an earlier run adds to its files: the older documents are copied first, so that an
    interrupted run leaves them as they were. Two runs at once are refused with OutputInUseError.
    """

    def __init__(self, folder: Path, index: str = "cwl", rotation: Rotation = Rotation.DAILY) -> None:
        self._folder = folder
        self._index = index
        self._rotation = rotation
        self._open: OpenFiles[str, AtomicFile] = OpenFiles()

    def write(self, records: Sequence[StreamRecord]) -> list[FailedRecord]:
        """Take the records that are one document each; give the others back."""
        failed = []
        for record in records:
            index = self._rotation.index_of(self._index, record.arrived)
            reason = why_not_one_document(record.data)
            if reason is None:
                self._file(index).file.write(record.data + b"\n")
            else:
                failed.append(no_document(record, index, own_id(record), reason))
        return failed

    def _file(self, index: str) -> AtomicFile:
        if index not in self._open:
            self._open[index] = AtomicFile.appending(self._folder / f"{index}.ndjson")
        return self._open[index]

    def close(self) -> list[Path]:
        """Finish the files and give their paths."""
        return self._open.close()

    def discard(self) -> None:
        """Remove what is not finished; documents of earlier runs stay."""
        self._open.discard()


@acts_on(Behaviour.SEARCH_ONE_DOCUMENT)
def why_not_one_document(data: bytes) -> str | None:
    """Say why a record is not exactly one JSON object on one line; None where it is."""
    if b"\n" in data or b"\r" in data:
        return "the record holds a line break"
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return f"not one JSON document: {error.msg}"
    return None if isinstance(document, dict) else "not a JSON object"
