"""`flowlogs query`: named queries, or SQL of one's own, over enriched flow records."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowlogs.analyse.named_query import NamedQuery, queries, query_named
from flowlogs.analyse.parameters import TAKES
from flowlogs.cli.plain_table import print_table
from flowlogs.cli.query_options import Asked, asked_options, athena_options

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]


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
        _show_list(name)
        return
    if sql is not None:
        places = [*([name] if name else []), *data]
        text = asked.text_of_own(sql)
    elif name is None:
        raise click.UsageError("name a query (`flowlogs query --list` shows them), or give SQL of your own with --sql")
    else:
        places = list(data)
        text = asked.text_of(query_named(name))
    if is_printed:
        click.echo(text)
        return
    if _KNOWN.search(text) and not asked.athena and asked.inventory is None:
        click.echo("Note: this asks the inventory, and there is none: name it with --inventory", err=True)
    from flowlogs.cli.answers import show

    with _answer(text, places, asked, in_order=sql is not None) as answer:
        show(answer, options["as_format"], options["out"])


def _answer(
    text: str, places: Sequence[str], asked: Asked, *, in_order: bool
) -> AbstractContextManager["pa.RecordBatchReader"]:
    if asked.athena:
        from flowlogs.cli.query_athena import answer_of_athena

        if places:
            raise click.UsageError(f"--athena asks the deployed lake: leave {places[0]} out")
        return nullcontext(answer_of_athena(text, asked).to_reader())
    from flowlogs.cli.answers import answer_of_lake

    if not places:
        raise click.UsageError("name the data: a folder that `flowlogs enrich` or `flowlogs run` wrote, say")
    return answer_of_lake(text, places, asked.inventory, in_order=in_order)


def _show_list(name: str | None) -> None:
    if name is None:
        print_table(("query", "question"), [(each.name, each.question) for each in queries().values()])
    else:
        _show_query(query_named(name))


def _show_query(found: NamedQuery) -> None:
    click.echo(f"{found.title}\n{found.question}\n")
    rows = [
        (each.name, TAKES[each.kind], each.default or f"(needed, e.g. {each.example})", each.meaning)
        for each in found.parameters
    ]
    print_table(("parameter", "takes", "default", "meaning"), rows)
    if found.limits:
        click.echo(f"\nWhat it cannot show: docs/limits.md, {', '.join(found.limits)}")
    click.echo(f"\nIts SQL: flowlogs query {found.name} --print, for Athena with --athena")
