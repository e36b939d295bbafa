"""Columns as codes: small numbers, each of which stands for one distinct thing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

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
        return Coded(self.codes, [function(thing) for thing in self.things])

    def merged(self) -> "Coded[Thing]":
        """Let equal things have one code."""
        numbers: dict[Thing, int] = {}
        to = [numbers.setdefault(thing, len(numbers)) for thing in self.things]
        return self if len(numbers) == len(to) else Coded(pa.array(to, pa.int32()).take(self.codes), list(numbers))

    def tell(self, function: Callable[[Thing], bool]) -> pa.Array:
        """Say of each row whether something is true of what it has."""
        return pa.array(map(function, self.things), pa.bool_()).take(self.codes)


def constant(thing: Thing, length: int) -> Coded[Thing]:
    """Give the same to every row."""
    return Coded(pa.repeat(pa.scalar(0, pa.int32()), length), [thing])


def coded(column: pa.DictionaryArray, absent: object) -> Coded[bytes]:
    """Read a column of a dictionary of bytes; `absent` is what a null has."""
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
    numbers = coded_numbers(places(one, other))
    pairs = (divmod(number, width) for number in numbers.things)
    return Coded(numbers.codes, [(one.things[first], other.things[second]) for first, second in pairs])


def places(one: Coded[Thing], other: Coded[Other]) -> pa.Array:
    """Give the number of each row's pair: the first one's place, times how many others there are, plus the other's."""
    rows = pc.multiply(one.codes.cast(pa.int64()), pa.scalar(len(other.things), pa.int64()))
    return pc.add(rows, other.codes.cast(pa.int64()))
