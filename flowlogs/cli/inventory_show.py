"""`flowlogs inventory show`: what an inventory holds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import click
import orjson

from flowlogs.cli.inventory_contents import Contents, contents_of
from flowlogs.cli.inventory_find import finder
from flowlogs.cli.inventory_rows import print_resources, row_of
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.record.timestamps import iso_utc, unix_seconds
from flowlogs.record.values import LAST_SECOND


class _Instant(click.ParamType[int]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value)
        seconds = int(text) if text.isascii() and text.isdigit() and len(text) > 8 else unix_seconds(text)
        if seconds is None or seconds > LAST_SECOND:
            self.fail(f"{text!r} is neither ISO 8601 nor Unix seconds", param, ctx)
        return seconds


@click.command(short_help="What an inventory holds, now or at a time.")
@click.argument("paths", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(list(KINDS)), metavar="KIND", help=f"List one kind: {', '.join(KINDS)}.")
@click.option(
    "--find",
    metavar="TEXT",
    help="List what has this id, name or network, or this address, also within a prefix or a subnet.",
)
@click.option("--at", type=_Instant(), metavar="TIME", help="As it was then: ISO 8601 (UTC), or Unix seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print NDJSON instead of a table.")
def show(paths: tuple[str, ...], kind: str | None, find: str | None, at: int | None, as_json: bool) -> None:
    """Show what the inventory in PATHS holds: a count of each kind, or the resources themselves.

    PATHS are files or folders with what `flowlogs inventory pull` wrote or the AWS CLI printed (.json, .json.gz), which
    say what was when they were taken; or the place where the inventory function publishes (s3://bucket/inventory),
    which knows since when. Without --at, what has ended is listed too, as long as it is kept.

    Who had 10.0.3.17 yesterday at ten, and with which security groups:

    \b
    $ flowlogs inventory show s3://bucket/inventory --find 10.0.3.17 --at 2026-11-20T10:00

    \b
    $ flowlogs inventory show inventory.json.gz
    $ flowlogs inventory show inventory.json.gz --kind security-group-rules --json
    $ aws ec2 describe-network-interfaces > now.json; flowlogs inventory show now.json --find 10.0.3.17
    """
    contents = contents_of(paths, at)
    if kind is None and find is None:
        _count(contents, at, as_json)
    else:
        _list(contents, kind, find, at, as_json)
    if at is not None:
        _say_what_is_not_known(contents, at)


def _list(contents: Contents, kind: str | None, find: str | None, at: int | None, as_json: bool) -> None:
    kinds = {name: contents.intervals[name] for name in KINDS if kind in (None, name) and name in contents.intervals}
    if kind is not None and not kinds:
        raise click.ClickException(f"there are no {kind} in it, only {', '.join(contents.intervals)}")
    ever = {name: _named(found, find) for name, found in kinds.items()}
    then = {name: list(_at(found, at)) for name, found in ever.items()}
    if as_json:
        for name, found in then.items():
            for each in found:
                click.echo(orjson.dumps(row_of(name, each)))
    else:
        print_resources({name: found for name, found in then.items() if found}, contents.intervals)
    if not any(then.values()):
        click.echo(_nothing(ever), err=True)


def _named(intervals: Iterable[Interval], find: str | None) -> list[Interval]:
    return list(intervals) if find is None else list(filter(finder(find), intervals))


def _at(intervals: Iterable[Interval], at: int | None) -> Iterator[Interval]:
    return (found for found in intervals if at is None or found.since <= at < found.until)


def _nothing(ever: dict[str, list[Interval]]) -> str:
    times = [found.since for intervals in ever.values() for found in intervals]
    if not times:
        return "Nothing of that is in the inventory."
    return f"Nothing of that was there then; the first is known from {iso_utc(min(times))}. Leave out --at to see all."


def _say_what_is_not_known(contents: Contents, at: int) -> None:
    """Say that an inventory which only knows its own moment, or a day, was asked about another."""
    if contents.days:
        told = ", ".join(map(str, contents.days))
        click.echo(
            f"Note: this is the history of {told}; what has no end in it may have ended on a later day", err=True
        )
    taken = [time for time in map(unix_seconds, contents.taken) if time is not None]
    if any(found.since == BEGINNING for intervals in contents.intervals.values() for found in intervals):
        when = f" ({', '.join(map(iso_utc, taken))})" if taken else ""
        click.echo(
            f"Note: what has no beginning is shown as it was when the inventory was taken{when}; whether it was so at "
            f"{iso_utc(at)} is not known",
            err=True,
        )
    elif taken and at > max(taken):
        click.echo(f"Note: the inventory was taken before that, {iso_utc(max(taken))}", err=True)


def _count(contents: Contents, at: int | None, as_json: bool) -> None:
    counts = {
        kind: (sum(1 for found in _at(intervals, at) if at is not None or found.is_open), len(intervals))
        for kind, intervals in contents.intervals.items()
    }
    if as_json:
        kinds = {kind: {"there": there, "intervals": every} for kind, (there, every) in counts.items()}
        click.echo(orjson.dumps({"taken": contents.taken, "failed": contents.failed, "kinds": kinds}))
        return
    header = ("kind", "there" if at is None else "then", "intervals")
    print_table(header, [(kind, f"{there:,}", f"{every:,}") for kind, (there, every) in counts.items()], right=2)
    _say_when(contents.taken)
    for sentence in contents.failed:
        click.echo(f"Stale or missing: {printable(sentence)}")


def _say_when(taken: Sequence[str]) -> None:
    for each in taken:
        if each:
            click.echo(f"Taken {printable(each)}{_age(each)}.")


def _age(taken: str) -> str:
    then = unix_seconds(taken)
    if then is None:
        return ""
    seconds = datetime.now(UTC).timestamp() - then
    days, hours = int(seconds // 86_400), int(seconds // 3600)
    return f", {days} days ago" if days > 1 else f", {hours} hours ago" if hours > 1 else ""
