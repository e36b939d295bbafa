"""Decorated lines as a table of the lake: texts stay dictionaries, which Parquet writes as they are."""

from collections.abc import Iterable, Mapping, Sequence

import orjson
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.decorate.document import UNKNOWN_FIELDS
from flowlogs.deliver.local.lake_rows import SCHEMA, rows_of
from flowlogs.enrich.coded import Coded
from flowlogs.enrich.columns import NUMBERS
from flowlogs.enrich.decorated import Decorated

_TEXTS = pa.dictionary(pa.int32(), pa.string())
_IN_MEMORY = {pa.string(): _TEXTS, pa.list_(pa.string()): pa.list_(_TEXTS)}
TABLE_SCHEMA = pa.schema([(column.name, _IN_MEMORY.get(column.type, column.type)) for column in SCHEMA])
"""The lake's schema while rows are in memory."""
TIMESTAMP = "timestamp"


def lake_table(decorated: Decorated) -> pa.Table:
    """Make a table of all columns of the lake."""
    found: dict[str, pa.Array] = {TIMESTAMP: _timestamps(decorated.times)}
    for fragments in decorated.fragments:
        found |= _columns(fragments.merged())
    for field, column in decorated.fields:
        found[field.key] = column if field.kind in NUMBERS else _texts(column)
    absent = {type_: pa.nulls(decorated.length, type_) for type_ in set(TABLE_SCHEMA.types)}
    return pa.Table.from_arrays(
        [found.get(column.name, absent[column.type]) for column in TABLE_SCHEMA], schema=TABLE_SCHEMA
    )


def table_of_documents(documents: Sequence[Mapping[str, object]]) -> pa.Table:
    """Make the same of documents that were encoded one by one."""
    return rows_of(documents).cast(TABLE_SCHEMA)


def _texts(column: pa.DictionaryArray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(pa.string()), safe=False)


def _timestamps(times: Coded[int | None]) -> pa.Array:
    milliseconds = [None if time is None else 1000 * time for time in times.things]
    return times.spread(pa.array(milliseconds, TABLE_SCHEMA.field(TIMESTAMP).type))


def _columns(fragments: Coded[bytes]) -> dict[str, pa.Array]:
    """Read each fragment once, and let the rows lead into what it says."""
    documents = [orjson.loads(b"{%b}" % fragment[1:]) for fragment in fragments.things]
    names = dict.fromkeys(name for document in documents for name in document)
    texts = _Texts(fragments)
    return {name: _column(name, [document.get(name) for document in documents], texts) for name in names}


class _Texts:
    """Texts of rows by their codes. A country's name stands where its code stands: such columns share their indices."""

    def __init__(self, fragments: Coded[bytes]) -> None:
        self.fragments = fragments
        self._taken: dict[tuple[int | None, ...], pa.Array] = {}

    def column(self, values: Iterable[object]) -> pa.DictionaryArray:
        """Give the column of which each code has a value."""
        encoded = pc.dictionary_encode(pa.array(values, pa.string()))
        key = tuple(encoded.indices.to_pylist())
        if key not in self._taken:
            self._taken[key] = self.fragments.spread(encoded.indices)
        return pa.DictionaryArray.from_arrays(self._taken[key], encoded.dictionary, safe=False)  # the codes are ours


def _column(name: str, values: Iterable[object], texts: _Texts) -> pa.Array:
    type_ = TABLE_SCHEMA.field(name).type
    if type_ == _TEXTS:
        return texts.column(values)
    if name == UNKNOWN_FIELDS:
        values = [None if value is None else list(value.items()) for value in values]  # type: ignore[attr-defined]
    read = pa.array(values, SCHEMA.field(name).type)
    return texts.fragments.spread(read if read.type == type_ else read.cast(type_))
