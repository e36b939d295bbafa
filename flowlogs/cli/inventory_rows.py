"""Resources of an inventory as people and programs read them."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from flowlogs.cli.plain_table import print_table
from flowlogs.inventory.comparing import named
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.record.timestamps import iso_utc

SHOWN = {
    "network-interfaces": (
        "addresses",
        "prefixes",
        "public-addresses",
        "security-group-ids",
        "instance-id",
        "interface-owner",
        "name",
        "vpc-id",
    ),
    "security-groups": ("group-name", "vpc-id", "description"),
    "security-group-rules": (
        "security-group-id",
        "is-outbound",
        "protocol",
        "from-port",
        "to-port",
        "cidr",
        "prefix-list-id",
        "peer-security-group-id",
    ),
    "security-group-uses": ("resource-type", "resource", "security-group-ids"),
    "network-acl-entries": ("network-acl-id", "is-outbound", "number", "action", "protocol", "cidr"),
}
"""Columns of a table, where something has them; of other kinds, all are few enough."""
_SCOPE = ("account-id", "aws-region")
_SPAN = ("from", "to")
_NAMES = {"security-groups": "group-name", "instances": "name"}
"""Kinds whose ids stand in other resources' rows, and the column with what people call them."""

Names = Mapping[str, str]
"""What people call a resource, by its id."""


def row_of(kind: str, found: Interval) -> dict[str, Any]:
    """Give a resource as JSON shows it; absent `from` and `to`: not known, and still so."""
    row: dict[str, Any] = {"kind": kind, KINDS[kind].id_column: found.id, **named(found.scope)}
    row |= {} if found.since == BEGINNING else {"from": iso_utc(found.since)}
    row |= {} if found.is_open else {"to": iso_utc(found.until)}
    return row | dict(found.facts)


def print_resources(by_kind: Mapping[str, Sequence[Interval]], all_of_it: Mapping[str, Sequence[Interval]]) -> None:
    """Print a table of each kind, with names of security groups and instances where the inventory has them.

    `all_of_it` is the whole inventory; where that is of several accounts or regions, each row says of which it is.
    """
    names = _names(all_of_it)
    scopes = {found.scope for intervals in all_of_it.values() for found in intervals if found.scope.account_id}
    for number, (kind, intervals) in enumerate(by_kind.items()):
        if number:
            click.echo()
        columns = [*_columns(kind, intervals), *(_SCOPE if len(scopes) > 1 else ()), *_spans(intervals)]
        rows = [_cells(kind, found, columns, names) for found in intervals]
        print_table((KINDS[kind].id_column, *columns), rows)


def _names(intervals: Mapping[str, Sequence[Interval]]) -> dict[str, str]:
    return {
        found.id: str(found.facts[column])
        for kind, column in _NAMES.items()
        for found in intervals.get(kind, ())
        if column in found.facts
    }


def _columns(kind: str, intervals: Sequence[Interval]) -> list[str]:
    """Give the columns in which something stands."""
    there = {name for found in intervals for name in found.facts}
    return [name for name in SHOWN.get(kind, [column.name for column in KINDS[kind].columns]) if name in there]


def _spans(intervals: Sequence[Interval]) -> Sequence[str]:
    return _SPAN if any(found.since != BEGINNING or not found.is_open for found in intervals) else ()


def _cells(kind: str, found: Interval, columns: Sequence[str], names: Names) -> list[str]:
    row = row_of(kind, found)
    return [found.id, *(cell(row.get(name), names) for name in columns)]


def cell(value: object, names: Names | None = None) -> str:
    """Write a value for a person; nothing where it is absent."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(cell(each, names) for each in value)
    text = str(value)
    return f"{text} ({names[text]})" if names and text in names else text
