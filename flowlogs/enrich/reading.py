"""Reads one input and hands on its blocks; of one that is small only when it is read to its end."""

from collections.abc import Callable, Sequence
from itertools import islice

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.enrich.blocks import Block, LinesBlock, TableBlock
from flowlogs.enrich.packing import Packing
from flowlogs.enrich.pieces import Piece, Pieces
from flowlogs.enrich.source import Lines, Source, Tables, Text
from flowlogs.errors import MalformedEnvelope, MalformedFormat, UnreadableInput
from flowlogs.record.json_line import names_fields
from flowlogs.record.log_format import LogFormat

_LINES = 10_000
"""Lines of an event that are worked on together."""

Submit = Callable[[Block], None]


class BrokenOff(UnreadableInput):
    """An input that could not be read to its end, some of which was handed on already."""


class Stopped(Exception):
    """Work that need not go on: something else has failed."""


class SourceReader:
    """Reads inputs in a configured order of fields, or in that of their own headers, in blocks of some bytes."""

    def __init__(self, log_format: LogFormat, block: int) -> None:
        self._log_format = log_format
        self._block = block

    def read(self, source: Source, packing: Packing, submit: Submit) -> int:
        """Hand on the lines of an input, and give the number of lines in it that are ignored.

        Raise UnreadableInput where it cannot be read to its end, BrokenOff where some of it was handed on by then.
        """
        handed = Handed(submit)
        try:
            with source.open() as content:
                if isinstance(content, Text):
                    return self._read_text(source, content, packing, handed)
                if isinstance(content, Tables):
                    return _read_tables(source, content, handed)
                return _read_lines(source, content, handed)
        except UnreadableInput as error:
            raise (BrokenOff(str(error)) if handed.any else error) from error
        except (MalformedEnvelope, OSError, pa.ArrowException) as error:
            raise (BrokenOff if handed.any else UnreadableInput)(f"{source.name}: {error}") from error

    def _read_text(self, source: Source, content: Text, packing: Packing, handed: "Handed") -> int:
        pieces, held, size = Pieces(source.name, self._log_format), list[Piece](), 0
        try:
            for piece in pieces.read(content.stream, self._block):
                held.append(piece)
                size += len(piece.text)
                if size >= self._block:
                    handed.pack(held, packing)
                    held.clear()
        except (MalformedEnvelope, OSError) as error:
            raise UnreadableInput(f"{source.name}: after line {pieces.number:,}: {error}") from error
        handed.pack(held, packing)
        return pieces.ignored


class Handed:
    """Hands blocks on, and remembers whether there were any."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self.any = False

    def on(self, block: Block) -> None:
        """Hand a block on."""
        self.any = True
        self._submit(block)

    def pack(self, pieces: Sequence[Piece], packing: Packing) -> None:
        """Hand pieces on, packed with others."""
        self.any = True
        for block in packing.add(pieces):
            self._submit(block)


def _read_tables(source: Source, content: Tables, handed: Handed) -> int:
    number = 1
    for table in content.tables:
        names = table.schema.names
        if not names_fields(dict.fromkeys(names)):
            raise UnreadableInput(f"{source.name}: its columns are not those of a flow log")
        try:
            handed.on(TableBlock(source.name, LogFormat(names), number, table))
        except MalformedFormat as error:
            raise UnreadableInput(f"{source.name}: {error}") from error
        number += table.num_rows
    return 0


def _read_lines(source: Source, content: Lines, handed: Handed) -> int:
    lines = iter(content.lines)
    while some := list(islice(lines, _LINES)):
        handed.on(LinesBlock(source.name, some))
    return content.ignored()
