"""Reads a space-delimited filter pattern and a line as CloudWatch Logs does; each rule with its source."""

import re
from fnmatch import translate

NAME = re.compile(r"[A-Za-z0-9_-]+")
"""Names of fields that are certainly taken. Source: aws-cdk-lib, `logs.FilterPattern.spaceDelimited`."""
CONDITION = re.compile(r'(?P<name>[A-Za-z0-9_-]+)\s*(?P<sign>!=|=)\s*(?P<value>"[^"]*"|[A-Za-z0-9*]+)')
"""A text is compared by = or !=; what is not letters and digits stands in quotes.

Source: CloudWatch Logs User Guide, "Filter pattern syntax", "Matching terms in space-delimited log events".
"""
WORD = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')
"""What is between brackets or quotes is one field. Source: the same section."""
ELLIPSIS = "..."


class NotAPattern(Exception):
    """CloudWatch would refuse it."""


def matches(pattern: str, line: str) -> bool:
    """Say whether CloudWatch would count a line.

    The pattern stands in square brackets, its fields between commas, and there is one for each word of the line: in
    the guide `[w1=ERROR, w2]` takes `ERROR message` and not `ERROR WARN message`. `...` stands for any number of words
    (once: aws-cdk-lib refuses a second). Every condition must hold, and cases differ.
    """
    if not (pattern.startswith("[") and pattern.endswith("]")):
        raise NotAPattern(pattern)
    columns = [column.strip() for column in pattern[1:-1].split(",")]
    words = [word.strip('"') if word.startswith('"') else word for word in WORD.findall(line)]
    for column in columns:
        if column != ELLIPSIS and not NAME.fullmatch(column) and not CONDITION.fullmatch(column):
            raise NotAPattern(column)
    names = [re.split(r"[\s!=]", column)[0] for column in columns]
    if len(set(names)) != len(names):
        raise NotAPattern("a name stands twice")
    if ELLIPSIS in columns:
        before = columns.index(ELLIPSIS)
        filling = len(words) - len(columns) + 1
        columns[before : before + 1] = ["any"] * max(filling, 0)
    return len(columns) == len(words) and all(map(_holds, columns, words))


def _holds(column: str, word: str) -> bool:
    condition = CONDITION.fullmatch(column)
    if condition is None:
        return True
    text = condition["value"].strip('"').replace("[", "[[]")  # only * is a wildcard
    equal = re.fullmatch(translate(text), word) is not None
    return equal if condition["sign"] == "=" else not equal
