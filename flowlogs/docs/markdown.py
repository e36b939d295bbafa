"""Writes Markdown: tables and whole pages."""

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Generated from the code by `make docs`: change the code's table, not this page. -->"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; a `|` in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def code(text: str) -> str:
    """Write a name as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def page(*blocks: str) -> str:
    """Put blocks below each other, the first of them behind a mark that says the page is generated."""
    return "\n\n".join((GENERATED, *(block.strip("\n") for block in blocks))) + "\n"
