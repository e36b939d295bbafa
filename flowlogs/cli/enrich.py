"""`flowlogs enrich`: log files to the lake, as fast as the machine allows."""

import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.cli.enrich_knowledge import Given, given
from flowlogs.cli.enrich_sources import FileSource, inputs_beside, sources_of
from flowlogs.cli.format_option import format_option
from flowlogs.cli.function_options import given_settings
from flowlogs.cli.inputs import inputs_of
from flowlogs.cli.interrupts import Interrupts
from flowlogs.cli.plain_table import printable
from flowlogs.cli.summary import show_accounts
from flowlogs.decorate.spelling import COLUMNS, NATIVE, Spelling
from flowlogs.enrich.batch import REFUSED
from flowlogs.enrich.blocks import BlockEncoder
from flowlogs.enrich.day_files import DayFile, JsonFile, LakeFile
from flowlogs.enrich.enriching import BLOCK, Enriching, Outcome, Plan
from flowlogs.enrich.reading import SourceReader
from flowlogs.enrich.written import Written
from flowlogs.record.log_format import LogFormat
from flowlogs.settings import SETTINGS, check_names

_FORMS: dict[str, tuple[type[DayFile], Spelling, int]] = {
    "parquet": (LakeFile, COLUMNS, BLOCK),
    "ndjson": (JsonFile, NATIVE, BLOCK // 4),  # documents are ten times as large as lines
}

_SELDOM = 100_000
"""Objects made, less those that went, between two searches for garbage; Python's own number is below 1,000."""


def _place(name: str, setting: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    row = SETTINGS[setting]
    meaning = f"{row.meaning[0].upper()}{row.meaning[1:]}: {row.takes}."
    return click.option(f"--{name}", envvar=setting, show_envvar=True, help=meaning)


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for date=YYYY-MM-DD/ and refused/; a second run adds what is new.",
)
@_place("inventory", "FLOWLOGS_INVENTORY")
@_place("geoip", "FLOWLOGS_GEOIP")
@_place("internal", "FLOWLOGS_INTERNAL")
@format_option
@click.option(
    "--as",
    "form",
    type=click.Choice(list(_FORMS)),
    default="parquet",
    show_default=True,
    help="The lake's columns, or documents in AWS's names.",
)
@click.option("--force", is_flag=True, help="Begin anew: remove what earlier runs wrote there.")
@click.option("--strict", is_flag=True, help="Exit with 1 where a line was refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the account of lines as JSON.")
def enrich(
    paths: tuple[str, ...],
    out: Path,
    inventory: str | None,
    geoip: str | None,
    internal: str | None,
    log_format: LogFormat,
    form: str,
    force: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Make enriched Parquet (or NDJSON) of log files: the documents that the decorator makes, faster.

    PATHS are files, folders, globs, s3:// addresses or - for standard input; text, gzip, zstd, Parquet, exports of
    CloudWatch Logs, or events of CloudWatch Logs, S3 or Firehose (.json). Files lie by the day (UTC) of the records.
    Every line is accounted for: received = delivered + failed; lines that were refused are kept in refused/.

    What was read is noted in enriched.ndjson, so that a second run reads only what is new, and one after an interrupt
    what was not finished: no row is written twice. A file is known by its path and time of change, so that a copy
    under another name is another one. Of an input that cannot be read to its end, nothing is kept.

    \b
    $ flowlogs generate demo
    $ flowlogs enrich demo/logs --inventory demo/inventory --geoip demo/geoip --out lake
    $ flowlogs enrich s3://logs/AWSLogs/ --inventory inventory.json --out lake
    $ zcat *.gz | flowlogs enrich - --format '${srcaddr} ${dstaddr} ${action}' --as ndjson --out documents
    """
    check_names(given_settings())
    pa.set_memory_pool(pa.system_memory_pool())  # the default one asks for the same pages again and again
    now = time.time()
    known = given(inventory, geoip, internal, now)
    make, spelling, block = _FORMS[form]
    settings = {
        "format": log_format.header.decode(),
        "inventory": known.inventory,
        "geoip": known.geoip,
        "internal": internal or "",
        "form": form,
    }
    told = _Told()
    sources = sources_of(inputs_beside(inputs_of(paths), out), log_format, told)
    written = Written(out, settings, anew=force)
    try:
        new, changed = _new(sources, written)
        with Interrupts() as interrupts, told.progress(new), _known_objects_left_alone():
            plan = Plan(
                BlockEncoder(spelling, known.knowledge),
                SourceReader(log_format, block),
                out,
                make,
                f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}",
                interrupts.held_off,
                block,
            )
            outcome = Enriching(plan, written).run(new)
    finally:
        written.close()
    _show(outcome, out, len(sources) - len(new) - len(changed), as_json=as_json)
    _show_notes(known, outcome)
    for name in changed:
        click.echo(f"Error: {printable(name)} has changed since it was enriched: --force begins anew", err=True)
    if changed or outcome.unreadable or (strict and outcome.account.failed):
        raise SystemExit(1)


class _Told:
    """Is told how many bytes were read, and tells it on while a progress bar is there."""

    def __init__(self) -> None:
        self._advance: Callable[[int], None] = lambda _: None

    def __call__(self, read: int) -> None:
        self._advance(read)

    @contextmanager
    def progress(self, sources: Sequence[FileSource]) -> Iterator[None]:
        """Show a progress bar on a terminal; without an end where the size of an input is not known."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console  # which takes as long to import as a small log to enrich
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

        console = Console(stderr=True)
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        total = sum(source.stored for source in sources) if all(source.stored for source in sources) else None
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("", total=total)
            self._advance = lambda read: progress.advance(task, read)
            yield


@contextmanager
def _known_objects_left_alone() -> Iterator[None]:
    """Keep what there is, above all the inventory, out of each search for garbage, and search seldom.

    What is made are look-ups to be kept, which hold no cycles: a tenth of the time went there. They are left alone in
    the end too: the process ends then, and the search that comes with it would find nothing.
    """
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_SELDOM, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.freeze()


def _new(sources: Sequence[FileSource], written: Written) -> tuple[list[FileSource], list[str]]:
    """Give what is to be read, and the names of inputs that were read when they were otherwise."""
    new, changed = [], []
    for source in sources:
        if source.version is not None and written.has_other(source.version):
            changed.append(source.name)
        elif source.version is None or not written.has(source.version):
            new.append(source)
    return new, changed


def _show(outcome: Outcome, out: Path, done_before: int, *, as_json: bool) -> None:
    for sentence in outcome.unreadable:
        click.echo(f"Error: {printable(sentence)}; nothing of it is kept", err=True)
    show_accounts({"": outcome.account}, as_json=as_json, to_stderr=False)
    if done_before:
        click.echo(f"Note: inputs enriched before, and left alone: {done_before:,}", err=True)
    if outcome.account.failed:
        kept = printable(str(out / REFUSED))
        click.echo(f"Note: lines refused: {outcome.account.failed:,}; {kept} has them, with the reasons", err=True)
    if outcome.account.failed > outcome.account.delivered:
        click.echo(
            "Note: most are no records: are these flow logs, and is --format the order of their fields?", err=True
        )


def _show_notes(known: Given, outcome: Outcome) -> None:
    notes = list(known.notes)
    if outcome.unknown_lines and len(known.knowledge.inventory):
        notes.append(f"the inventory lacks the interface of {outcome.unknown_lines:,} lines")
    for note in notes:
        click.echo(f"Note: {printable(note)}", err=True)
