"""Columns as codes: small numbers, each of which stands for one distinct thing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

Thing = TypeVar("Thing")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Coded(Generic[Thing]):
    """What each row has: `codes` (int32, none of them null) lead into `things`, some of which no row may have."""

    codes: pa.Array
    things: Sequence[Thing]

    def mapped(self, function: Callable[[Thing], Other]) -> "Coded[Other]":
        """Put for each thing what a function makes of it, once."""
        return Coded(self.codes, list(map(function, self.things)))

    def merged(self) -> "Coded[Thing]":
        """Let equal things have one code."""
        different = list(dict.fromkeys(self.things))
        if len(different) == len(self.things):
            return self
        numbers = dict(zip(different, range(len(different)), strict=True))
        to = pa.array(list(map(numbers.__getitem__, self.things)), pa.int32())
        return Coded(self.spread(to), different)

    def tell(self, function: Callable[[Thing], bool]) -> pa.Array:
        """Say of each row whether something is true of what it has."""
        return self.spread(pa.array(list(map(function, self.things)), pa.bool_()))

    def spread(self, values: pa.Array) -> pa.Array:
        """Give each row the value, of one for each thing, of what it has."""
        return pc.take(values, self.codes, boundscheck=False)  # codes lead into things: to look once more takes as long


def constant(thing: Thing, length: int) -> Coded[Thing]:
    """Give the same to every row."""
    return Coded(pa.repeat(pa.scalar(0, pa.int32()), length), [thing])


def coded(column: pa.Array, absent: object) -> Coded[Any]:
    """Code a column of bytes, which is a dictionary, or of whole numbers; `absent` is what a null has."""
    if not isinstance(column, pa.DictionaryArray):
        column = pc.dictionary_encode(column)
    things = column.dictionary.to_pylist()
    codes = column.indices
    if codes.null_count:
        codes, things = codes.fill_null(len(things)), [*things, absent]
    return Coded(codes, things)


def coded_numbers(numbers: pa.Array) -> Coded[int]:
    """Code whole numbers, none of which is null."""
    encoded = pc.dictionary_encode(numbers)
    return Coded(encoded.indices, encoded.dictionary.to_pylist())


def paired(one: Coded[Thing], other: Coded[Other]) -> Coded[tuple[Thing, Other]]:
    """Give every row both of what it has."""
    width = len(other.things)
    if width == 1:
        return one.mapped(lambda thing: (thing, other.things[0]))
    if len(one.things) == 1:
        return other.mapped(lambda thing: (one.things[0], thing))
    numbers = pc.dictionary_encode(places(one, other))
    firsts = pc.divide(numbers.dictionary, pa.scalar(width, pa.int64()))
    seconds = pc.subtract(numbers.dictionary, pc.multiply(firsts, pa.scalar(width, pa.int64())))
    pairs = zip(_of(one.things, firsts), _of(other.things, seconds), strict=True)
    return Coded(numbers.indices, list(pairs))


def _of(things: Sequence[Thing], places: pa.Array) -> Iterator[Thing]:
    return map(things.__getitem__, places.to_pylist())


def places(one: Coded[Thing], other: Coded[Other]) -> pa.Array:
    """Give the number of each row's pair: the first one's place, times how many others there are, plus the other's."""
    rows = pc.multiply(one.codes.cast(pa.int64()), pa.scalar(len(other.things), pa.int64()))
    return pc.add(rows, other.codes.cast(pa.int64()))
