"""`flowlogs inventory diff`: what became other between two inventories."""

from collections import Counter
from collections.abc import Mapping

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowlogs.cli.inventory_contents import contents_of
from flowlogs.cli.inventory_show import SHOWN, cell
from flowlogs.inventory.comparing import Change, What, changes
from flowlogs.inventory.kinds import KINDS

_STYLES = {What.ADDED: "green", What.REMOVED: "red", What.CHANGED: "yellow"}


@click.command(short_help="What differs between two inventories.")
@click.argument("before")
@click.argument("after")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Compare one kind only.")
@click.option("--json", "as_json", is_flag=True, help="Print NDJSON instead of a table.")
def diff(before: str, after: str, kind: str | None, as_json: bool) -> None:
    """Show what was added, removed and changed from inventory BEFORE to AFTER, in the kinds that both hold.

    \b
    $ flowlogs inventory diff monday.json.gz friday.json.gz
    $ flowlogs inventory diff monday.json.gz friday.json.gz --kind security-group-rules --json
    """
    old, new = contents_of([before]).intervals, contents_of([after]).intervals
    wanted = {name for name in KINDS if kind in (None, name) and name in old and name in new}
    if not wanted:
        raise click.ClickException(f"the two have no kind in common: {_names(old)} against {_names(new)}")
    found = changes({name: old[name] for name in wanted}, {name: new[name] for name in wanted})
    if as_json:
        for change in found:
            click.echo(orjson.dumps(change.as_dict()))
        return
    _show_changes(list(found), [name for name in KINDS if name in wanted])


def _names(intervals: Mapping[str, object]) -> str:
    return ", ".join(intervals)


def _show_changes(found: list[Change], kinds: list[str]) -> None:
    table = Table("change", "kind", "id", "what", box=None, header_style="bold")
    for change in found:
        style = _STYLES[change.what]
        table.add_row(Text(change.what, style), change.kind, change.id, Text(_told(change)))
    if found:
        Console(highlight=False).print(table)
    counts = Counter((change.kind, change.what) for change in found)
    for kind in kinds:
        parts = [f"{counts[kind, what]:,} {what}" for what in What if counts[kind, what]]
        click.echo(f"{kind}: {', '.join(parts) or 'no difference'}")


def _told(change: Change) -> str:
    if change.what is What.CHANGED:
        return "; ".join(f"{name}: {cell(a) or '-'} → {cell(b) or '-'}" for name, (a, b) in change.columns.items())
    names = SHOWN.get(change.kind, [column.name for column in KINDS[change.kind].columns])
    return "; ".join(f"{name}: {cell(change.facts[name])}" for name in names if name in change.facts)
