"""`flowlogs report`: enriched flow records as one page."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from flowlogs import __version__
from flowlogs.analyse.window import Window
from flowlogs.cli.lake_places import on_this_machine
from flowlogs.deliver.local.atomic_file import PART, AtomicFile
from flowlogs.deliver.local.output_in_use_error import OutputInUseError
from flowlogs.errors import UnreadableInput

if TYPE_CHECKING:
    from flowlogs.analyse.report.contents import About

_LARGEST = 5_000_000  # bytes: what a mail takes
_MEGABYTE = 1_000_000


@click.command()
@click.argument("data", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The page; an earlier one of that name is replaced.",
)
@click.option("--title", default="VPC flow logs", show_default=True, help="What stands above it.")
@click.option(
    "--inventory", metavar="PATH", help="Inventory: names of security groups and interfaces beside their ids."
)
@click.option("--from", "since", metavar="TIME", help="ISO time, UTC: records that begin then or later.")
@click.option("--to", "until", metavar="TIME", help="ISO time, UTC: records that begin before.")
@click.option("--last", metavar="LENGTH", help="Instead of --from: 90m, 24h, 7d, 2w until now.")
def report(
    data: tuple[str, ...],
    out: Path,
    title: str,
    inventory: str | None,
    since: str | None,
    until: str | None,
    last: str | None,
) -> None:
    """Show enriched flow records as a picture: one HTML file that needs no network.

    DATA are folders, files or globs of Parquet, or s3:// addresses, as `enrich` and `run` write them and a
    deployment's lake has them. The page has a map, time lines, tables and one filter that acts on all of them; beside
    every number stands the SQL that gives it. It is never larger than 5 MB: where the data have more addresses than
    fit, those that matter least are summed up, and the page says so. With --inventory, as for `enrich`, names stand
    beside the ids of security groups and interfaces.

    \b
    $ flowlogs report enriched --out report.html
    $ flowlogs report enriched --inventory inventory --out report.html
    $ flowlogs report results/lake --last 7d --title 'Production, week 47'
    $ flowlogs report 's3://my-lake/flows/date=2026-11-2*/' --from 2026-11-20 --to 2026-11-21
    """
    asked = Window.read(since, until, last, time.time())
    about = _about(title, data)
    with _written(out) as file, _steps() as say:
        with on_this_machine(data) as places:
            text = _page(places, inventory, about, asked, say)
        file.file.write(text)
    click.echo(f"{out}: {len(text) / _MEGABYTE:.1f} MB; open it in a browser", err=True)


def _about(title: str, data: tuple[str, ...]) -> "About":
    from flowlogs.analyse.report.contents import About

    return About(title, datetime.now(UTC), __version__, data)


def _page(places: list[str], inventory: str | None, about: "About", asked: Window, say: Callable[[str], None]) -> bytes:
    """Make the page, of ever fewer rows until it is small enough; raise UnreadableInput where DuckDB cannot read on."""
    import duckdb

    from flowlogs.analyse.lake import open_lake, sentence_of
    from flowlogs.analyse.report.contents import MOST_ROWS, contents
    from flowlogs.analyse.report.page import page
    from flowlogs.analyse.report.vega import scripts_beside
    from flowlogs.cli.lake_inventory import fill_with

    most_rows = MOST_ROWS
    with open_lake(places) as connection, scripts_beside() as vega:
        if inventory is not None:
            say("reading the inventory")
            fill_with(connection, inventory)
        while True:
            try:
                found = contents(connection, about, asked, most_rows=most_rows, say=say)
            except duckdb.Error as error:
                raise UnreadableInput(f"{', '.join(about.places)}: {sentence_of(error)}") from error
            say("drawing")
            text = page(found, vega).encode()
            if len(text) <= _LARGEST:
                return text
            most_rows //= 2


@contextmanager
def _written(out: Path) -> Iterator[AtomicFile]:
    """Begin a file that gets its name when all of it is there, and is removed where anything goes wrong before."""
    try:
        file = AtomicFile(out)
    except FileExistsError as error:
        raise OutputInUseError(
            f"{out}{PART} exists: another report is being written there, or one was killed; "
            "remove the file if none is running"
        ) from error
    try:
        yield file
    except BaseException:
        file.discard()
        raise
    file.keep()


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("reading") as status:
        yield status.update
