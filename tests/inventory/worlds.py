"""Random worlds of network interfaces: their true lives, the snapshots and events that they would have given."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from flowlogs.inventory.interface_changes import Change, Created, Deleted, Given, InterfaceEvent, Listed
from flowlogs.inventory.interval import Interval, Scope, Snapshot
from flowlogs.inventory.kinds import ColumnKind, Facts, Kind
from flowlogs.inventory.lives import joined
from flowlogs.inventory.network_interface import END

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Properties of worlds take their time, above all on a busy machine."""
SCOPE = Scope("123456789012", "eu-west-1")
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_VALUES: dict[ColumnKind, st.SearchStrategy[Any]] = {
    ColumnKind.TEXT: _TEXTS,
    ColumnKind.TEXTS: st.lists(_TEXTS, min_size=1, max_size=3),
    ColumnKind.NUMBER: st.integers(-(2**63), 2**63 - 1),
    ColumnKind.FLAG: st.booleans(),
}
LAST = 60
"""The last second of a world; it begins in second 1."""
GROUPS = [["sg-1"], ["sg-2"], ["sg-1", "sg-2"]]


@dataclass(frozen=True)
class Life:
    """An interface from its creation on; times of changes ascend, the last may be its deletion."""

    id: str
    steps: Sequence[tuple[int, Change]]
    scope: Scope = SCOPE

    @property
    def since(self) -> int:
        """Say when it was created."""
        return self.steps[0][0]

    @property
    def until(self) -> int:
        """Say when it was deleted."""
        time, change = self.steps[-1]
        return time if isinstance(change, Deleted) else END

    @property
    def created(self) -> Created:
        """Give its creation."""
        created = self.steps[0][1]
        assert isinstance(created, Created)
        return created

    def at_address_of(self, other: "Life") -> "Life":
        """Give it with the primary address of another."""
        created = Created({**self.created.facts, "addresses": other.created.facts["addresses"]})
        return replace(self, steps=[(self.since, created), *self.steps[1:]])

    def truth(self) -> list[Interval]:
        """Give its intervals as they were."""
        facts: Facts = {}
        found = []
        for (since, change), (until, _) in pairwise([*self.steps, (END, Deleted())]):
            if isinstance(change, Deleted):
                break
            assert isinstance(change, Created | Given | Listed)
            facts = change.facts if isinstance(change, Created) else change.of(facts)
            found.append(Interval(self.scope, self.id, facts, since, until))
        return joined(found)

    def events(self) -> list[InterfaceEvent]:
        """Give what CloudTrail told of it."""
        return [InterfaceEvent(self.scope, self.id, time, change) for time, change in self.steps]


@dataclass(frozen=True)
class World:
    """Some lives in one scope, and when snapshots were taken of them."""

    lives: list[Life]
    times: list[int] = field(default_factory=list)
    scope: Scope = SCOPE

    def truth(self) -> list[Interval]:
        """Give all intervals as they were."""
        return [interval for life in sorted(self.lives, key=lambda life: life.id) for interval in life.truth()]

    def events(self) -> list[InterfaceEvent]:
        """Give all events."""
        return [event for life in self.lives for event in life.events()]

    def snapshot(self, taken: int) -> Snapshot:
        """Give what EC2 would have said at a time."""
        there = {found.id: found.facts for found in self.truth() if found.since <= taken < found.until}
        return Snapshot(self.scope, taken, there)


def at(history: Sequence[Interval], time: int, scope: Scope = SCOPE) -> dict[str, Facts]:
    """Say what a history answers for a time; fail where it has two answers for one id."""
    found: dict[str, Facts] = {}
    for interval in history:
        if interval.scope == scope and interval.since <= time < interval.until:
            assert interval.id not in found, f"{interval.id} is there twice at {time}"
            found[interval.id] = interval.facts
    return found


def spans(history: Sequence[Interval]) -> list[tuple[Any, ...]]:
    """Give intervals in a form that compares and prints well, in a fixed order; lists in any order are the same."""
    rows = [(found.scope, found.id, found.since, found.until, _sorted(found.facts)) for found in history]
    return sorted(rows, key=lambda row: row[:3])


def _sorted(facts: Facts) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in facts.items()}


@st.composite
def lives(draw: st.DrawFn, number: int, scope: Scope) -> Life:
    """Draw a life; no two calls about one interface fall into one second."""
    times = sorted(draw(st.sets(st.integers(1, LAST), min_size=1, max_size=6)))
    groups = draw(st.sampled_from(GROUPS))
    created = {"vpc-id": "vpc-1", "addresses": [f"10.0.0.{number}"], "security-group-ids": groups}
    steps: list[tuple[int, Change]] = [(times[0], Created(created))]
    steps += [(time, change) for time in times[1:] for change in draw(_changes(number, time))]
    if len(times) > 1 and draw(st.booleans()):
        steps = [*(step for step in steps if step[0] < times[-1]), (times[-1], Deleted())]
    return Life(f"eni-{number}", steps, scope)


def _changes(number: int, time: int) -> st.SearchStrategy[list[Change]]:
    groups = st.sampled_from(GROUPS).map(lambda groups: [Given("security-group-ids", groups)])
    attached = st.sampled_from(["i-1", "i-2"]).map(lambda id_: [Given("instance-id", id_), Given("attached", time)])
    addresses = st.sampled_from([f"10.0.{number}.1", f"10.0.{number}.2"])
    listed = st.builds(Listed, st.just("addresses"), addresses, st.booleans())
    return st.one_of(groups, attached, listed.map(lambda change: [change]))


def _is_free(one: Life, born: Sequence[Life], since: int) -> bool:
    """Say whether a primary address is nobody's from a time on (EC2-ADDRESS-ONCE in docs/aws-behaviour.md)."""
    address = one.created.facts["addresses"]
    return all(other.until <= since for other in born if other.created.facts["addresses"] == address)


@st.composite
def worlds(draw: st.DrawFn, scope: Scope = SCOPE) -> World:
    """Draw a world of some lives and some snapshots; an address may come back once its interface is deleted."""
    born: list[Life] = []
    for number in range(1, 1 + draw(st.integers(0, 4))):
        life = draw(lives(number, scope))
        before = [other for other in born if _is_free(other, born, life.since)]
        reuses: bool = draw(st.booleans())
        if before and reuses:
            life = life.at_address_of(draw(st.sampled_from(before)))
        born.append(life)
    times = draw(st.sets(st.integers(0, LAST + 5), max_size=6))
    return World(born, sorted(times), scope)


def facts(kind: Kind) -> st.SearchStrategy[Facts]:
    """Draw some of the facts that a resource of a kind may have."""
    return st.fixed_dictionaries({}, optional={column.name: _VALUES[column.kind] for column in kind.columns})
