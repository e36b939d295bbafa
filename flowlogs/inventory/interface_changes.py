"""What events tell of network interfaces, and how they refine, to the second, a history that snapshots have told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from flowlogs.inventory.interval import Interval, Scope, Snapshot
from flowlogs.inventory.kinds import Facts
from flowlogs.inventory.lives import Place, cut, joined, lives_of, places, primary, without
from flowlogs.inventory.merge import merged
from flowlogs.inventory.network_interface import END


@dataclass(frozen=True, slots=True)
class Created:
    """It is there from now on, and was not before."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class Launched:
    """An instance starts with it: made for the instance, or attached to it where it was there before."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class Given:
    """A column has this value from now on; None: the interface has none."""

    column: str
    value: Any

    def of(self, facts: Facts) -> Facts:
        """Give facts as they are after the change."""
        return {name: value for name, value in {**facts, self.column: self.value}.items() if value is not None}

    def touched(self, facts: Facts) -> object:
        """Give what the change is about: where that is other than before, something else has changed it since."""
        return facts.get(self.column)


@dataclass(frozen=True, slots=True)
class Listed:
    """An address or a delegated network is its own from now on (`there`), or no longer."""

    column: str
    value: str
    there: bool

    def of(self, facts: Facts) -> Facts:
        """Give facts as they are after the change; a list without members is absent."""
        if not self.there:
            return without(facts, self.column, self.value)
        values = facts.get(self.column, ())
        return facts if self.value in values else {**facts, self.column: [*values, self.value]}

    def touched(self, facts: Facts) -> bool:
        """Give what the change is about: where that is other than before, something else has changed it since."""
        return self.value in facts.get(self.column, ())


@dataclass(frozen=True, slots=True)
class Deleted:
    """It is there no longer; its id never comes back."""


Change: TypeAlias = Created | Launched | Given | Listed | Deleted
_RANKS = (Created, Launched, Listed, Given, Deleted)
"""Order of what happens in one second."""
_ATTACHMENT = ("instance-id", "attached")
"""Columns that follow from being attached."""


_Key: TypeAlias = tuple[Scope, str]
"""Whose life it is: scope and interface id."""


@dataclass(frozen=True, slots=True)
class InterfaceEvent:
    """What became of an interface at a time (Unix seconds)."""

    scope: Scope
    interface_id: str
    time: int
    change: Change


def with_events(
    history: Sequence[Interval], events: Iterable[InterfaceEvent], confirmed: int | None = None
) -> list[Interval]:
    """Refine a history by events, in whatever order and however often they come.

    What was created begins then, and no earlier; what was deleted ends then; any other change splits the interval that
    covers its time, and holds until something else changes the same. An interface that was created and deleted between
    two snapshots becomes a closed interval. Of an interface that is not known, only its creation says anything. Where
    an event gives an address to an interface, another of the VPC that has it then has it no longer.

    `confirmed` is when the last snapshot in the history was taken: an event that comes late, from before then, changes
    nothing from then on; what the snapshot did not have had ended by then.

    Events that come one by one may say less than all of them together: what an event undid is not kept, nor is one
    that came before the creation it belongs to. Giving those of the last hour again makes up for both.
    """
    told: dict[_Key, list[InterfaceEvent]] = defaultdict(list)
    for event in sorted(events, key=_order):
        told[event.scope, event.interface_id].append(event)
    if not told:
        return list(history)
    known = lives_of(history)
    lives = known | {key: _lived(known.get(key, []), of_one, confirmed) for key, of_one in told.items()}
    for key, losses in _lost(lives, told, confirmed).items():
        lives[key] = _lived(known.get(key, []), sorted([*told.get(key, ()), *losses], key=_order), confirmed)
    return [interval for key in sorted(lives) for interval in lives[key]]


def reconciled(
    history: Sequence[Interval], snapshot: Snapshot, before: int | None, events: Iterable[InterfaceEvent]
) -> list[Interval]:
    """Bring a history up to a snapshot and what events tell, in the order of time.

    `before` is when the last snapshot was taken. Events from before `taken` come first, then the snapshot, then what
    happened while it came: it undoes nothing that is later than itself. What was deleted before is gone, even where the
    snapshot still has it, and what only the last snapshot lacked was there all the time, for EC2's answers lag behind
    and an interface's id never comes back. Source: EC2 Developer Guide, "Eventual consistency".
    """
    early: list[InterfaceEvent] = []
    late: list[InterfaceEvent] = []
    for event in events:
        (early if event.time < snapshot.taken else late).append(event)
    gone = {event.interface_id for event in early if event.scope == snapshot.scope and event.change == Deleted()}
    left = {id_: facts for id_, facts in snapshot.resources.items() if id_ not in gone}
    there = replace(snapshot, resources=left)
    known = _reopened(with_events(history, early, before), there, before, early)
    return with_events(
        merged(known, there, before), late, snapshot.taken if before is None else max(before, snapshot.taken)
    )


def _reopened(
    history: list[Interval], snapshot: Snapshot, before: int | None, events: Iterable[InterfaceEvent]
) -> list[Interval]:
    """Open again what was closed only because the last snapshot lacked it; events since then change it then."""
    if before is None or snapshot.taken <= before:
        return history
    own = [found for found in history if found.scope == snapshot.scope and found.id in snapshot.resources]
    back = {found.id for found in own if found.until == before} - {found.id for found in own if found.until > before}
    if not back:
        return history
    known = [
        replace(found, until=END)
        if found.until == before and found.scope == snapshot.scope and found.id in back
        else found
        for found in history
    ]
    since = [event for event in events if event.interface_id in back and event.time >= before]
    return with_events(known, since, before)


def _order(event: InterfaceEvent) -> tuple[int, int, str]:
    return event.time, _RANKS.index(type(event.change)), repr(event.change)


def _lost(
    lives: Mapping[_Key, Sequence[Interval]],
    told: Mapping[_Key, Iterable[InterfaceEvent]],
    confirmed: int | None,
) -> dict[_Key, list[InterfaceEvent]]:
    """Find who had, at that time, what events give to others: it has it no longer, or is gone with its primary address.

    Source: API model of EC2, AssignPrivateIpAddresses, `AllowReassignment` (EC2-ADDRESS-ONCE in docs/aws-behaviour.md).
    """
    given: dict[Place, list[InterfaceEvent]] = defaultdict(list)
    for key, events in told.items():
        for event in events:
            for place in _given(event, lives[key]):
                given[place].append(event)
    lost: dict[_Key, list[InterfaceEvent]] = defaultdict(list)
    if not given:
        return lost
    for key, life in lives.items():
        for place, event in _claims(life, given):
            until = _held_until(life, place, event.time)
            others = _held_until(lives[event.scope, event.interface_id], place, event.time)
            if confirmed is None or event.time >= confirmed or until <= min(confirmed, others):
                is_end = place == primary(life[0].facts) and until == life[-1].until
                change = Deleted() if is_end else Listed(place.column, place.value, there=False)
                lost[key].append(InterfaceEvent(*key, event.time, change))
    return lost


def _claims(
    life: Iterable[Interval], given: Mapping[Place, Iterable[InterfaceEvent]]
) -> Iterator[tuple[Place, InterfaceEvent]]:
    """Give what an interface has when an event gives it to another."""
    for piece in life:
        for place in places(piece.facts):
            for event in given.get(place, ()):
                if event.interface_id != piece.id and piece.since <= event.time < piece.until:
                    yield place, event


def _held_until(life: Iterable[Interval], place: Place, time: int) -> int:
    """Say until when an interface has an address or a network that it has at a time."""
    for piece in life:
        if piece.since <= time < piece.until and place in places(piece.facts):
            time = piece.until
    return time


def _given(event: InterfaceEvent, life: Iterable[Interval]) -> Iterator[Place]:
    """Give the addresses and networks that are an interface's own by an event; `life` knows the interface's VPC."""
    change = event.change
    if isinstance(change, Created | Launched):
        yield from places(change.facts)
    elif isinstance(change, Listed) and change.there:
        for found in life:
            if found.since <= event.time < found.until:
                yield Place(found.facts.get("vpc-id"), change.column, change.value)


def _lived(life: Sequence[Interval], events: Sequence[InterfaceEvent], confirmed: int | None) -> list[Interval]:
    """Refine the life of one interface by its events, in the order of time."""
    for event in events:
        time, change = event.time, event.change
        horizon = END if confirmed is None or time >= confirmed else confirmed
        if isinstance(change, Deleted):
            life = [piece for piece in cut(life, time) if piece.since < time]
        elif isinstance(change, Given | Listed):
            life = _changed(life, change, time, horizon)
        elif isinstance(change, Launched) and any(interval.since < time for interval in life):
            for column in _ATTACHMENT:
                life = _changed(life, Given(column, change.facts.get(column)), time, horizon)
        else:
            life = _begun(life, Interval(event.scope, event.interface_id, change.facts, time, horizon), events)
    return joined(life)


def _begun(life: Sequence[Interval], whole: Interval, events: Iterable[InterfaceEvent]) -> list[Interval]:
    """Let an interface begin when it was created; `whole` is what its creation tells.

    Where a snapshot has found it first, what was found stands for all of its time before. It stays so, but for the
    columns that other events change: up to when it was found these begin with what the creation tells.
    """
    pieces = [piece for piece in cut(life, whole.since) if piece.since >= whole.since]
    if not pieces:
        return [whole]
    first = pieces[0]
    found = whole.until if first.since <= whole.until < END else first.since
    pieces[0] = replace(first, since=whole.since)
    changed = {name for event in events if whole.since <= event.time <= found for name in _columns(event.change)}
    for name in sorted(changed):
        pieces = _changed(pieces, Given(name, whole.facts.get(name)), whole.since, found)
    return pieces


def _columns(change: Change) -> tuple[str, ...]:
    if isinstance(change, Given | Listed):
        return (change.column,)
    return _ATTACHMENT if isinstance(change, Launched) else ()


def _changed(life: Sequence[Interval], change: Given | Listed, time: int, horizon: int) -> list[Interval]:
    """Make a change from its time on: in the interval that covers it, and in those that follow while it stands."""
    pieces = cut(cut(life, time), horizon)
    reached = time
    before = None
    for number, piece in enumerate(pieces):
        if piece.since == reached < horizon:
            touched = change.touched(piece.facts)
            before = touched if before is None else before
            if touched == before:
                pieces[number] = replace(piece, facts=change.of(piece.facts))
                reached = piece.until
    return pieces
