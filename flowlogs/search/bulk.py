"""Adds documents to indexes by bulk requests, and says of each what became of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any, Protocol

from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused
from flowlogs.search.fate import Fate

MAX_BODY_BYTES = 5 * 1024 * 1024
"""Bytes of a request, unless a single document takes more: Firehose's buffer for OpenSearch, by default 5 MiB, and half
of what the smallest instances of OpenSearch Service take. Sources: Firehose API model,
AmazonopensearchserviceBufferingHints; OpenSearch Service Developer Guide, "Quotas" (network limits)."""
RETRY_SECONDS = 300.0
"""How long Firehose retries by default. Source: Firehose API model, AmazonopensearchserviceRetryOptions."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_BAD_REQUEST, _FORBIDDEN, _TOO_LARGE, _TOO_MUCH, _BAD_GATEWAY, _UNAVAILABLE = 400, 403, 413, 429, 502, 503
_ONE_SPOILS_ALL = frozenset({_BAD_REQUEST, _TOO_LARGE})
"""Statuses of a whole request of which half may pass: an id that is too long spoils all, and so does a size."""
_LEAST_BODY_BYTES = 64 * 1024
"""What every server takes: one to which that is too large refuses for another reason."""
_REFUSED_IN_A_ROW = 4
"""Parts of a batch that are too much for a server, one after the other, before the rest of it is left for later."""
_SHOWN = 80
"""Characters of an answer that is none."""

Document = tuple[str, str, bytes]
"""A document to add: the name of its index, its id, and a JSON object on one line, without a newline."""


class BulkServer(Protocol):
    """Takes the bytes of a bulk request and gives the answer, read; raises DomainError."""

    def bulk(self, body: bytes) -> Any:
        """Send a bulk request."""
        ...


@dataclass(frozen=True, slots=True)
class Pause:
    """What is waited for before the same documents are sent again."""

    documents: int
    error: str
    """Status and type of error of the first of them."""
    seconds: float


