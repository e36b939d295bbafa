"""The search destination on a laptop: one file of documents an index."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.object_names import arrival_day
from flowlogs.deliver.local.open_files import OpenFiles
from flowlogs.deliver.local.stream_record import StreamRecord


class SearchFiles:
    """Writes `<folder>/<index>-YYYY-MM-DD.ndjson`, a document a line, by the day of arrival in UTC.

    A run into a folder of an earlier run adds to its files: the older documents are copied first, so that an
    interrupted run leaves them as they were. Two runs at once are refused with OutputInUseError.
    """

    def __init__(self, folder: Path, index: str = "cwl") -> None:
        self._folder = folder
        self._index = index
        self._open: OpenFiles[str, AtomicFile] = OpenFiles()

    def write(self, records: Sequence[StreamRecord]) -> list[FailedRecord]:
        """Take the records that are one document each; give the others back."""
        failed = []
        for record in records:
            index = self._index_of(record)
            reason = why_not_one_document(record.data)
            if reason is None:
                self._file(index).file.write(record.data + b"\n")
            else:
                failed.append(_failed(record, index, reason))
        return failed

    @acts_on(Behaviour.SEARCH_INDEX)
    def _index_of(self, record: StreamRecord) -> str:
        return f"{self._index}-{arrival_day(record.arrived)}"

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


def _failed(record: StreamRecord, index: str, reason: str) -> FailedRecord:
    message = orjson.dumps({"type": "mapper_parsing_exception", "reason": reason}).decode()
    more = {"esDocumentId": f"{record.record_id}.0", "esIndexName": index, "esTypeName": ""}
    return FailedRecord(record, ErrorOutput.SEARCH, "400", message, more=more)
