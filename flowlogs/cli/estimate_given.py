"""Reads what `flowlogs estimate` is given to measure: samples, inventories, geo databases."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flowlogs.account import Account
from flowlogs.cli.inputs import Input, inputs_of
from flowlogs.cli.lines_in import NamedALake, lines_in
from flowlogs.decorate.databases import open_databases
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.errors import UnreadableInput
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.record.log_format import LogFormat
from flowlogs.sample.counting import Counting, Sample


def read_samples(samples: Sequence[str], log_format: LogFormat) -> Sample:
    """Count all lines of what a user named, and show on a terminal how far that is."""
    inputs = list(dict.fromkeys(inputs_of(samples)))  # what is named twice is there once
    with _progress(inputs) as advance:
        return read_inputs(inputs, log_format, advance)


def read_inputs(inputs: Sequence[Input], log_format: LogFormat, on_read: Callable[[int], None]) -> Sample:
    """Count all lines of the inputs; what cannot be read to its end is named on standard error, and counted to there.

    `on_read` is told how many bytes were read, as they lie there.
    """
    counting = Counting(len(inputs))
    for found in inputs:
        counting.begin(found.place)
        try:
            for line in lines_in(found, log_format, Account(), on_read):
                counting.take(line)
        except NamedALake:  # of which the other files are no better
            raise
        except UnreadableInput as error:
            counting.sample.is_whole = False
            click.echo(f"Error: {error}", err=True)
    return counting.sample


def knowledge_of(inventory: Sequence[Path], geoip: Sequence[Path]) -> tuple[Knowledge | None, list[str]]:
    """Open what lines are enriched with, and give sentences on what is wrong in it; None where nothing is named.

    Raise UnusableInventory, or UnreadableInput where there is no usable database.
    """
    if not inventory and not geoip:
        return None, []
    opened = open_databases(geoip, time.time()) if geoip else None
    if opened is not None and not opened.used and not opened.sets:
        raise UnreadableInput(f"{', '.join(map(str, geoip))}: there is no usable database and no list")
    interfaces = read_inventory(*inventory) if inventory else Inventory()
    known = Knowledge(interfaces, Places() if opened is None else opened.places)
    return known, [] if opened is None else list(opened.problems)


@contextmanager
def _progress(inputs: Sequence[Input]) -> Iterator[Callable[[int], None]]:
    """Show a bar of bytes on standard error where that is a terminal; give the function that moves it on."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("counting", total=_bytes(inputs))
        yield lambda count: progress.advance(task, count)


def _bytes(inputs: Sequence[Input]) -> int | None:
    """Give the bytes of all inputs as they lie there; None where not all are files."""
    paths = [Path(found.place) for found in inputs]
    return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None
