"""The project's own form of an inventory, in JSON: what `flowlogs inventory pull` writes, for people and laptops.

{"flowlogs-inventory": 1, "taken": ISO 8601, "interfaces": […], "security-groups": […], …}: a member for each kind,
named like the kind, but `interfaces`. A row has the kind's id, its columns, `account-id`, `aws-region`, `from`, `to`.
Where accounts were asked, `scopes` are those with their regions, `missing` by kind those that did not answer, and
`failed` sentences that say why.
"""

import ipaddress
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS, ColumnKind, Kind
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.record.timestamps import iso_utc, unix_seconds
from flowlogs.record.values import LAST_SECOND, packed

MARK, FORM = "flowlogs-inventory", 1
_TAKEN, _SCOPES, _MISSING, _FAILED = "taken", "scopes", "missing", "failed"
_TYPES: dict[ColumnKind, type] = {
    ColumnKind.TEXT: str,
    ColumnKind.TEXTS: list,
    ColumnKind.NUMBER: int,
    ColumnKind.FLAG: bool,
}

_TYPES_OF = {kind.name: {column.name: _TYPES[column.kind] for column in kind.columns} for kind in KINDS.values()}
_LOOKED_UP: Mapping[str, Callable[[str], object]] = {
    "addresses": packed,
    "prefixes": ipaddress.ip_network,
    "cidrs": ipaddress.ip_network,
}
"""Columns of which look-ups are made, and what refuses a text that is none (ValueError)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom an inventory was asked of: accounts and regions, and by them and kind why one did not answer."""

    scopes: Sequence[Scope]
    failed: Mapping[tuple[Scope, str], str]

    @property
    def sentences(self) -> list[str]:
        """Say why something is missing, each once."""
        return list(dict.fromkeys(self.failed.values()))


def own_form(by_kind: Mapping[str, Iterable[Interval]], taken: int, asked: Asked | None = None) -> dict[str, Any]:
    """Give intervals by kind as the content of such a file; `taken` is Unix seconds."""
    members = {_member(KINDS[name]): [_row(KINDS[name], found) for found in found] for name, found in by_kind.items()}
    return {MARK: FORM, _TAKEN: iso_utc(taken), **members, **({} if asked is None else _told(asked))}


def _told(asked: Asked) -> dict[str, Any]:
    missing: dict[str, list[str]] = {}
    for scope, kind in asked.failed:
        missing.setdefault(kind, []).append(str(scope))
    return {_SCOPES: list(map(str, asked.scopes)), _MISSING: missing, _FAILED: asked.sentences}


@dataclass(frozen=True, slots=True)
class About:
    """What such a file says of itself; `taken` is ISO 8601, empty where it does not say."""

    taken: str
    failed: Sequence[str]
    scopes: frozenset[Scope] | None  # None: it does not say who was asked
    missing: Mapping[str, frozenset[Scope]]

    def answered(self, kind: str) -> frozenset[Scope] | None:
        """Give the accounts and regions that told of a kind; None where it does not say."""
        return None if self.scopes is None else self.scopes - self.missing.get(kind, frozenset())


def about(content: Mapping[str, Any]) -> About:
    """Read what such a file says of itself; raise UnusableInventory where that cannot be read."""
    taken, scopes, failed = content.get(_TAKEN), content.get(_SCOPES), content.get(_FAILED) or []
    missing = content.get(_MISSING) or {}
    if not isinstance(missing, dict) or not isinstance(failed, list):
        raise UnusableInventory(f"{_MISSING} or {_FAILED} cannot be read")
    return About(
        str(taken or ""),
        [str(sentence) for sentence in failed],
        None if scopes is None else _scopes(scopes),
        {kind: _scopes(names) for kind, names in missing.items()},
    )


def _scopes(names: object) -> frozenset[Scope]:
    if not isinstance(names, list):
        raise UnusableInventory(f"{_SCOPES} or {_MISSING} hold no list of accounts and regions")
    return frozenset(Scope(*str(name).partition("/")[::2]) for name in names)


def is_own_form(content: Mapping[str, Any]) -> bool:
    """Say whether decoded JSON is such a file."""
    return MARK in content


def intervals_of_own_form(content: Mapping[str, Any], kinds: Container[str] = KINDS) -> dict[str, list[Interval]]:
    """Read intervals by kind; raise UnusableInventory where it is of another version, or a row is none."""
    form = content.get(MARK)
    if type(form) is not int or form != FORM:
        raise UnusableInventory(f"its form is {form!r}, and {FORM} is known here")
    return {
        kind.name: [_checked(kind, row) for row in _rows(content, _member(kind))]
        for kind in KINDS.values()
        if kind.name in kinds and _member(kind) in content
    }


def _member(kind: Kind) -> str:
    return "interfaces" if kind is INTERFACES else kind.name


def _rows(content: Mapping[str, Any], member: str) -> list[Any]:
    rows = content[member]
    if not isinstance(rows, list):
        raise UnusableInventory(f"{member} is no list")
    return rows


def _row(kind: Kind, found: Interval) -> dict[str, Any]:
    row: dict[str, Any] = {kind.id_column: found.id}
    row |= {"account-id": found.scope.account_id, "aws-region": found.scope.region}
    row |= {} if found.since == BEGINNING else {"from": iso_utc(found.since)}
    row |= {} if found.until == END else {"to": iso_utc(found.until)}
    return row | dict(found.facts)


def _checked(kind: Kind, row: Any) -> Interval:
    try:
        return _interval(kind, row)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        name = row.get(kind.id_column) if isinstance(row, dict) else None
        told = "lists in lists without end" if isinstance(error, RecursionError) else repr(error)
        raise UnusableInventory(f"{name or f'a row of {kind.name}'} cannot be read: {told}") from error


def _interval(kind: Kind, row: Mapping[str, Any]) -> Interval:
    columns = _TYPES_OF[kind.name]
    facts = {name: _typed(value, columns[name]) for name, value in row.items() if name in columns and value is not None}
    for name in _LOOKED_UP.keys() & facts.keys():
        for text in facts[name]:
            _LOOKED_UP[name](text)
    scope = Scope(_typed(row.get("account-id") or "", str), _typed(row.get("aws-region") or "", str))
    since, until = _instant(row.get("from"), BEGINNING), _instant(row.get("to"), END)
    if since >= until:
        raise ValueError("it ends before it begins")
    return Interval(scope, _typed(row[kind.id_column], str), facts, since, until)


def _typed(value: Any, wanted: type) -> Any:
    if type(value) is not wanted or (isinstance(value, list) and not all(type(text) is str for text in value)):
        raise TypeError(f"{value!r} is of another type")
    return value


def _instant(value: object, otherwise: int) -> int:
    if value is None:
        return otherwise
    seconds = unix_seconds(value) if isinstance(value, str) else value
    if type(seconds) is not int or not 0 <= seconds <= LAST_SECOND:
        raise ValueError(f"{value!r} is no time from 1970 to 9999")
    return seconds
