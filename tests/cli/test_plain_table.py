"""Tables of ids, as a terminal of any width and a pipe get them."""

import re
from collections.abc import Sequence

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowlogs.cli.plain_table import laid_out, printable

HEADER = ("interface-id", "security-group-ids", "description")
ID, GROUPS = "eni-0123456789abcdef0", ["sg-0123456789abcdef0", "sg-0fedcba9876543210"]
ROWS = [(ID, ", ".join(GROUPS), "for the web servers of the shop"), ("eni-1", "", "")]


def lines(width: int | None, rows: Sequence[tuple[str, ...]] = ROWS, right: int = 0) -> list[str]:
    return [click.unstyle(line) for line in laid_out(HEADER[: len(rows[0])], rows, width, {}, right)]


def test_where_there_is_room_a_row_is_a_line_and_nothing_stands_behind_it() -> None:
    assert lines(120) == [
        "interface-id           security-group-ids                          description",
        f"{ID}  {', '.join(GROUPS)}  for the web servers of the shop",
        "eni-1",
    ]
    assert lines(None) == lines(120)


def test_where_there_is_less_values_are_folded_between_words() -> None:
    assert lines(70) == [
        "interface-id           security-group-ids            description",
        f"{ID}  {GROUPS[0]},         for the web",
        f"{'':23}{GROUPS[1]}          servers of the",
        f"{'':53}shop",
        "eni-1",
    ]


def test_where_there_is_too_little_every_row_is_a_block_without_what_is_absent() -> None:
    assert lines(50) == [
        f"interface-id        {ID}",
        f"security-group-ids  {GROUPS[0]},",
        f"                    {GROUPS[1]}",
        "description         for the web servers of the",
        "                    shop",
        "",
        "interface-id        eni-1",
    ]


@pytest.mark.parametrize("width", [70, 30])
def test_a_text_of_blanks_alone_is_an_empty_one(width: int) -> None:
    shown = lines(width, [(ID, GROUPS[0], " " * 52)])
    assert ID in "".join(shown)
    assert all(cell_len(line) <= max(width, len(ID) + len("security-group-ids") + 2) for line in shown)


def test_a_very_long_value_pushes_only_its_own_row_where_no_terminal_is() -> None:
    rows = [("a" * 500, "sg-1", "x"), ("b", "sg-2", "y")]
    _, long, short = lines(None, rows)
    assert long == f"{'a' * 500}  sg-1                x"
    assert short == f"b{' ' * 61}sg-2                y"


def test_numbers_stand_at_the_right() -> None:
    assert lines(80, [("one", "1"), ("many", "1,000")], right=1)[1:] == [
        "one                            1",
        "many                       1,000",
    ]


def test_a_wide_character_takes_two_cells() -> None:
    assert lines(80, [("東京", "x"), ("ab", "y")])[1:] == ["東京          x", "ab            y"]


def test_the_first_column_is_coloured_by_its_value_and_nothing_else_is() -> None:
    for width in (None, 70, 20):
        shown = list(laid_out(HEADER, [("added", "x y z " * 9, "added")], width, {"added": "green"}))
        assert "".join(shown).count(click.style("added", fg="green")) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]text[/red] → ü", "plain [red]text[/red] → ü"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("a\rb\nc\td\x00\x7f\x08", r"a\rb\nc\td\x00\x7f\x08"),
        ("\u202etxt.exe", r"\u202etxt.exe"),  # turns the direction of writing round
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


WORDS = st.lists(st.text("abc-1東", max_size=12), max_size=6).map(" ".join)
"""Runs of blanks among them, and texts of nothing else."""


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5), st.integers(1, 60))
def test_no_word_is_ever_cut_or_lost_and_what_fits_stays_within_the_width(
    rows: list[tuple[str, ...]], width: int
) -> None:
    shown = lines(width, rows)
    found = [word for line in shown for word in line.split() if word not in HEADER]
    assert sorted(found) == sorted(word for row in rows for value in row for word in value.split())
    longest = max(max(map(cell_len, re.split(r"\s+", value))) for row in rows for value in row)
    if longest + max(map(len, HEADER)) + 2 <= width:
        assert all(cell_len(line) <= width for line in shown)
