"""Adding documents by bulk requests, against a server of this process and a clock that only sleeping moves."""

import json
from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from fake_opensearch import FakeOpenSearch
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.search.bulk import MAX_BODY_BYTES, Bulk, Document, Pause, in_batches
from flowlogs.search.domain_errors import CertificateRefused, DomainUnreachable, RequestRefused, SignInRefused

INDEX = "cwl-2026-01-01"


class Clock:
    """Time that passes by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Wired:
    """The fake server behind the errors that a client of a domain raises."""

    def __init__(self, server: FakeOpenSearch) -> None:
        self.server = server

    def bulk(self, body: bytes) -> Any:
        status, answer = self.server.bulk(body)
        if status in (-1, 429, 500, 502, 503, 504):
            cause = f"it answered {status}"
            raise DomainUnreachable("https://host", "POST /_bulk", cause, None if status == -1 else status)
        if status in (401, 403):
            raise SignInRefused("refused")
        if status >= 300:
            raise RequestRefused("https://host", "POST /_bulk", status, answer["error"]["reason"])
        return answer


@pytest.fixture
def server() -> FakeOpenSearch:
    return FakeOpenSearch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def bulk_to(server: FakeOpenSearch, clock: Clock, **more: Any) -> Bulk:
    return Bulk(Wired(server), clock, clock.sleep, lambda: 1.0, **more)


def documents(number: int, first: int = 0) -> list[Document]:
    return [(INDEX, str(each), b'{"number":%d}' % each) for each in range(first, first + number)]


def numbers(server: FakeOpenSearch, index: str = INDEX) -> list[int]:
    return sorted(json.loads(source)["number"] for source in server.documents.get(index, {}).values())


def test_documents_are_there_as_they_were_given(server: FakeOpenSearch, clock: Clock) -> None:
    outcomes = bulk_to(server, clock)([*documents(3), ("other", 'é\n"', '{"ü":"\\n"}'.encode())])
    assert [(each.status, each.attempts, each.indexed, each.refused) for each in outcomes] == [
        (201, 1, True, False)
    ] * 4
    assert server.documents[INDEX] == {"0": b'{"number":0}', "1": b'{"number":1}', "2": b'{"number":2}'}
    assert server.documents["other"] == {'é\n"': '{"ü":"\\n"}'.encode()}


def test_nothing_to_add_asks_nothing(server: FakeOpenSearch, clock: Clock) -> None:
    assert bulk_to(server, clock)([]) == []
    assert server.bodies == []


def test_a_document_that_would_smuggle_in_an_action_is_refused_before_anything_is_sent(
    server: FakeOpenSearch, clock: Clock
) -> None:
    with pytest.raises(ValueError, match="one line"):
        bulk_to(server, clock)([*documents(1), (INDEX, "x", b'{}\n{"delete":{"_index":"cwl","_id":"1"}}')])
    assert server.bodies == []


def test_what_is_there_stays_and_is_told_apart(server: FakeOpenSearch, clock: Clock) -> None:
    bulk = bulk_to(server, clock)
    bulk(documents(2))
    outcomes = bulk([(INDEX, "1", b'{"number":99}'), *documents(1, first=2)])
    assert [(each.already_there, each.indexed, each.refused) for each in outcomes] == [
        (True, False, False),
        (False, True, False),
    ]
    assert numbers(server) == [0, 1, 2]
    assert clock.pauses == []


def test_a_refused_document_says_why_and_costs_no_other(server: FakeOpenSearch, clock: Clock) -> None:
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] == 1 else None
    outcomes = bulk_to(server, clock)(documents(3))
    assert [each.refused for each in outcomes] == [False, True, False]
    assert json.loads(outcomes[1].message) == {
        "type": "mapper_parsing_exception",
        "reason": "played mapper_parsing_exception",
    }
    assert clock.pauses == []
    assert numbers(server) == [0, 2]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_documents_that_come_too_fast_are_sent_again_and_only_they(
    server: FakeOpenSearch, clock: Clock, status: int
) -> None:
    seen: Counter[int] = Counter()

    def refuses(document: dict[str, Any]) -> tuple[int, str] | None:
        seen[document["number"]] += 1
        return (status, "es_rejected_execution_exception") if seen[document["number"]] <= document["number"] else None

    server.refuses = refuses
    outcomes = bulk_to(server, clock)(documents(4))
    assert [(each.status, each.attempts) for each in outcomes] == [(201, 1), (201, 2), (201, 3), (201, 4)]
    assert clock.pauses == [0.5, 1.0, 2.0]
    assert [body.count(b"\n") // 2 for body in server.bodies] == [4, 3, 2, 1]


@pytest.mark.parametrize("seconds", [0, 0.2, 1, 60, 7200])
def test_a_server_is_waited_for_until_the_last_second_and_no_longer(
    server: FakeOpenSearch, clock: Clock, seconds: float
) -> None:
    server.fault = lambda _: 500
    (outcome,) = bulk_to(server, clock, retry_seconds=seconds)(documents(1))
    assert clock.now == 1000 + seconds
    assert (outcome.status, outcome.attempts) == (500, len(clock.pauses) + 1)


def test_pauses_double_up_to_half_a_minute_and_end_with_the_time_to_retry(server: FakeOpenSearch, clock: Clock) -> None:
    server.fault = lambda _: 503
    (outcome,) = bulk_to(server, clock, retry_seconds=300.0)(documents(1))
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, *[30.0] * 8, 28.5]
    assert sum(clock.pauses) == 300
    assert (outcome.status, outcome.attempts, outcome.refused) == (503, 16, True)
    assert "could not answer POST /_bulk (it answered 503)" in json.loads(outcome.message)["reason"]


@given(st.integers(0, 2**32))
def test_pauses_are_shared_out_so_that_many_writers_do_not_come_back_at_once(seed: int) -> None:
    server, clock = FakeOpenSearch(), Clock()
    server.fault = lambda number: 429 if number < 4 else None
    Bulk(Wired(server), clock, clock.sleep, Random(seed).random)(documents(1))
    again = Random(seed)
    assert clock.pauses == [most / 2 * (1 + again.random()) for most in (0.5, 1.0, 2.0)]


def test_a_wait_is_told_with_its_reason(server: FakeOpenSearch, clock: Clock) -> None:
    server.fault = lambda number: 503 if number == 1 else None
    told: list[Pause] = []
    bulk_to(server, clock, on_wait=told.append)(documents(2))
    assert told == [Pause(2, "503 not_now", 0.5)]


def test_a_server_that_was_given_up_gets_one_try_a_batch_until_it_answers(server: FakeOpenSearch, clock: Clock) -> None:
    server.fault = lambda number: 503 if number <= 20 else None
    bulk = bulk_to(server, clock, retry_seconds=60.0)
    bulk(documents(1))
    waited = clock.now
    attempts = len(server.bodies)
    (outcome,) = bulk(documents(1, first=1))
    assert (outcome.attempts, len(server.bodies), clock.now) == (1, attempts + 1, waited)
    while bulk(documents(1, first=2))[0].refused:
        pass
    server.fault = lambda number: 429 if number == 22 else None
    (outcome,) = bulk(documents(1, first=3))
    assert (outcome.status, outcome.attempts) == (201, 2)


def test_an_answer_that_was_lost_makes_no_document_twice(server: FakeOpenSearch, clock: Clock) -> None:
    server.loses_answers = lambda number: number == 1
    outcomes = bulk_to(server, clock)(documents(3))
    assert [(each.already_there, each.answer_lost, each.attempts) for each in outcomes] == [(True, True, 2)] * 3
    assert numbers(server) == [0, 1, 2]
    assert not any(each.answer_lost for each in bulk_to(server, clock)(documents(3)))


@pytest.mark.parametrize(
    ("status", "cause", "perhaps_there"),
    [
        (None, "ReadTimeoutError", True),
        (504, "it answered 504", True),
        (429, "it answered 429", False),
        (None, "nothing listens there", False),
        (None, "ConnectTimeoutError", False),
    ],
)
def test_of_a_document_that_failed_without_an_answer_it_is_not_said_that_it_is_not_there(
    clock: Clock, status: int | None, cause: str, perhaps_there: bool
) -> None:
    error = DomainUnreachable("https://host", "POST /_bulk", cause, status)
    gone = DomainUnreachable("https://host", "POST /_bulk", "nothing listens there")

    class Killed:
        def __init__(self) -> None:
            self.errors = iter([error, gone])

        def bulk(self, body: bytes) -> Any:
            raise next(self.errors, gone)

    outcomes = Bulk(Killed(), clock, clock.sleep, lambda: 1.0, retry_seconds=0.5)(documents(2))
    assert [(each.refused, each.answer_lost, each.attempts) for each in outcomes] == [(True, perhaps_there, 2)] * 2
    assert ("it may be there" in outcomes[0].reason) == perhaps_there
    assert json.loads(outcomes[0].message)["reason"] == outcomes[0].reason


def test_a_clear_refusal_after_a_lost_answer_says_that_the_document_is_not_there(
    server: FakeOpenSearch, clock: Clock
) -> None:
    server.fault = lambda number: 502 if number == 1 else None
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] == 1 else None
    outcomes = bulk_to(server, clock)(documents(2))
    assert [(each.status, each.answer_lost) for each in outcomes] == [(201, False), (400, False)]


def test_a_batch_that_is_too_much_for_now_is_sent_in_smaller_parts_until_they_pass(
    server: FakeOpenSearch, clock: Clock
) -> None:
    """A circuit breaker refuses the whole request, and would at every repetition."""
    server.fault = lambda number: 429 if server.bodies[-1].count(b"\n") // 2 > 3 else None
    outcomes = bulk_to(server, clock)(documents(64))
    assert {each.status for each in outcomes} == {201}
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert len(server.bodies) < 60


def test_of_documents_that_are_too_much_even_alone_the_others_still_arrive(
    server: FakeOpenSearch, clock: Clock
) -> None:
    server.fault = lambda number: 429 if len(server.bodies[-1]) > 3_000_000 else None
    bulk = bulk_to(server, clock)
    outcomes = bulk([*documents(40), wide(-1, 3_000_000), *documents(40, first=40)])
    assert [each.status for each in outcomes] == [201] * 40 + [429] + [201] * 40
    assert "it answered 429" in outcomes[40].reason
    assert bulk.gave_up_for is None
    (alone,) = bulk([wide(-1, 3_000_000)])
    assert (alone.status, alone.concerns_all, bulk.gave_up_for) == (429, False, None)


def test_a_server_to_which_everything_is_too_much_is_not_asked_for_each_document(
    server: FakeOpenSearch, clock: Clock
) -> None:
    server.fault = lambda _: 429
    bulk = bulk_to(server, clock)
    outcomes = bulk(documents(5000))
    assert {(each.status, each.concerns_all) for each in outcomes} == {(429, True)}
    assert len(server.bodies) < 70
    assert bulk.gave_up_for is not None


def test_an_index_that_takes_nothing_costs_others_nothing_and_is_waited_for_once(
    server: FakeOpenSearch, clock: Clock
) -> None:
    lost = [("lost", str(each), b'{"number":-1}') for each in range(3)]
    server.refuses = lambda document: (503, "unavailable_shards_exception") if document["number"] < 0 else None
    bulk = bulk_to(server, clock, retry_seconds=60.0)
    assert [each.status for each in bulk([*lost, *documents(2)])] == [503] * 3 + [201] * 2
    assert (bulk.gave_up_for, clock.now) == (None, 1060)
    assert {(each.status, each.attempts, each.concerns_all) for each in bulk(lost)} == {(503, 1, False)}
    assert (bulk.gave_up_for, clock.now) == (None, 1060)
    server.refuses = lambda _: None
    assert {each.status for each in bulk(lost[:1])} == {201}
    server.refuses = lambda document: (503, "x") if clock.now < 1061 and document["number"] < 0 else None
    assert [(each.status, each.attempts) for each in bulk(lost[1:2])] == [(201, 3)]


def test_bodies_stay_below_their_size_and_all_documents_arrive(server: FakeOpenSearch, clock: Clock) -> None:
    sources = [(INDEX, str(each), b'{"number":%d,"text":"%b"}' % (each, b"x" * 1000)) for each in range(100)]
    outcomes = bulk_to(server, clock, max_body_bytes=10_000)(sources)
    assert all(each.indexed for each in outcomes)
    assert len(server.bodies) > 10
    assert max(map(len, server.bodies)) <= 10_000
    assert numbers(server) == list(range(100))


def test_unless_told_otherwise_a_body_has_the_size_of_firehoses_buffer(server: FakeOpenSearch, clock: Clock) -> None:
    sources = [(INDEX, str(each), b'{"number":%d,"text":"%b"}' % (each, b"x" * (1 << 20))) for each in range(6)]
    bulk_to(server, clock)(sources)
    assert len(server.bodies) == 2
    assert max(map(len, server.bodies)) <= MAX_BODY_BYTES == 5 * 1024 * 1024


def wide(number: int, size: int) -> Document:
    return INDEX, str(number), b'{"number":%d,"text":"%b"}' % (number, b"x" * size)


def test_a_server_that_takes_less_gets_less_from_then_on(server: FakeOpenSearch, clock: Clock) -> None:
    server.largest = 100_000
    bulk, narrow = bulk_to(server, clock), [wide(each, 20_000) for each in range(60)]
    outcomes = bulk([*narrow[:30], wide(-1, 100_000), *narrow[30:]])
    assert [each.status for each in outcomes] == [201] * 30 + [413] + [201] * 30
    assert bulk.gave_up_for is None
    assert (numbers(server), clock.pauses) == (list(range(60)), [])
    tries = len(server.bodies)
    assert all(each.already_there for each in bulk(narrow))
    assert max(map(len, server.bodies[tries:])) <= server.largest


def test_a_server_to_which_everything_is_too_large_is_not_asked_for_each_document(
    server: FakeOpenSearch, clock: Clock
) -> None:
    server.fault = lambda _: 413
    bulk = bulk_to(server, clock)
    assert {each.status for each in bulk([wide(each, 900) for each in range(5000)])} == {413}
    assert len(server.bodies) < 300
    assert bulk.gave_up_for is not None


@pytest.mark.parametrize("id_", ["", "x" * 513, "é" * 257])
def test_one_document_that_spoils_a_whole_request_is_found(server: FakeOpenSearch, clock: Clock, id_: str) -> None:
    outcomes = bulk_to(server, clock)([*documents(7), (INDEX, id_, b'{"number":-1}')])
    assert [each.status for each in outcomes] == [201] * 7 + [400]
    assert "Validation Failed" in outcomes[-1].message


def test_a_server_that_answers_400_to_everything_is_not_asked_for_each_document(
    server: FakeOpenSearch, clock: Clock
) -> None:
    server.fault = lambda _: 400
    bulk = bulk_to(server, clock)
    outcomes = bulk(documents(5000))
    assert {(each.status, each.concerns_all, each.may_pass_later) for each in outcomes} == {(400, True, False)}
    assert len(server.bodies) == 3
    assert bulk.gave_up_for == outcomes[0]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_of_a_few_documents_each_is_tried(server: FakeOpenSearch, clock: Clock, number: int) -> None:
    bulk = bulk_to(server, clock)
    outcomes = bulk([(INDEX, "x" * 513, b"{}")] * number)
    assert [(each.status, each.concerns_all) for each in outcomes] == [(400, False)] * number
    assert bulk.gave_up_for is None


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "sign_in_refused"), (403, "sign_in_refused"), (404, "request_refused")]
)
def test_a_request_that_is_refused_as_a_whole_is_not_repeated(
    server: FakeOpenSearch, clock: Clock, status: int, kind: str
) -> None:
    server.fault = lambda _: status
    outcomes = bulk_to(server, clock)(documents(3))
    assert [json.loads(each.message)["type"] for each in outcomes] == [kind] * 3
    assert {each.concerns_all for each in outcomes} == {True}
    assert (len(server.bodies), clock.pauses) == (1, [])


def test_a_certificate_that_is_not_trusted_is_not_tried_again(clock: Clock) -> None:
    class Untrusted:
        def bulk(self, body: bytes) -> Any:
            raise CertificateRefused("its certificate is not trusted")

    bulk = Bulk(Untrusted(), clock, clock.sleep, lambda: 1.0)
    outcomes = bulk(documents(2))
    assert [(each.reason, each.concerns_all) for each in outcomes] == [("its certificate is not trusted", True)] * 2
    assert clock.pauses == []


@pytest.mark.parametrize(("status", "kind", "all_alike"), [(403, "security_exception", True), (403, "x", False)])
def test_who_may_add_no_document_at_all_is_told_apart(
    server: FakeOpenSearch, clock: Clock, status: int, kind: str, all_alike: bool
) -> None:
    """An index may be closed to writing: that is 403 too, and other indexes are not."""
    server.refuses = lambda _: (status, kind)
    bulk = bulk_to(server, clock)
    assert {each.concerns_all for each in bulk(documents(2))} == {all_alike}
    assert (bulk.gave_up_for is not None) == all_alike


@pytest.mark.parametrize(
    "answer",
    ["<html>", None, [], {}, {"items": []}, {"items": [{}, {}]}, {"items": [{"create": {}}] * 2}, {"items": [[], []]}],
)
def test_an_answer_that_is_none_is_asked_for_again_and_never_taken_for_success(clock: Clock, answer: Any) -> None:
    class Odd:
        asked = 0

        def bulk(self, body: bytes) -> Any:
            self.asked += 1
            return answer

    odd = Odd()
    outcomes = Bulk(odd, clock, clock.sleep, lambda: 1.0, retry_seconds=3.0)(documents(2))
    assert [(each.status, each.refused, each.attempts) for each in outcomes] == [(502, True, 4)] * 2
    assert odd.asked == 4


@given(st.lists(st.binary(max_size=30), max_size=50), st.integers(1, 60))
def test_batches_hold_everything_in_order_and_are_as_full_as_can_be(lines: list[bytes], most: int) -> None:
    batches = list(in_batches(lines, most))
    assert [line for batch in batches for line in batch] == lines
    assert all(batches)
    assert all(sum(map(len, batch)) <= most or len(batch) == 1 for batch in batches)
    for batch, following in pairwise(batches):
        assert sum(map(len, batch)) + len(following[0]) > most


@given(st.lists(st.sampled_from([None, 400, 409, 429, 503]), max_size=40), st.integers(0, 2**32))
def test_every_document_ends_once_whatever_the_server_does(fates: list[int | None], seed: int) -> None:
    server, clock, random = FakeOpenSearch(), Clock(), Random(seed)
    server.fault = lambda _: random.choice([None, None, 429, 413])
    server.loses_answers = lambda _: random.random() < 0.2

    def refuses(document: dict[str, Any]) -> tuple[int, str] | None:
        fate = fates[document["number"]]
        if fate in (429, 503) and random.random() < 0.5:
            fate = None
        return None if fate is None else (fate, "played")

    server.refuses = refuses
    outcomes = bulk_to(server, clock, max_body_bytes=200)(documents(len(fates)))
    assert len(outcomes) == len(fates)
    there = set(numbers(server))
    for number, (outcome, fate) in enumerate(zip(outcomes, fates, strict=True)):
        assert outcome.indexed + outcome.already_there + outcome.refused == 1
        if outcome.indexed:
            assert number in there
        if fate == 400:
            assert outcome.refused
        if outcome.refused and outcome.status != 400:
            assert number not in there or outcome.may_pass_later or outcome.status == 413
