"""Blocks of lines, of one input or packed of many, and how they become documents."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from threading import Lock

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.spelling import Spelling
from flowlogs.enrich.columns import Columns, columns_of_table, columns_of_text
from flowlogs.enrich.decorator import Decorator
from flowlogs.enrich.documents import Documents, Encoded
from flowlogs.enrich.json_lines import json_lines
from flowlogs.enrich.lake_table import lake_table
from flowlogs.enrich.one_by_one import MOST_FORMATS, OneByOne
from flowlogs.enrich.pieces import Piece
from flowlogs.errors import MalformedRecord
from flowlogs.ingest.lines import Line, Refused
from flowlogs.record.json_line import line_of
from flowlogs.record.log_format import LogFormat


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Pieces of one format, all with a time in front of their lines or none."""

    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class TableBlock:
    """Rows of a Parquet flow log; `number` is that of the first, from 1."""

    source: str
    log_format: LogFormat
    number: int
    table: pa.Table


@dataclass(frozen=True, slots=True)
class LinesBlock:
    """Lines that were found in something else than text: an event of a function."""

    source: str
    found: Sequence[Line | Refused]


Block = TextBlock | TableBlock | LinesBlock


class BlockEncoder:
    """Encodes blocks, in several threads at once: look-ups take turns, the work on columns does not."""

    def __init__(self, spelling: Spelling, knowledge: Knowledge) -> None:
        self._spelling = spelling
        self._knowledge = knowledge
        self._one_by_one = OneByOne(spelling, knowledge)
        self._decorators: dict[LogFormat, Decorator] = {}
        self._look_ups = Lock()

    def encode(self, block: Block) -> Encoded:
        """Give the documents of a block, and what became of each line."""
        if isinstance(block, TextBlock):
            return self._of_text(block)
        if isinstance(block, TableBlock):
            return self._of_table(block)
        with self._look_ups:
            return self._one_by_one.encode(block.source, block.found)

    def _of_text(self, block: TextBlock) -> Encoded:
        first = block.pieces[0]
        text = first.text if len(block.pieces) == 1 else b"".join(piece.text for piece in block.pieces)
        columns = columns_of_text(text, first.log_format, stamped=first.stamped)
        encoded = self._of_columns(columns)
        if columns.odd:
            self._add_odd(block, text.split(b"\n"), columns.odd, encoded)
        return encoded

    def _add_odd(self, block: TextBlock, lines: Sequence[bytes], odd: Sequence[int], encoded: Encoded) -> None:
        """Read what the columns did not take with care, each line as one of its own input."""
        ends = list(accumulate(piece.text.count(b"\n") for piece in block.pieces))
        for at, places in groupby(odd, key=lambda place: bisect_right(ends, place)):
            piece = block.pieces[at]
            offset = piece.number - (ends[at - 1] if at else 0)
            with self._look_ups:
                found = self._one_by_one.read(
                    piece.source, piece.log_format, [(place + offset, lines[place]) for place in places]
                )
            _add(encoded, found)

    def _of_table(self, block: TableBlock) -> Encoded:
        encoded: Encoded = Encoded()
        odd: Sequence[int] = range(block.table.num_rows)
        if all(map(_can_stand_in_lines, block.table.schema.types)):
            columns = columns_of_table(block.table, block.log_format)
            encoded, odd = self._of_columns(columns), columns.odd
        if odd:
            rows = block.table.take(pa.array(odd, pa.int64())).to_pylist()
            found = [_line(row, block.number + place) for row, place in zip(rows, odd, strict=True)]
            with self._look_ups:
                _add(encoded, self._one_by_one.encode(block.source, found))
        return encoded

    def _of_columns(self, columns: Columns) -> Encoded:
        encoded = Encoded()
        if len(columns):
            with self._look_ups:
                decorator = self._decorator(columns.log_format)
                decorated = decorator.decorate(columns)
                decorator.trim()
                self._one_by_one.trim()
            rows = lake_table(decorated) if self._spelling.columns else json_lines(decorated, self._spelling)
            encoded.delivered([Documents(rows, decorated.times)], decorated.length)
            encoded.unknown_lines = decorated.unknown_lines
        return encoded

    def _decorator(self, log_format: LogFormat) -> Decorator:
        if log_format not in self._decorators:
            if len(self._decorators) >= MOST_FORMATS:
                self._decorators.clear()
            self._decorators[log_format] = Decorator(log_format, self._spelling, self._knowledge)
        return self._decorators[log_format]


def _can_stand_in_lines(type_: pa.DataType) -> bool:
    is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    return bool(is_text or pa.types.is_integer(type_))


def _line(row: dict[str, object], number: int) -> Line | Refused:
    try:
        log_format, text = line_of(row)
    except MalformedRecord as error:
        return Refused(b"", error.field, error.reason, b"", number)
    return Line(log_format, text, None, number)


def _add(encoded: Encoded, more: Encoded) -> None:
    encoded.documents += more.documents
    encoded.refused += more.refused
    encoded.account += more.account
    encoded.unknown_lines += more.unknown_lines
