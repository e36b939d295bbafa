"""Prints accounts of lines: a table on a terminal, JSON where asked."""

from collections.abc import Mapping

import click
import orjson

from flowlogs.account import Account
from flowlogs.cli.plain_table import print_table


def show_accounts(accounts: Mapping[str, Account], *, as_json: bool, to_stderr: bool = True) -> None:
    """Print the account of lines of each stream; one without a name stands alone."""
    if as_json:
        counts = {name: account.as_dict() for name, account in accounts.items()}
        text = orjson.dumps(counts[""] if list(counts) == [""] else counts).decode()
        click.echo(text, err=to_stderr)
        return
    named = list(accounts) != [""]
    rows = [
        [*([name] if named else []), *(f"{number:,}" for number in account.as_dict().values())]
        for name, account in accounts.items()
    ]
    parts = list(Account().as_dict())
    print_table([*(["stream"] if named else []), *parts], rows, right=len(parts), err=to_stderr)
