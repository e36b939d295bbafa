"""Lines of one format as columns: whole numbers, and dictionaries of the bytes that stand in the lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv as pc_csv  # type: ignore[import-untyped]

from flowlogs.enrich.accepted import LARGEST, accepted, as_seconds, matching, numbers
from flowlogs.record.fields import Field, Kind
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import ABSENT

STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
"""The time in front of each line of a CloudWatch export."""

BYTES = pa.dictionary(pa.int32(), pa.binary())
NUMBERS = (Kind.NUMBER, Kind.TIME)
_STAMP = " stamp"  # no field has a blank in its name


@dataclass(frozen=True, slots=True)
class Columns:
    """Accepted lines: a column per field, in the format's order, "-" being null; `stamps` where a time is in front.

    Numbers and times (Unix seconds) are int64, all else are dictionaries of bytes.

    `odd` are the places (from 0, among all lines) of those that are not accepted, whatever they are.
    """

    log_format: LogFormat
    columns: Sequence[pa.Array]
    stamps: pa.DictionaryArray | None
    odd: Sequence[int]

    def __len__(self) -> int:
        return len(self.columns[0])

    def of(self, key: str) -> pa.Array | None:
        """Give the column of a field by its key; None where the format lacks it."""
        place = self.log_format.position(key)
        return None if place is None else self.columns[place]


def columns_of_text(text: bytes, log_format: LogFormat, *, stamped: bool) -> Columns:
    """Read lines, each ended by a newline; `stamped` says whether a time is in front of them."""
    types = {field.key: BYTES for field in log_format.fields}
    if stamped:
        types = {_STAMP: BYTES, **types}
    text = _plain(text)
    try:
        columns, odd = _read(text, types | (_numbers_of(log_format) if _has_plain_numbers(text) else {}))
    except pa.ArrowInvalid:  # something is no number: what it is, values tell one by one
        columns, odd = _read(text, types)
    return _accepted(log_format, columns, odd, stamped=stamped)


def _numbers_of(log_format: LogFormat) -> dict[str, pa.DataType]:
    return {field.key: pa.uint64() for field in log_format.fields if field.kind in NUMBERS}


def _has_plain_numbers(text: bytes) -> bool:
    """Say that Arrow's uint64 is what the reader takes for a number: digits, tabs around them too, but no `0x1f`."""
    return not ((b"x" in text and b"0x" in text) or (b"X" in text and b"0X" in text))


def _read(text: bytes, types: dict[str, pa.DataType]) -> tuple[list[pa.Array], list[int]]:
    """Give columns, and the places of lines that have another number of values; raise pa.ArrowInvalid for no number."""
    odd: list[int] = []

    def skip(row: pc_csv.InvalidRow) -> str:
        odd.append(row.number - 1)
        return "skip"

    table = pc_csv.read_csv(
        pa.BufferReader(text),
        read_options=pc_csv.ReadOptions(column_names=list(types), use_threads=False, block_size=len(text) + 1),
        parse_options=pc_csv.ParseOptions(
            delimiter=" ",
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        convert_options=pc_csv.ConvertOptions(
            column_types=types,
            check_utf8=False,
            null_values=[ABSENT.decode()],
            strings_can_be_null=True,
        ),
    )
    return list(map(_one_chunk, table.columns)), odd


def _plain(text: bytes) -> bytes:
    """Empty lines that the table would not take for one line of ASCII; being odd, they are read as they are."""
    if text.isascii() and (b"\r" not in text or text.count(b"\r") == text.count(b"\r\n")):
        return text
    return b"\n".join(line if line.isascii() and b"\r" not in line[:-1] else b"" for line in text.split(b"\n"))


def columns_of_table(table: pa.Table, log_format: LogFormat) -> Columns:
    """Read the rows of a Parquet flow log, whose columns are whole numbers or texts."""
    columns = [_one_chunk(_as_written(column)) for column in table.columns]
    return _accepted(log_format, columns, [], stamped=False)


def _as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give values as they would stand in a line; null, "" and "-" are absent."""
    written = column.cast(pa.string()).cast(pa.binary())
    is_absent = pc.is_in(written, value_set=pa.array([b"", ABSENT]))
    return pc.dictionary_encode(pc.if_else(is_absent, pa.scalar(None, pa.binary()), written))


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    together = column.unify_dictionaries().combine_chunks()
    if isinstance(together, pa.ChunkedArray):
        return together.chunk(0) if together.num_chunks else pa.array([], pa.binary()).dictionary_encode()
    return together


def _accepted(log_format: LogFormat, columns: list[pa.Array], odd: list[int], *, stamped: bool) -> Columns:
    """Leave out the rows in which a value is not accepted, and tell their places beside those left out before."""
    fields: list[Field | None] = [*([None] if stamped else []), *log_format.fields]
    refused = [
        wrong
        for place, (field, column) in enumerate(zip(fields, columns, strict=True))
        if (wrong := _refused(column, field, is_first=place == 0)) is not None
    ]
    if refused:
        keeps = pc.invert(_any(refused))
        odd = sorted([*odd, *_places_left_out(keeps, odd)])
        columns = [_kept(column, keeps) for column in columns]
    stamps, columns = (columns[0], columns[1:]) if stamped else (None, columns)
    values = [_values(column, field) for field, column in zip(log_format.fields, columns, strict=True)]
    return Columns(log_format, values, stamps, odd)


def _kept(column: pa.Array, keeps: pa.Array) -> pa.Array:
    rows = column.filter(keeps)
    return pc.dictionary_encode(rows.dictionary_decode()) if isinstance(rows, pa.DictionaryArray) else rows


def _values(column: pa.Array, field: Field) -> pa.Array:
    """Give accepted values as they are worked with."""
    if field.kind not in NUMBERS:
        return column
    if isinstance(column, pa.DictionaryArray):
        return numbers(column.dictionary, field.kind).take(column.indices)
    return as_seconds(column.view(pa.int64()), field.kind)


def _refused(column: pa.Array, field: Field | None, *, is_first: bool) -> pa.Array | None:
    """Say which rows have a value that is not accepted; None where none has. A stamp has no field."""
    if field is None:
        fine = matching(column.dictionary, STAMP)
        wrong = pc.invert(fine.take(column.indices)).fill_null(True)
        return wrong if wrong.true_count else None
    if not isinstance(column, pa.DictionaryArray):
        wrong = pc.greater(column, LARGEST[field.kind]).fill_null(False)
        return wrong if wrong.true_count else None
    fine = accepted(column.dictionary, field, is_first=is_first)
    if not fine.false_count:
        return None
    return pc.invert(fine.take(column.indices)).fill_null(False)


def _any(masks: Iterable[pa.Array]) -> pa.Array:
    first, *others = masks
    for mask in others:
        first = pc.or_(first, mask)
    return first


def _places_left_out(keeps: pa.Array, skipped: Sequence[int]) -> list[int]:
    """Give the places among all lines of rows that are not kept; `skipped` lines are no rows."""
    rows = pc.indices_nonzero(pc.invert(keeps)).to_pylist()
    places, before, following = [], 0, iter([*sorted(skipped), None])
    next_skipped = next(following)
    for row in rows:
        while next_skipped is not None and next_skipped <= row + before:
            before += 1
            next_skipped = next(following)
        places.append(row + before)
    return places
