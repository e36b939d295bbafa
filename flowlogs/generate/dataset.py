"""Writes a generated data set: log files, events, inventory, geo databases, and the truth about them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import NamedTuple

import orjson

from flowlogs.generate import geoip
from flowlogs.generate.atomic import whole
from flowlogs.generate.carriers.log_files import LogFiles
from flowlogs.generate.carriers.subscription_events import SubscriptionEvents
from flowlogs.generate.incidents import Incident, plant
from flowlogs.generate.internet import without_asn, without_place
from flowlogs.generate.malformed import Spoiler
from flowlogs.generate.plan import Plan
from flowlogs.generate.tally import Tally
from flowlogs.generate.traffic import records
from flowlogs.generate.vpc import Vpc
from flowlogs.record.log_format import LogFormat

TRUTH = "truth.json"
REPORT_EVERY = 1000
"""Lines after which progress is told."""
_OF_AN_EARLIER_RUN = (
    "logs/AWSLogs/*/vpcflowlogs/*/*/*/*/*_vpcflowlogs_*.log.gz",
    "events/cloudwatch-logs-*.json",
    TRUTH,
)


class Line(NamedTuple):
    """A line and what decides where it goes: the interface, start and end (Unix seconds) of its record."""

    text: bytes
    interface_id: str
    start: int
    end: int


def write(
    out: Path,
    vpc: Vpc,
    plan: Plan,
    log_format: LogFormat,
    *,
    events: bool = True,
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, object]:
    """Write everything into a folder and give the content of truth.json; `advance` is told of lines written.

    truth.json is written last: where it is, all is. Raise OSError where something cannot be written.
    """
    clear(out)
    incidents, tally = plant(vpc, plan), Tally()
    _write_inventory(out / "inventory", vpc)
    (out / "geoip").mkdir(parents=True, exist_ok=True)
    geoip.write(out / "geoip", built=plan.start)
    carried = _carry(out, vpc, plan, log_format, _told(lines(vpc, plan, log_format, incidents, tally), advance), events)
    truth = _truth(vpc, plan, log_format, incidents) | tally.as_json() | carried
    with whole(out / TRUTH) as partial:
        partial.write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2) + b"\n")
    return truth


def clear(out: Path) -> None:
    """Remove the log files, events and truth of an earlier run; other files stay."""
    for pattern in _OF_AN_EARLIER_RUN:
        for path in out.glob(pattern):
            path.unlink()


def lines(vpc: Vpc, plan: Plan, log_format: LogFormat, incidents: tuple[Incident, ...], tally: Tally) -> Iterator[Line]:
    """Give the lines of a plan, malformed ones evenly mixed in, and count them."""
    spoiler = Spoiler(log_format, Random(f"malformed {plan.seed}"))  # noqa: S311 - to be repeated, not secret
    bad_per_good, owed = plan.bad_lines / (1 - plan.bad_lines), 0.0
    for record in records(vpc, plan, incidents):
        line = Line(log_format.write(record), record["interface_id"], record["start"], record["end"])
        tally.good(record)
        yield line
        owed += bad_per_good
        while owed >= 1:
            text, reason = spoiler.spoil(line.text)
            tally.bad(reason)
            yield line._replace(text=text)
            owed -= 1


def _told(every: Iterator[Line], advance: Callable[[int], None]) -> Iterator[Line]:
    number = 0
    for number, line in enumerate(every, 1):
        yield line
        if number % REPORT_EVERY == 0:
            advance(REPORT_EVERY)
    advance(number % REPORT_EVERY)


def _carry(
    out: Path, vpc: Vpc, plan: Plan, log_format: LogFormat, every: Iterator[Line], with_events: bool
) -> dict[str, object]:
    """Write every line into a log file and, where wanted, into an event; give how many there were of both."""
    with ExitStack() as stack:
        files = stack.enter_context(LogFiles(out / "logs", vpc, log_format))
        events = stack.enter_context(SubscriptionEvents(out / "events", vpc, plan.start)) if with_events else None
        for line in every:
            files.add(line.text, line.end)
            if events is not None:
                events.add(line.text, line.interface_id, line.start)
    return {"log_files": files.count, "events": 0 if events is None else events.count}


def _write_inventory(folder: Path, vpc: Vpc) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_described(folder / "network-interfaces.json", "NetworkInterfaces", vpc.describe_network_interfaces())
    write_described(folder / "subnets.json", "Subnets", vpc.describe_subnets())
    write_described(folder / "security-groups.json", "SecurityGroups", vpc.describe_security_groups())
    write_described(folder / "security-group-rules.json", "SecurityGroupRules", vpc.describe_security_group_rules())


def write_described(path: Path, member: str, items: Iterable[dict[str, object]]) -> None:
    """Write items one by one as the list that an `aws ec2 describe-…` prints under this member."""
    with whole(path) as partial, partial.open("wb") as file:
        file.write(b'{"%s": [\n' % member.encode())
        for number, item in enumerate(items):
            file.write((b",\n" if number else b"") + orjson.dumps(item, option=orjson.OPT_INDENT_2))
        file.write(b"\n]}\n")


def _truth(vpc: Vpc, plan: Plan, log_format: LogFormat, incidents: tuple[Incident, ...]) -> dict[str, object]:
    options = {key: value for key, value in asdict(plan).items() if key != "seed"}
    return {
        "generator": "flowlogs generate",
        "seed": plan.seed,
        "options": options
        | {
            "format": log_format.header.decode(),
            "interfaces": len(vpc.interfaces),
            "ipv6": vpc.subnets[0].ipv6_cidr is not None,
        },
        "vpc_id": vpc.vpc_id,
        "unknown_interface_ids": [interface.interface_id for interface in vpc.former],
        "networks_without_place": without_place(),
        "networks_without_asn": without_asn(),
        "incidents": [{"name": incident.name, **incident.truth} for incident in incidents],
    }
