"""Whether an SQL text only reads, told by its words: Athena makes whatever it is given, DDL and UNLOAD too."""

from collections.abc import Mapping, Sequence

from flowlogs.analyse.sql_words import pieces

REFUSED = "this SQL does not give rows: write one SELECT"

_GIVES_ROWS = frozenset({"select", "table", "values"})
_DESCRIBES = frozenset({"desc", "describe", "show"})
"""Statements about tables and their columns, which give rows too; DuckDB counts them as SELECT."""


def is_one_select(sql: str) -> bool:
    """Say whether it is one statement that gives rows and does nothing beside; it may end with a `;`.

    Only how queries begin is looked at, that of the text and those of its WITH, for SQL of both engines writes nowhere
    else: the rest is for the engine to read.
    """
    words = [piece.text.lower() for piece in pieces(sql) if piece.is_said]
    while words[-1:] == [";"]:
        words.pop()
    if ";" in words or not words:
        return False
    return words[0] in _DESCRIBES or _are_queries(words)


def _are_queries(words: Sequence[str]) -> bool:
    """Say whether a query begins here, and one for each relation of a WITH: an INSERT may stand in it or behind it."""
    closings = _closings(words)
    begins = [0]
    while begins:
        place = begins.pop()
        while words[place] in {"(", "with"}:
            behind = _behind_with(words, place, closings, begins) if words[place] == "with" else place + 1
            if behind is None or behind == len(words):
                return False
            place = behind
        if words[place] not in _GIVES_ROWS:
            return False
    return True


def _behind_with(words: Sequence[str], place: int, closings: Mapping[int, int], begins: list[int]) -> int | None:
    """Give what follows the relations of a WITH, and add where each of them begins; None where they are not whole.

    `WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), …`
    """
    place += 2 if words[place + 1 : place + 2] == ["recursive"] else 1
    while True:
        place += 1  # its name
        if place in closings:  # its columns
            place = closings[place] + 1
        if words[place : place + 1] != ["as"]:
            return None
        place += 1
        while words[place : place + 1] in (["not"], ["materialized"]):
            place += 1
        if place not in closings:
            return None
        begins.append(place + 1)
        place = closings[place] + 1
        if words[place : place + 1] != [","]:
            return place
        place += 1


def _closings(words: Sequence[str]) -> dict[int, int]:
    """Give the place of the closing parenthesis of each opening one that has it."""
    closings, opened = {}, []
    for place, word in enumerate(words):
        if word == "(":
            opened.append(place)
        elif word == ")" and opened:
            closings[opened.pop()] = place
    return closings
