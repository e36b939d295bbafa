"""`flowlogs inventory`: takes an inventory from AWS, and looks into one."""

import gzip
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from flowlogs.aws.account_scopes import AccountScopes
from flowlogs.aws.accounts import Accounts, Role
from flowlogs.aws.scope_calls import TakeScope
from flowlogs.cli.aws_account import take_region
from flowlogs.cli.inventory_diff import diff
from flowlogs.cli.inventory_show import show
from flowlogs.cli.plain_table import print_table
from flowlogs.errors import UnreadableInput
from flowlogs.generate.atomic import whole
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import KINDS, Kind
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.inventory.own_form import Asked, own_form
from flowlogs.inventory.taking import WORKERS, Taken, take_all
from flowlogs.setting_kinds import OWN
from flowlogs.settings import SETTINGS
from functions.inventory.wiring import wanted

_LONGEST = 3600.0
"""Seconds that a pull may take; asked accounts answer within minutes."""
_ROLE = "FLOWLOGS_ACCOUNT_ROLE"
_LEVEL = 6
"""Of gzip: level 9 takes twice the time for a hundredth less."""


@click.group()
def inventory() -> None:
    """Take an inventory of interfaces and security groups from AWS, and look into one.

    \b
    $ flowlogs inventory pull --out inventory.json.gz
    $ flowlogs inventory show inventory.json.gz --find 10.0.3.17
    $ flowlogs inventory show s3://bucket/inventory --find 10.0.3.17 --at 2026-11-20T10:00
    $ flowlogs inventory diff monday.json.gz friday.json.gz
    """


class _Words(click.ParamType[tuple[str, ...]]):
    """Accounts or regions, as the setting of the function takes them."""

    def __init__(self, setting: str) -> None:
        self._setting = SETTINGS[setting]
        self.name = self._setting.takes

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        try:
            read: tuple[str, ...] = self._setting.read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return read


@inventory.command(short_help="Take an inventory with your own credentials.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .json, or .json.gz.")
@click.option(
    "--accounts",
    type=_Words("FLOWLOGS_ACCOUNTS"),
    default=OWN,
    show_default=True,
    metavar="ACCOUNTS",
    help="own, organization, or account ids with commas between them.",
)
@click.option(
    "--regions",
    type=_Words("FLOWLOGS_REGIONS"),
    metavar="REGIONS",
    help="Regions with commas between them.  [default: that of AWS_REGION or the profile]",
)
@click.option("--role", default=SETTINGS[_ROLE].default, show_default=True, help="Role to assume in other accounts.")
@click.option("--external-id", default="", help="External id that those roles ask for.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(list(KINDS)),
    metavar="KIND",
    help=f"Take this kind only; may be repeated: {', '.join(KINDS)}.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=WORKERS, show_default=True, help="Scopes at a time.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def pull(
    *,
    out: Path,
    accounts: tuple[str, ...],
    regions: tuple[str, ...] | None,
    role: str,
    external_id: str,
    kinds: tuple[str, ...],
    workers: int,
    as_json: bool,
) -> None:
    """Take an inventory from AWS into one file, for `flowlogs run --inventory` and for a look into it.

    It says what is now, and is taken for what was: pull it close to the time of the logs. All it calls only reads
    (accounts/inventory-role.yaml). An account that fails is named, and stops no other; the exit code is then 1.

    \b
    $ flowlogs inventory pull --out inventory.json.gz
    $ flowlogs inventory pull --out all.json.gz --accounts organization --regions eu-west-1,us-east-1
    $ flowlogs inventory pull --out interfaces.json --kind network-interfaces
    """
    _check_out(out)
    take_region()
    chosen = [KINDS[name] for name in KINDS if not kinds or name in kinds]
    who = Accounts(Role(role, external_id))
    scopes = AccountScopes(who, wanted(accounts), regions or ())()
    if not scopes:
        raise click.BadParameter("it names no account", param_hint="--accounts")
    now = int(time.time())
    taken = _take(scopes, chosen, who, workers)
    if not taken.snapshots:
        raise UnreadableInput("nothing could be taken: " + "; ".join(dict.fromkeys(taken.failed.values())))
    asked = Asked(scopes, taken.failed)
    _write(out, own_form(_by_kind(taken, chosen), now, asked))
    _show(taken, chosen, asked, as_json=as_json)
    if asked.failed:
        raise SystemExit(1)


def _check_out(out: Path) -> None:
    if not out.name.endswith((".json", ".json.gz")):
        raise click.BadParameter(f"{out.name} ends in neither .json nor .json.gz", param_hint="--out")
    if not out.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    if out.is_dir():
        raise click.BadParameter(f"{out} is a folder", param_hint="--out")
    if not os.access(out.absolute().parent, os.W_OK):  # said now, not after minutes of asking
        raise click.BadParameter(f"nothing can be written into {out.absolute().parent}", param_hint="--out")


def _take(scopes: Sequence[Scope], kinds: Sequence[Kind], accounts: Accounts, workers: int) -> Taken:
    end = time.monotonic() + _LONGEST
    columns = (TextColumn("accounts and regions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(scopes))
        return take_all(
            scopes,
            kinds,
            lambda: end - time.monotonic(),
            take=TakeScope(accounts),
            workers=workers,
            progress=lambda _: bar.advance(task),
        )


def _by_kind(taken: Taken, kinds: Sequence[Kind]) -> dict[str, list[Interval]]:
    return {
        kind.name: [
            Interval(scope, id_, facts, BEGINNING)
            for scope, found in taken.snapshots.items()
            if kind.name in found
            for id_, facts in found[kind.name].resources.items()
        ]
        for kind in kinds
    }


def _write(out: Path, content: dict[str, Any]) -> None:
    text = orjson.dumps(content, option=orjson.OPT_INDENT_2)
    with whole(out) as partial:
        partial.write_bytes(gzip.compress(text, _LEVEL, mtime=0) if out.name.endswith(".gz") else text)


def _show(taken: Taken, kinds: Sequence[Kind], asked: Asked, *, as_json: bool) -> None:
    counts = {
        kind.name: sum(len(found[kind.name].resources) for found in taken.snapshots.values() if kind.name in found)
        for kind in kinds
    }
    if as_json:
        click.echo(orjson.dumps({"scopes": len(asked.scopes), "failed": asked.sentences, "kinds": counts}))
    else:
        print_table(("kind", "there"), [(kind, f"{count:,}") for kind, count in counts.items()], right=1)
    for sentence in asked.sentences:
        click.echo(f"Error: {sentence}", err=True)


inventory.add_command(show)
inventory.add_command(diff)
