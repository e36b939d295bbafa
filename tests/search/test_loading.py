"""Adding documents by several connections at once."""

import concurrent.futures
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

import pytest

from flowlogs.cli.interrupts import Interrupts
from flowlogs.search.bulk import Bulk, Document
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, SignInRefused
from flowlogs.search.fate import Fate
from flowlogs.search.loading import Loading


class Server:
    """Takes every document; counts how many requests are made at once, and how much was sent."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.now = self.most = self.requests = 0
        self.bodies: list[int] = []
        self.is_gone = False
        self.error: DomainError | None = None
        self.was_let_go = True
        self.gate = Event()
        self.gate.set()

    def bulk(self, body: bytes) -> Any:
        with self.lock:
            self.requests += 1
            self.now += 1
            self.most = max(self.most, self.now)
            self.bodies.append(body.count(b"\n") // 2)
        self.was_let_go &= self.gate.wait(30)
        with self.lock:
            self.now -= 1
        if self.is_gone:
            raise DomainUnreachable("https://host", "POST /_bulk", "NewConnectionError")
        if self.error is not None:
            raise self.error
        return {"items": [{"create": {"status": 201}} for _ in range(body.count(b"\n") // 2)]}


class Told:
    """The fates of documents by id, told in their order, each with its note."""

    def __init__(self) -> None:
        self.fates: dict[str, Fate] = {}

    def __call__(self, document: Document, fate: Fate, note: int) -> None:
        assert (document[1], note) == (str(len(self.fates)), len(self.fates))
        self.fates[document[1]] = fate


def bulks(server: Server, number: int, hurry: Event, **more: Any) -> list[Bulk]:
    def may_wait() -> bool:
        return not hurry.is_set()

    return [Bulk(server, time.monotonic, lambda _: None, lambda: 1.0, may_wait=may_wait, **more) for _ in range(number)]


def documents(number: int) -> list[Document]:
    return [("cwl", str(each), b'{"a":%d}' % each) for each in range(number)]


def add_all(loading: Loading[int], number: int) -> None:
    for note, document in enumerate(documents(number)):
        loading.add(document, note)


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("number", [0, 1, 1000])
def test_every_document_is_settled_once(parallel: int, number: int) -> None:
    server, told, hurry = Server(), Told(), Event()
    with Loading(bulks(server, parallel, hurry, max_body_bytes=2000), told, hurry) as loading:
        add_all(loading, number)
    assert len(told.fates) == number
    assert all(fate.indexed for fate in told.fates.values())
    assert server.most <= parallel
    assert not loading.is_lost
    assert not hurry.is_set()


def test_requests_are_made_side_by_side_and_no_more_is_read_than_memory_holds() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.gate.clear()
    with Loading(bulks(server, 4, hurry, max_body_bytes=20 * 77), told, hurry) as loading:
        for read, document in enumerate(documents(300)):
            if read == 160:  # eight batches of twenty are full
                assert server.most <= 4
                server.gate.set()
            loading.add(document, read)
            assert read + 1 - len(told.fates) <= 20 * (8 + 2)
    assert len(told.fates) == 300
    assert 1 < server.most <= 4
    assert server.was_let_go, "reading went on only when a request had waited in vain"


def test_a_server_that_is_lost_ends_it_and_what_was_sent_is_settled() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.is_gone = True
    taken = 0
    with Loading(bulks(server, 2, hurry, max_body_bytes=500, retry_seconds=0.0), told, hurry) as loading:
        for document in documents(100_000):
            loading.add(document, taken)
            taken += 1
            if loading.is_lost:
                break
        assert hurry.is_set(), "other requests go on trying"
        requests = server.requests
        for document in documents(1000):
            loading.add(document, taken)
    assert server.requests <= requests + 2
    assert loading.lost_for is not None
    assert loading.lost_for.kind == "no_answer"
    assert 0 < len(told.fates) <= taken < 1000
    assert server.requests == len(server.bodies) <= 8
    assert sum(server.bodies) == len(told.fates)
    assert {fate.status for fate in told.fates.values()} == {503}


def test_a_server_that_takes_nothing_from_us_any_more_ends_it_after_what_is_under_way() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.error = SignInRefused("the password has changed")
    with Loading(bulks(server, 1, hurry, max_body_bytes=500), told, hurry) as loading:
        for note, document in enumerate(documents(100_000)):
            loading.add(document, note)
            if loading.is_lost:
                break
    assert loading.lost_for is not None
    assert loading.lost_for.reason == "the password has changed"
    assert len(told.fates) < 100
    assert server.requests <= 3


def interrupted(loading: Loading[int], number: int, before: Callable[[], object]) -> None:
    """Take documents, and be interrupted in the middle of it."""
    with loading:
        add_all(loading, number)
        before()
        raise KeyboardInterrupt


def test_an_interrupt_settles_what_is_under_way_and_forgets_the_rest() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.gate = hurry  # requests last until the interrupt
    with pytest.raises(KeyboardInterrupt):
        interrupted(Loading(bulks(server, 1, hurry, max_body_bytes=500), told, hurry), 15, lambda: None)
    assert server.requests == 1
    assert 0 < len(told.fates) < 10


@contextmanager
def interrupted_while_it_waits(times: int, error: type[BaseException] = KeyboardInterrupt) -> Iterator[None]:
    waited: list[int] = []

    def waiting(futures: list[Any]) -> Any:
        waited.append(len(waited))
        if len(waited) <= times:
            raise error
        return real(futures)

    real = concurrent.futures.wait
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flowlogs.search.loading.wait", waiting)
        yield


def test_an_interrupt_while_the_last_answers_are_waited_for_loses_none_of_them() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.gate = hurry
    waiting: list[int] = []
    with (
        interrupted_while_it_waits(1),
        pytest.raises(KeyboardInterrupt),
        Loading(bulks(server, 2, hurry, max_body_bytes=500), told, hurry, on_interrupt=waiting.append) as loading,
    ):
        add_all(loading, 15)
    assert hurry.is_set()
    assert loading.abandoned == 0
    assert len(waiting) == 1
    assert 0 < waiting[0] <= 15
    assert 0 < len(told.fates) == sum(server.bodies) < 15
    assert all(fate.indexed for fate in told.fates.values())


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_second_interrupt_waits_for_no_answer_and_says_of_how_many_documents_none_came(
    error: type[BaseException],
) -> None:
    server, told, hurry = Server(), Told(), Event()
    server.gate.clear()  # it hangs
    try:
        with (
            interrupted_while_it_waits(2, error),
            pytest.raises(error),
            Loading(bulks(server, 2, hurry, max_body_bytes=500), told, hurry) as loading,
        ):
            add_all(loading, 15)
        assert told.fates == {}
        assert sum(server.bodies) <= loading.abandoned <= 15
        assert loading.abandoned > 0
        assert server.was_let_go, "the second interrupt waited for an answer"
    finally:
        server.gate.set()


def test_another_error_while_the_rest_is_told_is_no_second_interrupt() -> None:
    server, hurry = Server(), Event()
    seen: list[int] = []

    def told(_document: Document, _fate: Fate, note: int) -> None:
        seen.append(note)
        raise OSError(28, "No space left on device")

    with (
        interrupted_while_it_waits(1),
        pytest.raises(KeyboardInterrupt),
        Loading(bulks(server, 2, hurry, max_body_bytes=500), told, hurry) as loading,
    ):
        add_all(loading, 15)
    assert (seen, loading.abandoned) == (list(range(sum(server.bodies))), 0)


def test_an_interrupt_while_the_last_answers_are_waited_for_waits_for_no_second_try() -> None:
    server, told, hurry = Server(), Told(), Event()
    server.is_gone = True

    def sleep(_: float) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert hurry.wait(30), "the pause went on after the interrupt"

    bulk = Bulk(server, lambda: 0.0, sleep, lambda: 1.0, may_wait=lambda: not hurry.is_set())
    with (
        Interrupts() as interrupts,
        pytest.raises(KeyboardInterrupt),
        Loading([bulk], told, hurry, interrupts.held_off) as loading,
    ):
        add_all(loading, 10)
    assert len(told.fates) == 10
    assert server.requests == 1


@pytest.mark.parametrize("error", [SystemExit(143), OSError(28, "No space left on device")])
def test_where_one_cannot_be_taken_note_of_all_the_others_of_what_was_sent_are_told_first(error: BaseException) -> None:
    server, hurry = Server(), Event()
    seen: list[int] = []

    def told(_document: Document, _fate: Fate, note: int) -> None:
        seen.append(note)
        if note == 3:
            raise error

    with (
        pytest.raises(type(error)) as raised,
        Loading(bulks(server, 2, hurry, max_body_bytes=500), told, hurry) as loading,
    ):
        add_all(loading, 300)
    assert raised.value is error
    assert seen == list(range(sum(server.bodies)))
    assert 3 < len(seen) < 300


def test_what_is_handed_over_or_told_of_is_so_undisturbed() -> None:
    server, hurry, held = Server(), Event(), [0]

    @contextmanager
    def undisturbed() -> Iterator[None]:
        held[0] += 1
        yield
        held[0] -= 1

    def told(_document: Document, _fate: Fate, _note: int) -> None:
        assert held[0] == 1

    with Loading(bulks(server, 2, hurry, max_body_bytes=500), told, hurry, undisturbed) as loading:
        submit = loading._pool.submit
        loading._pool.submit = lambda *given: submit(*given) if held[0] == 1 else pytest.fail("disturbed")  # type: ignore[method-assign, assignment]
        add_all(loading, 100)
    assert held == [0]


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
    assert {fate.attempts for fate in told.fates.values()} == {1}
