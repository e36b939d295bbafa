"""A walkthrough as a page: commands with what they print, and panels with what they show."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_SHELL = re.compile(r"^( *)```sh\n(.*?)^ *```\n(?:\n *```text\n(.*?)^ *```\n)?", re.MULTILINE | re.DOTALL)
_PANEL = re.compile(
    r"^ *\*\*([\w ]+?) \u203a ([^*]+)\*\*(?: with\s`([^`]+)`)?"
    r"(?:,\sthe\srows\sof\s`([^`]+)`)?\n\n((?: *\|.*\n)+)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """Lines for a shell and what they print; "" where the page does not say it."""

    commands: str
    prints: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel, what is typed into the search bar above it, and its rows as texts, without the table's head.

    With `only` these are the rows that begin with it, else all.
    """

    dashboard: str
    title: str
    typed: str
    only: str
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return f"{self.title} {self.typed}".strip()


def steps(page: str) -> Iterator[Step]:
    """Give the shell blocks of a page in their order."""
    for _, commands, prints in _SHELL.findall(page):
        yield Step(textwrap.dedent(commands), textwrap.dedent(prints))


def shown(page: str) -> Iterator[Shown]:
    """Give the panels of a page."""
    for dashboard, title, typed, only, table in _PANEL.findall(page):
        rows = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in table.splitlines()]
        yield Shown(dashboard, title, typed, only, tuple(row for row in rows[2:]))
