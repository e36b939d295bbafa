"""Says which documents a server took, which it did not, and why."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from flowlogs.aws.opensearch import Domain
from flowlogs.cli.plain_table import printable
from flowlogs.deliver.local.failure_reasons import FailureReasons
from flowlogs.search.domain_errors import DomainError, DomainUnreachable


def counted(domain: Domain, added: Mapping[str, int]) -> dict[str, int]:
    """Count, by the server's own word, what lies in the indexes that documents were added to.

    Where that fails, a note says so, and the indexes are absent.
    """
    there: dict[str, int] = {}
    for index in sorted(index for index, number in added.items() if number):
        try:
            domain.refresh(index)
            there[index] = domain.count(index)
        except DomainError as error:
            click.echo(printable(f"Note: what was added to {index} could not be counted: {error}"), err=True)
            if isinstance(error, DomainUnreachable):
                break  # the next one would be waited for as long
    return there


def report(
    added: Mapping[str, int], there: Mapping[str, int], reasons: FailureReasons, kept: Path | None
) -> dict[str, object]:
    """Give all of it for JSON; `in_index` is absent where nobody counted, `failed_folder` where nothing is `kept`."""
    indexes = {
        index: {"added": number} | ({"in_index": there[index]} if index in there else {})
        for index, number in sorted(added.items())
        if number
    }
    folder = {"failed_folder": str(kept)} if kept is not None and reasons.total() else {}
    return {"indexes": indexes, "reasons": reasons.rows(), **folder}


def show_added(domain: Domain, added: Mapping[str, int], there: Mapping[str, int], *, answer_lost: bool) -> None:
    """Print how many documents were added to each index, and how many lie there.

    `answer_lost` says that more may have been added.
    """
    nothing = "Nothing is known to have been added" if answer_lost else "Nothing was added"
    indexes = sorted(index for index, number in added.items() if number)
    width = max(map(len, indexes), default=0)
    click.echo(f"In {domain.endpoint}:" if indexes else f"{nothing} in {domain.endpoint}.")
    for index in indexes:
        number = f"{added[index]:9,} document{'s' if added[index] != 1 else ' '} added"
        whole = f", {there[index]:,} in the index" if index in there else ""
        click.echo(f"  {printable(index):{width}}{number}{whole}")
    for index, found in there.items():
        if found < added[index]:
            click.echo(f"Note: {index} holds fewer documents than were added: something deletes there", err=True)


def show_reasons(domain: Domain, reasons: FailureReasons, kept: Path | None) -> None:
    """Say on standard error why documents failed, where they are kept, and how they come into the server."""
    for row in reasons.rows():
        why = f"{row['status']} {row['type']}: {row['example']}"
        number = row["documents"]
        click.echo(f"{number:,} document{'s' if number != 1 else ''} failed: {printable(why)}", err=True)
    if kept is not None and reasons.total():
        command = f"flowlogs search load {shlex.quote(str(kept))} --url {shlex.quote(domain.endpoint)}"
        click.echo(f"They are kept in {printable(str(kept))}. When the cause is mended: {printable(command)}", err=True)
