"""Decorated lines as NDJSON: every fragment is written once, and joined for each row."""

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.decorate.spelling import Spelling
from flowlogs.enrich.coded import Coded
from flowlogs.enrich.columns import NUMBERS
from flowlogs.enrich.decorated import Decorated
from flowlogs.record.fields import Field
from flowlogs.record.values import READERS

_NOTHING = pa.scalar(b"", pa.binary())
_END = pa.scalar(b"}\n", pa.binary())


def json_lines(decorated: Decorated, spelling: Spelling) -> pa.Array:
    """Give the document of each row, newline-ended."""
    own, *others = decorated.fragments
    times = decorated.times.mapped(lambda time: b"" if time is None else spelling.timestamp(time))
    rest = [
        *(_values(field, column, spelling) for field, column in decorated.fields),
        _take(times),
        *map(_take, others),
    ]
    if all(own.things):  # then the first comma is known
        return _joined(_take(own.mapped(lambda fragment: b"{" + fragment[1:])), *rest, _END)
    begun = pc.binary_replace_slice(_joined(_take(own), *rest), 0, 1, b"{")  # in place of the comma, if there is any
    return _joined(begun, _END)


def _joined(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, _NOTHING)


def _take(fragments: Coded[bytes]) -> pa.Array:
    merged = fragments.merged()
    return merged.spread(pa.array(merged.things, pa.binary()))


def _values(field: Field, column: pa.Array, spelling: Spelling) -> pa.Array:
    if field.kind in NUMBERS:
        column = pc.dictionary_encode(column)
        name = spelling.field(field)(0).removesuffix(b"0")
        digits = column.dictionary.cast(pa.string()).cast(pa.binary())
        written = pc.binary_join_element_wise(pa.scalar(name, pa.binary()), digits, _NOTHING)
    else:
        write, read = spelling.field(field), READERS[field.kind]
        written = pa.array([write(read(value)) for value in column.dictionary.to_pylist()], pa.binary())
    return pc.fill_null(written.take(column.indices), b"")
