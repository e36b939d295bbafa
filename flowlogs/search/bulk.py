"""Adds documents to indexes by bulk requests, and says of each what became of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol

from flowlogs.search.bulk_outcome import Outcome
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused

MAX_BODY_BYTES = 5 * 1024 * 1024
"""Bytes of a request, unless a single document takes more: Firehose's buffer for OpenSearch, by default 5 MiB, and half
of what the smallest instances of OpenSearch Service take. Sources: Firehose API model,
AmazonopensearchserviceBufferingHints; OpenSearch Service Developer Guide, "Quotas" (network limits)."""
RETRY_SECONDS = 300.0
"""How long Firehose retries by default. Source: Firehose API model, AmazonopensearchserviceRetryOptions."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_BAD_REQUEST, _FORBIDDEN, _TOO_LARGE, _BAD_GATEWAY, _UNAVAILABLE = 400, 403, 413, 502, 503
_ONE_SPOILS_ALL = frozenset({_BAD_REQUEST, _TOO_LARGE})
"""Statuses of a whole request of which half may pass: an id that is too long spoils all, and so does a size."""


Document = tuple[str, str, bytes]
"""A document to add: the name of its index, its id, and a JSON object on one line, without a newline."""


class Server(Protocol):
    """Takes the bytes of a bulk request and gives the answer, read; raises DomainError."""

    def bulk(self, body: bytes) -> Any:
        """Send a bulk request."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is waited for before the same documents are sent again."""

    documents: int
    error: str
    """The server's type of error of the first of them."""
    seconds: float


@dataclass(slots=True)
class Bulk:
    """Adds documents, never changes one: `create` leaves what has the same id, so that doing it twice is doing it once.

    What may pass later is sent again, after pauses that double, until `retry_seconds` are over. Once a server has not
    taken any of a batch in all that time, later batches are tried once, until one of them passes.
    """

    server: Server
    clock: Callable[[], float]
    """Seconds that only go forward."""
    sleep: Callable[[float], None]
    random: Callable[[], float]
    """A number from 0 to 1, so that many writers do not come back at once."""
    retry_seconds: float = RETRY_SECONDS
    max_body_bytes: int = MAX_BODY_BYTES
    on_wait: Callable[[Waiting], None] = lambda _: None
    may_wait: Callable[[], bool] = lambda: True
    """Whether somebody still has the time: asked before each pause and after it."""
    given_up: bool = field(default=False, init=False)
    """Whether the last batch found no server that takes anything."""

    def __call__(self, documents: Sequence[Document]) -> list[Outcome]:
        """Give the outcome of each document, in their order; raise ValueError where one is more than one line.

        After an answer that was lost a document may be `already_there` by its own first attempt.
        """
        batches = in_batches([_lines_of(*document) for document in documents], self.max_body_bytes)
        return [outcome for batch in batches for outcome in self._settle(batch)]

    def _settle(self, lines: Sequence[bytes]) -> list[Outcome]:
        """Send a batch until nothing of it may pass later, or the time is over."""
        ends = self.clock() + (0 if self.given_up else self.retry_seconds)
        outcomes = dict(enumerate(self._attempt(lines)))
        for attempt in count(2):
            waiting = [number for number, outcome in outcomes.items() if outcome.may_pass_later]
            if not waiting or not self._paused(attempt, ends, [outcomes[number] for number in waiting]):
                break
            again = self._attempt([lines[number] for number in waiting])
            outcomes |= {
                number: replace(outcome, attempts=attempt) for number, outcome in zip(waiting, again, strict=True)
            }
        self.given_up = all(outcome.may_pass_later for outcome in outcomes.values())
        return list(outcomes.values())

    def _paused(self, attempt: int, ends: float, waiting: Sequence[Outcome]) -> bool:
        """Pause before an attempt; say whether there is time for it."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 2))
        pause = longest * (0.5 + 0.5 * self.random())
        if self.clock() + pause > ends or not self.may_wait():
            return False
        self.on_wait(Waiting(len(waiting), str(waiting[0].error.get("type", waiting[0].status)), pause))
        self.sleep(pause)
        return self.may_wait()

    def _attempt(self, lines: Sequence[bytes]) -> list[Outcome]:
        try:
            return _outcomes_of(self.server.bulk(b"".join(lines)), len(lines))
        except RequestRefused as error:
            if len(lines) > 1 and error.status in _ONE_SPOILS_ALL:
                half = len(lines) // 2
                return self._attempt(lines[:half]) + self._attempt(lines[half:])
            return [_failed(error.status, "request_refused", error)] * len(lines)
        except DomainUnreachable as error:
            return [_failed(_UNAVAILABLE, "no_answer", error)] * len(lines)
        except SignInRefused as error:
            return [_failed(_FORBIDDEN, "sign_in_refused", error)] * len(lines)


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


def _outcomes_of(answer: Any, number: int) -> list[Outcome]:
    """Read an answer; one that is none (a proxy's page, say) may be another the next time."""
    try:
        outcomes = [Outcome.of_item(item) for item in answer["items"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        outcomes = []
    if len(outcomes) == number:
        return outcomes
    error = {"type": "no_bulk_answer", "reason": f"an answer without the outcomes of {number} documents"}
    return [Outcome(_BAD_GATEWAY, error=error)] * number


def _failed(status: int, kind: str, error: DomainError) -> Outcome:
    return Outcome(status, error={"type": kind, "reason": str(error)})
