"""One run of the inventory: snapshots and events become history, which is published as a whole or not at all."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from flowlogs.inventory.daily_tables import DailyTables
from flowlogs.inventory.interface_changes import InterfaceEvent, reconciled, with_events
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS, Kind, Rhythm
from flowlogs.inventory.merge import forget, merged
from flowlogs.inventory.publication import FORGET_HOURS, Publication
from flowlogs.inventory.recent_events import recent
from flowlogs.inventory.scope_record import Records, ScopeRecord, oldest, stalest
from flowlogs.inventory.taking import Taken

HOUR = 3600
AGAIN_SECONDS = 900
"""How long after the hourly kinds were taken those that failed are asked for again in every run."""
_EARLY = 60
"""Seconds by which a run may come before the hour is full and still count as hourly: schedules jitter."""


class Scopes(Protocol):
    """Says which accounts and regions to ask."""

    def __call__(self) -> list[Scope]:
        """Give the scopes; raise OSError where accounts cannot be listed."""
        ...


class Take(Protocol):
    """Asks scopes for kinds: `flowlogs.inventory.taking.take_all` with AWS behind it."""

    def __call__(self, scopes: Sequence[Scope], kinds: Sequence[Kind], time_left: Callable[[], float]) -> Taken:
        """Give what could be had and a sentence for what could not, within the seconds left."""
        ...


class Events(Protocol):
    """Interface events that wait: `flowlogs.aws.interface_queue`."""

    def drain(self, time_left: Callable[[], float]) -> list[InterfaceEvent]:
        """Give what waits; raise OSError where the queue refuses."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """Say what was wrong with what was drained; a sentence each."""
        ...

    @property
    def unread(self) -> int:
        """Count what was drained and is no event; it is let go with the others."""
        ...

    def done(self) -> None:
        """Let what was drained go; without it, it is given again later."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What a run asks; without `events` nothing is known of what lives shorter than the schedule."""

    scopes: Scopes
    take: Take
    events: Events | None = None


@dataclass(slots=True)
class Outcome:
    """What a run did. `discarded`: another run was quicker, and nothing of this one is kept."""

    taken: int = 0  # scopes whose interfaces were taken
    failed: dict[Scope, str] = field(default_factory=dict)  # a sentence each
    problems: list[str] = field(default_factory=list)
    interfaces: int = 0
    events: int = 0
    unread: int = 0  # messages that were no events
    stalest: float = 0.0  # seconds
    discarded: bool = False
    days: list[date] = field(default_factory=list)  # whose Parquet was written


def due(hourly: int | None, now: float) -> list[Kind]:
    """Give the kinds to take; `hourly` is when the hourly ones were taken last (Unix seconds), None for never."""
    is_hour = hourly is None or not 0 <= now - hourly < HOUR - _EARLY  # a clock may have been ahead
    return [kind for kind in KINDS.values() if is_hour or kind.rhythm is Rhythm.EVERY_RUN]


