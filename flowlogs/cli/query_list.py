"""The named queries themselves, as `flowlogs query --list` shows them."""

from typing import Any

import click
import orjson

from flowlogs.analyse.named_query import NamedQuery, queries, query_named
from flowlogs.analyse.parameters import TAKES
from flowlogs.cli.plain_table import print_table


def show_list(name: str | None, as_format: str | None) -> None:
    """Print what can be asked, or what the query of a name takes; as JSON one object a line."""
    if as_format not in (None, "table", "json"):
        raise click.UsageError("--list prints a table, or JSON with --format json")
    found = list(queries().values()) if name is None else [query_named(name)]
    if as_format == "json":
        for each in found:
            click.echo(orjson.dumps(_as_json(each)))
    elif name is None:
        print_table(("query", "question"), [(each.name, each.question) for each in found])
    else:
        _show_query(found[0])


def _as_json(query: NamedQuery) -> dict[str, Any]:
    parameters = [
        {
            "name": each.name,
            "kind": each.kind,
            "takes": TAKES[each.kind],
            "default": each.default,
            "example": each.example,
            "meaning": each.meaning,
        }
        for each in query.parameters
    ]
    return {
        "name": query.name,
        "title": query.title,
        "question": query.question,
        "needs": query.needs,
        "parameters": parameters,
        "limits": query.limits,
    }


def _show_query(found: NamedQuery) -> None:
    click.echo(f"{found.title}\n{found.question}\n")
    rows = [
        (each.name, TAKES[each.kind], each.default or f"(needed, e.g. {each.example})", each.meaning)
        for each in found.parameters
    ]
    print_table(("parameter", "takes", "default", "meaning"), rows)
    for names in found.needs:
        click.echo(f"\nIt needs records with {' or '.join(names)}")
    if found.limits:
        click.echo(f"\nWhat it cannot show: docs/limits.md, {', '.join(found.limits)}")
    click.echo(f"\nIts SQL: flowlogs query {found.name} --print, for Athena with --athena")
