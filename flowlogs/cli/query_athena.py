"""Answers of queries that Athena makes, in the workgroup of a deployment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
import pyarrow as pa  # type: ignore[import-untyped]
from rich.console import Console
from rich.status import Status

from flowlogs.aws.athena import AthenaQueries, Column, Execution
from flowlogs.cli import aws_account
from flowlogs.cli.answers import QueryFailed
from flowlogs.cli.interrupts import Interrupts
from flowlogs.cli.plain_table import printable
from flowlogs.cli.query_options import Asked
from flowlogs.costs.prices import price_lists
from flowlogs.doctor.asked import Stacks
from flowlogs.doctor.deployment import NoDeployment, found
from flowlogs.doctor.refused import Refused
from flowlogs.errors import SettingsError

_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 0.25, 5.0, 1.5
"""Seconds between two looks at a query: short ones take a second, long ones minutes."""
_LEAST_SCANNED, _TB = 10_000_000, 1e12
"""Bytes that are paid for at least, and those that a price is for. Source: Amazon Athena pricing."""
_TYPES: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
    "float": pa.float32(),
    "integer": pa.int32(),
    "real": pa.float32(),
    "smallint": pa.int16(),
    "timestamp": pa.timestamp("us"),
    "tinyint": pa.int8(),
}
"""Arrow's types of Athena's; the others (varchar, json, varbinary, array, map, row …) are text as Athena writes it."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a deployment's queries run."""

    region: str
    database: str
    workgroup: str


def answer_of_athena(text: str, asked: Asked) -> pa.Table:
    """Run a query in the workgroup of a stack; give its answer.

    Raise NoDeployment, Refused, or QueryFailed with Athena's reason. An interrupt cancels the query.
    """
    outside = aws_account.outside()
    where = where_of(outside.stacks, asked.stack)
    queries = AthenaQueries()
    query_id, ended = run(queries, text, where, outside.sleep)
    if ended.state != "SUCCEEDED":
        raise QueryFailed(f"Athena: {ended.reason or ended.state} (query {query_id})")
    click.echo(printable(said_of(ended, where.region)), err=True)
    return read(queries, query_id, ended.kind)


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


def run(queries: AthenaQueries, sql: str, where: Where, sleep: Callable[[float], None]) -> tuple[str, Execution]:
    """Run a query to its end; give its id and how it ended. What ends the waiting early cancels it."""
    with Interrupts() as interrupts:
        query_id = ""
        try:
            with interrupts.held_off():  # or it would run with nobody knowing its id
                query_id = queries.start(sql, database=where.database, workgroup=where.workgroup)
            with _progress() as show:
                return query_id, wait(queries, query_id, sleep, show)
        except BaseException:
            if query_id:
                with interrupts.held_off():
                    _cancel(queries, query_id)
            raise


def wait(
    queries: AthenaQueries, query_id: str, sleep: Callable[[float], None], show: Callable[[Execution], None]
) -> Execution:
    """Look at a query until it has ended, ever less often."""
    pause = _FIRST_WAIT
    while not (now := queries.look(query_id)).ended:
        show(now)
        sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_WAIT)
    return now


def _cancel(queries: AthenaQueries, query_id: str) -> None:
    try:
        queries.stop(query_id)
    except Refused as error:
        click.echo(
            printable(
                f"Note: the query may go on, for it could not be cancelled ({error}): "
                f"`aws athena stop-query-execution --query-execution-id {query_id}`"
            ),
            err=True,
        )
    else:
        click.echo("Note: the query was cancelled in Athena; what it had read by then is paid for", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[Execution], None]]:
    """Show how a query stands on a terminal; elsewhere nothing."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Status("Athena", console=console) as status:
        yield lambda now: status.update(f"Athena: {now.state.lower()}, {size(now.scanned)} scanned")


def said_of(ended: Execution, region: str) -> str:
    """Say what a query read, and about what that costs at list price."""
    cost = _cost(ended, region)
    if cost is None:
        about = f"; its price in {region} is not known"
    else:
        about = f", about ${cost:,.{2 if cost >= 1 else 4}f}" if cost else ", free"
    return f"Athena: {size(ended.scanned)} scanned{about}, {ended.seconds:,.1f} s"


def _cost(ended: Execution, region: str) -> float | None:
    """Give the dollars; statements that read no data are free. Source: Amazon Athena pricing."""
    if ended.kind == "DDL":
        return 0.0
    try:
        price = price_lists().of(region).price("athena_scan")
    except SettingsError:
        return None
    return price.cost(max(ended.scanned, _LEAST_SCANNED) / _TB)


def size(count: int) -> str:
    """Write a number of bytes."""
    for unit, bytes_ in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= bytes_:
            return f"{count / bytes_:,.1f} {unit}"
    return f"{count} bytes"


def read(queries: AthenaQueries, query_id: str, kind: str) -> pa.Table:
    """Read an answer whole: text first, each column cast to its type at the end."""
    columns: list[Column] = []
    parts: list[list[pa.Array]] = []
    for page in queries.pages(query_id, kind):
        if not columns:
            columns = list(page.columns)
            parts = [[] for _ in columns]
        for number, part in enumerate(parts):
            part.append(pa.array([row[number] for row in page.rows], pa.string()))
    arrays = [typed(pa.chunked_array(part, pa.string()), column) for part, column in zip(parts, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def typed(texts: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Make texts the values that they are of; a column with one that Arrow cannot hold stays text."""
    wanted = _decimal(column) if column.type == "decimal" else _TYPES.get(column.type)
    if wanted is None:
        return texts
    try:
        return texts.cast(wanted)
    except pa.ArrowInvalid:  # a timestamp of the year 12000, say
        return texts


def _decimal(column: Column) -> pa.DataType:
    return pa.decimal128(column.precision or 38, column.scale)
