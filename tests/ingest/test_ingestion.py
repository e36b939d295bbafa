import base64
import gzip
import io
import json
import random
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest
from fake_streams import FakeStreams, FakeTime

from flowlogs.errors import NotKept, StreamError
from flowlogs.ingest.dead_letters import DeadLetters, rows_of
from flowlogs.ingest.forwarding import Forwarder, Targets
from flowlogs.ingest.ingestion import LINES_AT_ONCE, Ingested, Ingestion
from flowlogs.ingest.narrowing import Narrowing
from flowlogs.ingest.sending import Sender
from flowlogs.ingest.streams import MAX_RECORD_BYTES
from flowlogs.invocation import Invocation
from flowlogs.record.log_format import DEFAULT

GOOD = b"2 123456789012 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1700000000 1700000060 ACCEPT OK"
TEXT = DEFAULT.header + b"\n" + GOOD + b"\n" + GOOD + b"\n"


class BreaksOff(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise OSError("S3 broke off: ReadTimeoutError")
        return data


class Laptop:
    """An ingestion with everything outside of it made up."""

    def __init__(self, **objects: bytes | type[OSError] | BinaryIO) -> None:
        self.streams, self.clock = FakeStreams(), FakeTime(3)
        self.objects, self.kept, self.warnings = objects, dict[str, bytes](), list[str]()
        self.dead_letters: DeadLetters | None = None

    def open(self, bucket: str, key: str) -> BinaryIO:
        found = self.objects[key]
        if isinstance(found, bytes):
            return io.BytesIO(found)
        if isinstance(found, type):
            raise found("S3 answered AccessDenied")
        return found

    def put(self, key: str, content: bytes) -> None:
        self.kept[key] = content

    def answer(self, event: Any) -> Ingested:
        sender = Sender(self.streams, self.clock.sleep, random.Random(1))
        forwarder = Forwarder(Targets("search", "lake"), log_format=DEFAULT, narrowing=Narrowing(), sender=sender)
        ingestion = Ingestion(
            forwarder,
            log_format=DEFAULT,
            dead_letters=self.dead_letters or DeadLetters(self, "ingestor"),
            objects=self,
            warn=self.warnings.append,
        )
        return ingestion.answer(event, Invocation(1_700_049_600.0, self.clock.time_left, "request-1"))

    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(row) for content in self.kept.values() for row in rows_of(content)]


def subscription(*messages: bytes, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    events = [{"id": "1", "timestamp": 1_700_000_000_000, "message": message.decode()} for message in messages]
    content = {"messageType": kind, "logGroup": "g", "logStream": "s", "logEvents": events}
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(content).encode(), mtime=0)).decode()}}


def s3(key: str) -> dict[str, Any]:
    return {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "logs"}, "object": {"key": key}}}]}


def sqs(*bodies: str) -> dict[str, Any]:
    records = [{"eventSource": "aws:sqs", "messageId": f"m{i}", "body": body} for i, body in enumerate(bodies)]
    return {"Records": records}


def counts(ingested: Ingested, stream: str = "lake") -> tuple[int, int, int, int]:
    account = ingested.accounts[stream]
    assert account.adds_up()
    return account.received, account.delivered, account.failed, account.ignored


def test_log_events_go_to_both_streams() -> None:
    laptop = Laptop()
    ingested = laptop.answer(subscription(GOOD, b"# comment", GOOD))
    assert counts(ingested, "search") == counts(ingested, "lake") == (2, 2, 0, 1)
    assert laptop.streams.taken["search"] == [GOOD, GOOD]
    assert laptop.streams.taken["lake"] == [TEXT]
    assert not laptop.kept


def test_a_control_message_is_ignored() -> None:
    laptop = Laptop()
    assert counts(laptop.answer(subscription(b"CWL CONTROL MESSAGE", kind="CONTROL_MESSAGE"))) == (0, 0, 0, 1)
    assert not laptop.streams.calls


@pytest.mark.parametrize(
    "content",
    [TEXT, gzip.compress(TEXT, mtime=0), gzip.compress(TEXT[:99], mtime=0) + gzip.compress(TEXT[99:], mtime=0)],
)
def test_an_object_is_read_as_text_plain_or_compressed(content: bytes) -> None:
    laptop = Laptop(log=content)
    assert counts(laptop.answer(s3("log"))) == (2, 2, 0, 1)


def test_a_large_object_is_read_in_pieces_under_its_one_header() -> None:
    laptop = Laptop(log=gzip.compress(b"action srcaddr\n" + b"ACCEPT 10.0.0.1\n" * (LINES_AT_ONCE + 5), mtime=0))
    assert counts(laptop.answer(s3("log"))) == (LINES_AT_ONCE + 5, LINES_AT_ONCE + 5, 0, 1)
    assert all(record.startswith(b"action srcaddr\n") for record in laptop.streams.taken["search"])


def test_a_header_of_one_object_does_not_order_the_next() -> None:
    laptop = Laptop(first=b"action srcaddr\nACCEPT 10.0.0.1\n", second=GOOD)
    bodies = [json.dumps(s3(key)) for key in ("first", "second")]
    assert counts(laptop.answer(sqs(*bodies))) == (2, 2, 0, 1)
    assert laptop.streams.taken["search"][-1] == GOOD


