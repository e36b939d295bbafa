"""Prints accounts of lines: a table on a terminal, JSON where asked."""

from collections.abc import Mapping

import click
import orjson
from rich.console import Console
from rich.table import Table

from flowlogs.account import Account


def show_accounts(accounts: Mapping[str, Account], *, as_json: bool, to_stderr: bool = True) -> None:
    """Print the account of lines of each stream; one without a name stands alone."""
    if as_json:
        counts = {name: account.as_dict() for name, account in accounts.items()}
        text = orjson.dumps(counts[""] if list(counts) == [""] else counts).decode()
        click.echo(text, err=to_stderr)
        return
    console = Console(stderr=to_stderr, highlight=False)
    console.print(_table(accounts))


def _table(accounts: Mapping[str, Account]) -> Table:
    parts = list(Account().as_dict())
    named = list(accounts) != [""]
    table = Table("stream", box=None, header_style="bold") if named else Table(box=None, header_style="bold")
    for part in parts:
        table.add_column(part, justify="right")
    for name, account in accounts.items():
        cells = [f"{number:,}" for number in account.as_dict().values()]
        table.add_row(*([name] if named else []), *cells)
    return table
