"""Reads files of documents, as commands load them."""

from collections.abc import Callable
from typing import BinaryIO

import click
import orjson

from flowlogs.cli.inputs import Input, is_parquet, open_input
from flowlogs.cli.plain_table import printable
from flowlogs.errors import MalformedEnvelope, MalformedRecord, UnreadableInput
from flowlogs.ingest.text_stream import LONGEST_LINE, lines_of
from flowlogs.search.loadable import Loadable
from flowlogs.search.loading import Loading


class DocumentFiles:
    """Reads inputs line by line, and tells of a line that is no document on standard error."""

    def __init__(self, loadable: Loadable, on_refused: Callable[[], None]) -> None:
        self._loadable, self._on_refused = loadable, on_refused
        self._file, self._line = "", 0

    @property
    def place(self) -> str:
        """Where reading is."""
        return f"line {self._line:,} of {printable(self._file)}" if self._file else "the first file"

    def read(self, found: Input, index: str | None, loading: Loading, advance: Callable[[int], None]) -> bool:
        """Load one input; say whether it could be read. One that cannot costs only itself."""
        if loading.is_lost:
            return True
        self._file, self._line = found.name, 0
        try:
            with open_input(found, advance) as opened:
                self._read(opened, index, loading)
        except (MalformedEnvelope, OSError) as error:
            return self._unreadable(f"{found.name}: after line {self._line:,}: {error}")
        except UnreadableInput as error:
            return self._unreadable(str(error))
        return True

    def _read(self, opened: BinaryIO, index: str | None, loading: Loading) -> None:
        parquet, stream = is_parquet(opened)
        if parquet:
            raise UnreadableInput(f"{self._file} is Parquet; documents are NDJSON")
        for line in lines_of(stream):
            self._line += 1
            self._take(line, index, loading)
            if loading.is_lost:
                return

    def _take(self, line: bytes, index: str | None, loading: Loading) -> None:
        if line.isspace():
            return
        try:
            document = self._loadable.read(line, index)
        except MalformedRecord as error:
            self._on_refused()
            reason = error.reason if len(line) < LONGEST_LINE else f"longer than {LONGEST_LINE:,} bytes"
            row = {"file": self._file, "line": self._line, "field": error.field, "reason": reason}
            click.echo(orjson.dumps(row), err=True)
        else:
            loading.add(document)

    @staticmethod
    def _unreadable(sentence: str) -> bool:
        click.echo(f"Error: {printable(sentence)}", err=True)
        return False
