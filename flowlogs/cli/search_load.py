"""`flowlogs search load`: documents from files into an OpenSearch server."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flowlogs.aws.opensearch import Domain
from flowlogs.cli.added_documents import counted, report, show_added, show_reasons
from flowlogs.cli.document_files import DocumentFiles
from flowlogs.cli.inputs import Input, NothingInFolder, inputs_of
from flowlogs.cli.interrupts import Interrupts, leave_at_once
from flowlogs.cli.opensearch_options import domain_of, opensearch_options
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.cli.search_load_account import LoadAccount
from flowlogs.cli.search_target import bulk_into, check_prefix, reach, retry_option, see_template
from flowlogs.deliver.local.rotation import Rotation, parted
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.loadable import Loadable
from flowlogs.search.loading import Loading
from flowlogs.search.prefix import is_prefix
from flowlogs.setting_kinds import Shape

_DEFAULT_INDEX = "cwl"


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--url", required=True, help="The server: https://host, or http://localhost:9200.")
@opensearch_options
@click.option(
    "--index",
    help="Beginning of the indexes' names; given, also for files named for another index and for kept documents.  "
    f"[default: {_DEFAULT_INDEX}]",
)
@click.option(
    "--rotation",
    type=click.Choice([str(each) for each in Rotation]),
    default=str(Rotation.DAILY),
    show_default=True,
    help="How often an index begins, by the time of the traffic.",
)
@click.option(
    "--shape",
    type=click.Choice([str(each) for each in (Shape.JSON, Shape.ECS, Shape.OCSF)]),
    default=str(Shape.JSON),
    show_default=True,
    help="Of the documents, where there is no index template yet.",
)
@click.option(
    "--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests that are made at once."
)
@retry_option
@click.option(
    "--failed",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("failed"),
    show_default=True,
    help="Folder for documents that the server refuses, in Firehose's form.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where a document failed or a line was refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the account of documents as JSON.")
def load(paths: tuple[str, ...], **options: Any) -> None:
    """Load documents into an OpenSearch server, each of them once.

    PATHS are NDJSON as `run` writes it in search/, or what Firehose kept in AmazonOpenSearchService-failed/: files,
    folders, globs, s3:// addresses or - for standard input; plain, gzip or zstd. A file named cwl-2026-01-01.ndjson
    goes to the index of that name, and a kept document to that which it was meant for; others go by their @timestamp.
    Loading twice adds nothing twice: a document's id is a hash of it, and a kept one has an id already.

    Every document is accounted for: read = indexed + duplicates + failed + refused. What the server refuses is
    written to --failed: load that folder when the cause is mended. A file of it is removed when each of its documents
    is in the server, or is kept there anew. A line that is no document is refused: file, line, field and reason of the
    first ten go to standard error as JSON. Indexes that have no index template yet get theirs first.

    \b
    $ flowlogs search load results/search --url http://localhost:9200
    $ flowlogs search load failed --url https://search.example.com --user admin
    $ flowlogs search load 's3://backup/AmazonOpenSearchService-failed/2026/01/' --url https://… --sigv4
    """
    prefix = options["index"] or _DEFAULT_INDEX
    check_prefix(prefix)
    domain = domain_of(options["url"], options)
    found, empty = _inputs(paths)
    account = LoadAccount(options["failed"], time.time)
    account.check_folder()
    reach(domain)
    loadable = Loadable(prefix, Rotation(options["rotation"]), options["index"] is not None)
    with Interrupts() as interrupts:
        try:
            done = _loaded(domain, found, loadable, account, interrupts, options)
        except (KeyboardInterrupt, SystemExit) as error:
            if account.abandoned:
                leave_at_once(error)
            raise
    if not done or empty or (account.as_dict()["read"] and not account.taken):
        raise SystemExit(1)
    if options["strict"] and (account.reasons.total() or account.refused):
        raise SystemExit(1)


def _loaded(
    domain: Domain,
    found: Sequence[Input],
    loadable: Loadable,
    account: LoadAccount,
    interrupts: Interrupts,
    options: Mapping[str, Any],
) -> bool:
    """Load inputs, and show what became of them whatever happens; say whether all could be read."""
    hurry, there = Event(), {}
    bulks = [bulk_into(domain, options["retry"], hurry) for _ in range(options["parallel"])]
    reading = DocumentFiles(loadable, account.refuse, _Templates(domain, Shape(options["shape"])))
    loading = Loading(bulks, account.settled, hurry, interrupts.held_off, _tell_of_waiting)
    try:
        with _progress(found) as advance, loading:
            whole = [reading.read(each, loading, advance) for each in found]
        if loading.lost_for is not None:
            raise DomainError(f"{domain.endpoint} takes nothing any more: {loading.lost_for.reason}")
        account.close()
        _remove_settled(reading.kept_only, options["failed"])
        there = counted(domain, account.indexed_in)
    finally:
        with interrupts.held_off():
            account.abandoned = loading.abandoned
            _finish(domain, account, there, options, stopped=hurry.is_set())
    return all(whole)


def _tell_of_waiting(documents: int) -> None:
    click.echo(f"Interrupted: {documents:,} documents have no answer yet, which is waited for. Again: leave.", err=True)


def _remove_settled(read: Sequence[Input], failed: Path) -> None:
    """Remove files of kept documents below the folder where those are that failed again, so that it does not grow."""
    folder = failed.resolve()
    settled = [Path(each.place) for each in read if folder in Path(each.place).resolve().parents]
    for path in settled:
        path.unlink()
    if settled:
        number = f"{len(settled):,} file{'s' if len(settled) != 1 else ''}"
        click.echo(f"Removed {number} of {printable(str(failed))}: each document in it is settled", err=True)


class _Templates:
    """Sees, before the first document for an index comes, that there is the template of its prefix."""

    def __init__(self, domain: Domain, shape: Shape) -> None:
        self._domain, self._shape = domain, shape
        self._indexes: set[str] = set()
        self._prefixes: set[str] = set()

    def __call__(self, index: str) -> None:
        if index in self._indexes:
            return
        self._indexes.add(index)
        prefix, _ = parted(index)
        if prefix not in self._prefixes and is_prefix(prefix):
            see_template(self._domain, prefix, self._shape)
            self._prefixes.add(prefix)


def _inputs(paths: Sequence[str]) -> tuple[list[Input], bool]:
    """Find what is to be loaded, and say whether a folder is empty, which costs only itself."""
    found: list[Input] = []
    empty = False
    for path in paths:
        try:
            found += inputs_of([path])
        except NothingInFolder as error:
            empty = True
            click.echo(f"Error: {printable(str(error))}", err=True)
    return found, empty


@contextmanager
def _progress(found: Sequence[Input]) -> Iterator[Callable[[int], None]]:
    """Show how many bytes were read, of how many where that is known."""
    console = Console(stderr=True)
    columns = (TextColumn("documents"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("documents", total=_bytes_of(found))
        yield lambda number: progress.advance(task, number)


def _bytes_of(found: Sequence[Input]) -> int | None:
    try:
        return sum(Path(each.place).stat().st_size for each in found)
    except (OSError, ValueError):  # standard input, or S3
        return None


def _finish(
    domain: Domain, account: LoadAccount, there: Mapping[str, int], options: Mapping[str, Any], *, stopped: bool
) -> None:
    """Finish the files of documents that failed, and print the account; raise OSError where they cannot be finished."""
    try:
        account.close()
    finally:
        _show(domain, account, there, options)
        if stopped:
            reached = account.reached
            place = (
                f"Settled until line {reached.line:,} of {printable(reached.file)}" if reached else "Nothing is settled"
            )
            click.echo(f"{place}. Load again: what is there is not added twice.", err=True)
        if account.abandoned:
            click.echo(f"Up to {account.abandoned:,} documents more may be there: no answer was waited for.", err=True)


def _show(domain: Domain, account: LoadAccount, there: Mapping[str, int], options: Mapping[str, Any]) -> None:
    counts, failed = account.as_dict(), None if account.not_kept else options["failed"]
    if options["as_json"]:
        rows = report(account.indexed_in, there, account.reasons, failed) | account.remarks()
        click.echo(orjson.dumps(counts | rows).decode())
    else:
        print_table(list(counts), [[f"{number:,}" for number in counts.values()]], right=len(counts))
        show_added(domain, account.indexed_in, there, answer_lost=account.reasons.answer_lost)
    show_reasons(domain, account.reasons, failed)
    if account.not_kept:
        click.echo(f"{account.not_kept:,} documents that failed are not kept: load again what was read", err=True)
    if account.perhaps_own:
        click.echo(f"Note: {account.perhaps_own:,} duplicates may be of this load: an answer was lost", err=True)