def test_a_parquet_object_is_a_dead_letter_that_says_what_to_do() -> None:
    laptop = Laptop(log=b"PAR1\x15\x04")
    assert counts(laptop.answer(s3("log"))) == (1, 0, 1, 0)
    assert {letter["line"] for letter in laptop.letters()} == {"s3://logs/log"}
    assert all("Parquet" in letter["reason"] and "text" in letter["reason"] for letter in laptop.letters())


def test_an_object_cut_short_is_a_dead_letter_behind_the_lines_it_has() -> None:
    lines = b"".join(b"2 123456789012 eni-%d\n" % random.Random(place).getrandbits(60) for place in range(3000))
    laptop = Laptop(log=gzip.compress(lines, mtime=0)[:-2000])
    received, delivered, failed, _ = counts(laptop.answer(s3("log")))
    assert (failed, received) == (1, delivered + 1)
    assert 0 < delivered < 3000
    assert laptop.letters()[0]["line"] == "s3://logs/log"
    assert f"after line {delivered}" in laptop.letters()[0]["reason"]


def test_a_line_larger_than_a_record_is_a_dead_letter_and_its_neighbours_are_not() -> None:
    laptop = Laptop(log=TEXT + b"x" * (MAX_RECORD_BYTES + 1) + b"\n" + GOOD + b"\n" + b"y" * 5_000_000 + b"\n" + GOOD)
    assert counts(laptop.answer(s3("log"))) == (6, 4, 2, 1)
    assert {len(letter["line"]) for letter in laptop.letters()} == {MAX_RECORD_BYTES - 16 * 1024}


@pytest.mark.parametrize(
    "event",
    [
        {},
        [],
        None,
        {"awslogs": {}},
        {"awslogs": {"data": "!"}},
        {"awslogs": {"data": "AAAA"}},
        {"Records": [10**30]},
        {"x": "\ud800"},
    ],
    ids=range(8),
)
def test_an_event_that_is_none_is_a_dead_letter_that_holds_it(event: Any) -> None:
    laptop = Laptop()
    assert counts(laptop.answer(event)) == (1, 0, 1, 0)
    assert [json.loads(letter["line"]) for letter in laptop.letters()] == [event, event]
    assert {letter["field"] for letter in laptop.letters()} == {"envelope"}


def test_what_is_unsent_is_one_object_of_dead_letters() -> None:
    laptop = Laptop()
    laptop.streams = FakeStreams(then=StreamError("AccessDeniedException", temporary=False))
    assert counts(laptop.answer(subscription(GOOD, GOOD))) == (2, 0, 2, 0)
    assert len(laptop.kept) == 1
    assert [letter["stream"] for letter in laptop.letters()].count("search") == 2


@pytest.mark.parametrize("event", [{}, subscription(GOOD)], ids=["malformed", "unsent"])
def test_without_a_place_for_dead_letters_the_event_must_come_again(event: Any) -> None:
    laptop = Laptop()
    laptop.streams = FakeStreams(then=StreamError("AccessDeniedException", temporary=False))
    laptop.dead_letters = DeadLetters(None, "ingestor")
    with pytest.raises(NotKept):
        laptop.answer(event)


def test_an_object_that_cannot_be_opened_must_come_again() -> None:
    with pytest.raises(OSError, match="AccessDenied"):
        Laptop(log=OSError).answer(s3("log"))


def test_a_queue_sends_only_the_messages_again_whose_objects_cannot_be_read() -> None:
    objects: dict[str, Any] = {"good": TEXT, "denied": OSError, "cut": BreaksOff(TEXT), "last": GOOD}
    laptop = Laptop(**objects)
    ingested = laptop.answer(sqs(*(json.dumps(s3(key)) for key in objects)))
    assert ingested.again == ["m1", "m2"]
    assert len(laptop.warnings) == 2
    assert counts(ingested)[0] >= 3
    assert laptop.streams.taken["search"].count(GOOD) >= 3


def test_a_message_that_cannot_be_opened_is_a_dead_letter_and_its_neighbours_are_forwarded() -> None:
    laptop = Laptop(log=TEXT)
    ingested = laptop.answer(sqs("no JSON", json.dumps(s3("log"))))
    assert counts(ingested) == (3, 2, 1, 1)
    assert ingested.again == []
    assert {letter["line"] for letter in laptop.letters()} == {"no JSON"}


def test_an_s3_test_event_is_nothing() -> None:
    ingested = Laptop().answer({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    assert ingested.again == []
    assert all(account.received == 0 for account in ingested.accounts.values())


@pytest.mark.parametrize("make", [lambda: b"\x00\xff\xfe" * 50, lambda: random.Random(3).randbytes(5000)])
def test_an_object_of_junk_is_lines_that_the_decorator_refuses(make: Callable[[], bytes]) -> None:
    received, delivered, failed, _ = counts(Laptop(log=make()).answer(s3("log")))
    assert received == delivered + failed > 0
