"""Makes rows of the lake from the documents of a record, as Firehose's format conversion does."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NoReturn

import orjson
import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.decorate.document import lake_columns
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.errors import FlowlogsError

Document = Mapping[str, object]

_TEXTS = pa.map_(pa.string(), pa.string())
_ARROW: dict[str, tuple[pa.DataType, frozenset[type]]] = {
    "bigint": (pa.int64(), frozenset({int})),
    "double": (pa.float64(), frozenset({int, float})),
    "string": (pa.string(), frozenset({str})),
    "timestamp": (pa.timestamp("ms"), frozenset({int})),
    "array<string>": (pa.list_(pa.string()), frozenset({list})),
    "map<string,string>": (_TEXTS, frozenset({dict})),
}
"""Per Glue type: the Arrow type and what Python makes of the JSON values it takes."""

_COLUMNS = {name: _ARROW[glue] for name, glue in lake_columns().items()}
SCHEMA = pa.schema([(name, arrow) for name, (arrow, _) in _COLUMNS.items()])
"""The lake's schema, from the one table of columns."""

_NULL = type(None)
_BLANKS = " \t\r\n"
_BLANK = frozenset(_BLANKS)


class ConversionError(FlowlogsError):
    """Data that does not become rows, with Firehose's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@acts_on(Behaviour.PARQUET_JSON, Behaviour.PARQUET_EMPTY)
def documents_in(data: bytes) -> list[Document]:
    """Read the JSON objects of a record, blanks or nothing between them; raise ConversionError otherwise."""
    try:
        documents = [orjson.loads(line) for line in data.split(b"\n") if line]
    except orjson.JSONDecodeError:
        documents = _read_one_by_one(data)
    if not documents:
        raise ConversionError(
            "DataFormatConversion.MalformedData", "The record was empty or contained only whitespace."
        )
    if any(type(document) is not dict for document in documents):
        raise ConversionError("DataFormatConversion.MalformedData", "The top level must be an object.")
    return documents


def _read_one_by_one(data: bytes) -> list[Document]:
    documents, position = [], 0
    try:
        text = data.decode().strip(_BLANKS)
        while position < len(text):
            document, position = _DECODER.raw_decode(text, position)
            documents.append(document)
            while text[position : position + 1] in _BLANK:
                position += 1
    except (ValueError, RecursionError) as error:
        raise ConversionError("DataFormatConversion.ParseError", "Encountered malformed JSON.") from error
    return documents


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


@acts_on(Behaviour.PARQUET_TYPES, Behaviour.PARQUET_UNKNOWN_KEYS)
def rows_of(documents: Sequence[Document]) -> pa.Table:
    """Make a table with all columns of the lake; raise ConversionError where a value does not fit its column.

    A key the document lacks is null; a key that is no column is left out.
    """
    present = set(chain.from_iterable(documents))
    columns = [
        _column(name, _values(name, documents)) if name in present else pa.nulls(len(documents), arrow)
        for name, (arrow, _) in _COLUMNS.items()
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _values(name: str, documents: Sequence[Document]) -> list[object]:
    try:
        return list(map(itemgetter(name), documents))  # twice as fast where every document has it
    except KeyError:
        return [document.get(name) for document in documents]


def _column(name: str, values: list[object]) -> pa.Array:
    arrow, types = _COLUMNS[name]
    mismatch = ConversionError(
        "DataFormatConversion.MalformedData", f"Data does not match the schema. Column {name} takes {arrow}."
    )
    if not set(map(type, values)) - {_NULL} <= types:  # pyarrow takes 1.5 for the integer 1
        raise mismatch
    try:
        return pa.array(values, arrow)
    except (TypeError, ValueError, OverflowError) as error:
        raise mismatch from error
