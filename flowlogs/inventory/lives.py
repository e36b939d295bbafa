"""The life of one resource: its intervals in the order of time, never empty, never two at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import Facts


class Place(NamedTuple):
    """An address of a VPC, or a network in it that can be delegated."""

    vpc_id: str | None
    column: str
    value: str


def places(facts: Facts) -> Iterator[Place]:
    """Give what only one interface of a VPC can have at a time: its addresses, primary first, and delegated networks.

    Source: API model of EC2, CreateSubnet and AssignPrivateIpAddresses (EC2-ADDRESS-ONCE in docs/aws-behaviour.md).
    """
    for column in ("addresses", "prefixes"):
        for value in facts.get(column, ()):
            yield Place(facts.get("vpc-id"), column, value)


def primary(facts: Facts) -> Place | None:
    """Give the private IPv4 address that an interface has as long as it is there; None where it has none.

    Source: EC2 User Guide, "Elastic network interfaces": a primary address is neither unassigned nor given to another.
    """
    first = next(places(facts), None)
    return first if first is not None and first.column == "addresses" and ":" not in first.value else None


def without(facts: Facts, column: str, value: str) -> Facts:
    """Give facts without a member of a list; a list without members is absent."""
    held = facts.get(column, ())
    if value not in held:
        return facts
    left = {column: others} if (others := [other for other in held if other != value]) else {}
    return {name: kept for name, kept in facts.items() if name != column} | left


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
