"""Adding documents by several connections at once."""

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Any

import pytest

from flowlogs.search.bulk import Bulk, Document
from flowlogs.search.bulk_outcome import Outcome
from flowlogs.search.domain_errors import DomainUnreachable
from flowlogs.search.loading import Loading


class Server:
    """Takes every document; counts how many requests are made at once, and how much was sent."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.now = self.most = self.requests = 0
        self.is_gone = False
        self.gate = Event()
        self.gate.set()

    def bulk(self, body: bytes) -> Any:
        with self.lock:
            self.requests += 1
            self.now += 1
            self.most = max(self.most, self.now)
        self.gate.wait(30)
        with self.lock:
            self.now -= 1
        if self.is_gone:
            raise DomainUnreachable("https://host", "POST /_bulk", "NewConnectionError")
        return {"items": [{"create": {"status": 201}} for _ in range(body.count(b"\n") // 2)]}


class Told:
    """What became of documents, by id."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}

    def __call__(self, document: Document, outcome: Outcome) -> None:
        assert document[1] not in self.outcomes
        self.outcomes[document[1]] = outcome


def bulks(server: Server, number: int, hurry: Event, **more: Any) -> list[Bulk]:
    def may_wait() -> bool:
        return not hurry.is_set()

    return [Bulk(server, time.monotonic, lambda _: None, lambda: 1.0, may_wait=may_wait, **more) for _ in range(number)]


def documents(number: int) -> list[Document]:
    return [("cwl", str(each), b'{"a":%d}' % each) for each in range(number)]


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("number", [0, 1, 1000])
def test_every_document_is_settled_once(parallel: int, number: int) -> None:
    server, told, hurry = Server(), Told(), Event()
    with Loading(bulks(server, parallel, hurry, max_body_bytes=2000), told, hurry) as loading:
        for document in documents(number):
            loading.add(document)
    assert sorted(map(int, told.outcomes)) == list(range(number))
    assert all(outcome.indexed for outcome in told.outcomes.values())
    assert server.most <= parallel
    assert not loading.is_lost
    assert not hurry.is_set()


def test_requests_are_made_side_by_side_and_no_more_is_read_than_memory_holds() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.gate.clear()
    read = 0

    def opened() -> None:
        nonlocal read
        if read == 160:  # eight batches of twenty are full
            assert server.most <= 4
            server.gate.set()

    with Loading(bulks(server, 4, hurry, max_body_bytes=20 * 77), told, hurry) as loading:
        for document in documents(300):
            opened()
            loading.add(document)
            read += 1
            assert read - len(told.outcomes) <= 20 * (8 + 2)
    assert len(told.outcomes) == 300
    assert 1 < server.most <= 4


def test_a_server_that_is_lost_ends_it_and_every_document_that_was_taken_is_settled() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.is_gone = True
    taken = 0
    with Loading(bulks(server, 2, hurry, max_body_bytes=500, retry_seconds=0.05), told, hurry) as loading:
        for document in documents(100_000):
            loading.add(document)
            taken += 1
            if loading.is_lost:
                break
    assert loading.is_lost
    assert 0 < taken < 1000
    assert sorted(map(int, told.outcomes)) == list(range(taken))
    assert {outcome.status for outcome in told.outcomes.values()} == {503}


def interrupted(loading: Loading, number: int, before: Callable[[], object]) -> None:
    """Take documents, and be interrupted in the middle of it."""
    with loading:
        for document in documents(number):
            loading.add(document)
        before()
        raise KeyboardInterrupt


def test_an_interrupt_settles_what_is_under_way_and_forgets_the_rest() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.gate = hurry  # requests last until the interrupt
    with pytest.raises(KeyboardInterrupt):
        interrupted(Loading(bulks(server, 1, hurry, max_body_bytes=500), told, hurry), 15, lambda: None)
    assert server.requests == 1
    assert sorted(map(int, told.outcomes)) == list(range(len(told.outcomes)))
    assert 0 < len(told.outcomes) < 10


def test_an_interrupt_waits_for_no_pause() -> None:
    server, told, hurry, waits = Server(), Told(), Event(), Event()
    server.is_gone = True
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        waits.set()
        assert hurry.wait(30)

    bulk = Bulk(server, lambda: 0.0, sleep, lambda: 1.0, max_body_bytes=500, may_wait=lambda: not hurry.is_set())
    with pytest.raises(KeyboardInterrupt):
        interrupted(Loading([bulk], told, hurry), 10, lambda: waits.wait(30))
    assert len(pauses) == 1
    assert {outcome.attempts for outcome in told.outcomes.values()} == {1}
