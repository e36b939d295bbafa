"""`flowlogs geoip show`: what databases and lists are there, how old they are, under which licence."""

import time
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowlogs.decorate.address_sets import AddressSet
from flowlogs.geoip.contents import Contents, DatabaseFile, contents_of
from flowlogs.record.timestamps import iso_utc


@click.command(short_help="What databases and lists are there, how old, under which licence.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def show(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show the databases and address lists in PATHS: files, or folders as `flowlogs geoip fetch` fills them.

    Exit 1 where a database cannot be used, or nothing is there.

    \b
    $ flowlogs geoip show geo
    $ flowlogs geoip show geo /usr/share/GeoIP/GeoLite2-City.mmdb --json
    """
    contents = contents_of(paths, time.time())
    if as_json:
        click.echo(orjson.dumps(_as_dict(contents), option=orjson.OPT_INDENT_2))
    else:
        _print(contents)
        for sentence in contents.problems:
            click.echo(f"Note: {sentence}", err=True)
    unusable = contents.unusable
    if not unusable and not contents.databases and not contents.lists:
        unusable = ["there is no database and no list"]
    for sentence in unusable:
        click.echo(f"Error: {sentence}", err=True)
    if unusable:
        raise SystemExit(1)


def _as_dict(contents: Contents) -> dict[str, Any]:
    return {
        "databases": [_database(database) for database in contents.databases],
        "lists": [_list(found) for found in contents.lists],
        "problems": [*contents.unusable, *contents.problems],
    }


def _database(database: DatabaseFile) -> dict[str, Any]:
    licence = database.licence
    return {
        "file": str(database.path),
        "type": database.metadata.type,
        "built": iso_utc(max(0, database.metadata.built)),
        "age_days": round(database.age_days, 1),
        "nodes": database.metadata.nodes,
        "licence": licence.name if licence else None,
        "attribution": licence.attribution if licence else None,
    }


def _list(found: AddressSet) -> dict[str, Any]:
    return {
        "list": found.name,
        "kind": str(found.kind),
        "networks": found.count,
        "age_days": round(found.age_days, 1),
    }


def _print(contents: Contents) -> None:
    console = Console(highlight=False)
    if contents.databases:
        console.print(_databases(contents.databases))
    for attribution in dict.fromkeys(each.licence.attribution for each in contents.databases if each.licence):
        console.print(Text(attribution))
    if contents.lists:
        console.print(_lists(contents.lists))


def _databases(databases: list[DatabaseFile]) -> Table:
    table = Table(box=None, header_style="bold")
    for column in ("database", "type", "built"):
        table.add_column(column, overflow="fold")
    table.add_column("age, days", justify="right")
    table.add_column("nodes", justify="right")
    table.add_column("licence")
    for row in map(_database, databases):
        cells = (Path(row["file"]).name, row["type"], row["built"][:10], f"{row['age_days']:.0f}", f"{row['nodes']:,}")
        table.add_row(*(Text(cell) for cell in (*cells, row["licence"] or "not known")))
    return table


def _lists(lists: tuple[AddressSet, ...]) -> Table:
    table = Table("list", "kind", box=None, header_style="bold")
    table.add_column("age, days", justify="right")
    table.add_column("networks", justify="right")
    for row in map(_list, lists):
        table.add_row(Text(row["list"]), row["kind"], f"{row['age_days']:.0f}", f"{row['networks']:,}")
    return table
