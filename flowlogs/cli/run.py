"""`flowlogs run`: events or log files through the real functions into local destinations."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from flowlogs.cli.function_options import environ_of, function_options
from flowlogs.cli.inputs import Input, inputs_of
from flowlogs.cli.local_inputs import check as check_event
from flowlogs.cli.local_inputs import event_of
from flowlogs.cli.local_pipeline import LocalPipeline
from flowlogs.cli.opensearch_options import opensearch_options
from flowlogs.cli.run_outcome import Outcome, show_broken_off
from flowlogs.cli.run_plan import check, plan_of, search_destination, server_of
from flowlogs.cli.search_target import retry_option
from flowlogs.cli.share import Share
from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.search_server import SearchServer
from flowlogs.errors import UnreadableInput

_SHARE = Share()


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder for search/, lake/, dead-letters/, processing-failed/.",
)
@function_options
@click.option(
    "--lake",
    type=click.Choice(["parquet", "json", "raw", "none"]),
    default="parquet",
    show_default=True,
    help="How the lake is written.",
)
@click.option("--search/--no-search", default=True, show_default=True, help="Whether there is a search stream.")
@click.option("--index", default="cwl", show_default=True, help="Beginning of the names of search files, or indexes.")
@click.option(
    "--rotation",
    type=click.Choice([str(each) for each in Rotation]),
    default=str(Rotation.DAILY),
    show_default=True,
    help="How often a search file, or index, begins.",
)
@click.option("--opensearch", metavar="URL", help="Put documents into this OpenSearch server instead of files.")
@opensearch_options
@retry_option
@click.option("--fail-puts", type=_SHARE, default=0, help="Share of records that Firehose does not take at first.")
@click.option("--throttle", type=_SHARE, default=0, help="Share of calls that Firehose refuses as a whole.")
@click.option("--lose-answers", type=_SHARE, default=0, help="Share of calls whose answer is lost: duplicates.")
@click.option("--fail-transforms", type=_SHARE, default=0, help="Share of decorator invocations that fail.")
@click.option("--kill-transforms", type=_SHARE, default=0, help="Share of decorator invocations whose answer is lost.")
@click.option("--kill", type=_SHARE, default=0, help="Share of ingestor invocations that die in the middle.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Of the faults; calls run side by side, so that not all is alike.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where a line has failed.")
@click.option("--json", "as_json", is_flag=True, help="Print the account of lines as JSON.")
def run(paths: tuple[str, ...], out: Path, **options: Any) -> None:
    """Run events or log files through the real ingestor and decorator and a local delivery stream.

    PATHS are CloudWatch Logs, S3, SQS or Firehose events (.json), log files, folders, globs or s3:// addresses.
    Every line is accounted for: received = delivered + dropped + failed. Faults can be switched on, to see that
    nothing is lost. A second run into the same folder adds to its search/ and lake/. Parquet logs are for `parse`.

    With --opensearch, documents go to a server. Its index template is put there where it has none; what it refuses
    is kept, as Firehose keeps it, in AmazonOpenSearchService-failed/, and counts as failed: `search load` replays it.
    A server that takes nothing for the time of --retry is given up: the run ends, and says which inputs are left.

    \b
    $ flowlogs generate demo
    $ flowlogs run demo/events --inventory demo/inventory --geoip demo/geoip --format v5 --out results
    $ flowlogs run demo/logs --out results --fail-puts 0.3 --throttle 0.2 --kill 0.1
    $ flowlogs run demo/events --format v5 --opensearch http://localhost:9200
    """
    domain = server_of(options)
    check(options)
    found = inputs_of(paths)
    dice = random.Random(options["seed"])  # noqa: S311 (faults, not secrets)
    environ = environ_of(options)
    search = search_destination(out, options, environ, domain)
    try:
        with LocalPipeline(plan_of(out, options, environ, search)) as pipeline, _progress(len(found)) as advance:
            whole, left = _run(pipeline, found, search, lambda: dice.random() < options["kill"], advance)
            accounts = pipeline.close()
    except BaseException as error:  # an interrupt, a full disk
        show_broken_off(out, search, domain, is_kept=not isinstance(error, OSError))
        raise
    outcome = Outcome(out, accounts, search, domain)
    outcome.show(pipeline.remarks(), as_json=options["as_json"])
    missing = [stream for stream, account in accounts.items() if not account.adds_up()]
    if missing:
        raise click.ClickException(f"lines are missing from {' and '.join(missing)}: please report this run")
    outcome.check_server(left)
    if not whole or (options["strict"] and any(account.failed for account in accounts.values())):
        raise SystemExit(1)


def _run(
    pipeline: LocalPipeline,
    found: Sequence[Input],
    search: Destination | None,
    is_killed: Callable[[], bool],
    done: Callable[[], None],
) -> tuple[bool, Sequence[Input]]:
    """Run inputs until a server is given up; say whether they could be read, and give those that were not run."""
    whole = True
    for number, each in enumerate(found):
        whole = _feed(pipeline, each, killed=is_killed(), done=done) and whole
        if isinstance(search, SearchServer) and search.bulk.gave_up_for is not None:
            return whole, found[number + 1 :]
    return whole, ()


def _feed(pipeline: LocalPipeline, found: Input, *, killed: bool, done: Callable[[], None]) -> bool:
    """Run one input; say whether it could be read. One that cannot costs only itself."""
    try:
        event = event_of(found)
        check_event(event, found.name)
    except UnreadableInput as error:
        click.echo(f"Error: {error}", err=True)
        return False
    finally:
        done()
    pipeline.feed(event, killed=killed)
    return True


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("events", total=total)
        yield lambda: progress.advance(task)
