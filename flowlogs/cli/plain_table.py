"""Tables of ids: a value is never cut, an id never broken over two lines, however narrow the terminal."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest

import click
from rich.cells import cell_len

_GAP = "  "
_PAD = 60
"""Cells to which a column is filled up where no terminal is: a longer value pushes only its own row."""
_AT_ONCE = 1000  # lines

Row = Sequence[str]


def print_table(
    header: Row, rows: Sequence[Row], paint: Mapping[str, str] | None = None, right: int = 0, *, err: bool = False
) -> None:
    """Print a table to standard output or error; `paint` has colours for values of the first column.

    The last `right` columns are of numbers. On a terminal that is too narrow, values are folded between words; where
    even that does not fit, each row is a block of lines `name  value`. Elsewhere a row is one line.
    """
    stream = sys.stderr if err else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else None
    rows = [[printable(value) for value in row] for row in rows]
    lines = laid_out(header, rows, width, paint or {}, right)
    while chunk := list(islice(lines, _AT_ONCE)):
        click.echo("\n".join(chunk), err=err)


def printable(text: str) -> str:
    """Write what a terminal would obey (control and format characters) as an escape, for people to see."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def laid_out(
    header: Row, rows: Sequence[Row], width: int | None, paint: Mapping[str, str], right: int = 0
) -> Iterator[str]:
    """Give the lines of a table that is `width` cells wide at most; None: as wide as it is."""
    columns = list(zip(header, *rows, strict=True))
    natural = [max(map(cell_len, column)) for column in columns]
    if width is None:
        return _aligned(header, rows, [min(_PAD, each) for each in natural], paint, right)
    room = width - len(_GAP) * (len(natural) - 1)
    if sum(natural) <= room:
        return _aligned(header, rows, natural, paint, right)
    least = [max(_longest_word(value) for value in column) for column in columns]
    if sum(least) <= room:
        return _folded(header, rows, _shared(least, natural, room), paint)
    return _blocks(header, rows, width, paint)


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def _shared(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """Share room out: each column has what its longest word takes, and those that lack least get theirs first."""
    widths = list(least)
    spare = room - sum(least)
    order = sorted(range(len(least)), key=lambda column: natural[column] - least[column])
    for left, column in zip(range(len(order), 0, -1), order, strict=True):
        more = min(natural[column] - least[column], spare // left)
        widths[column] += more
        spare -= more
    return widths


def _aligned(
    header: Row, rows: Iterable[Row], widths: Sequence[int], paint: Mapping[str, str], right: int
) -> Iterator[str]:
    numbers = len(header) - right
    for number, row in enumerate((header, *rows)):
        cells = [
            _filled(value, width, column >= numbers)
            for column, (value, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield _painted(_GAP.join(cells).rstrip(), number == 0, row[0], paint)


def _filled(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def _painted(line: str, is_header: bool, first: str, paint: Mapping[str, str]) -> str:
    if is_header:
        return click.style(line, bold=True)
    return click.style(first, fg=paint[first]) + line.removeprefix(first) if first in paint else line


def _folded(header: Row, rows: Iterable[Row], widths: Sequence[int], paint: Mapping[str, str]) -> Iterator[str]:
    for number, row in enumerate((header, *rows)):
        cells = [_wrapped(value, width) for value, width in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue=""):
            filled = (_filled(part, width, right=False) for part, width in zip(line, widths, strict=True))
            yield _painted(_GAP.join(filled).rstrip(), number == 0, line[0], paint)


def _wrapped(text: str, width: int) -> list[str]:
    """Fold a text between its words; a word that is longer than a line has one for itself."""
    if cell_len(text) <= width:
        return [text]
    first, *words = text.split() or [""]
    lines = [first]
    for word in words:
        if cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _blocks(header: Row, rows: Iterable[Row], width: int, paint: Mapping[str, str]) -> Iterator[str]:
    names = max(map(len, header))
    for number, row in enumerate(rows):
        if number:
            yield ""
        for name, value in zip(header, row, strict=True):
            if value:
                first, *more = _wrapped(value, width - names - len(_GAP))
                shown = _painted(first, False, row[0], paint) if name == header[0] else first
                yield click.style(name.ljust(names), bold=True) + _GAP + shown
                yield from (" " * (names + len(_GAP)) + line for line in more)
