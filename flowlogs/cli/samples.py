"""Sends sample lines into a log group or onto a delivery stream, and says what was sent."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

import click
import orjson

from flowlogs.doctor.asked import FlowLogs, Outside
from flowlogs.doctor.deployment import STACK, NoDeployment, format_of, found
from flowlogs.doctor.refused import Refused, refused
from flowlogs.errors import MalformedFormat, StreamError
from flowlogs.generate.carriers.log_streams import LogStreams
from flowlogs.generate.dataset import Line
from flowlogs.generate.plan import Plan, version_of
from flowlogs.generate.recent import RecentLines, last_minutes
from flowlogs.generate.vpc import Vpc
from flowlogs.ingest.sending import PARALLEL_CALLS, Sender
from flowlogs.ingest.streams import MAX_RECORDS, Streams
from flowlogs.record.log_format import LogFormat
from flowlogs.record.timestamps import iso_utc

_AT_ONCE = MAX_RECORDS * PARALLEL_CALLS
"""Lines between two looks at how it goes."""
_SECONDS = 120.0
"""Time that so many records may take before the stream counts as throttled for good."""
_NO_SUCH_PLACE = frozenset({"ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError"})
"""botocore's names for a call that found nobody, as in a region that does not exist."""


_SAY = "say --stack or --format"


@dataclass(frozen=True, slots=True)
class Samples:
    """What is generated; `log_format` is None where AWS is to say it."""

    seed: int
    lines: int
    minutes: int
    interval: int
    bad_lines: float
    log_format: LogFormat | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: a log group, or else a delivery stream; `stack` names the record format, None where none is said."""

    log_group: str | None
    stream: str | None
    stack: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent; `rejected` were too old or too new for CloudWatch Logs. Times in ISO 8601."""

    target: str
    format: str
    lines: int
    malformed: int
    rejected: int
    rejected_ssh: int
    log_streams: int
    first: str
    last: str


def send_samples(vpc: Vpc, samples: Samples, to: Target, outside: Outside, advance: Callable[[int], None]) -> Sent:
    """Send the lines; raise Refused where they are not taken. `advance` is told of lines sent."""
    log_format = samples.log_format or _format(to, outside)
    plan = Plan(
        seed=samples.seed,
        lines=samples.lines,
        start=last_minutes(outside.now(), samples.minutes),
        minutes=samples.minutes,
        interval=samples.interval,
        bad_lines=samples.bad_lines,
        version=version_of(log_format),
    )
    lines = RecentLines(vpc, plan, log_format)
    try:
        if to.log_group is not None:
            streams = _into_log_group(to.log_group, lines, outside, advance)
            rejected, count = streams.rejected, streams.count
        else:
            _onto_stream(to.stream or "", lines, outside, advance)
            rejected, count = 0, 0
    except KeyboardInterrupt:
        click.echo(f"Note: up to {lines.tally.lines:,} lines were sent before", err=True)
        raise
    return Sent(
        target=to.log_group or to.stream or "",
        format=log_format.header.decode(),
        lines=lines.tally.lines - rejected,
        malformed=lines.tally.refused.total(),
        rejected=rejected,
        rejected_ssh=lines.rejected_ssh,
        log_streams=count,
        first=iso_utc(plan.start),
        last=iso_utc(plan.end),
    )


def _format(to: Target, outside: Outside) -> LogFormat:
    """Ask the stack, or the flow log that writes into the log group, for the order of fields; else the usual stack."""
    if to.stack is not None:
        return format_of(found(outside.stacks, to.stack))
    if to.log_group is not None and (order := _order_of(to.log_group, outside.flow_logs)):
        return order
    return _format_of_usual_stack(to, outside)


def _format_of_usual_stack(to: Target, outside: Outside) -> LogFormat:
    """Take the record format of the stack `Flowlogs`; raise Refused where it cannot be this target's.

    A wrong order would be refused line by line by the deployment, which is harder to understand than this.
    """
    target = f"the log group {to.log_group}" if to.log_group else f"the stream {to.stream}"
    try:
        stack = outside.stacks.read(STACK)
        log_format = format_of(stack) if stack else None
    except Refused as error:
        raise _or_say_format(error) from error
    except NoDeployment as error:
        raise Refused(f"{error}; {_SAY}") from error
    if stack is None or log_format is None:
        raise Refused(f"nothing says the order of fields for {target}, and there is no stack {STACK}: {_SAY}")
    if to.log_group and stack.outputs.get("LogGroup") != to.log_group:
        raise Refused(f"no flow log says the order of fields for {target}, which is not the stack {STACK}'s: {_SAY}")
    click.echo(f"Note: the order of fields for {target} is that of the stack {STACK}", err=True)
    return log_format


