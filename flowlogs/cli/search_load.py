"""`flowlogs search load`: documents from files into an OpenSearch server."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flowlogs.cli.document_files import DocumentFiles
from flowlogs.cli.inputs import Input, inputs_of
from flowlogs.cli.opensearch_options import domains_of, opensearch_options
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.cli.search_load_account import LoadAccount
from flowlogs.cli.search_target import bulk_into, check_prefix, prepare, retry_option, show_counts
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.loadable import Loadable, index_named
from flowlogs.search.loading import Loading
from flowlogs.setting_kinds import Shape

_DEFAULT_INDEX = "cwl"


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--url", required=True, help="The server: https://host, or http://localhost:9200.")
@opensearch_options
@click.option(
    "--index",
    help=f"Beginning of the indexes' names; given, also of those of kept documents.  [default: {_DEFAULT_INDEX}]",
)
@click.option(
    "--rotation",
    type=click.Choice([str(each) for each in Rotation]),
    default=str(Rotation.DAILY),
    show_default=True,
    help="How often an index begins, by the time of loading.",
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
    goes to the index of that name, other documents to that of today, and kept ones to that which they were meant for.
    Loading twice adds nothing twice: a document's id is a hash of it, and a kept one has an id already.

    Every document is accounted for: read = indexed + duplicates + failed + refused. What the server refuses is
    written to --failed: load that folder when the cause is repaired. A line that is no document is refused: file,
    line, field and reason go to standard error as JSON. A server without the index template of --index gets it first.

    \b
    $ flowlogs search load results/search --url http://localhost:9200
    $ flowlogs search load failed --url https://search.example.com --user admin
    $ flowlogs search load 's3://backup/AmazonOpenSearchService-failed/2026/01/' --url https://… --sigv4
    """
    index = options["index"] or _DEFAULT_INDEX
    check_prefix(index)
    rotation, hurry = Rotation(options["rotation"]), Event()
    domains, found = domains_of(options["url"], options), inputs_of(paths)
    domain = domains()
    prepare(domain, index, Shape(options["shape"]))
    bulks = [bulk_into(domains(), options["retry"], hurry) for _ in range(options["parallel"])]
    loadable = Loadable(lambda arrived: rotation.index_of(index, arrived), _milliseconds, options["index"] is not None)
    account = LoadAccount(options["failed"], time.time)
    reading = DocumentFiles(loadable, account.refuse)
    try:
        with _progress(found) as advance, Loading(bulks, account.settled, hurry, _undisturbed) as loading:
            whole = [reading.read(each, index_named(each.name, index), loading, advance) for each in found]
    finally:
        account.close()
        _show(account, options["failed"], as_json=options["as_json"])
        if hurry.is_set():
            click.echo(f"Read until {reading.place}. Load again: what is there is not added twice.", err=True)
    if not options["as_json"]:
        show_counts(domain, account.indexed_in)
    if loading.is_lost:
        raise DomainError(f"{domain.endpoint} did not take anything any more")
    if not all(whole) or (options["strict"] and (account.failed or account.refused)):
        raise SystemExit(1)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off Ctrl-C until the end."""
    came = Event()
    before = signal.signal(signal.SIGINT, lambda *_: came.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came.is_set():
        raise KeyboardInterrupt


def _milliseconds() -> int:
    return int(time.time() * 1000)


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


def _show(account: LoadAccount, failed: Path, *, as_json: bool) -> None:
    counts = account.as_dict()
    if as_json:
        click.echo(orjson.dumps(counts).decode())
    else:
        print_table(list(counts), [[f"{number:,}" for number in counts.values()]], right=len(counts))
    for (status, kind), number in account.failed_for.most_common():
        why = printable(f"{status} {kind}: {account.examples[status, kind]}")
        click.echo(f"{number:,} documents failed and are kept in {failed}: {why}", err=True)
