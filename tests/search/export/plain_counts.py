"""Counts records in plain Python, to hold against what a panel shows; knows nothing of the panel's description."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from panel_numbers import Shown

Record = Mapping[str, Any]
Values = Callable[[Record], Sequence[Hashable]]
Number = Callable[[Sequence[Record]], float]

_ROUNDING, _ESTIMATE, _EXACT_BELOW = 1e-9, 0.05, 3000
"""Of many different values OpenSearch gives an estimate. Source: OpenSearch, "Cardinality", `precision_threshold`."""


@dataclass(frozen=True, slots=True)
class Split:
    """By what is counted: a record is under each of its values. `most` is how many values are shown, the largest."""

    values: Values
    most: int | None = None
    least: bool = False
    others: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """What a panel has to show: of which records, split by what, which numbers; the first decides which are largest."""

    numbers: Sequence[Number]
    by: Sequence[Split] = ()
    of: Callable[[Record], bool] = lambda record: True


def number(records: Sequence[Record]) -> float:
    """Count records."""
    return len(records)


def total(name: str) -> Number:
    """Add up a field."""
    return lambda records: sum(record.get(name, 0) for record in records)


@dataclass(frozen=True, slots=True)
class Different:
    """Counts the different values of a field."""

    name: str

    def __call__(self, records: Sequence[Record]) -> float:
        """Count them exactly."""
        return len({value for record in records for value in values_of(record, self.name)})


def newest(records: Sequence[Record]) -> float:
    """Give the time of the newest record, in milliseconds since 1970."""
    return max(milliseconds(record) for record in records)


def by(name: str, most: int | None = None, *, least: bool = False, others: bool = False) -> Split:
    """Split by the values of a field."""
    return Split(lambda record: values_of(record, name), most, least, others)


def by_minute(record: Record) -> Sequence[Hashable]:
    """Give the minute of a record."""
    return slice_of(record, timedelta(minutes=1))


def slice_of(record: Record, length: timedelta) -> Sequence[Hashable]:
    """Give the slice of time in which a record began, in milliseconds since 1970."""
    step = length // timedelta(milliseconds=1)
    return [milliseconds(record) // step * step]


def milliseconds(record: Record) -> int:
    """Give the time of a record."""
    return int(datetime.fromisoformat(record["@timestamp"]).timestamp()) * 1000


def values_of(record: Record, name: str) -> Sequence[Hashable]:
    """Give the values of a field: none where the record does not have it."""
    value = record.get(name, [])
    return value if isinstance(value, list) else [value]


def hold(shown: Shown, count: Count, records: Sequence[Record]) -> None:
    """Hold what a panel shows against what the records say; fails with the keys at which they differ."""
    _hold(shown, count, [record for record in records if count.of(record)], ())


def _hold(shown: Shown, count: Count, records: Sequence[Record], at: tuple[Hashable, ...]) -> None:
    if len(at) == len(count.by):
        assert list(shown.numbers) == [_expected(each, records) for each in count.numbers], at
        return
    split = count.by[len(at)]
    found = _split(split, records)
    sizes = {key: count.numbers[0](inside) for key, inside in found.items()}
    in_order = sorted(sizes.values(), reverse=not split.least)[: split.most]
    keys = [key for key in shown.below if key != "__other__"]
    assert set(keys) <= set(found), (at, "shows what no record has")
    if split.most is None:
        assert set(keys) == set(found), (at, "does not show all")
    else:
        assert [sizes[key] for key in keys] == in_order, (at, "shows others than the first, or in another order")
    for key in keys:
        _hold(shown.below[key], count, found[key], (*at, key))
    if split.others:
        rest = [record for record in records if split.values(record) and not set(split.values(record)) & set(keys)]
        assert sum(sum(each.numbers) for key, each in shown.below.items() if key == "__other__") == len(rest)


def _expected(number: Number, records: Sequence[Record]) -> Any:
    exact = number(records)
    is_estimate = isinstance(number, Different) and exact >= _EXACT_BELOW
    return pytest.approx(exact, rel=_ESTIMATE if is_estimate else _ROUNDING)


def _split(split: Split, records: Sequence[Record]) -> dict[Hashable, list[Record]]:
    found: dict[Hashable, list[Record]] = {}
    for record in records:
        for value in split.values(record):
            found.setdefault(value, []).append(record)
    return found
