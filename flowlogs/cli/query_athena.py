"""Answers of queries that Athena makes, in the workgroup of a deployment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import pyarrow as pa  # type: ignore[import-untyped]
from rich.console import Console
from rich.status import Status

from flowlogs.analyse.athena_answer import table_of
from flowlogs.analyse.athena_query import Athena, Execution, Waiting, Where, execute
from flowlogs.aws.athena import AthenaQueries
from flowlogs.cli import aws_account
from flowlogs.cli.answers import QueryFailed
from flowlogs.cli.interrupts import Interrupts
from flowlogs.cli.plain_table import printable
from flowlogs.cli.query_options import Asked
from flowlogs.costs.athena_scan import scan_cost
from flowlogs.costs.prices import price_lists
from flowlogs.doctor.asked import Stacks
from flowlogs.doctor.deployment import NoDeployment, found
from flowlogs.errors import FlowlogsError, SettingsError


def answer_of_athena(text: str, asked: Asked) -> pa.Table:
    """Run a query in the workgroup of a stack; give its answer.

    Raise NoDeployment, Refused, or QueryFailed with Athena's reason. An interrupt cancels the query.
    """
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
    with Interrupts() as interrupts, _progress() as show:
        return execute(athena, sql, where, Waiting(sleep, interrupts.held_off, show, _say_cancelled))


def _say_cancelled(query_id: str, error: FlowlogsError | None) -> None:
    if error is None:
        click.echo("Note: the query was cancelled in Athena; what it had read by then is paid for", err=True)
        return
    said = (
        f"Note: the query may go on, for it could not be cancelled ({error}): "
        f"`aws athena stop-query-execution --query-execution-id {query_id}`"
    )
    click.echo(printable(said), err=True)


@contextmanager
def _progress() -> Iterator[Callable[[Execution], None]]:
    """Show how a query stands on a terminal; elsewhere nothing."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Status("Athena", console=console) as status:
        yield lambda now: status.update(f"Athena: {now.state.lower()}, {bytes_text(now.scanned)} scanned")


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
