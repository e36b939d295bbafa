"""Merges a snapshot into the history of one kind: what stayed, changed, vanished and is new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

from flowlogs.inventory.interval import Interval, Snapshot
from flowlogs.inventory.kinds import Facts
from flowlogs.inventory.lives import Place, cut, joined, lives_of, places, primary, same, without

LAG_SECONDS = 600
"""By how much a snapshot may be behind: what was attached that long before it may have been there, though it lacks it.
That EC2's answers lag: EC2 Developer Guide, "Eventual consistency"; by how much at most is *assumed*."""
_Lives: TypeAlias = Mapping[str, Sequence[Interval]]
"""Lives by id, in one scope."""
_Times: TypeAlias = Mapping[Place, int]
"""A time (Unix seconds) for each address or network."""


def merged(history: Sequence[Interval], snapshot: Snapshot, before: int | None) -> list[Interval]:
    """Bring a history of one kind up to a snapshot of one scope; what `history` has of other scopes stays as it is.

    `before` is when the scope's last snapshot of this kind was taken, None where there was none (Unix seconds). What is
    unchanged stays open; what changed is closed at `taken` and open from then on with its new facts; what vanished is
    closed at `taken`; what is new begins where `_beginning` says.

    An address belongs to one interface of a VPC at a time: where a new interface has an address of one that vanished,
    the vanished one has it no longer when the new one was attached, where that is known, and where it was its primary
    address, it ends then. Where it is not, both were there at some time between the two snapshots and nobody can say
    when, so they overlap there and a look-up calls it ambiguous.

    Nothing is unlearned: a snapshot that is not later than the last says nothing new, and what events tell of `taken`
    and later is left alone. So no interval is ever empty, negative or beside another of its id.
    """
    taken = snapshot.taken
    if before is not None and taken <= before:
        return list(history)
    after = [interval for interval in history if interval.scope != snapshot.scope]
    own = lives_of(interval for interval in history if interval.scope == snapshot.scope)
    lives = {id_: life for (_, id_), life in own.items()}
    new = {id_: facts for id_, facts in snapshot.resources.items() if _at(lives.get(id_, ()), taken) is None}
    held = _held(new, lives, before)
    beginnings = {id_: _beginning(facts, taken, before, held) for id_, facts in new.items()}
    handed_over = _handed_over(snapshot, lives, before, beginnings)
    for id_ in sorted({*snapshot.resources, *lives}):
        life = lives.get(id_, [])
        if id_ in new:
            after += _come(life, Interval(snapshot.scope, id_, new[id_], beginnings[id_]), taken, held)
        elif id_ in snapshot.resources:
            after += _there(life, snapshot.resources[id_], taken)
        else:
            after += _vanished(life, taken, handed_over)
    return after


def forget(history: Iterable[Interval], keep_from: float) -> list[Interval]:
    """Leave out what was closed before then (Unix seconds)."""
    return [interval for interval in history if interval.is_open or interval.until >= keep_from]


def _at(life: Iterable[Interval], time: int) -> Interval | None:
    return next((interval for interval in life if interval.since <= time < interval.until), None)


def _there(life: Sequence[Interval], facts: Facts, taken: int) -> list[Interval]:
    """Give the life of a resource that is known and that the snapshot has."""
    known = _at(life, taken)
    if known is None or same(known.facts, facts):
        return list(life)
    return joined(replace(piece, facts=facts) if piece.since == taken else piece for piece in cut(life, taken))


def _come(life: Sequence[Interval], new: Interval, taken: int, held: _Times) -> list[Interval]:
    """Add what is new to what was there before; where an event says that it began after `taken`, that is left alone.

    What another had for longer is its own only from then on.
    """
    if life and life[-1].since > taken:
        return list(life)
    pieces = [replace(new, since=max(new.since, life[-1].until)) if life else new]
    for place in places(new.facts):
        pieces = _without(pieces, place, new.since, min(held.get(place, new.since), taken))
    return joined([*life, *pieces])


def _vanished(life: Sequence[Interval], taken: int, handed_over: _Times) -> list[Interval]:
    """Give the life of a resource that the snapshot does not have; one that an event ends later is left alone.

    Its primary address is free for another only when it is deleted; anything else may be another's while it is there.
    """
    known = life[-1]
    if not (known.is_open and known.since < taken):
        return list(life)
    ended = [*life[:-1], replace(known, until=taken)]
    first = primary(life[0].facts)
    end = taken if first is None else handed_over.get(first, taken)
    if end > known.since:
        ended[-1] = replace(known, until=end)
    for place in places(known.facts):
        if place != first and place in handed_over:
            ended = _without(ended, place, handed_over[place], taken)
    return joined(ended)


def _without(life: Sequence[Interval], place: Place, since: int, until: int) -> list[Interval]:
    """Take an address or a network from an interface for a time."""
    if since >= until:
        return list(life)
    return [
        replace(piece, facts=without(piece.facts, place.column, place.value)) if since <= piece.since < until else piece
        for piece in cut(cut(life, since), until)
    ]


def _attached(facts: Facts, taken: int, before: int) -> int | None:
    """Say when a new interface was attached (EC2's AttachTime); None where that is not to be believed.

    It has no traffic before. It may be from before the last snapshot, which did not have it: EC2's answers lag.
    """
    attached = facts.get("attached")
    return attached if isinstance(attached, int) and before - LAG_SECONDS <= attached <= taken else None


def _beginning(facts: Facts, taken: int, before: int | None, held: _Times) -> int:
    """Say from when on a new resource is known (Unix seconds).

    Where nothing was taken before, from now on: before that nothing is known. Else from when it was attached. Else from
    the second after the last snapshot, which did not have it yet. Never from before another left its primary address.
    """
    if before is None:
        return taken
    attached = _attached(facts, taken, before)
    begun = before + 1 if attached is None else attached
    first = primary(facts)
    return begun if first is None else min(max(begun, held.get(first, begun)), taken)


def _held(new: Mapping[str, Facts], lives: _Lives, before: int | None) -> dict[Place, int]:
    """Say until when others are known to have had what new interfaces have; who is still open, until `before`."""
    wanted = {place for facts in new.values() for place in places(facts)}
    held: dict[Place, int] = {}
    if before is None or not wanted:
        return held
    for interval in chain.from_iterable(lives.values()):
        if interval.until > before - LAG_SECONDS:
            until = before + 1 if interval.is_open else interval.until
            held |= {place: max(until, held.get(place, until)) for place in places(interval.facts) if place in wanted}
    return held


def _handed_over(
    snapshot: Snapshot, lives: _Lives, before: int | None, beginnings: Mapping[str, int]
) -> dict[Place, int]:
    """Say from when on what came between the snapshots has its addresses, where an attachment or an event tells."""
    since: dict[Place, int] = {}
    if before is None:
        return since
    for id_, facts in snapshot.resources.items():
        began: int | None = None
        if id_ in lives:
            began = lives[id_][0].since
        elif _attached(facts, snapshot.taken, before) is not None:
            began = max(beginnings[id_], before + 1)
        if began is not None and before < began <= snapshot.taken:
            since |= {place: min(began, since.get(place, began)) for place in places(facts)}
    return since
