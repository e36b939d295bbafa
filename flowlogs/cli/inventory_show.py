"""`flowlogs inventory show`: what an inventory holds."""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowlogs.cli.inventory_contents import Contents, contents_of
from flowlogs.inventory.comparing import ANYWHERE
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.record.timestamps import iso_utc, unix_seconds

SHOWN = {
    "network-interfaces": ("addresses", "security-group-ids", "instance-id", "interface-owner", "vpc-id"),
    "security-groups": ("group-name", "vpc-id", "description"),
    "security-group-rules": ("security-group-id", "is-outbound", "protocol", "from-port", "to-port", "cidr"),
    "security-group-uses": ("resource-type", "resource", "security-group-ids"),
    "network-acl-entries": ("network-acl-id", "is-outbound", "number", "action", "protocol", "cidr"),
}
"""Columns of a table on a terminal; of other kinds, all are few enough."""


class _Instant(click.ParamType[int]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value)
        seconds = int(text) if text.isascii() and text.isdigit() else unix_seconds(text)
        if seconds is None:
            self.fail(f"{text!r} is neither ISO 8601 nor Unix seconds", param, ctx)
        return seconds


@click.command(short_help="What an inventory holds.")
@click.argument("paths", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(list(KINDS)), help="List the resources of one kind.")
@click.option("--find", metavar="TEXT", help="List what has this id, name, or address (also one inside a prefix).")
@click.option("--at", type=_Instant(), metavar="TIME", help="As it was then: ISO 8601, or Unix seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print NDJSON instead of a table.")
def show(paths: tuple[str, ...], kind: str | None, find: str | None, at: int | None, as_json: bool) -> None:
    """Show what the inventory in PATHS holds: a count of each kind, or the resources themselves.

    PATHS are files or folders with what `flowlogs inventory pull` wrote, or the AWS CLI printed (.json, .json.gz).

    \b
    $ flowlogs inventory show inventory.json.gz
    $ flowlogs inventory show inventory.json.gz --kind security-group-rules --json
    $ aws ec2 describe-network-interfaces > now.json; flowlogs inventory show now.json --find 10.0.3.17
    """
    contents = contents_of(paths)
    if kind is None and find is None:
        _count(contents, at, as_json)
        return
    wanted = {name: found for name, found in contents.intervals.items() if kind in (None, name)}
    rows = [(name, found) for name in wanted for found in _at(wanted[name], at) if find is None or _has(found, find)]
    if as_json:
        for name, found in rows:
            click.echo(orjson.dumps(row_of(name, found)))
        return
    for name in dict.fromkeys(name for name, _ in rows):
        Console(highlight=False).print(_listed(name, [found for other, found in rows if other == name]))
    if not rows:
        click.echo("Nothing of that is in the inventory.", err=True)


def _at(intervals: Iterable[Interval], at: int | None) -> Iterator[Interval]:
    return (found for found in intervals if at is None or found.since <= at < found.until)


def _has(found: Interval, text: str) -> bool:
    """Say whether an id, a value, or an address spelt in any way is the text, or a prefix holds it."""
    values = [found.id, *(value for value in found.facts.values() if isinstance(value, str))]
    lists = [member for value in found.facts.values() if isinstance(value, list | tuple) for member in value]
    return text in values or text in lists or _has_address(lists, text)


def _has_address(members: Iterable[str], text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in _networks(members))


def _networks(members: Iterable[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for member in members:
        try:
            yield ipaddress.ip_network(member, strict=False)
        except ValueError:
            continue


def _count(contents: Contents, at: int | None, as_json: bool) -> None:
    rows = {
        kind: (sum(1 for found in _at(intervals, at) if at is not None or found.is_open), len(intervals))
        for kind, intervals in contents.intervals.items()
    }
    if as_json:
        counts = {kind: {"there": there, "intervals": every} for kind, (there, every) in rows.items()}
        click.echo(orjson.dumps({"taken": contents.taken, "failed": contents.failed, "kinds": counts}))
        return
    table = Table("kind", box=None, header_style="bold")
    table.add_column("then" if at is not None else "there", justify="right")
    table.add_column("intervals", justify="right")
    for kind, (there, every) in rows.items():
        table.add_row(kind, f"{there:,}", f"{every:,}")
    console = Console(highlight=False)
    console.print(table)
    for taken in contents.taken:
        click.echo(f"Taken {taken}{_age(taken)}.")
    for sentence in contents.failed:
        click.echo(f"Stale or missing: {sentence}")


def _age(taken: str) -> str:
    then = unix_seconds(taken)
    if then is None:
        return ""
    seconds = datetime.now(UTC).timestamp() - then
    days, hours = int(seconds // 86_400), int(seconds // 3600)
    return f", {days} days ago" if days > 1 else f", {hours} hours ago" if hours > 1 else ""


def row_of(kind: str, found: Interval) -> dict[str, Any]:
    """Give a resource as JSON shows it; absent `from` and `to`: not known, and still so."""
    row: dict[str, Any] = {"kind": kind, KINDS[kind].id_column: found.id}
    if found.scope != ANYWHERE:
        row |= {"account-id": found.scope.account_id, "region": found.scope.region}
    row |= {"from": iso_utc(found.since)} if found.since != BEGINNING else {}
    row |= {"to": iso_utc(found.until)} if found.until != END else {}
    return row | dict(found.facts)


def _listed(kind: str, intervals: list[Interval]) -> Table:
    names = [
        name
        for name in SHOWN.get(kind, [column.name for column in KINDS[kind].columns])
        if any(name in found.facts for found in intervals)
    ]
    spans = any(found.since != BEGINNING or found.until != END for found in intervals)
    table = Table(KINDS[kind].id_column, *names, *(("from", "to") if spans else ()), box=None, header_style="bold")
    for found in intervals:
        row = row_of(kind, found)
        times = (str(row.get("from", "")), str(row.get("to", ""))) if spans else ()
        table.add_row(found.id, *(Text(cell(found.facts.get(name))) for name in names), *times)
    return table


def cell(value: object) -> str:
    """Write a value for a person; nothing where it is absent."""
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
