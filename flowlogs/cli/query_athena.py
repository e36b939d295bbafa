"""Answers of queries that Athena makes, in the workgroup of a deployment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import pyarrow as pa  # type: ignore[import-untyped]
from rich.console import Console
from rich.status import Status

from flowlogs.analyse.athena_answer import table_of
from flowlogs.analyse.athena_query import Athena, Execution, Waiting, Where, execute
from flowlogs.analyse.one_select import REFUSED, is_one_select
from flowlogs.aws.athena import AthenaQueries
from flowlogs.cli import aws_account
from flowlogs.cli.answers import QueryFailed
from flowlogs.cli.plain_table import printable
from flowlogs.cli.query_options import Asked
from flowlogs.costs.athena_scan import scan_cost
from flowlogs.costs.prices import price_lists
from flowlogs.doctor.asked import Stacks
from flowlogs.doctor.deployment import NoDeployment, found
from flowlogs.errors import SettingsError


def answer_of_athena(text: str, asked: Asked) -> pa.Table:
    """Run a query in the workgroup of a stack; give its answer.

    Raise QueryFailed, before anything is sent where it does not only read, and with Athena's reason; NoDeployment;
    Refused. An interrupt cancels the query.
    """
    if not is_one_select(text):
        raise QueryFailed(REFUSED)
    outside = aws_account.outside()
    where = where_of(outside.stacks, asked.stack)
    athena = AthenaQueries()
    query_id, ended = execute_interruptibly(athena, text, where, outside.sleep)
    if ended.state != "SUCCEEDED":
        raise QueryFailed(f"Athena: {ended.reason or ended.state} (query {query_id})")
    click.echo(printable(said_of(ended, where.region)), err=True)
    return table_of(athena.pages(query_id, ended.kind))


def where_of(stacks: Stacks, stack: str) -> Where:
    """Read it from a stack's outputs; raise NoDeployment where they lack it."""
    deployed = found(stacks, stack)
    database, workgroup = (deployed.outputs.get(name, "") for name in ("AthenaDatabase", "AthenaWorkgroup"))
    if not (database and workgroup):
        raise NoDeployment(
            f"the stack {deployed.name} lacks the outputs AthenaDatabase and AthenaWorkgroup: Athena has a table where "
            "the lake is Parquet (destinations=lake, lake_format=parquet); with an older version, deploy it again"
        )
    return Where(deployed.region, database, workgroup)


def execute_interruptibly(
    athena: Athena, sql: str, where: Where, sleep: Callable[[float], None]
) -> tuple[str, Execution]:
    """Have a query made; give its id and how it ended. An interrupt cancels it, which is said."""
    with _progress() as (show, note):
        waiting = Waiting(
            sleep,
            show,
            asks_which=lambda: note(_AWAITED),
            cancelled=lambda: note(_CANCELLED),
            left=lambda query_id, reason: note(_left(query_id, reason, where)),
        )
        return execute(athena, sql, where, waiting)


_AWAITED = "waiting for Athena to say which query it started, to cancel it; a second Ctrl-C leaves it"
_CANCELLED = "the query was cancelled in Athena; what it had read by then is paid for"


def _left(query_id: str | None, reason: str, where: Where) -> str:
    """Say what to do about a query that was given up and is not known to have been cancelled."""
    if query_id is None:
        return (
            f"the query may have been started, and go on and cost: Athena has not said its id ({reason}); "
            f"`aws athena list-query-executions --work-group {where.workgroup} --region {where.region}` lists the last"
        )
    return (
        f"query {query_id} may go on and cost, for it is not known to be cancelled ({reason}): "
        f"`aws athena stop-query-execution --query-execution-id {query_id} --region {where.region}`"
    )


@contextmanager
def _progress() -> Iterator[tuple[Callable[[Execution], None], Callable[[str], None]]]:
    """Show how a query stands on a terminal, elsewhere nothing; notes stand above it."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def note(sentence: str) -> None:
        text = printable(f"Note: {sentence}")
        if console.is_terminal:
            console.print(text)
        else:  # not by the console: interrupted while it writes, it writes the same again
            click.echo(text, err=True)

    if not console.is_terminal:
        yield lambda _: None, note
        return
    with Status("Athena", console=console) as status:
        yield lambda now: status.update(f"Athena: {now.state.lower()}, {bytes_text(now.scanned)} scanned"), note


def said_of(ended: Execution, region: str) -> str:
    """Say what a query read, and about what that costs at list price."""
    cost = _cost(ended, region)
    if cost is None:
        about = f"; its price in {region} is not known"
    else:
        about = f", about ${cost:,.{2 if cost >= 1 else 4}f}" if cost else ", free"
    return f"Athena: {bytes_text(ended.scanned)} scanned{about}, {ended.seconds:,.1f} s"


def _cost(ended: Execution, region: str) -> float | None:
    """Give the dollars; statements that read no data are free. Source: Amazon Athena pricing."""
    if ended.kind == "DDL":
        return 0.0
    try:
        return scan_cost(ended.scanned, price_lists().of(region))
    except SettingsError:
        return None


def bytes_text(count: int) -> str:
    """Write a number of bytes."""
    for unit, bytes_ in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= bytes_:
            return f"{count / bytes_:,.1f} {unit}"
    return f"{count} bytes"
