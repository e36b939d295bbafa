"""`flowlogs run`: events or log files through the real functions into local destinations."""

import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from flowlogs.account import Account
from flowlogs.aws.opensearch import Domain
from flowlogs.aws.places import watched_at
from flowlogs.cli.function_options import environ_of, function_options
from flowlogs.cli.inputs import Input, inputs_of
from flowlogs.cli.local_inputs import check, event_of
from flowlogs.cli.local_pipeline import LocalClock, LocalPipeline, Plan
from flowlogs.cli.opensearch_options import SIGN_IN, domain_of, opensearch_options
from flowlogs.cli.search_target import bulk_into, check_prefix, prepare, retry_option, show_counts
from flowlogs.cli.share import Share
from flowlogs.cli.summary import show_accounts
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.search_server import SearchServer
from flowlogs.errors import UnreadableInput, UnusableInventory
from flowlogs.inventory.files import read_inventory
from flowlogs.settings import value_of

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

    \b
    $ flowlogs generate demo
    $ flowlogs run demo/events --inventory demo/inventory --geoip demo/geoip --format v5 --out results
    $ flowlogs run demo/logs --out results --fail-puts 0.3 --throttle 0.2 --kill 0.1
    $ flowlogs run demo/events --format v5 --opensearch http://localhost:9200
    """
    domain = _domain(options)
    plan = _plan(out, options, domain)
    dice = random.Random(options["seed"])  # noqa: S311 (faults, not secrets)
    found = inputs_of(paths)
    with LocalPipeline(plan) as pipeline, _progress(len(found)) as advance:
        unreadable = [
            each for each in found if not _feed(pipeline, each, killed=dice.random() < options["kill"], done=advance)
        ]
        accounts = pipeline.close()
    _print(out, accounts, as_json=options["as_json"])
    if domain is not None and isinstance(plan.search_server, SearchServer) and not options["as_json"]:
        click.echo(f"In {domain.endpoint}:")
        show_counts(domain, plan.search_server.added)
    for remark in pipeline.remarks():
        click.echo(f"Note: {remark}", err=True)
    missing = [stream for stream, account in accounts.items() if not account.adds_up()]
    if missing:
        raise click.ClickException(f"lines are missing from {' and '.join(missing)}: please report this run")
    if unreadable or (options["strict"] and any(account.failed for account in accounts.values())):
        raise SystemExit(1)


def _feed(pipeline: LocalPipeline, found: Input, *, killed: bool, done: Callable[[], None]) -> bool:
    """Run one input; say whether it could be read. One that cannot costs only itself."""
    try:
        event = event_of(found)
        check(event, found.name)
    except UnreadableInput as error:
        click.echo(f"Error: {error}", err=True)
        return False
    finally:
        done()
    pipeline.feed(event, killed=killed)
    return True


def _domain(options: Mapping[str, Any]) -> Domain | None:
    """Give the server that takes the documents; raise click.UsageError where the options do not go together."""
    url = options["opensearch"]
    if url is None:
        given = next((name for name in SIGN_IN if options[name]), None)
        if given is not None:
            raise click.UsageError(f"--{given.replace('_', '-')} goes with --opensearch")
        return None
    if not options["search"]:
        raise click.UsageError("--opensearch is for the search stream, which --no-search leaves out")
    return domain_of(url, options)


def _plan(out: Path, options: Mapping[str, Any], domain: Domain | None) -> Plan:
    for option in ("inventory", "geoip"):
        _check_places(option, options[option])
    _check_inventory(options["inventory"])
    check_prefix(options["index"])
    faults = Faults(
        options["fail_puts"],
        options["throttle"],
        options["lose_answers"],
        options["fail_transforms"],
        options["kill_transforms"],
        options["seed"],
    )
    lake = None if options["lake"] == "none" else options["lake"]
    clock, environ, rotation = LocalClock(), environ_of(options), Rotation(options["rotation"])
    server = None
    if domain is not None:
        prepare(domain, options["index"], value_of(environ, "FLOWLOGS_SHAPE"))
        run_id = f"{secrets.token_hex(4)}-"  # so that two runs have documents of their own
        server = SearchServer(bulk_into(domain, options["retry"]), run_id, options["index"], rotation)
    search, index = options["search"], options["index"]
    return Plan(environ, out, clock.now, clock.sleep, search, lake, index, faults, rotation, server)


def _check_places(option: str, places: str | None) -> None:
    """Refuse a path that is not there: in Lambda documents would flow without it, here it is a typing error."""
    for place in (places or "").split(","):
        if place.strip() and not place.startswith("s3://") and not Path(place.strip()).exists():
            raise click.UsageError(f"--{option} {place.strip()}: no such file or folder")


def _check_inventory(places: str | None) -> None:
    """Refuse an inventory that cannot be read, for the same reason; raise UnusableInventory."""
    try:
        watched = watched_at(places or None)
        if watched is not None:
            read_inventory(*watched.files())
    except OSError as error:
        raise UnusableInventory(f"--inventory {places}: {error}") from error


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("events", total=total)
        yield lambda: progress.advance(task)


def _print(out: Path, accounts: Mapping[str, Account], *, as_json: bool) -> None:
    show_accounts(accounts, as_json=as_json, to_stderr=False)
    if as_json:
        return
    click.echo(f"\nEvery line: received = delivered + dropped + failed. What lies in {out}:")
    for name, meaning in _RESULTS.items():
        files = [file for file in (out / name).rglob("*") if file.is_file()]
        if files:
            size = sum(file.stat().st_size for file in files)
            click.echo(f"  {name + '/':28}{len(files):5} files {size / 1e6:9.2f} MB   {meaning}")


_RESULTS = {
    "search": "documents, a file a day, as OpenSearch gets them",
    "lake": "the same for Athena and DuckDB",
    "dead-letters": "lines that could not be passed on, with the reason",
    "processing-failed": "records that the decorator failed, in Firehose's form",
    "AmazonOpenSearchService-failed": "documents that the search destination refused",
    "format-conversion-failed": "records that did not fit the lake's columns",
}
