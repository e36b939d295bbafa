"""Makes one history of several pulls: each says what was at its moment, and together what was between them."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Interval, Scope, Snapshot
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.merge import merged
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.inventory.own_form import about, intervals_of_own_form
from flowlogs.record.timestamps import unix_seconds


class Pull(NamedTuple):
    """What one file of our own form holds, by kind; `taken` is Unix seconds, None where it does not say.

    `answered` has by kind the accounts and regions that told of it; None where the file does not say.
    """

    intervals: Mapping[str, list[Interval]]
    taken: int | None
    answered: Mapping[str, frozenset[Scope] | None]


def pull_of(document: Mapping[str, Any], kinds: Container[str] = KINDS) -> Pull:
    """Read a document of our own form; raise UnusableInventory where it cannot be read."""
    said = about(document)
    intervals = intervals_of_own_form(document, kinds)
    return Pull(intervals, _time(said.taken), {kind: said.answered(kind) for kind in intervals})


def one_history(pulls: Sequence[Pull]) -> dict[str, list[Interval]]:
    """Put pulls in the order of their time: a resource is as a pull says until the next one of its account says other.

    What the first says was so before, too, as nothing else is known. Files that say no time, or whose rows say from
    when to when, are taken as they are.
    """
    found: dict[str, list[Interval]] = {}
    for kind in KINDS:
        moments: list[Pull] = []
        for pull in pulls:
            if kind not in pull.intervals:
                continue
            known = found.setdefault(kind, [])
            if pull.taken is not None and _is_of_a_moment(pull.intervals[kind]):
                moments.append(pull)
            else:
                known += pull.intervals[kind]
        if moments:
            found[kind] += _merged(kind, sorted(moments, key=lambda pull: pull.taken or 0))
    return found


def _merged(kind: str, pulls: Iterable[Pull]) -> list[Interval]:
    history: dict[Scope, list[Interval]] = {}
    before: dict[Scope, int] = {}
    for intervals, taken, answered in pulls:
        by_scope: dict[Scope, list[Interval]] = {scope: [] for scope in answered[kind] or ()}
        for interval in intervals[kind]:
            by_scope.setdefault(interval.scope, []).append(interval)
        for scope, there in by_scope.items():
            if scope in history:
                snapshot = Snapshot(scope, taken or 0, {interval.id: interval.facts for interval in there})
                history[scope] = merged(history[scope], snapshot, before[scope])
            else:
                history[scope] = there
            before[scope] = max(taken or 0, before.get(scope, 0))
    return [interval for scope in sorted(history) for interval in history[scope]]


def _is_of_a_moment(intervals: Iterable[Interval]) -> bool:
    return all(interval.since == BEGINNING and interval.is_open for interval in intervals)


def _time(taken: str) -> int | None:
    seconds = unix_seconds(taken) if taken else None
    if taken and seconds is None:
        raise UnusableInventory(f"{taken[:40]!r} is no time at which it was taken")
    return seconds