class Update:
    """One run, from the last publication to the next; `time_left` is seconds for asking AWS."""

    def __init__(self, publication: Publication, sources: Sources, now: float, time_left: Callable[[], float]) -> None:
        self._publication = publication
        self._sources = sources
        self._now = int(now)
        self._time_left = time_left
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Take, merge, publish; raise OSError or UnusableInventory where the last publication cannot be read."""
        publication, outcome = self._publication, self._outcome
        records = publication.records()
        tables = publication.daily_tables(self._now)
        scopes = self._scopes(records)
        drained = self._drain()
        events = [*publication.events(), *drained]
        publication.put_events(recent(events, self._now))
        kinds = due(publication.hourly, self._now)
        taken = self._sources.take(scopes, kinds, self._time_left)
        asked = {scope: {kind.name for kind in kinds} for scope in scopes}
        again = self._again(records, asked, taken)
        outcome.events = len(drained)
        outcome.taken = sum(INTERFACES.name in found for found in taken.snapshots.values())
        after = _remembered(records, asked, taken, self._now)
        keep_from = min(self._now - FORGET_HOURS * HOUR, tables.begin)
        for kind in [*kinds, *again]:
            known = self._merged(kind, scopes, records, taken, events)
            publication.put(kind, forget(known, keep_from))
            taken.forget(kind)  # the snapshots of all kinds at once are too much memory
            outcome.interfaces = sum(found.is_open for found in known) if kind is INTERFACES else outcome.interfaces
            del known
        self._note(after)
        is_hourly = any(kind.rhythm is Rhythm.HOURLY for kind in kinds)
        outcome.discarded = not publication.publish(after, self._now, hourly=is_hourly)
        if not outcome.discarded:
            self._settle(tables if is_hourly else None, after)
        return outcome

    def _settle(self, tables: DailyTables | None, records: Records) -> None:
        """Do what only the winner does; what fails here stops nothing else, and is done by a later run."""
        if self._sources.events is not None:
            self._try(self._sources.events.done)
        if tables is not None:
            self._try(lambda: self._write_history(tables, records))
        self._try(lambda: self._publication.tidy(self._now))

    def _write_history(self, tables: DailyTables, records: Records) -> None:
        failed = tables.write(self._publication.intervals, oldest(records, self._now))
        if failed:
            raise OSError("; ".join(dict.fromkeys(failed.values())))
        self._outcome.days = tables.days

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self._outcome.problems.append(f"the inventory is published, but not all is settled: {error}")

    def _scopes(self, records: Records) -> list[Scope]:
        """Ask which scopes there are, those first whose interfaces were taken longest ago, or never.

        Where they cannot be listed, or there is none at once, those known before are asked.
        """
        try:
            scopes = self._sources.scopes()
        except OSError as error:
            if not records:
                raise
            self._outcome.problems.append(f"the accounts cannot be listed, those known before are asked: {error}")
            scopes = list(records)
        if not scopes:
            known = "those known before are asked" if records else "nothing is asked"
            self._outcome.problems.append(f"there is no account to ask all at once: {known}")
            scopes = list(records)
        return sorted(
            scopes, key=lambda scope: (records.get(scope, ScopeRecord()).taken.get(INTERFACES.name, 0), scope)
        )

    def _drain(self) -> list[InterfaceEvent]:
        events = self._sources.events
        if events is None:
            return []
        try:
            drained = events.drain(self._time_left)
        except OSError as error:
            self._outcome.problems.append(f"events on interfaces cannot be read: {error}")
            return []
        self._outcome.problems += events.problems
        self._outcome.unread = events.unread
        return drained

    def _again(self, records: Records, asked: dict[Scope, set[str]], taken: Taken) -> list[Kind]:
        """Ask, without waiting for the hour, scopes that are new, and for what failed the last time; give those kinds.

        What failed soon after the hour only: what still fails then does so for longer, as where a permission is
        missing.
        """
        hourly = self._publication.hourly
        is_soon = hourly is not None and self._now - hourly <= AGAIN_SECONDS
        wanted = {scope: _wanted(records.get(scope), is_soon=is_soon) - names for scope, names in asked.items()}
        scopes = [scope for scope, names in wanted.items() if names]
        kinds = [kind for kind in KINDS.values() if any(kind.name in wanted[scope] for scope in scopes)]
        if not kinds:
            return []
        more = self._sources.take(scopes, kinds, self._time_left)
        for scope in scopes:
            asked[scope] |= {kind.name for kind in kinds}
        taken.add(more)
        return kinds

    def _merged(
        self, kind: Kind, scopes: Sequence[Scope], records: Records, taken: Taken, events: Sequence[InterfaceEvent]
    ) -> list[Interval]:
        """Bring the history of one kind up to now, scope by scope; a scope that failed keeps its last state."""
        history = _by_scope(self._publication.intervals(kind))
        told = _events_by_scope(events) if kind is INTERFACES else {}
        known: list[Interval] = []
        asked = set(scopes)
        for scope in sorted({*history, *asked}):
            before = history.pop(scope, [])
            if scope not in asked:
                known += _closed(before, self._now)  # it is asked no longer
                continue
            snapshot = taken.snapshots.get(scope, {}).get(kind.name)
            last = records[scope].taken.get(kind.name) if scope in records else None
            if snapshot is None:
                known += with_events(before, told.get(scope, ()), last)
            elif kind is INTERFACES:
                known += reconciled(before, snapshot, last, told.get(scope, ()))
            else:
                known += merged(before, snapshot, last)
        return known

    def _note(self, records: Records) -> None:
        outcome = self._outcome
        outcome.stalest = stalest(records, self._now)
        for scope, record in records.items():
            if record.failed:
                outcome.failed[scope] = "; ".join(dict.fromkeys(record.failed.values()))


def _wanted(record: ScopeRecord | None, *, is_soon: bool) -> set[str]:
    """Say which kinds a scope is asked for although it is not their hour."""
    if record is None:
        return set(KINDS)
    return set(record.failed) & set(KINDS) if is_soon else set()


def _remembered(records: Records, asked: Mapping[Scope, set[str]], taken: Taken, now: int) -> Records:
    """Note for each scope what was taken and what failed; a scope that is asked no longer is forgotten.

    So are kinds that this version does not know. A clock that steps back changes no time: nothing is unlearned.
    """
    after: Records = {}
    for scope, kinds in asked.items():
        record = records.get(scope, ScopeRecord(since=now))
        times = {name: time for name, time in record.taken.items() if name in KINDS}
        failed = {name: why for name, why in record.failed.items() if name in KINDS}
        for kind in (name for name in KINDS if name in kinds):
            failed.pop(kind, None)
            if snapshot := taken.snapshots.get(scope, {}).get(kind):
                times[kind] = max(snapshot.taken, times.get(kind, snapshot.taken))
            else:
                failed[kind] = taken.failed.get((scope, kind), f"{scope}: it was not asked")
        after[scope] = ScopeRecord(times, failed, record.since)
    return after


def _by_scope(intervals: Iterable[Interval]) -> dict[Scope, list[Interval]]:
    found: dict[Scope, list[Interval]] = defaultdict(list)
    for interval in intervals:
        found[interval.scope].append(interval)
    return found


def _events_by_scope(events: Iterable[InterfaceEvent]) -> Mapping[Scope, list[InterfaceEvent]]:
    found: dict[Scope, list[InterfaceEvent]] = defaultdict(list)
    for event in events:
        found[event.scope].append(event)
    return found


def _closed(intervals: Iterable[Interval], now: int) -> list[Interval]:
    return [replace(found, until=max(now, found.since + 1)) if found.is_open else found for found in intervals]
