"""Documents of a block of lines, not yet written: fragments of JSON and columns that rows lead into."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.enrich.coded import Coded
from flowlogs.record.fields import Field


@dataclass(frozen=True, slots=True)
class Decorated:
    """Rows of documents: each joins its fragments (`Spelling`), the values of its fields, and its time."""

    length: int
    times: Coded[int | None]
    """When it was (Unix seconds); None where nothing says so."""
    fragments: Sequence[Coded[bytes]]
    fields: Sequence[tuple[Field, pa.Array]]
    """Values as `Columns` has them; null where a record lacks the field."""
    unknown_lines: int
    """Rows whose interface the inventory lacks at their time."""
