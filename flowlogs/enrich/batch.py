"""A batch: the files of some inputs, which get their names together."""

import base64
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

import orjson

from flowlogs.account import Account
from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.enrich.day_files import DayFile, DayFiles
from flowlogs.enrich.documents import Encoded, RefusedLine

REFUSED = "refused"
"""The folder of refused lines."""


class Batch:
    """Files being written by several threads at once; each has its own."""

    def __init__(self, folder: Path, name: str, make: type[DayFile], today: str, writers: int) -> None:
        self._folder, self._name = folder, name
        self._writers = [DayFiles(folder, f"{name}-{number}", make, today) for number in range(writers)]
        self._idle: SimpleQueue[DayFiles] = SimpleQueue()
        for writer in self._writers:
            self._idle.put(writer)
        self._refused: AtomicFile | None = None
        self._lock = Lock()
        self._is_listed = False
        self.account = Account()
        self.unknown_lines = 0

    def write(self, encoded: Encoded) -> None:
        """Take what became of some lines."""
        writer = self._idle.get()
        try:
            for documents in encoded.documents:
                writer.write(documents)
        finally:
            self._idle.put(writer)
        with self._lock:
            for refused in encoded.refused:
                self._refuse(refused)
            self.account += encoded.account
            self.unknown_lines += encoded.unknown_lines

    def ignore(self, lines: int) -> None:
        """Count headers that were taken out."""
        with self._lock:
            self.account.ignored += lines

    def _refuse(self, refused: RefusedLine) -> None:
        if self._refused is None:
            self._refused = AtomicFile.unique(self._folder / REFUSED, self._name, ".ndjson")
        self._refused.file.write(_row(refused))

    def finish(self) -> list[Path]:
        """Complete the files, and give the names that they will have."""
        for writer in self._writers:
            writer.finish()
        if self._refused is not None:
            self._refused.file.close()
        return [file.path for file in self._files()]

    def keep(self) -> None:
        """Give the files their names; if that fails, they wait for it: the list has them."""
        self._is_listed = True
        for file in self._files():
            file.keep()

    def _files(self) -> list[DayFile | AtomicFile]:
        return [
            *(file for writer in self._writers for file in writer.finished),
            *([self._refused] if self._refused else []),
        ]

    def discard(self) -> None:
        """Remove the files, unless the list has them."""
        if self._is_listed:
            return
        for writer in self._writers:
            writer.discard()
        if self._refused is not None:
            self._refused.discard()


def _row(refused: RefusedLine) -> bytes:
    """Write a refused line as it was, whatever its bytes, behind what says where it stood."""
    row = {
        "file": refused.source,
        "line": refused.number,
        "field": refused.field,
        "reason": refused.reason,
        "header": refused.header.decode(errors="backslashreplace"),
        "text": base64.b64encode(refused.text).decode(),
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
