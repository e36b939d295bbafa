"""Parquet of the lake wherever it lies: what is in S3 is fetched first, and gone when the question is answered."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from flowlogs.analyse.lake import ENDING
from flowlogs.cli.inputs import Input, inputs_of, open_input
from flowlogs.errors import UnreadableInput

_CHUNK = 1 << 20
_S3 = "s3://"


@contextmanager
def on_this_machine(places: Sequence[str]) -> Iterator[list[str]]:
    """Give places that DuckDB can open: those of this machine as they are, objects of S3 in a temporary folder.

    Raise UnreadableInput where an address holds no Parquet, or S3 refuses.
    """
    remote = [place for place in places if place.startswith(_S3)]
    local = [place for place in places if place not in remote]
    if not remote:
        yield local
        return
    with tempfile.TemporaryDirectory(prefix="flowlogs-") as folder:
        for number, place in enumerate(remote):
            _fetch(place, Path(folder) / str(number))
        yield [*local, folder]


def _fetch(place: str, folder: Path) -> None:
    found = [each for each in inputs_of([place]) if each.place.endswith(ENDING)]
    if not found:
        raise UnreadableInput(f"{place}: no Parquet file there")
    console = Console(stderr=True)
    columns = TextColumn("fetching {task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(place, total=len(found))
        for each in found:
            _copy(each, folder)
            progress.advance(task)
    click.echo(f"fetched {len(found):,} objects of {place}; a large lake is better asked with --athena", err=True)


def _copy(found: Input, folder: Path) -> None:
    """Copy an object below the folder, under its whole key: `date=…` in it says its partition."""
    key = found.place.removeprefix(_S3).partition("/")[2]
    path = folder.joinpath(*(part for part in key.split("/") if part not in ("", ".", "..")))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open_input(found) as stream, path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, _CHUNK)
    except OSError as error:
        raise UnreadableInput(f"{found.name}: {error}") from error
