"""Which fields a line has, in which order: from a header, from the format string, or the default 14."""

import re
from collections.abc import Collection, Iterable
from typing import cast

from flowlogs.errors import MalformedFormat, MalformedRecord
from flowlogs.record.fields import FIELDS, Field, FlowRecord, Kind, field_named, known_among
from flowlogs.record.values import ABSENT, READERS

_PLACEHOLDER = re.compile(r"\$\{([^{}$\s]+)\}")
_ENOUGH = 2  # known names that make a line of names a header, whatever AWS may add
_NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")


def can_be_header(names: Collection[str]) -> bool:
    """Say whether names would be read as a header: all are written as names, and two, or half, are known fields."""
    known = known_among(names)
    return known > 0 and (known >= _ENOUGH or 2 * known >= len(names)) and all(map(_NAME.match, names))


class LogFormat:
    """An order of fields, able to read and write its lines. Immutable; equal when the fields are."""

    __slots__ = ("_columns", "fields", "has_time", "header", "is_text")

    def __init__(self, names: Iterable[str]) -> None:
        """Raise MalformedFormat where there is no field, or one twice."""
        self.fields: tuple[Field, ...] = tuple(field_named(name) for name in names)
        if not self.fields:
            raise MalformedFormat("a log format needs at least one field")
        keys = [field.key for field in self.fields]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise MalformedFormat(f"the field {field_named(twice).name} stands twice in the log format")
        self.header = " ".join(field.name for field in self.fields).encode()
        self.has_time = not {"start", "end"}.isdisjoint(keys)
        self.is_text = all(field.kind is Kind.TEXT for field in self.fields)  # then a header fits like a line
        self._columns = tuple((field.name, field.key, READERS[field.kind]) for field in self.fields)

    @classmethod
    def parse(cls, text: str) -> "LogFormat":
        """Read a format string as AWS writes it (`${version} ${account-id} …`) or bare names, as in a header.

        Raise MalformedFormat where it is neither.
        """
        names = _PLACEHOLDER.findall(text) if "${" in text else text.split()
        rest = _PLACEHOLDER.sub("", text).strip() if "${" in text else ""
        odd = rest or next((name for name in names if not _NAME.match(name)), "")
        if odd:
            raise MalformedFormat(
                f"{odd[:60]!r} is no field name; a log format reads like '${{version}} ${{account-id}} …'"
            )
        return cls(names)

    @classmethod
    def of_header(cls, line: bytes) -> "LogFormat | None":
        """Give the format that a header line names, or None where the line is not a header.

        A header is names only (lower case, each once), two or half of which are fields of flow logs.
        """
        try:
            names = line.decode("ascii").split()
        except UnicodeDecodeError:
            return None
        if len(set(names)) != len(names) or not can_be_header(names):
            return None
        try:
            return cls(names)
        except MalformedFormat:  # a name in both spellings
            return None

    def read(self, line: bytes) -> FlowRecord:
        """Read one line; raise MalformedRecord, naming the field, when it does not fit this format."""
        values = line.split()  # bytes: ASCII blanks only
        self.check_width(values)
        record: dict[str, int | str] = {}
        for (name, key, read), value in zip(self._columns, values, strict=True):
            if value != ABSENT:
                try:
                    record[key] = read(value)
                except ValueError as error:
                    raise MalformedRecord(name, str(error)) from error
        return cast(FlowRecord, record)

    def check_width(self, values: list[bytes]) -> None:
        """Raise MalformedRecord where there are more or fewer values than fields."""
        if len(values) != len(self.fields):
            given = f"{len(values)} value{'' if len(values) == 1 else 's'}"
            raise MalformedRecord("line", f"{given} for {len(self.fields)} fields")

    def write(self, record: FlowRecord) -> bytes:
        """Write a record as a line of this format; a field the record lacks is "-"."""
        values = cast(dict[str, object], record)
        return b" ".join(str(values[field.key]).encode() if field.key in values else ABSENT for field in self.fields)

    def position(self, key: str) -> int | None:
        """Say at which place of a line a field stands, by its key; None where this format lacks it."""
        return next((place for place, field in enumerate(self.fields) if field.key == key), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LogFormat) and self.header == other.header

    def __hash__(self) -> int:
        return hash(self.header)

    def __repr__(self) -> str:
        return f"LogFormat({self.header.decode()!r})"


def fields_up_to(version: int) -> list[str]:
    """List the names of all fields of a version and those before it, in AWS's order."""
    return [field.name for field in FIELDS.values() if field.since <= version]


DEFAULT = LogFormat(fields_up_to(2))
"""The default 14 fields. Source: VPC User Guide, "Flow log records"."""
