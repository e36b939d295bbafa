"""`flowlogs geoip fetch`: databases and address lists into a folder."""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from flowlogs.cli.plain_table import print_table, printable
from flowlogs.errors import SettingsError
from flowlogs.geoip.account import Account, account_of
from flowlogs.geoip.address import shown
from flowlogs.geoip.databases import Database
from flowlogs.geoip.download import Fetched, Request, Web
from flowlogs.geoip.folder import update_folder
from flowlogs.geoip.lists import AwsRanges, ThreatList
from flowlogs.geoip.providers import PROVIDERS
from flowlogs.geoip.source import Source, Work
from flowlogs.geoip.updated import Updated
from flowlogs.geoip.with_geoip2 import opened
from flowlogs.setting_kinds import Provider, read_lists

_LONGEST = 3600.0
"""Seconds that fetching may take; a slow line needs some minutes for a database."""
_ACCOUNT, _KEY = "MAXMIND_ACCOUNT_ID", "MAXMIND_LICENSE_KEY"


class _ThreatLists(click.ParamType[list[tuple[str, str]]]):
    """Pairs of name and URL, with blanks between, as FLOWLOGS_THREAT_LISTS takes them."""

    name = "NAME=URL"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[tuple[str, str]]:
        try:
            found = [pair for each in str(value).split() for pair in read_lists(each).items()]
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return found or self.fail("it names no list", param, ctx)


@click.command(short_help="Fetch databases and address lists into a folder.")
@click.option(
    "--provider",
    type=click.Choice([str(each) for each in Provider]),
    help="Whose City and ASN databases to fetch.  [default: dbip; none where a list is asked for]",
)
@click.option(
    "--licence-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f'MaxMind\'s account, {{"account_id": …, "licence_key": …}} or GeoIP.conf.  [default: {_ACCOUNT} and {_KEY}]',
)
@click.option("--aws-ranges", is_flag=True, help="Fetch AWS's own networks, by service and region.")
@click.option(
    "--threats", multiple=True, type=_ThreatLists(), help="Fetch a list of CIDRs; may be given several times."
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to fetch into; other files in it stay.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: what became of each file.")
def fetch(
    provider: str | None,
    licence_file: Path | None,
    aws_ranges: bool,
    threats: tuple[list[tuple[str, str]], ...],
    out: Path,
    as_json: bool,
) -> None:
    """Fetch databases and address lists into a folder, which `--geoip` of other commands takes as it is.

    City and ASN of DB-IP, which need no account, where nothing else is asked for; lists alone where only they are.
    What is there and still the newest is not fetched again. A file is replaced when the new one is whole and has been
    tried; where that fails the last good one stays, the others are fetched all the same, and the exit code is 1.
    A proxy is taken from HTTPS_PROXY. Who fetches accepts the provider's licence: docs/geo.md.

    \b
    $ flowlogs geoip fetch --out geo
    $ flowlogs geoip fetch --provider dbip --aws-ranges --out geo
    $ flowlogs geoip fetch --provider maxmind --licence-file GeoIP.conf --out geo
    $ flowlogs geoip fetch --threats drop=https://www.spamhaus.org/drop/drop.txt --out geo
    """
    lists: list[Source] = [AwsRanges()] if aws_ranges else []
    lists += _threat_lists([pair for pairs in threats for pair in pairs])
    chosen = Provider(provider) if provider else Provider.NONE if lists else Provider.DBIP
    sources = _databases(chosen, licence_file) + lists
    if not sources:
        raise click.UsageError("there is nothing to fetch: give another --provider, --aws-ranges or --threats")
    ends = time.monotonic() + _LONGEST
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        web = _Shown(progress, is_told=not console.is_terminal and not as_json)
        work = Work(web, out, time.time(), opened)
        updated = update_folder(out, sources, work, lambda: ends - time.monotonic())
    _print(updated, out, as_json=as_json)
    if updated.failed:
        raise SystemExit(1)


def _databases(provider: Provider, licence_file: Path | None) -> list[Source]:
    if licence_file is not None and provider is not Provider.MAXMIND:
        raise click.UsageError("--licence-file goes with --provider maxmind")
    if provider is Provider.NONE:
        return []
    row = PROVIDERS[provider]
    account = _account(licence_file) if row.needs_account else None
    return [Database(row, each, account) for each in row.editions]


def _threat_lists(pairs: Sequence[tuple[str, str]]) -> list[ThreatList]:
    """Give each list; raise click.UsageError where two have one name, which is that of their file."""
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1:
            raise click.UsageError(f"{times} lists are named {name}: give each a name of its own")
    return [ThreatList(name, url) for name, url in pairs]


def _account(licence_file: Path | None) -> Callable[[], Account]:
    """Read the account, from a file or from the environment; raise SettingsError where there is none."""
    if licence_file is not None:
        found = account_of(licence_file.read_text("utf-8", "replace"), str(licence_file))
    else:
        number, key = os.environ.get(_ACCOUNT), os.environ.get(_KEY)
        if not number or not key:
            raise SettingsError(f"MaxMind asks for an account: give --licence-file, or set {_ACCOUNT} and {_KEY}")
        text = orjson.dumps({"account_id": number, "licence_key": key}).decode()
        found = account_of(text, f"what {_ACCOUNT} and {_KEY} hold")
    return lambda: found


class _Shown:
    """The web, with a bar for each file that comes, or a line as it begins (`flowlogs.geoip.download.Fetch`)."""

    def __init__(self, progress: Progress, *, is_told: bool) -> None:
        self._progress, self._is_told = progress, is_told
        self._asked: set[str] = set()
        self._task = TaskID(0)
        self._web = Web(os.environ, progress=self._told)

    def __call__(self, request: Request, into: Path, seconds: float) -> Fetched | None:
        if self._is_told:
            self._tell(shown(request.url))
        self._task = self._progress.add_task(into.name, total=None)
        try:
            return self._web(request, into, seconds)
        finally:
            self._progress.remove_task(self._task)

    def _tell(self, address: str) -> None:
        """Say once what is asked for; a database and its checksum have one address for people."""
        if address not in self._asked:
            self._asked.add(address)
            click.echo(f"Asking for {printable(address)}", err=True)

    def _told(self, done: int, total: int | None) -> None:
        self._progress.update(self._task, completed=done, total=total)


def _print(updated: Updated, out: Path, *, as_json: bool) -> None:
    if as_json:
        ages = {file: round(days, 1) for file, days in updated.ages.items()}
        row = {"fetched": updated.fetched, "kept": updated.kept, "failed": updated.failed, "deleted": updated.deleted}
        click.echo(orjson.dumps({**row, "age_days": ages}, option=orjson.OPT_INDENT_2))
    else:
        _print_outcomes(updated, out)
    for file in updated.deleted:
        sentence = f"{file} was deleted: its licence does not allow a database of that age"
        click.echo(f"Note: {printable(sentence)}", err=True)
    for sentence in updated.noted:
        click.echo(f"Note: {printable(sentence)}", err=True)
    for sentence in updated.failed:
        click.echo(f"Error: {printable(sentence)}", err=True)


def _print_outcomes(updated: Updated, out: Path) -> None:
    outcomes = [(file, "fetched") for file in updated.fetched] + [(file, "nothing newer") for file in updated.kept]
    ages = {file: f"{days:.0f}" for file, days in updated.ages.items()}
    rows = [(str(out / file), outcome, ages.get(file, "")) for file, outcome in outcomes]
    if rows:
        print_table(("file", "outcome", "age, days"), rows, right=1)
