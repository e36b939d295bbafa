"""Answers an event of the ingestor: opens it, forwards its lines, keeps what could not be passed on."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, Protocol

from flowlogs.account import Account
from flowlogs.errors import MalformedEnvelope
from flowlogs.ingest.cloudwatch_logs import open_subscription_event
from flowlogs.ingest.dead_letters import DeadLetters
from flowlogs.ingest.events import Message, S3Object, is_subscription, messages_of
from flowlogs.ingest.forwarding import Forwarded, Forwarder
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.ingest.text_stream import PARQUET, lines_of, peeked
from flowlogs.invocation import Invocation
from flowlogs.record.log_format import LogFormat

LINES_AT_ONCE = 20_000
"""Lines of an object that are in memory at a time."""
MOST_LETTERS = 100_000
"""Dead letters that are in memory at a time, of some 400 bytes each."""
_PARQUET_HINT = "a Parquet object: this source reads text; let the flow log write text, or query Parquet in place"


class ObjectReader(Protocol):
    """Opens objects: `flowlogs.aws.s3.S3Objects`, or files on this machine."""

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Open an object as a stream of bytes; raise OSError where that fails."""
        ...


class Ingested(NamedTuple):
    """The account of lines by stream, and the messages that a queue shall send again."""

    accounts: dict[str, Account]
    again: list[str]


class Ingestion:
    """Answers events of CloudWatch Logs and of S3."""

    def __init__(
        self,
        forwarder: Forwarder,
        *,
        log_format: LogFormat,
        dead_letters: DeadLetters,
        objects: ObjectReader,
        warn: Callable[[str], None],
        is_own: Callable[[S3Object], bool] = lambda _: False,
    ) -> None:
        """With `is_own`, objects that this function wrote itself are passed over: reading them would never end."""
        self._forwarder = forwarder
        self._log_format = log_format
        self._dead_letters = dead_letters
        self._objects = objects
        self._warn = warn
        self._is_own = is_own

    def answer(self, event: Any, invocation: Invocation) -> Ingested:
        """Forward what an event brings; raise NotKept or OSError where it must be sent again as a whole."""
        forwarded = Forwarded()
        again: list[str] = []
        try:
            if is_subscription(event):
                self._forward_log_events(event, forwarded, invocation)
            else:
                again = self._forward_messages(messages_of(event), forwarded, invocation)
        except MalformedEnvelope as error:
            self._refuse(forwarded, text_of(event), str(error))
        self._keep(forwarded, invocation)
        return Ingested(forwarded.accounts, again)

    def _forward_log_events(self, event: Any, forwarded: Forwarded, invocation: Invocation) -> None:
        reader = LineReader(self._log_format)
        found = list(reader.read_envelope(open_subscription_event(event)))
        self._forwarder.forward(found, forwarded, invocation.time_left)
        self._ignore(forwarded, reader.ignored)

    def _forward_messages(self, messages: list[Message], forwarded: Forwarded, invocation: Invocation) -> list[str]:
        """Forward the objects of each message; give the ids of the messages whose objects could not be read."""
        again = []
        for message in messages:
            if message.problem is not None:
                self._refuse(forwarded, message.body, message.problem)
            try:
                for found in message.objects:
                    if not self._is_own(found):
                        self._forward_object(found, forwarded, invocation)
            except OSError as error:
                if message.message_id is None:
                    raise
                self._warn(f"message {message.message_id} is left to the queue: {error}")
                again.append(message.message_id)
        return again

    def _forward_object(self, found: S3Object, forwarded: Forwarded, invocation: Invocation) -> None:
        reader = LineReader(self._log_format)
        lines = lines_of_object(self._objects, found, reader)
        while chunk := list(islice(lines, LINES_AT_ONCE)):
            self._forwarder.forward(chunk, forwarded, invocation.time_left)
            if len(forwarded.letters) >= MOST_LETTERS:
                self._keep(forwarded, invocation)
        self._ignore(forwarded, reader.ignored)

    def _keep(self, forwarded: Forwarded, invocation: Invocation) -> None:
        """Write the dead letters: one object, unless there are so many that memory would not hold them."""
        for (stream, reason), number in Counter((letter.stream, letter.reason) for letter in forwarded.letters).items():
            self._warn(f"{number} lines for {stream} become dead letters: {reason}")
        name = invocation.name if not forwarded.objects else f"{invocation.name}-{forwarded.objects + 1}"
        self._dead_letters.keep(forwarded.letters, invocation.now, name)
        forwarded.objects += 1
        forwarded.letters.clear()

    def _refuse(self, forwarded: Forwarded, text: bytes, reason: str) -> None:
        refused = Refused(text, "envelope", reason, self._log_format.header)
        forwarded.refuse(self._forwarder.targets.names(), refused)

    def _ignore(self, forwarded: Forwarded, ignored: int) -> None:
        for stream in self._forwarder.targets.names():
            forwarded.accounts[stream].ignored += ignored


def lines_of_object(objects: ObjectReader, found: S3Object, reader: LineReader) -> Iterator[Line | Refused]:
    """Read the lines of an object, as its own header orders them; raise OSError where it cannot be opened.

    What is no text, or breaks off, shows as a refused line that names the object.
    """
    name = f"s3://{found.bucket}/{found.key}".encode()
    with objects.open(found.bucket, found.key) as body:
        first, text = peeked(body)
        if first == PARQUET:
            yield Refused(name, "envelope", _PARQUET_HINT, reader.log_format.header)
            return
        try:
            for raw in lines_of(text):
                yield from reader.read(raw.removesuffix(b"\n"))
        except MalformedEnvelope as error:
            yield Refused(name, "envelope", f"after line {reader.number}: {error}", reader.log_format.header)


def text_of(event: Any) -> bytes:
    """Write an event that could not be opened, to be kept as a dead letter."""
    return json.dumps(event, default=str).encode()
