"""Answers of queries: made by DuckDB, printed as a table, JSON, CSV or Parquet, batch by batch."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import click
import orjson

from flowlogs.analyse.one_select import REFUSED
from flowlogs.cli.plain_table import print_table
from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.errors import FlowlogsError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa  # type: ignore[import-untyped]

_AT_ONCE = 10_000
"""Rows of a batch."""

_MOST_SHOWN = 10_000
"""Rows of a table on a terminal; the rest is for --format csv."""

_STANDARD_OUTPUT = Path("-")
_INTERRUPTED = "Query interrupted"
"""What DuckDB's client says in a bare RuntimeError where Ctrl-C comes while it computes (seen with 2.0.0)."""


_NODE = re.compile(r'"type":"(\w+_NODE)"')
"""A part of a syntax tree in JSON; in a text of the query there would be a backslash before the quotes."""
_READING = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})


class QueryFailed(FlowlogsError):
    """The engine refused or gave up a query; the sentence is its own."""


class Answer(NamedTuple):
    """The rows of an answer, to be read once, and the lake of this machine that gave them; None of Athena's."""

    rows: "pa.RecordBatchReader"
    lake: "duckdb.DuckDBPyConnection | None" = None


@contextmanager
def answer_of_lake(sql: str, places: Sequence[str], inventory: str | None, *, in_order: bool) -> Iterator[Answer]:
    """Ask DuckDB about files; raise QueryFailed with its sentence where it refuses, also while the answer is read."""
    import duckdb

    from flowlogs.analyse.lake import open_lake, sentence_of
    from flowlogs.cli.lake_inventory import fill_with
    from flowlogs.cli.lake_places import on_this_machine

    with on_this_machine(places) as local:
        connection = open_lake(local, in_order=in_order)
        if inventory is not None:
            fill_with(connection, inventory)
        try:
            _check_one_select(connection, sql)
            yield Answer(connection.sql(sql).to_arrow_reader(_AT_ONCE), connection)
        except duckdb.InterruptException as error:  # how DuckDB passes Ctrl-C on
            raise KeyboardInterrupt from error
        except duckdb.Error as error:
            raise QueryFailed(sentence_of(error)) from error
        except RuntimeError as error:
            raise (KeyboardInterrupt if str(error) == _INTERRUPTED else error) from error


def _check_one_select(connection: "duckdb.DuckDBPyConnection", sql: str) -> None:
    """Refuse what gives no rows, or does something beside: EXPLAIN ANALYZE runs a COPY, and a WITH may hold one.

    DuckDB calls `WITH a AS (COPY …) SELECT …` a SELECT too; its syntax tree tells (seen with 2.0.0).
    """
    import duckdb

    statements = duckdb.extract_statements(sql)
    if len(statements) == 1 and statements[0].type == duckdb.StatementType.SELECT:
        ((tree,),) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
        nodes = set(_NODE.findall(tree))
        if nodes and nodes <= _READING:
            return
    raise QueryFailed(REFUSED)


