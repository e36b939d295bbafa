"""Holds what came out of a local run against what went in, line by line."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any

import orjson

from flowlogs.account import Account
from flowlogs.errors import MalformedRecord
from flowlogs.ingest.dead_letters import DeadLetter
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.record.fields import Kind, field_named
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import MILLISECONDS_FROM

IDENTITY = (
    *("interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol"),
    *("start", "end", "action", "packets", "bytes", "tcp-flags"),
)
"""What makes a record itself: interface, five-tuple, times, action, counts, tcp-flags."""
_KEYS = [(name, field_named(name).key) for name in IDENTITY]
_TIMES = frozenset(("start", "end"))
_NUMBERS = frozenset(name for name in IDENTITY if field_named(name).kind in (Kind.NUMBER, Kind.TIME))


class Reckoning:
    """Reckons one stream: a line that went in is taken off when it comes out; what is taken off twice is a duplicate.

    Only lines under way are held, so that memory does not grow with the run.
    """

    def __init__(self, document_in: Callable[[bytes], Any] = orjson.loads) -> None:
        """Read documents, in whatever shape they are, by their native names with `document_in`."""
        self._document_in = document_in
        self._open: dict[int, int] = {}
        self._failed: Counter[int] = Counter()  # lines that so far came out as failed only
        self._account = Account()
        self._lock = Lock()

    def came(self, found: Line | Refused) -> None:
        """Take note of a line that went in."""
        self._account.received += 1
        self._add(_of_found(found), 1)

    def ignored(self, number: int) -> None:
        """Take note of lines that are no records."""
        self._account.ignored += number

    def delivered(self, data: bytes) -> None:
        """Take off the documents of a delivered record: JSON, one a line."""
        for document in data.splitlines():
            self._off("delivered", hash(_of_document(self._document_in(document))))

    def passed(self, data: bytes, log_format: LogFormat) -> None:
        """Take off the lines of a record delivered raw."""
        for found in LineReader(log_format).read(data):
            self._off("delivered", _of_found(found))

    def failed(self, data: bytes, log_format: LogFormat) -> None:
        """Take off the lines of a record that the delivery stream keeps as failed."""
        for found in LineReader(log_format).read(data):
            self._off("failed", _of_found(found))

    def undelivered(self, data: bytes, log_format: LogFormat) -> None:
        """Take off the documents of a record that the destination refused; what is no JSON is taken for lines."""
        try:
            identities = [hash(_of_document(self._document_in(document))) for document in data.splitlines()]
        except (orjson.JSONDecodeError, AttributeError):
            self.failed(data, log_format)
            return
        for identity in identities:
            self._off("failed", identity)

    def kept(self, letters: Iterable[DeadLetter]) -> None:
        """Take off lines that are kept as dead letters."""
        for letter in letters:
            self._off("failed", _of_letter(letter))

    def result(self, dropped: int) -> Account:
        """Give the account, `dropped` being what the functions say they left out; it adds up if no line is missing."""
        self._account.dropped = min(dropped, sum(number for number in self._open.values() if number > 0))
        self._account.duplicates = -sum(number for number in self._open.values() if number < 0)
        return self._account

    def _off(self, part: str, identity: int) -> None:
        """Count a line that came out; one that failed and was delivered counts as delivered, its copy as duplicate."""
        with self._lock:
            if self._open.get(identity, 0) > 0:
                setattr(self._account, part, getattr(self._account, part) + 1)
                if part == "failed":
                    self._failed[identity] += 1
            elif part == "delivered" and self._failed[identity] > 0:
                self._failed[identity] -= 1
                self._account.failed -= 1
                self._account.delivered += 1
            self._add(identity, -1)

    def _add(self, identity: int, number: int) -> None:
        number += self._open.get(identity, 0)
        if number:
            self._open[identity] = number
        else:
            self._open.pop(identity, None)


def _of_found(found: Line | Refused) -> int:
    if isinstance(found, Refused):
        return hash(_of_text(found.text))
    return hash(_of_line(found.log_format, found.text))


def _of_letter(letter: DeadLetter) -> int:
    if letter.field == "envelope":  # what could not be opened is kept as it was
        return hash(_of_text(letter.line))
    found = list(LineReader(LogFormat.parse(letter.header.decode())).read(letter.line))
    return _of_found(found[0]) if len(found) == 1 else hash(_of_text(letter.line))


def _of_text(text: bytes) -> tuple[str, ...]:
    """Give the words of a text as a dead letter spells them."""
    return tuple(word.decode(errors="backslashreplace") for word in text.split())


def _of_line(log_format: LogFormat, text: bytes) -> tuple[object, ...]:
    """Give the identity of a line; all of it where it is no record of its format."""
    try:
        log_format.read(text)
    except MalformedRecord:
        return _of_text(text)
    by_name = {field.name: value for field, value in zip(log_format.fields, text.split(), strict=True)}
    return tuple(_value(name, by_name.get(name, b"-").decode()) for name in IDENTITY)


def _of_document(document: dict[str, object]) -> tuple[object, ...]:
    return tuple(_value(name, str(document.get(name, document.get(key, "-")))) for name, key in _KEYS)


def _value(name: str, text: str) -> object:
    """Write alike what means the same: a number with zeros before it, a time in milliseconds."""
    if name not in _NUMBERS or text == "-":
        return text
    number = int(text.lstrip("0") or "0")  # as many zeros as one likes may lead
    return number // 1000 if name in _TIMES and number > MILLISECONDS_FROM else number


def letters_of(rows: Iterable[bytes]) -> Iterator[DeadLetter]:
    """Read dead letters from the rows of their objects."""
    for row in rows:
        letter = orjson.loads(row)
        yield DeadLetter(
            letter["stream"], letter["reason"], letter["line"].encode(), letter["header"].encode(), letter["field"]
        )
