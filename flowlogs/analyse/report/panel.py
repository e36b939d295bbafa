"""A panel of the report."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: what it asks, and the end of the SQL that answers it, which selects from `picked`.

    `further` are columns of `directed` that this end needs beside those that all have.
    """

    name: str
    title: str
    question: str
    select: str
    further: Sequence[str] = ()
    is_of_statuses: bool = False
    """Whether it is about all rows, also those that say there was nothing to record."""
