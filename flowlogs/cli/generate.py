"""`flowlogs generate`: a seeded VPC's flow logs, with all that belongs to them into a folder, or into AWS."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from flowlogs.cli import aws_account
from flowlogs.cli.samples import Samples, Target, send_samples, show_samples
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
_LINES, _LINES_INTO_AWS = 20_000, 1000
_MINUTES, _MINUTES_INTO_AWS = 60, 5
_DAY = 24 * 60


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
@click.argument("out", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--to", "log_group", metavar="LOG-GROUP", help="Write sample lines of now into this log group instead.")
@click.option("--to-stream", "stream", metavar="NAME", help="Or put them onto this Firehose delivery stream.")
@click.option(
    "--stack",
    metavar="NAME",
    help="With --to or --to-stream: take the record format from this CloudFormation stack.  "
    "[default: Flowlogs, where no flow log says it]",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, options and --start: same bytes.")
@click.option(
    "--lines",
    type=click.IntRange(min=1),
    show_default=f"{_LINES}; into AWS {_LINES_INTO_AWS}",
    help="About so many lines in all.",
)
@click.option(
    "--interfaces",
    type=click.IntRange(SMALLEST, _MOST_INTERFACES),
    default=32,
    show_default=True,
    help="Network interfaces in the inventory.",
)
@click.option(
    "--format",
    "log_format",
    type=_Format(),
    show_default="v5; into AWS what the flow log or stack says",
    help="All fields up to a version (v2, v3, … v11), or a format string '${version} ${srcaddr} …'.",
)
@click.option(
    "--start",
    type=_Instant(),
    help="ISO time, UTC unless it says otherwise.  [default: --minutes before this hour]",
)
@click.option(
    "--minutes",
    type=click.IntRange(min=1),
    show_default=f"{_MINUTES}; into AWS the last {_MINUTES_INTO_AWS}",
    help="Minutes of traffic.",
)
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a summary: what truth.json says.")
def generate(
    out: Path | None,
    *,
    log_group: str | None,
    stream: str | None,
    stack: str | None,
    seed: int,
    lines: int | None,
    interfaces: int,
    log_format: LogFormat | None,
    start: datetime | None,
    minutes: int | None,
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

    With --to or --to-stream instead of OUT, sample lines of the last minutes go into AWS, to see a deployment work;
    rejected SSH is always among them, so that the alarm goes off. Account and region are those of AWS_PROFILE and
    AWS_REGION.

    \b
    $ flowlogs generate demo
    $ flowlogs generate demo --seed 7 --start 2026-01-01T00:00Z --bad-lines 0.01
    $ flowlogs generate big --lines 10000000 --interfaces 50000 --no-events
    $ flowlogs generate v2 --format v2 --interval 600 --minutes 180
    $ flowlogs generate --to Flowlogs
    $ flowlogs generate --to-stream VPCFlowLogsToElasticSearch --stack Flowlogs --lines 5000
    """
    if (out is not None) + (log_group is not None) + (stream is not None) != 1:
        raise click.UsageError("say where to: a folder OUT, or --to LOG-GROUP, or --to-stream NAME")
    network = vpc.build(seed=seed, interfaces=interfaces, ipv6=ipv6)
    if out is None:
        _refuse_folder_options(start, force=force, events=events, minutes=minutes)
        options = Samples(seed, lines or _LINES_INTO_AWS, minutes or _MINUTES_INTO_AWS, interval, bad_lines, log_format)
        _into_aws(network, options, Target(log_group, stream, stack), as_json=as_json)
        return
    if stack is not None:
        raise click.UsageError("--stack goes with --to or --to-stream")
    _refuse_other_files(out, force=force)
    begin = start or datetime.now(UTC).replace(minute=0) - timedelta(minutes=minutes or _MINUTES)
    in_order = log_format or LogFormat(fields_up_to(5))
    plan = Plan(
        seed=seed,
        lines=lines or _LINES,
        start=int(begin.timestamp()) // 60 * 60,
        minutes=minutes or _MINUTES,
        interval=interval,
        bad_lines=bad_lines,
        version=version_of(in_order),
    )
    _into_folder(out, network, plan, in_order, events=events, as_json=as_json)


def _into_folder(
    out: Path, network: vpc.Vpc, plan: Plan, log_format: LogFormat, *, events: bool, as_json: bool
) -> None:
    try:
        with _progress(plan.lines) as advance:
            truth = dataset.write(out, network, plan, log_format, events=events, advance=advance)
    except OSError as error:
        raise click.ClickException(f"{error.filename or out}: {error.strerror or error}") from error
    _print(out, truth, as_json=as_json)


def _into_aws(network: vpc.Vpc, options: Samples, target: Target, *, as_json: bool) -> None:
    with _progress(options.lines) as advance:
        sent = send_samples(network, options, target, aws_account.outside(), advance)
    show_samples(sent, as_json=as_json)


def _refuse_folder_options(start: datetime | None, *, force: bool, events: bool, minutes: int | None) -> None:
    """Refuse what makes sense for a folder only; AWS takes lines of now."""
    for given, option in ((start is not None, "--start"), (force, "--force"), (not events, "--no-events")):
        if given:
            raise click.UsageError(f"{option} goes with a folder OUT; lines into AWS are of the last minutes")
    if minutes is not None and minutes > _DAY:
        raise click.UsageError(f"--minutes into AWS goes up to {_DAY}, a day")


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
