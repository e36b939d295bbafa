"""`flowlogs geoip lookup`: what databases and lists say of addresses."""

import ipaddress
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowlogs.decorate.address_sets import open_address_sets
from flowlogs.decorate.licences import licence_of
from flowlogs.decorate.places import CORRUPT, Places
from flowlogs.decorate.special_purpose import is_special
from flowlogs.geoip.contents import database_files
from flowlogs.geoip.providers import Kind
from flowlogs.geoip.with_geoip2 import Geoip2Database


class _Address(click.ParamType[str]):
    name = "IP"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(ipaddress.ip_address(str(value).strip()))
        except ValueError:
            self.fail(f"{value!r} is no IP address", param, ctx)


class _Places(click.ParamType[list[Path]]):
    """Files and folders with commas between, as FLOWLOGS_GEOIP takes them."""

    name = "PATH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[Path]:
        paths = [Path(path.strip()) for path in str(value).split(",") if path.strip()]
        for path in paths:
            if not path.exists():
                self.fail(f"{path}: no such file or folder", param, ctx)
        return paths


@click.command(short_help="What databases and lists say of addresses.")
@click.argument("addresses", nargs=-1, required=True, type=_Address(), metavar="IP...")
@click.option(
    "--geoip",
    required=True,
    type=_Places(),
    envvar="FLOWLOGS_GEOIP",
    show_envvar=True,
    help="Databases, or folders of them with their networks/ and threats/; several with commas.",
)
@click.option("--json", "as_json", is_flag=True, help="Print NDJSON instead of a table.")
def lookup(addresses: tuple[str, ...], geoip: list[Path], as_json: bool) -> None:
    """Look up where addresses are, whose network they belong to, and which lists hold them.

    The databases are read by MaxMind's geoip2, so this can be compared with what the decorator says. The attribution
    that their licences ask for is printed last; with --json to standard error.

    \b
    $ flowlogs geoip lookup 8.8.8.8 --geoip geo
    $ flowlogs geoip lookup 8.8.8.8 10.0.0.1 --geoip geo,own --json
    """
    with ExitStack() as closing:
        databases = _opened(geoip, closing)
        city, asn = (_best(databases, kind) for kind in Kind)
        sets = open_address_sets(geoip, time.time())
        places = Places(city, asn, sets)
        rows = [_row(address, places) for address in addresses]
        used = [database for database in (city, asn) if database is not None]
        licences = [licence_of(database.metadata().type) for database in used]
    if as_json:
        for row in rows:
            click.echo(orjson.dumps(row))
    else:
        Console(highlight=False).print(_table(rows))
    for attribution in dict.fromkeys(licence.attribution for licence in licences if licence):
        click.echo(attribution, err=as_json)
    for problem in sets.problems:
        click.echo(f"Note: {problem}", err=True)
    if not used and not sets:
        raise click.ClickException("there is no database and no list to look into")
    if places.corrupt:
        raise click.ClickException("a database is damaged: a look-up in it failed")


def _opened(paths: Sequence[Path], closing: ExitStack) -> list[Geoip2Database]:
    """Open what can be opened; say of the rest that it cannot."""
    databases = []
    for path in database_files(paths):
        try:
            databases.append(Geoip2Database(path, closing))
        except CORRUPT as error:
            click.echo(f"Note: {path.name} is not used: {str(error) or type(error).__name__}", err=True)
    return databases


def _best(databases: Sequence[Geoip2Database], kind: Kind) -> Geoip2Database | None:
    found = (database for database in databases if database.knows is kind)
    return max(found, key=lambda database: database.preference, default=None)


def _row(address: str, places: Places) -> dict[str, Any]:
    """Give what is known of an address, in the names of documents; `note` says why there is no place."""
    row: dict[str, Any] = {"address": address, **places(address)}
    if is_special(ipaddress.ip_address(address).packed):
        row["note"] = "private or special-purpose"
    elif not row.keys() - {"address", "network", "threat"}:
        row["note"] = "in no database"
    return row


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column("address", no_wrap=True)
    for column in ("place", "autonomous system", "named", "threat lists"):
        table.add_column(column, overflow="fold")
    for row in rows:
        names = ("city", "region-name", "country-name")
        place = ", ".join(row[name] for name in names if name in row) or row.get("country-code") or row.get("note", "")
        system = f"AS{row['asn']} {row.get('as-organization', '')}" if "asn" in row else ""
        cells = (row["address"], place, system, row.get("network", ""), ", ".join(row.get("threat", ())))
        table.add_row(*map(Text, cells))
    return table
