"""Documents of some lines, ready to be written, and what became of the lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.account import Account
from flowlogs.enrich.coded import Coded


@dataclass(frozen=True, slots=True)
class Documents:
    """Rows of the lake, or lines of NDJSON, and when each was (Unix seconds; None where nothing says so)."""

    rows: pa.Table | pa.Array
    times: Coded[int | None]


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that no record could be made of; `header` names the order of fields it was read in."""

    source: str
    number: int
    field: str
    reason: str
    text: bytes
    header: bytes


@dataclass(slots=True)
class Encoded:
    """What became of some lines."""

    documents: list[Documents] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    account: Account = field(default_factory=Account)
    unknown_lines: int = 0  # of interfaces that the inventory lacks at their time

    def delivered(self, documents: Sequence[Documents], lines: int) -> None:
        """Take in documents of so many lines."""
        self.documents += documents
        self.account.delivered += lines
        self.account.received += lines
