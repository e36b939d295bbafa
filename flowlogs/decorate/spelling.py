"""How a document spells its keys and values: as AWS does, or as the columns of the lake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from flowlogs.decorate.document import FACTS, UNKNOWN_FIELDS
from flowlogs.decorate.facts import Facts
from flowlogs.record.fields import FIELDS, Field
from flowlogs.record.timestamps import iso_utc


@dataclass(frozen=True, slots=True)
class Spelling:
    """Writes fragments of a document: `,"key":value` for each key, so that fragments can be joined."""

    columns: bool
    """Whether keys are the lake's columns: underscores, times in milliseconds, places in two columns."""

    def field(self, field: Field) -> Callable[[int | str], bytes]:
        """Give the function that writes one field of the record; an unknown one named like a fact is prefixed."""
        name = field.key if self.columns else field.name
        key = b"," + orjson.dumps(f"{UNKNOWN_FIELDS}-{name}" if name in FACTS and not is_known(field) else name) + b":"
        return lambda value: key + orjson.dumps(value)

    def facts(self, facts: Facts) -> bytes:
        """Write facts."""
        return self.fragment(_as_columns(facts) if self.columns else facts) if facts else b""

    def timestamp(self, seconds: int) -> bytes:
        """Write the time of a record, given in Unix seconds."""
        return self.fragment({"timestamp": seconds * 1000} if self.columns else {"@timestamp": iso_utc(seconds)})

    def unknown(self, fields: bytes) -> bytes:
        """Gather the fragments of fields that are not in the table: one map in the lake, else keys like others."""
        return b',"%b":{%b}' % (UNKNOWN_FIELDS.encode(), fields[1:]) if self.columns and fields else fields

    def fragment(self, values: Mapping[str, object]) -> bytes:
        """Write keys and values, each behind a comma."""
        return b"," + orjson.dumps(values)[1:-1] if values else b""


NATIVE = Spelling(columns=False)
COLUMNS = Spelling(columns=True)


def _as_columns(facts: Facts) -> dict[str, object]:
    columns: dict[str, object] = {}
    for name, value in facts.items():
        key = name.removeprefix("@").replace("-", "_")
        if isinstance(value, dict):
            columns |= {f"{key}_{part}": degrees for part, degrees in value.items()}
        else:
            columns[key] = value
    return columns


def is_known(field: Field) -> bool:
    """Say whether a field is one of VPC flow logs."""
    return field.name in FIELDS
