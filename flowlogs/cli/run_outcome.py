"""What came of `flowlogs run`, printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import orjson

from flowlogs.account import Account
from flowlogs.aws.opensearch import Domain
from flowlogs.cli.added_documents import counted, report, show_added, show_reasons
from flowlogs.cli.inputs import Input
from flowlogs.cli.plain_table import printable
from flowlogs.cli.summary import show_accounts
from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.search_server import SearchServer
from flowlogs.search.domain_errors import DomainError

_SEARCH = "search"
_WIDTH = 28  # of the names of folders, where none is longer
_RESULTS = {
    _SEARCH: "documents, a file a day, as OpenSearch gets them",
    "lake": "the same for Athena and DuckDB",
    "dead-letters": "lines that could not be passed on, with the reason",
    ErrorOutput.PROCESSING.value: "records that the decorator failed, in Firehose's form",
    ErrorOutput.SEARCH.value: "documents that the search destination refused",
    ErrorOutput.CONVERSION.value: "records that did not fit the lake's columns",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The account of every line by stream, the files, and where there was a server what that took."""

    out: Path
    accounts: Mapping[str, Account]
    search: Destination | None
    domain: Domain | None

    def show(self, remarks: Sequence[str], *, as_json: bool) -> None:
        """Print all of it; remarks are what someone should look at."""
        server, domain = self.search, self.domain
        there: dict[str, int] = {}
        if isinstance(server, SearchServer) and domain is not None and server.bulk.gave_up_for is None:
            there = counted(domain, server.added)
        if as_json:
            self._print_json(there)
        else:
            show_accounts(self.accounts, as_json=False, to_stderr=False)
            self._print_files()
        if isinstance(server, SearchServer) and domain is not None:
            if not as_json:
                show_added(domain, server.added, there, answer_lost=server.reasons.answer_lost)
            show_reasons(domain, server.reasons, self._kept)
        for remark in remarks:
            click.echo(f"Note: {remark}", err=True)

    def check_server(self, left: Sequence[Input]) -> None:
        """Raise DomainError where the server was given up, `left` not being run for it, or took nothing at all."""
        if not isinstance(self.search, SearchServer) or self.domain is None:
            return
        gone = self.search.bulk.gave_up_for
        if gone is not None:
            raise DomainError(f"{self.domain.endpoint} takes nothing any more: {gone.reason}{_not_run(left)}")
        if self.search.reasons.total() and not self.search.added.total():
            raise DomainError(f"{self.domain.endpoint} took no document that we know of")

    @property
    def _kept(self) -> Path:
        return self.out / ErrorOutput.SEARCH

    def _print_json(self, there: Mapping[str, int]) -> None:
        rows: dict[str, object] = {name: account.as_dict() for name, account in self.accounts.items()}
        if isinstance(self.search, SearchServer):
            rows["opensearch"] = report(self.search.added, there, self.search.reasons, self._kept)
        click.echo(orjson.dumps(rows).decode())

    def _print_files(self) -> None:
        click.echo(f"\nEvery line: received = delivered + dropped + failed. What lies in {printable(str(self.out))}:")
        elsewhere = isinstance(self.search, SearchServer)  # then search/ is an earlier run's
        sizes = {name: _sizes_below(self.out / name) for name in _RESULTS if not (elsewhere and name == _SEARCH)}
        width = max([_WIDTH, *(len(name) + 1 for name, found in sizes.items() if found)])
        for name, found in sizes.items():
            if found:
                files = f"{len(found):5,} file{'s' if len(found) != 1 else ' '}"
                click.echo(f"  {name + '/':{width}}{files} {sum(found) / 1e6:9.2f} MB   {_RESULTS[name]}")


def show_broken_off(out: Path, search: Destination | None, domain: Domain | None, *, is_kept: bool) -> None:
    """Say what a server has of a run that ended early; `is_kept` says whether what failed is, below `out`."""
    if not isinstance(search, SearchServer) or domain is None:
        return
    number = search.added.total()
    click.echo(
        f"Broken off: {number:,} documents were added in {domain.endpoint}, and perhaps some of those under way. "
        "Another run adds them again, for its documents are its own.",
        err=True,
    )
    show_reasons(domain, search.reasons, out / ErrorOutput.SEARCH if is_kept else None)


def _sizes_below(folder: Path) -> list[int]:
    return [file.stat().st_size for file in folder.rglob("*") if file.is_file()]


def _not_run(left: Sequence[Input]) -> str:
    if not left:
        return ""
    more = f" and {len(left) - 1:,} after it" if len(left) > 1 else ""
    return f"; not run: {left[0].name}{more}"
