"""Reads files of documents, as commands load them."""

import codecs
from collections.abc import Callable
from itertools import islice
from typing import BinaryIO, NamedTuple

import click
import orjson

from flowlogs.cli.inputs import Input, is_parquet, open_input
from flowlogs.cli.plain_table import printable
from flowlogs.errors import MalformedEnvelope, MalformedRecord, UnreadableInput
from flowlogs.ingest.text_stream import lines_of
from flowlogs.record.log_format import DEFAULT, LogFormat
from flowlogs.search.loadable import Earlier, Loadable, Loaded
from flowlogs.search.loading import Loading

_LONGEST_LINE = 2 * 1024 * 1024
"""Bytes of a line: what Firehose keeps of its largest record, 1,000 KiB in base64 with the reason, fits."""
_TOLD = 10
"""Refused lines of a file that are told one by one."""
_FEWEST_FIELDS = 8
"""Words that make a line with the id of an interface a flow record of whichever format."""


class Origin(NamedTuple):
    """Where a document was read, and how it fared before."""

    file: str
    line: int
    earlier: Earlier | None


class DocumentFiles:
    """Reads inputs line by line, and tells of a line that is no document on standard error."""

    def __init__(self, loadable: Loadable, on_refused: Callable[[], None], on_index: Callable[[str], None]) -> None:
        """`on_index` is called with the index of each document before it is sent."""
        self._loadable, self._on_refused, self._on_index = loadable, on_refused, on_index
        self._file, self._line, self._refused, self._new = "", 0, 0, 0
        self.kept_only: list[Input] = []
        """Inputs of which every line was a document that had been kept."""

    def read(self, found: Input, loading: Loading[Origin], advance: Callable[[int], None]) -> bool:
        """Load one input; say whether it could be read. One that cannot costs only itself."""
        if loading.is_lost:
            return True
        self._file, self._line, self._refused, self._new = found.name, 0, 0, 0
        try:
            with open_input(found, advance) as opened:
                self._read(opened, loading)
        except (MalformedEnvelope, OSError) as error:
            return self._unreadable(f"{found.name}: after line {self._line:,}: {error}")
        except UnreadableInput as error:
            return self._unreadable(str(error))
        finally:
            if self._refused > _TOLD:
                more = f"{self._refused - _TOLD:,} more lines were refused"
                click.echo(f"Note: {printable(found.name)}: {more}", err=True)
        if self._line and not self._refused and not self._new and found.place != "-":
            self.kept_only.append(found)
        return True

    def _read(self, opened: BinaryIO, loading: Loading[Origin]) -> None:
        parquet, stream = is_parquet(opened)
        if parquet:
            raise UnreadableInput(f"{self._file} is Parquet; documents are NDJSON")
        index = self._loadable.index_of_file(self._file)
        lines = (line for line in lines_of(stream, _LONGEST_LINE) if self._counted(line))
        for first in islice(lines, 1):
            line = first.removeprefix(codecs.BOM_UTF8)
            if _is_of_a_flow_log(line):
                raise UnreadableInput(f"{self._file} is a flow log: `flowlogs run` makes documents of it")
            self._take(line, index, loading)
        for line in lines:
            self._take(line, index, loading)
            if loading.is_lost:
                return

    def _counted(self, line: bytes) -> bool:
        """Count a line; say whether it is more than blanks."""
        self._line += 1
        return not line.isspace()

    def _take(self, line: bytes, index: str | None, loading: Loading[Origin]) -> None:
        loaded = self._document(line, index)
        if loaded is not None:
            self._new += loaded.earlier is None
            self._on_index(loaded.document[0])
            loading.add(loaded.document, Origin(self._file, self._line, loaded.earlier))

    def _document(self, line: bytes, index: str | None) -> Loaded | None:
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            self._refuse("document", f"longer than {_LONGEST_LINE:,} bytes")
            return None
        try:
            return self._loadable.read(line, index)
        except MalformedRecord as error:
            self._refuse(error.field, error.reason)
            return None

    def _refuse(self, field: str, reason: str) -> None:
        self._on_refused()
        self._refused += 1
        if self._refused <= _TOLD:
            row = {"file": self._file, "line": self._line, "field": field, "reason": reason}
            click.echo(orjson.dumps(row), err=True)

    @staticmethod
    def _unreadable(sentence: str) -> bool:
        click.echo(f"Error: {printable(sentence)}", err=True)
        return False


def _is_of_a_flow_log(line: bytes) -> bool:
    words = line.split()
    if len(words) >= _FEWEST_FIELDS and any(word.startswith(b"eni-") for word in words):
        return not line.lstrip().startswith(b"{")
    return LogFormat.of_header(line.strip()) is not None or _fits(line)


def _fits(line: bytes) -> bool:
    try:
        DEFAULT.read(line)
    except MalformedRecord:
        return False
    return True
