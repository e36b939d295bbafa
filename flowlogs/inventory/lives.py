"""The life of one resource: its intervals in the order of time, never empty, never two at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import Facts


def lives_of(history: Iterable[Interval]) -> dict[tuple[Scope, str], list[Interval]]:
    """Sort intervals into the lives of their resources."""
    lives: dict[tuple[Scope, str], list[Interval]] = defaultdict(list)
    for interval in history:
        lives[interval.scope, interval.id].append(interval)
    for life in lives.values():
        life.sort(key=lambda interval: interval.since)
    return dict(lives)


def same(one: Facts, other: Facts) -> bool:
    """Say whether facts are the same; the order of a list is none, EC2 promises no order of groups or addresses."""
    return one == other or (one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items()))


def equal(one: Any, other: Any) -> bool:
    """Say whether two values of a column are the same, lists in whatever order."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted(one) == sorted(other)
    return bool(one == other)


def cut(life: Sequence[Interval], time: int) -> list[Interval]:
    """Cut the interval that covers a time in two, the second of which begins then."""
    pieces: list[Interval] = []
    for interval in life:
        if interval.since < time < interval.until:
            pieces += replace(interval, until=time), replace(interval, since=time)
        else:
            pieces.append(interval)
    return pieces


def joined(life: Iterable[Interval]) -> list[Interval]:
    """Leave out what lasts no time, and make one interval of neighbours with the same facts."""
    whole: list[Interval] = []
    for interval in life:
        if interval.since >= interval.until:
            continue
        last = whole[-1] if whole else None
        if last is not None and last.until == interval.since and same(last.facts, interval.facts):
            whole[-1] = replace(last, until=interval.until)
        else:
            whole.append(interval)
    return whole
