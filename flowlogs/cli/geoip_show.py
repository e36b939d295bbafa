"""`flowlogs geoip show`: what databases and lists are there, how old they are, under which licence."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import orjson

from flowlogs.cli.plain_table import print_table, printable
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
            click.echo(f"Note: {printable(sentence)}", err=True)
    unusable = contents.unusable
    if not unusable and not contents.databases and not contents.lists:
        unusable = ["there is no database and no list"]
    for sentence in unusable:
        click.echo(f"Error: {printable(sentence)}", err=True)
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
        "file": os.fsencode(database.path).decode("utf-8", "backslashreplace"),  # names need not be UTF-8; JSON is
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
    if contents.databases:
        header = ("database", "type", "licence", "built", "age, days", "nodes")
        print_table(header, [_database_cells(database) for database in contents.databases], right=2)
        print_attributions(dict.fromkeys(each.licence.attribution for each in contents.databases if each.licence))
    if contents.databases and contents.lists:
        click.echo()
    if contents.lists:
        print_table(
            ("list", "kind", "age, days", "networks"), [_list_cells(found) for found in contents.lists], right=2
        )


def print_attributions(attributions: Iterable[str]) -> None:
    """Print below a table of results what licences want to stand there."""
    for number, attribution in enumerate(attributions):
        click.echo(f"\n{printable(attribution)}" if number == 0 else printable(attribution))


def _database_cells(database: DatabaseFile) -> tuple[str, ...]:
    row = _database(database)
    licence = row["licence"] or "not known"
    age, nodes = f"{row['age_days']:.0f}", f"{row['nodes']:,}"
    return database.path.name, row["type"], licence, row["built"][:10], age, nodes


def _list_cells(found: AddressSet) -> tuple[str, ...]:
    row = _list(found)
    return row["list"], row["kind"], f"{row['age_days']:.0f}", f"{row['networks']:,}"
