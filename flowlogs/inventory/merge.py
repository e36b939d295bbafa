"""Merges a snapshot into the history of one kind: what stayed, changed, vanished and is new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowlogs.inventory.interval import Interval, Snapshot
from flowlogs.inventory.kinds import Facts
from flowlogs.inventory.lives import cut, joined, lives_of, same

_Place = tuple[Any, str]
"""A VPC and an address or network in it."""


def merged(history: Sequence[Interval], snapshot: Snapshot, before: int | None) -> list[Interval]:
    """Bring a history of one kind up to a snapshot of one scope; what `history` has of other scopes stays as it is.

    `before` is when the scope's last snapshot of this kind was taken, None where there was none (Unix seconds). What is
    unchanged stays open; what changed is closed at `taken` and open from then on with its new facts; what vanished is
    closed at `taken`; what is new begins where `_beginning` says.

    An address belongs to one interface of a VPC at a time: where a new interface has an address of one that vanished,
    the vanished one ends when the new one was attached, where that is known. Where it is not, both were there at some
    time between the two snapshots and nobody can say when, so they overlap there and a look-up calls it ambiguous.

    Nothing is unlearned: a snapshot that is not later than the last says nothing new, and what events tell of `taken`
    and later is left alone. So no interval is ever empty, negative or beside another of its id.
    """
    if before is not None and snapshot.taken <= before:
        return list(history)
    after = [interval for interval in history if interval.scope != snapshot.scope]
    own = lives_of(interval for interval in history if interval.scope == snapshot.scope)
    lives = {id_: life for (_, id_), life in own.items()}
    handed_over = _handed_over(snapshot, before, lives)
    for id_ in sorted({*snapshot.resources, *lives}):
        life = lives.get(id_, [])
        if id_ in snapshot.resources:
            after += _there(life, id_, snapshot, before)
        else:
            after += _vanished(life, snapshot.taken, handed_over)
    return after


def forget(history: Iterable[Interval], now: float, keep_seconds: float) -> list[Interval]:
    """Leave out what was closed more than so many seconds ago."""
    return [interval for interval in history if interval.is_open or interval.until >= now - keep_seconds]


def _there(life: Sequence[Interval], id_: str, snapshot: Snapshot, before: int | None) -> list[Interval]:
    """Give the life of a resource that the snapshot has."""
    facts, taken = snapshot.resources[id_], snapshot.taken
    known = next((interval for interval in life if interval.since <= taken < interval.until), None)
    if known is None:
        return _with_new(life, Interval(snapshot.scope, id_, facts, _beginning(facts, taken, before)), taken)
    if same(known.facts, facts):
        return list(life)
    return joined(replace(piece, facts=facts) if piece.since == taken else piece for piece in cut(life, taken))


def _with_new(life: Sequence[Interval], new: Interval, taken: int) -> list[Interval]:
    """Add what is new to what was there before; where an event says that it began after `taken`, that is left alone."""
    if life and life[-1].since > taken:
        return list(life)
    return joined([*life, replace(new, since=max(new.since, life[-1].until)) if life else new])


def _vanished(life: Sequence[Interval], taken: int, handed_over: Mapping[_Place, int]) -> list[Interval]:
    """Give the life of a resource that the snapshot does not have; one that an event ends later is left alone."""
    known = life[-1]
    if not (known.is_open and known.since < taken):
        return list(life)
    ends = [handed_over[place] for place in _places(known.facts) if place in handed_over]
    until = min((end for end in ends if end > known.since), default=taken)
    return [*life[:-1], replace(known, until=until)]


def _beginning(facts: Facts, taken: int, before: int | None) -> int:
    """Say from when on a new resource is known (Unix seconds).

    Where nothing was taken before, from now on: before that nothing is known. Else from when it was attached, if that
    was between the snapshots (EC2's AttachTime; it has no traffic before). Else from the second after the last
    snapshot, which did not have it yet.
    """
    if before is None:
        return taken
    attached = facts.get("attached")
    return attached if isinstance(attached, int) and before < attached <= taken else before + 1


def _handed_over(snapshot: Snapshot, before: int | None, lives: Mapping[str, Sequence[Interval]]) -> dict[_Place, int]:
    """Say from when on what came between the snapshots has its addresses, where an attachment or an event tells."""
    if before is None:
        return {}
    since: dict[_Place, int] = {}
    for id_, facts in snapshot.resources.items():
        began = lives[id_][0].since if id_ in lives else facts.get("attached")
        if isinstance(began, int) and before < began <= snapshot.taken:
            since |= {place: min(began, since.get(place, began)) for place in _places(facts)}
    return since


def _places(facts: Facts) -> Iterator[_Place]:
    """Give what only one interface of a VPC can have at a time: addresses, and networks delegated to it."""
    for name in ("addresses", "prefixes"):
        for value in facts.get(name, ()):
            yield facts.get("vpc-id"), value
