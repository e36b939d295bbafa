"""Says what differs between two inventories."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import KINDS, Facts
from flowlogs.inventory.lives import equal, same

ByKind = Mapping[str, Iterable[Interval]]
"""Intervals by the name of their kind."""
ANYWHERE = Scope("", "")
"""The scope of what is compared without regard to account and region."""


def named(scope: Scope) -> dict[str, str]:
    """Give account and region as JSON shows them, as far as they are known: the AWS CLI prints no account."""
    members = {"account-id": scope.account_id, "aws-region": scope.region}
    return {name: value for name, value in members.items() if value}


class What(StrEnum):
    """What became of a resource."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """A resource that is in one inventory only, or other than before; `columns` has the pairs of values.

    A list in another order is no change: EC2 promises none.
    """

    what: What
    kind: str
    scope: Scope
    id: str
    facts: Facts
    columns: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # before and after; None where absent

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON shows it."""
        shown: dict[str, Any] = {"change": self.what, "kind": self.kind, KINDS[self.kind].id_column: self.id}
        shown |= named(self.scope)
        if self.what is What.CHANGED:
            return shown | {"columns": {name: {"from": a, "to": b} for name, (a, b) in self.columns.items()}}
        return shown | {"facts": dict(self.facts)}


def changes(before: ByKind, after: ByKind) -> Iterator[Change]:
    """Compare what there is, kind by kind; a kind that one of the two was not asked for is left out.

    Accounts and regions count only where both sides name them: what the AWS CLI prints does not.
    """
    for kind in KINDS:
        if kind in before and kind in after:
            old, new = list(_open(before[kind])), list(_open(after[kind]))
            nameless = any(not found.scope.account_id for found in (*old, *new))
            yield from _compared(kind, _by_key(old, nameless), _by_key(new, nameless))


def _open(intervals: Iterable[Interval]) -> Iterator[Interval]:
    return (interval for interval in intervals if interval.is_open)


_Key = tuple[Scope, str]


def _by_key(intervals: Iterable[Interval], nameless: bool) -> dict[_Key, Facts]:
    return {(ANYWHERE if nameless else found.scope, found.id): found.facts for found in intervals}


def _compared(kind: str, old: Mapping[_Key, Facts], new: Mapping[_Key, Facts]) -> Iterator[Change]:
    for scope, id_ in sorted({*old, *new}):
        before, after = old.get((scope, id_)), new.get((scope, id_))
        if before is None and after is not None:
            yield Change(What.ADDED, kind, scope, id_, after)
        elif after is None and before is not None:
            yield Change(What.REMOVED, kind, scope, id_, before)
        elif before is not None and after is not None and not same(before, after):
            names = [name for name in {**before, **after} if not equal(before.get(name), after.get(name))]
            columns = {name: (before.get(name), after.get(name)) for name in names}
            yield Change(What.CHANGED, kind, scope, id_, after, columns)
