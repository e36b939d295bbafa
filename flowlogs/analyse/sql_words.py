"""The words of an SQL text, told from its literals, quoted names and comments."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a piece of SQL is."""

    COMMENT = "comment"
    LITERAL = "literal"
    QUOTED = "quoted"
    """A name in double quotes."""
    WORD = "word"
    """A name, a key word or a number."""
    BLANK = "blank"
    SIGN = "sign"
    """One character of what is left."""


class Piece(NamedTuple):
    """A piece of SQL; the texts of all pieces together are the text."""

    kind: Kind
    text: str

    @property
    def is_said(self) -> bool:
        """Whether it means anything."""
        return self.kind not in {Kind.BLANK, Kind.COMMENT}


_PIECE = re.compile(
    r"""
      (?P<comment> --[^\r\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<literal> [eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | '[^']*(?:''[^']*)*(?:'|\Z)
                 | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z) )
    | (?P<quoted> "[^"]*(?:""[^"]*)*(?:"|\Z) )
    | (?P<word> \w[\w$]* )
    | (?P<blank> \s+ )
    | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL,
)
"""Both engines', and DuckDB's literals E'…' and $tag$…$tag$ beside; what is not closed goes on to the end."""
_NAME = re.compile(r'"(\w+)"')


def pieces(sql: str) -> Iterator[Piece]:
    """Take a text apart; nothing is lost, whatever the text."""
    for found in _PIECE.finditer(sql):
        yield Piece(next(kind for kind in Kind if found[kind] is not None), found[0])


def without_literals(sql: str) -> str:
    """Give a text in small letters with `''` for each literal, a blank for each comment, and names without quotes."""
    return "".join(map(_bare, pieces(sql))).lower()


def _bare(piece: Piece) -> str:
    match piece.kind:
        case Kind.COMMENT | Kind.BLANK:
            return " "
        case Kind.LITERAL:
            return "''"
        case Kind.QUOTED:
            name = _NAME.fullmatch(piece.text)
            return name[1] if name else '""'
        case _:
            return piece.text
