"""`flowlogs inventory diff`: what became other between two inventories."""

from collections import Counter
from collections.abc import Iterable, Mapping

import click
import orjson

from flowlogs.cli.inventory_contents import Contents, contents_of
from flowlogs.cli.inventory_rows import SHOWN, cell
from flowlogs.cli.plain_table import print_table
from flowlogs.inventory.comparing import Change, What, changes
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import KINDS

_COLOURS = {What.ADDED: "green", What.REMOVED: "red", What.CHANGED: "yellow"}
_NAMED = 5
"""Accounts and regions that a note names."""


@click.command(short_help="What differs between two inventories.")
@click.argument("before")
@click.argument("after")
@click.option("--kind", type=click.Choice(list(KINDS)), metavar="KIND", help=f"Compare one kind: {', '.join(KINDS)}.")
@click.option("--json", "as_json", is_flag=True, help="Print NDJSON instead of a table.")
def diff(before: str, after: str, kind: str | None, as_json: bool) -> None:
    """Show what was added, removed and changed from inventory BEFORE to AFTER, in the kinds that both hold.

    Both are what `flowlogs inventory show` takes. What only one of them was taken of is left out, and named: an account
    that did not answer has lost nothing. Exit 0, whether they differ or not; with --json nothing is printed where
    they do not.

    \b
    $ flowlogs inventory diff monday.json.gz friday.json.gz
    $ flowlogs inventory diff monday.json.gz friday.json.gz --kind security-group-rules --json
    """
    old, new = contents_of([before]), contents_of([after])
    kinds = [name for name in KINDS if kind in (None, name) and name in old.intervals and name in new.intervals]
    if not kinds:
        raise click.ClickException(
            f"the two have no kind in common{'' if kind is None else f', as far as {kind} go'}: "
            f"{_names(old.intervals)} against {_names(new.intervals)}"
        )
    unlike = {name: _in_one_only(old, new, name) for name in kinds}
    found = list(
        changes(
            {name: _without(old.intervals[name], unlike[name]) for name in kinds},
            {name: _without(new.intervals[name], unlike[name]) for name in kinds},
        )
    )
    if as_json:
        for change in found:
            click.echo(orjson.dumps(change.as_dict()))
    else:
        _show_changes(found, {name: _same(old, new, name) for name in kinds})
    _say_what_was_left_out(unlike)


def _names(intervals: Mapping[str, object]) -> str:
    return ", ".join(intervals)


def _in_one_only(old: Contents, new: Contents, kind: str) -> set[Scope]:
    """Give the accounts and regions of which only one has a kind; none where one does not say whose it has."""
    if kind in old.unbounded | new.unbounded:
        return set()
    return old.asked[kind] ^ new.asked[kind]


def _without(intervals: Iterable[Interval], scopes: set[Scope]) -> list[Interval]:
    return [found for found in intervals if found.scope not in scopes]


def _say_what_was_left_out(unlike: Mapping[str, set[Scope]]) -> None:
    kinds_by_scopes: dict[tuple[Scope, ...], list[str]] = {}
    for kind, scopes in unlike.items():
        if scopes:
            kinds_by_scopes.setdefault(tuple(sorted(scopes)), []).append(kind)
    for left_out, kinds in kinds_by_scopes.items():
        named = ", ".join(map(str, left_out[:_NAMED]))
        more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        click.echo(
            f"Note: not compared, as only one of the two has them: {', '.join(kinds)} of {named}{more}", err=True
        )


def _same(old: Contents, new: Contents, kind: str) -> str:
    """Say what it means that no change of a kind was found."""
    if not _in_one_only(old, new, kind):
        return "no difference"
    return "no difference in what both have" if old.asked[kind] & new.asked[kind] else "not compared"


def _show_changes(found: list[Change], kinds: Mapping[str, str]) -> None:
    """Print changes and count them by kind; `kinds` says what stands there where there is none."""
    of_several = len({change.scope for change in found}) > 1
    header = ("change", "kind", "id", *(("account-id", "aws-region") if of_several else ()), "what")
    rows = [
        (change.what, change.kind, change.id, *(change.scope if of_several else ()), _told(change)) for change in found
    ]
    if found:
        print_table(header, rows, {what: _COLOURS[what] for what in What})
        click.echo()
    counts = Counter((change.kind, change.what) for change in found)
    for kind, same in kinds.items():
        parts = [f"{counts[kind, what]:,} {what}" for what in What if counts[kind, what]]
        click.echo(f"{kind}: {', '.join(parts) or same}")


def _told(change: Change) -> str:
    if change.what is What.CHANGED:
        return "; ".join(_turned(name, before, after) for name, (before, after) in change.columns.items())
    names = SHOWN.get(change.kind, [column.name for column in KINDS[change.kind].columns])
    return "; ".join(f"{name}: {cell(change.facts[name])}" for name in names if name in change.facts)


def _turned(name: str, before: object, after: object) -> str:
    """Say how a value changed: of a list what came and went, of others both."""
    if isinstance(before, list) and isinstance(after, list) and set(before) != set(after):
        came, went = ([each for each in one if each not in other] for one, other in ((after, before), (before, after)))
        return f"{name}: {' '.join([*(f'+{each}' for each in came), *(f'-{each}' for each in went)])}"
    return f"{name}: {cell(before) or '-'} → {cell(after) or '-'}"
