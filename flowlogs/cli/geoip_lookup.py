"""`flowlogs geoip lookup`: what databases and lists say of addresses."""

import ipaddress
import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import orjson

from flowlogs.cli.geoip_show import print_attributions
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.decorate.databases import Opened, open_databases
from flowlogs.decorate.places import Places
from flowlogs.decorate.special_purpose import is_special
from flowlogs.geoip.providers import Kind
from flowlogs.geoip.with_geoip2 import Geoip2Database
from flowlogs.settings import value_of


class _Address(click.ParamType[str]):
    name = "IP"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            address = ipaddress.ip_address(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no IP address", param, ctx)
        if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
            self.fail(
                f"{value!r} has a zone, which only its own host knows: leave out the % and what follows", param, ctx
            )
        return str(address)


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

    The databases are chosen as the decorator chooses them and read by MaxMind's geoip2, so this can be compared with
    what documents say. The attribution that their licences ask for is printed last; with --json to standard error.

    \b
    $ flowlogs geoip lookup 8.8.8.8 --geoip geo
    $ flowlogs geoip lookup 8.8.8.8 10.0.0.1 --geoip geo,own --json
    """
    opened = open_databases(geoip, time.time(), value_of(os.environ, "FLOWLOGS_GEOIP_MAX_AGE_DAYS"))
    with ExitStack() as closing:
        places = _by_geoip2(opened, closing)
        rows = [_row(address, places) for address in addresses]
    if as_json:
        for row in rows:
            click.echo(orjson.dumps(row))
        for attribution in opened.attributions:
            click.echo(attribution, err=True)
    else:
        print_table(("address", "place", "autonomous system", "named", "threat lists"), [_cells(row) for row in rows])
        print_attributions(opened.attributions)
    for problem in opened.problems:
        click.echo(f"Note: {printable(problem)}", err=True)
    if not opened.used and not opened.sets:
        raise click.ClickException("there is no database and no list to look into")
    if places.corrupt:
        raise click.ClickException("a database is damaged: a look-up in it failed")


def _by_geoip2(opened: Opened, closing: ExitStack) -> Places:
    """Give the places that the decorator would have, of the same databases."""
    city, asn = (
        Geoip2Database(opened.used[kind].path, closing, kind) if kind in opened.used else None for kind in Kind
    )
    return Places(city, asn, opened.sets)


def _row(address: str, places: Places) -> dict[str, Any]:
    """Give what is known of an address, in the names of documents; `note` says why there is no place."""
    row: dict[str, Any] = {"address": address, **places(address)}
    if is_special(ipaddress.ip_address(address).packed):
        row["note"] = "private or special-purpose"
    elif not row.keys() - {"address", "network", "threat"}:
        row["note"] = "in no database"
    return row


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("city", "region-name", "country-name")
    place = ", ".join(row[name] for name in names if name in row) or row.get("country-code") or row.get("note", "")
    system = (f"AS{row['asn']}" if "asn" in row else "", row.get("as-organization", ""))
    threats = ", ".join(row.get("threat", ()))
    return row["address"], place, " ".join(filter(None, system)), row.get("network", ""), threats