@dataclass(slots=True)
class Bulk:
    """Adds documents, never changes one: `create` leaves what has the same id, so that doing it twice is doing it once.

    What may pass later is sent again, after pauses that double, until `retry_seconds` are over; where a whole request
    was too much for now (429), in ever smaller parts. Once a server has not answered any of a batch in all that time,
    or takes nothing from us at all, later batches are tried once, until one of them passes; and so are those for an
    index that took nothing in that time. `max_body_bytes` falls to what the server takes.
    """

    server: BulkServer
    clock: Callable[[], float]
    """Seconds that only go forward."""
    sleep: Callable[[float], None]
    random: Callable[[], float]
    """A number from 0 to 1, so that many writers do not come back at once."""
    retry_seconds: float = RETRY_SECONDS
    max_body_bytes: int = MAX_BODY_BYTES
    on_wait: Callable[[Pause], None] = lambda _: None
    may_wait: Callable[[], bool] = lambda: True
    """Whether somebody still has the time: asked before each pause and after it."""
    gave_up_for: Fate | None = field(default=None, init=False)
    """Why the last batch found no server that takes anything from us; None where it found one."""
    _idle: set[str] = field(default_factory=set, init=False)
    """Indexes that took nothing for the time of a retry."""

    def __call__(self, documents: Sequence[Document]) -> list[Fate]:
        """Give the fate of each document, in their order; raise ValueError where one is more than one line."""
        indexes = iter([index for index, _, _ in documents])
        batches = in_batches([_lines_of(*document) for document in documents], self.max_body_bytes)
        return [fate for batch in batches for fate in self._settle(batch, list(islice(indexes, len(batch))))]

    def _settle(self, lines: Sequence[bytes], indexes: Sequence[str]) -> list[Fate]:
        """Send a batch until nothing of it may pass later, or the time is over."""
        ends = self.clock() + (self.retry_seconds if self.gave_up_for is None else 0)
        fates = self._attempt(lines)
        part = len(lines)
        for attempt in count(2):
            waiting = [
                each for each, fate in enumerate(fates) if fate.may_pass_later and self._waits(fate, indexes[each])
            ]
            if not waiting or not self._paused(attempt, ends, [fates[each] for each in waiting]):
                break
            if any(_too_much(fates[each]) for each in waiting):
                part = max(1, min(part, len(waiting)) // 2)
            again = self._in_parts([lines[each] for each in waiting], part)
            for each, fate in zip(waiting, again, strict=False):  # the rest of them was not sent
                fates[each] = _after(fates[each], fate)
        self._take_note(fates, indexes)
        return fates

    def _waits(self, fate: Fate, index: str) -> bool:
        """Say whether a document is worth another try: not where it is its index that takes nothing."""
        return fate.of_all or index not in self._idle

    def _take_note(self, fates: list[Fate], indexes: Sequence[str]) -> None:
        """Remember who took nothing in all the time, so that nobody waits for it again."""
        if len(fates) == 1 and _too_much(fates[0]):
            fates[0] = replace(fates[0], of_all=False)  # it may be too large: others need not be
        is_lost = all(fate.concerns_all for fate in fates)
        self.gave_up_for = replace(fates[0], answer_lost=False) if is_lost else None  # of others no answer is lost
        if self.gave_up_for is None:
            answered = {index for index, fate in zip(indexes, fates, strict=True) if not fate.may_pass_later}
            self._idle = (self._idle | set(indexes)) - answered

    def _paused(self, attempt: int, ends: float, waiting: Sequence[Fate]) -> bool:
        """Pause before an attempt, the last one being at the very end; say whether there is time for it."""
        left = ends - self.clock()
        if left <= 0 or not self.may_wait():
            return False
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 2))
        pause = min(left, longest * (0.5 + 0.5 * self.random()))
        self.on_wait(Pause(len(waiting), f"{waiting[0].status} {waiting[0].kind}".rstrip(), pause))
        self.sleep(pause)
        return self.may_wait()

    def _in_parts(self, lines: Sequence[bytes], part: int) -> list[Fate]:
        """Send so many lines at a time, until the server says of several in a row that they are too much.

        A single document that is too much is no sign that others are: it may be large.
        """
        fates: list[Fate] = []
        refused = 0
        while len(fates) < len(lines) and refused < _REFUSED_IN_A_ROW:
            found = self._attempt(lines[len(fates) : len(fates) + part])
            refused = refused + 1 if _too_much(found[0]) else 0
            fates += found
        return fates

    def _attempt(self, lines: Sequence[bytes]) -> list[Fate]:
        answer = self._sent(lines)
        return self._in_halves(lines, answer) if isinstance(answer, RequestRefused) else answer

    def _sent(self, lines: Sequence[bytes]) -> list[Fate] | RequestRefused:
        try:
            return _fates_of(self.server.bulk(b"".join(lines)), len(lines))
        except RequestRefused as error:
            return error
        except DomainUnreachable as error:
            return [_not_now(error)] * len(lines)
        except SignInRefused as error:
            return [_of_all(_FORBIDDEN, "sign_in_refused", error)] * len(lines)
        except DomainError as error:  # a certificate that changed, say
            return [_of_all(_FORBIDDEN, "no_connection", error)] * len(lines)

    def _in_halves(self, lines: Sequence[bytes], refused: RequestRefused) -> list[Fate]:
        """Find what in a request spoils it; where both halves are refused in the same words, no document does."""
        every = [_of_all(refused.status, "request_refused", refused)] * len(lines)
        if refused.status not in _ONE_SPOILS_ALL:
            return every
        if len(lines) == 1:
            return [replace(every[0], of_all=False)]
        if refused.status == _TOO_LARGE and not self._sends_less(lines):
            return every
        halves = lines[: len(lines) // 2], lines[len(lines) // 2 :]
        answers = [self._sent(half) for half in halves]
        if all(len(half) > 1 and _says_the_same(answer, refused) for half, answer in zip(halves, answers, strict=True)):
            return every
        return [
            fate
            for half, answer in zip(halves, answers, strict=True)
            for fate in (self._in_halves(half, answer) if isinstance(answer, RequestRefused) else answer)
        ]

    def _sends_less(self, lines: Sequence[bytes]) -> bool:
        """Keep bodies below a size that was too large; say whether smaller ones make sense."""
        size = sum(map(len, lines))
        self.max_body_bytes = min(self.max_body_bytes, max(_LEAST_BODY_BYTES, size // 2))
        return size > _LEAST_BODY_BYTES


def in_batches(lines: Sequence[bytes], most: int) -> Iterator[list[bytes]]:
    """Cut into batches of at most so many bytes, in order; what is larger by itself is a batch of its own."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and size + len(line) > most:
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


def _lines_of(index: str, id_: str, source: bytes) -> bytes:
    """Write a document's two lines of a bulk request. Source: OpenSearch, "Bulk API".

    A line more would be taken for another action, and might delete.
    """
    if b"\n" in source:
        raise ValueError("a document is one line")
    action = json.dumps({"create": {"_index": index, "_id": id_}}).encode()
    return b"%b\n%b\n" % (action, source)


def _fates_of(answer: Any, number: int) -> list[Fate]:
    """Read an answer; one that is none (a proxy's page, say) may be another the next time."""
    try:
        fates = [Fate.of_item(item) for item in answer["items"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        fates = []
    if len(fates) == number:
        return fates
    said = f"no JSON (cut short?): {answer[:_SHOWN]!r}" if isinstance(answer, str) else "JSON"
    error = {"type": "no_bulk_answer", "reason": f"an answer without the fates of {number} documents: {said}"}
    return [Fate(_BAD_GATEWAY, error=error, of_all=True, answer_lost=True)] * number


def _not_now(error: DomainUnreachable) -> Fate:
    """Give the fate where a server says that it cannot, or says nothing: then all may be done."""
    if error.status is None:
        return replace(_of_all(_UNAVAILABLE, "no_answer", error), answer_lost=error.was_sent)
    return replace(_of_all(error.status, "not_now", error), answer_lost=error.status != _TOO_MUCH)


def _after(earlier: Fate, fate: Fate) -> Fate:
    """Give the fate of a document with its attempts; that an earlier answer was lost is forgotten with a clear one."""
    is_clear = fate.indexed or (fate.refused and not fate.may_pass_later and not fate.of_all)
    lost = fate.answer_lost or (earlier.answer_lost and not is_clear)
    return replace(fate, attempts=earlier.attempts + 1, answer_lost=lost)


def _too_much(fate: Fate) -> bool:
    return fate.of_all and fate.status == _TOO_MUCH


def _of_all(status: int, kind: str, error: DomainError) -> Fate:
    return Fate(status, error={"type": kind, "reason": str(error)}, of_all=True)


def _says_the_same(answer: list[Fate] | RequestRefused, refused: RequestRefused) -> bool:
    """Say whether a part of a request was refused with the words of the whole, and for no size."""
    if not isinstance(answer, RequestRefused) or refused.status == _TOO_LARGE:
        return False
    return (answer.status, answer.reason) == (refused.status, refused.reason)
