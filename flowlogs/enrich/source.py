"""What enriching reads: inputs, whatever they lie in and wherever."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.enrich.pieces import Readable
from flowlogs.enrich.written import Version
from flowlogs.ingest.lines import Line, Refused


@dataclass(frozen=True, slots=True)
class Text:
    """Lines, unpacked."""

    stream: Readable


@dataclass(frozen=True, slots=True)
class Tables:
    """A Parquet flow log, in parts."""

    tables: Iterable[pa.Table]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of an event; `ignored` counts the others once all are read."""

    lines: Iterable[Line | Refused]
    ignored: Callable[[], int]


Content = Text | Tables | Lines


class Source(Protocol):
    """One input."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def version(self) -> Version | None:
        """Say which it is, in every run; None for what can be read only once."""
        ...

    @property
    def size(self) -> int:
        """Bytes as it lies there, as far as known."""
        ...

    def open(self) -> AbstractContextManager[Content]:
        """Open it; raise UnreadableInput where that fails. Reading may raise that, MalformedEnvelope or OSError."""
        ...