def show(answer: "pa.RecordBatchReader", as_format: str | None, out: Path | None) -> int:
    """Print an answer, or write it into a file, in the form asked for; give the number of its rows.

    The file `-` is standard output.
    """
    if out == _STANDARD_OUTPUT:
        out = None
    form = as_format or _form_of(out)
    _check_names(answer.schema.names)
    plain = _plain(answer)
    if out is not None:
        with AtomicFile.whole(out) as stream:
            rows = _WRITERS[form](plain, stream)
        click.echo(f"{rows:,} rows in {out}", err=True)
    elif form == "table":
        rows = _print_table(plain)
    elif form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for a terminal: give --out FILE")
    else:
        rows = _WRITERS[form](plain, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return rows


def _check_names(names: Sequence[str]) -> None:
    if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
        raise QueryFailed(f"two columns are named {twice}: name one of them otherwise, with AS")


def _plain(answer: "pa.RecordBatchReader") -> "pa.RecordBatchReader":
    """Make whole numbers of DuckDB's sums (of 128 bits) and doubles of decimals, as every reader knows them."""
    import pyarrow as pa

    def plain(field: "pa.Field") -> "pa.Field":
        if not pa.types.is_decimal(field.type):
            return field
        return field.with_type(pa.float64() if field.type.scale else pa.int64())

    def batches() -> Iterator["pa.RecordBatch"]:
        while (batch := _next_batch(answer)) is not None:
            try:
                yield batch.cast(schema)
            except pa.ArrowInvalid as error:
                raise QueryFailed("a whole number is beyond 2^63: write CAST(… AS DOUBLE)") from error

    schema = pa.schema([plain(field) for field in answer.schema])
    return pa.RecordBatchReader.from_batches(schema, batches())


def _next_batch(answer: "pa.RecordBatchReader") -> "pa.RecordBatch | None":
    """Read on; raise QueryFailed where the engine gives up, which Arrow passes on as an error of its own."""
    import pyarrow as pa

    from flowlogs.analyse.lake import sentence_of

    try:
        return answer.read_next_batch()
    except StopIteration:
        return None
    except (OSError, pa.ArrowException) as error:
        raise QueryFailed(sentence_of(error)) from error


def _form_of(out: Path | None) -> str:
    if out is None:
        return "table" if sys.stdout.isatty() else "json"
    return {".csv": "csv", ".parquet": "parquet"}.get(out.suffix, "json")


def _print_table(answer: "pa.RecordBatchReader") -> int:
    import pyarrow as pa

    numbers = [pa.types.is_integer(field.type) or pa.types.is_floating(field.type) for field in answer.schema]
    right = 0
    while right < len(numbers) and numbers[-1 - right]:
        right += 1
    rows = (row for batch in answer for row in _rows(batch))
    texts = [_plainly if _IDENTIFIER.search(name) else _text for name in answer.schema.names]
    shown = [
        [text(value) for text, value in zip(texts, row.values(), strict=True)] for row in islice(rows, _MOST_SHOWN)
    ]
    print_table(answer.schema.names, shown, right=right)
    if not shown:
        click.echo("No rows: nothing in the data answers this.", err=True)
    if more := sum(1 for _ in rows):
        click.echo(f"… {more:,} rows more: --format csv --out FILE writes all", err=True)
    return len(shown) + more


def _rows(batch: "pa.RecordBatch") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = batch.to_pylist(maps_as_pydicts="lossy")
    return rows


_IDENTIFIER = re.compile(r"(?:^|_)(?:ports?|asn|protocol|version|year|id|number)$|\(")
"""Columns whose numbers name something, and are no amounts: nobody can paste `9,090`."""


def _plainly(value: object) -> str:
    """Write a number as it is."""
    if isinstance(value, list):
        return ", ".join(map(_plainly, value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)


def _write_json(answer: "pa.RecordBatchReader", stream: BinaryIO) -> int:
    count = 0
    for batch in answer:
        stream.writelines(orjson.dumps(row, default=_as_text, option=orjson.OPT_APPEND_NEWLINE) for row in _rows(batch))
        count += batch.num_rows
    return count


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _write_csv(answer: "pa.RecordBatchReader", stream: BinaryIO) -> int:
    import csv
    import io

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(answer.schema.names)
    count = 0
    for batch in answer:
        writer.writerows([_cell(value) for value in row.values()] for row in _rows(batch))
        count += batch.num_rows
    text.detach()
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return _as_text(value) if isinstance(value, datetime | date | time | timedelta | bytes) else value


def _write_parquet(answer: "pa.RecordBatchReader", stream: BinaryIO) -> int:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    count = 0
    with pq.ParquetWriter(stream, answer.schema) as writer:
        for batch in answer:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


_WRITERS: dict[str, Callable[[Any, BinaryIO], int]] = {
    "json": _write_json,
    "csv": _write_csv,
    "parquet": _write_parquet,
    "table": _write_csv,
}