def _or_say_format(error: Refused) -> Refused:
    """Add the way round a question that AWS did not answer, where sending could succeed all the same."""
    return error if error.for_everything else Refused(f"{error}; or say --format", code=error.code)


def _order_of(log_group: str, flow_logs: FlowLogs) -> LogFormat | None:
    try:
        orders = {one.log_format for one in flow_logs.into_log_group(log_group) if one.log_format}
        formats = {LogFormat.parse(order) for order in orders}
    except Refused as error:
        raise _or_say_format(error) from error
    except MalformedFormat as error:
        raise Refused(f"the flow log's format cannot be read ({error}): say --format") from error
    if len(formats) > 1:
        raise click.UsageError(f"flow logs of {len(formats)} formats write into {log_group}: say --format or --stack")
    return formats.pop() if formats else None


def _into_log_group(group: str, lines: Iterable[Line], outside: Outside, advance: Callable[[int], None]) -> LogStreams:
    streams = LogStreams(outside.log_groups, group)
    rest = iter(lines)
    while some := list(islice(rest, _AT_ONCE)):
        for line in some:
            streams.add(line.text, line.interface_id, line.start)
        advance(len(some))
    streams.close()
    return streams


def _onto_stream(stream: str, lines: Iterable[Line], outside: Outside, advance: Callable[[int], None]) -> None:
    sender = Sender(_ReachedStreams(outside.streams), outside.sleep)
    records = (line.text for line in lines)
    sent = 0
    while some := list(islice(records, _AT_ONCE)):
        end = outside.now() + _SECONDS
        unsent = sender.send(stream, some, lambda end=end: end - outside.now())  # type: ignore[misc]
        sent += len(some) - len(unsent)
        if unsent:
            raise Refused(f"{_why(unsent[-1].reason, stream)} ({sent:,} lines were sent)", code=unsent[-1].reason)
        advance(len(some))


class _ReachedStreams:
    """Streams that, until one call came through, give up where nobody is found: waiting does not mend a region."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._is_reached = False

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        """Put records as the streams behind do."""
        try:
            answer = self._streams.put(stream, records)
        except StreamError as error:
            if error.code in _NO_SUCH_PLACE and not self._is_reached:
                raise StreamError(error.code, temporary=False) from error
            raise
        self._is_reached = True
        return answer


def _why(code: str, stream: str) -> str:
    if code == "ResourceNotFoundException":
        return (
            f"there is no delivery stream {stream} in this account and region: "
            "`aws firehose list-delivery-streams` lists them"
        )
    if code == "InvalidSourceException":
        return f"the delivery stream {stream} takes records from its own source only, not by PutRecordBatch"
    return str(refused(code, "firehose:PutRecordBatch", stream))


def show_samples(sent: Sent, *, as_json: bool) -> None:
    """Print what was sent; an alarm that will not go off is said."""
    if as_json:
        click.echo(orjson.dumps(asdict(sent)))
        return
    click.echo(f"lines         {sent.lines:>10,}   {sent.first} to {sent.last}")
    if sent.log_streams:
        click.echo(f"log streams   {sent.log_streams:>10,}")
    if sent.malformed:
        click.echo(f"malformed     {sent.malformed:>10,}")
    if sent.rejected:
        click.echo(f"not taken     {sent.rejected:>10,}   too old or too new: is this machine's clock right?")
    click.echo(f"rejected SSH  {sent.rejected_ssh:>10,}   {_alarm(sent)}")


def _alarm(sent: Sent) -> str:
    if not sent.rejected_ssh:
        return "the format lacks dstport, protocol or action: no alarm"
    if not sent.log_streams:
        return 'the alarm "SSH rejects" goes off where it has no log group to read (source s3 or firehose)'
    return 'the alarm "SSH rejects" goes off within minutes'
