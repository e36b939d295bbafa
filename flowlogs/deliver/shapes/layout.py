"""What a table of a shape is made of: where each native value stands, what follows from values, what is always so."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from flowlogs.decorate.document import FACTS, FactKind
from flowlogs.record.fields import FIELDS, TRANSIT_GATEWAY_FIELDS, Kind
from flowlogs.record.timestamps import iso_utc, unix_seconds


class Held(StrEnum):
    """What a path holds, a single one or a list of them."""

    TEXT = "text"
    NUMBER = "whole number"
    DEGREES = "number"
    ADDRESS = "address"
    INSTANT = "ISO 8601 UTC"
    MILLISECONDS = "milliseconds since 1970"
    POINT = "{lat, lon}"
    PARTS = "object"
    NESTED = "list of objects"  # each is asked for by itself
    KEPT = "object, not indexed"


class Conversion(NamedTuple):
    """How a native value is written, and read back: nothing is lost."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    meaning: str


def _itself(value: Any) -> Any:
    return value


AS_IT_IS = Conversion(_itself, _itself, "")
AS_TEXT = Conversion(str, int, "as text")
instant = lru_cache(maxsize=1 << 12)(iso_utc)
"""Writes Unix seconds as ISO 8601: records of a batch share their seconds."""
AS_INSTANT = Conversion(instant, unix_seconds, "as ISO 8601")
AS_MILLISECONDS = Conversion(lambda seconds: seconds * 1000, lambda time: time // 1000, "in milliseconds")


@lru_cache(maxsize=1 << 12)
def _milliseconds(iso: str) -> int:
    seconds = unix_seconds(iso)
    if seconds is None:
        raise ValueError(f"{iso[:40]!r} is no instant")
    return seconds * 1000


INSTANT_AS_MILLISECONDS = Conversion(_milliseconds, lambda time: instant(time // 1000), "in milliseconds")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the value of a native name stands: a path with dots."""

    path: str
    held: Held | None = None  # None: what the native value is
    conversion: Conversion = AS_IT_IS


@dataclass(frozen=True, slots=True)
class Derived:
    """A path whose value follows from native values; `of` gives None where there is nothing to say.

    `of` takes the document, or the value of one native name, where `name` is given and the document has it.
    """

    path: str
    held: Held
    of: Callable[[Any], Any]
    meaning: str
    parts: Mapping[str, Held] = field(default_factory=dict)  # of an object
    name: str | None = None


def following(name: str, path: str, held: Held, of: Callable[[Any], Any], meaning: str) -> Derived:
    """Make what follows from one native value."""
    return Derived(path, held, of, meaning, name=name)


def copy(name: str, path: str, held: Held) -> Derived:
    """Make a native value's second place."""
    return Derived(path, held, _itself, f"`{name}`", name=name)


@dataclass(frozen=True, slots=True)
class Layout:
    """A shape as a table.

    `places` has every native name; `extra` is the path of an object that keeps what has no name there. `constants`
    stand in every document.
    """

    standard: str
    places: Mapping[str, Place]
    derived: tuple[Derived, ...]
    constants: Mapping[str, str | int | list[str]]
    extra: str

    def held(self, name: str) -> Held:
        """Say what the place of a native name holds."""
        return self.places[name].held or NATIVE[name]


_OF_KIND = {Kind.NUMBER: Held.NUMBER, Kind.TIME: Held.NUMBER, Kind.ADDRESS: Held.ADDRESS, Kind.TEXT: Held.TEXT}
_OF_FACT = {
    FactKind.TEXT: Held.TEXT,
    FactKind.TEXTS: Held.TEXT,
    FactKind.NUMBER: Held.NUMBER,
    FactKind.INSTANT: Held.INSTANT,
    FactKind.PLACE: Held.POINT,
}
NATIVE: Mapping[str, Held] = {
    **{field.name: _OF_KIND[field.kind] for field in FIELDS.values()},
    **{fact.name: _OF_FACT[fact.kind] for fact in FACTS.values()},
    **dict.fromkeys(sorted(TRANSIT_GATEWAY_FIELDS), Held.TEXT),
}
"""Every native name and what it holds: fields of VPC flow logs, facts, fields of Transit Gateway flow logs."""


def placed(standard: Mapping[str, Place], own: str) -> dict[str, Place]:
    """Give every native name its place: that of the standard, else below `own`, with underscores."""
    return {name: standard.get(name) or Place(f"{own}.{key_of(name)}") for name in NATIVE}


def key_of(name: str) -> str:
    """Write a native name as a key within a path."""
    return name.replace("-", "_")


def distinct(document: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    """Give the values of several names, each once, in order."""
    return list(dict.fromkeys(document[name] for name in names if name in document))
