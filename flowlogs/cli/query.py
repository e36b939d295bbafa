"""`flowlogs query`: named queries, or SQL of one's own, over enriched flow records."""

import os
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowlogs.analyse.named_query import NamedQuery, queries, query_named
from flowlogs.cli.query_list import show_list
from flowlogs.cli.query_options import Asked, asked_options, athena_options

if TYPE_CHECKING:
    from flowlogs.cli.answers import Answer

_WITHOUT_INVENTORY = (
    "Note: no inventory is given (--inventory): groups and interfaces without traffic, and names, may be lacking here"
)
_KNOWN = re.compile(r"\bFROM known_")
"""Texts that select from what the inventory knows."""


@click.command(short_help="Answer a question about enriched flow records: a named query, or SQL of your own.")
@click.argument("name", required=False)
@click.argument("data", nargs=-1)
@click.option("--list", "is_list", is_flag=True, help="List the named queries; with a NAME what that one takes.")
@click.option("--sql", help="SQL of your own instead of a NAME: on flows, seen, conversations, directed.")
@asked_options
@click.option(
    "--format",
    "as_format",
    type=click.Choice(["table", "json", "csv", "parquet"]),
    help="How to print the answer.  [default: table on a terminal, else json]",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the answer into this file.")
@click.option("--print", "is_printed", is_flag=True, help="Print the SQL instead of running it.")
@athena_options
def query(
    name: str | None, data: tuple[str, ...], is_list: bool, sql: str | None, is_printed: bool, **options: Any
) -> None:
    """Answer a question about enriched flow records.

    NAME is a named query; --list shows them all. DATA are folders, files or globs of Parquet, or s3:// addresses, as
    `enrich` and `run` write them and a deployment's lake has them. The same text runs on this machine (DuckDB) and in
    your account (Athena). In SQL of your own, `flows` are all records, `seen` those of the time that --from, --to or
    --last says, `conversations` who talked to whom among them, `directed` the records with client and server.

    \b
    $ flowlogs query --list
    $ flowlogs query top-talkers enriched --last 7d
    $ flowlogs query remote-logins enriched --set ports=22,3389,5985 --format csv --out logins.csv
    $ flowlogs query --sql "SELECT action, count(*) AS records FROM flows GROUP BY action" enriched
    $ flowlogs query top-talkers --athena --last 24h
    $ flowlogs query top-talkers --athena --print
    """
    asked = Asked.of(options)
    if is_list:
        show_list(name, options["as_format"])
        return
    named = None
    if sql is not None:
        places = _places_of_own(name, data)
        text = asked.text_of_own(sql)
    else:
        named, places = _query_of(name), list(data)
        text = asked.text_of(named)
    if is_printed:
        click.echo(text)
        return
    if _KNOWN.search(text) and not asked.athena and asked.inventory is None:
        click.echo(_WITHOUT_INVENTORY, err=True)
    from flowlogs.cli.answers import show

    with _answer(text, places, asked, in_order=sql is not None) as answer:
        rows = show(answer.rows, options["as_format"], options["out"])
        if named is not None:
            _note(named, asked, answer, rows)


def _query_of(name: str | None) -> NamedQuery:
    if name is None:
        raise click.UsageError("name a query (`flowlogs query --list` shows them), or give SQL of your own with --sql")
    if name not in queries() and _is_data(name):
        raise click.UsageError(
            f"{name} is data: name a query (`flowlogs query --list` shows them) before it, or give --sql"
        )
    return query_named(name)


def _places_of_own(name: str | None, data: Sequence[str]) -> list[str]:
    """Give the data of SQL of one's own, the first of which stands where a NAME does otherwise."""
    if name is not None and name in queries() and not _is_data(name):
        raise click.UsageError(f"{name} is a named query: give a NAME or --sql, not both")
    return [*([name] if name else []), *data]


def _is_data(name: str) -> bool:
    return name.startswith("s3://") or os.path.exists(name)  # noqa: PTH110 (a name too long for a file is no error)


def _note(query: NamedQuery, asked: Asked, answer: "Answer", rows: int) -> None:
    """Say on standard error where there may be more rows than came, and what there was none of."""
    if rows == query.most_rows(asked.values):
        click.echo(f"Note: the first {rows:,} rows, as `limit` says; --set limit=… gives more if there are", err=True)
    if rows or answer.lake is None or not query.needs:
        return
    from flowlogs.analyse.needed_columns import given_by, lacking

    for names in lacking(answer.lake, query.needs):
        click.echo(f"Note: no record has {' or '.join(names)}: it takes {given_by(names)}", err=True)


def _answer(text: str, places: Sequence[str], asked: Asked, *, in_order: bool) -> AbstractContextManager["Answer"]:
    from flowlogs.cli.answers import Answer, answer_of_lake

    if asked.athena:
        from flowlogs.cli.query_athena import answer_of_athena

        if places:
            raise click.UsageError(f"--athena asks the deployed lake: leave {places[0]} out")
        return nullcontext(Answer(answer_of_athena(text, asked).to_reader()))
    if not places:
        raise click.UsageError("name the data: a folder that `flowlogs enrich` or `flowlogs run` wrote, say")
    return answer_of_lake(text, places, asked.inventory, in_order=in_order)
