"""`flowlogs generate`: writes a seeded VPC's flow logs with all that belongs to them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from flowlogs.cli.share import Share
from flowlogs.errors import MalformedFormat
from flowlogs.generate import dataset, vpc
from flowlogs.generate.plan import Plan, version_of
from flowlogs.generate.roles import SMALLEST
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import LogFormat, fields_up_to

_VERSIONS = sorted({field.since for field in FIELDS.values()})
_VERSION = re.compile(r"v(\d+)\Z")
_MOST_INTERFACES = 100_000


class _Format(click.ParamType[LogFormat]):
    name = "format"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> LogFormat:
        if isinstance(value, LogFormat):
            return value
        version = _VERSION.match(str(value))
        if version and int(version[1]) in _VERSIONS:
            return LogFormat(fields_up_to(int(version[1])))
        if version:
            self.fail(f"no such version; there are {', '.join(f'v{number}' for number in _VERSIONS)}", param, ctx)
        try:
            log_format = LogFormat.parse(str(value))
        except MalformedFormat as error:
            self.fail(str(error), param, ctx)
        for field in log_format.fields:
            if field.name not in FIELDS:
                self.fail(f"{field.name} is no field of VPC flow logs", param, ctx)
        return log_format


class _Instant(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no ISO time such as 2026-01-01T00:00Z", param, ctx)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@click.command(short_help="A seeded, realistic VPC's flow logs with inventory, geo databases and incidents.")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, options and --start: same bytes.")
@click.option(
    "--lines",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    help="About so many lines in all.",
)
@click.option(
    "--interfaces",
    type=click.IntRange(SMALLEST, _MOST_INTERFACES),
    default=30,
    show_default=True,
    help="Network interfaces in the inventory.",
)
@click.option(
    "--format",
    "log_format",
    type=_Format(),
    default="v5",
    show_default=True,
    help="All fields up to a version (v2, v3, … v11), or a format string '${version} ${srcaddr} …'.",
)
@click.option(
    "--start",
    type=_Instant(),
    help="ISO time, UTC unless it says otherwise.  [default: --minutes before this hour]",
)
@click.option("--minutes", type=click.IntRange(min=1), default=60, show_default=True, help="Minutes of traffic.")
@click.option(
    "--interval",
    type=click.Choice([60, 600]),
    default=60,
    show_default=True,
    help="Aggregation interval in seconds.",
)
@click.option(
    "--bad-lines",
    type=Share(0.9),
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="Share of lines that are malformed, e.g. 0.01.",
)
@click.option("--ipv6/--no-ipv6", default=True, show_default=True, help="Whether the VPC has IPv6.")
@click.option("--events/--no-events", default=True, show_default=True, help="Whether to write CloudWatch Logs events.")
@click.option(
    "--force",
    is_flag=True,
    help="Write into a folder that is not empty; log files and events of an earlier run go.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what truth.json says instead of a summary.")
def generate(
    out: Path,
    *,
    seed: int,
    lines: int,
    interfaces: int,
    log_format: LogFormat,
    start: datetime | None,
    minutes: int,
    interval: int,
    bad_lines: float,
    ipv6: bool,
    events: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write a VPC's flow logs into the folder OUT, with all it takes to enrich and check them.

    OUT/logs has log files as in S3, OUT/events the same lines as CloudWatch Logs sends them, OUT/inventory
    what `aws ec2 describe-…` prints, OUT/geoip a City and an ASN database of invented places, OUT/truth.json
    the counts and the planted incidents.

    \b
    $ flowlogs generate demo
    $ flowlogs generate demo --seed 7 --start 2026-01-01T00:00Z --bad-lines 0.01
    $ flowlogs generate big --lines 10000000 --interfaces 50000 --no-events
    $ flowlogs generate v2 --format v2 --interval 600 --minutes 180
    """
    _refuse_other_files(out, force=force)
    begin = start or datetime.now(UTC).replace(minute=0) - timedelta(minutes=minutes)
    plan = Plan(
        seed=seed,
        lines=lines,
        start=int(begin.timestamp()) // 60 * 60,
        minutes=minutes,
        interval=interval,
        bad_lines=bad_lines,
        version=version_of(log_format),
    )
    network = vpc.build(seed=seed, interfaces=interfaces, ipv6=ipv6)
    try:
        with _progress(lines) as advance:
            truth = dataset.write(out, network, plan, log_format, events=events, advance=advance)
    except OSError as error:
        raise click.ClickException(f"{error.filename or out}: {error.strerror or error}") from error
    _print(out, truth, as_json=as_json)


def _refuse_other_files(out: Path, *, force: bool) -> None:
    try:
        empty = not out.exists() or next(out.iterdir(), None) is None
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    if not empty and not force:
        raise click.UsageError(f"{out} is not empty; choose another folder or say --force")


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error where that is a terminal; give the function that moves it on."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("lines", total=lines)
        yield lambda count: progress.advance(task, count)


def _print(out: Path, truth: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(truth))
        return
    for name in ("lines", "lines_refused", "log_files", "events"):
        click.echo(f"{name.replace('_', ' '):<14}{truth[name]:>12,}")
    click.echo(f"what is to be found in them: {out / dataset.TRUTH}")
