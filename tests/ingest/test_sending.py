import random
import time
from collections import Counter
from threading import Barrier, Lock

import pytest
from fake_streams import THROTTLED, FakeStreams, FakeTime, Fault
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import StreamError
from flowlogs.ingest.sending import FIRST_PAUSE, LONGEST_PAUSE, PARALLEL_CALLS, Sender, Unsent

RECORDS = [b"a", b"b", b"c", b"d"]


class Longest(random.Random):
    """Jitter that always waits as long as it may."""

    def uniform(self, a: float, b: float) -> float:
        return b


def sender(streams: FakeStreams, clock: FakeTime) -> Sender:
    return Sender(streams, clock.sleep, Longest())


def test_what_is_taken_is_sent_once() -> None:
    streams, clock = FakeStreams(), FakeTime(60)
    assert sender(streams, clock).send("s", RECORDS, clock.time_left) == []
    assert streams.calls == [("s", RECORDS)]
    assert clock.pauses == []


def test_only_the_records_that_failed_are_sent_again() -> None:
    streams, clock = FakeStreams([[1, 3], [0]]), FakeTime(60)
    assert sender(streams, clock).send("s", RECORDS, clock.time_left) == []
    assert [records for _, records in streams.calls] == [RECORDS, [b"b", b"d"], [b"b"]]


def test_pauses_double_up_to_the_longest() -> None:
    clock = FakeTime(60)
    sender(FakeStreams(then=THROTTLED), clock).send("s", RECORDS, clock.time_left)
    assert clock.pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert max(clock.pauses) == LONGEST_PAUSE


def test_pauses_are_jittered() -> None:
    clock = FakeTime(600)
    Sender(FakeStreams([THROTTLED] * 30), clock.sleep, random.Random(7)).send("s", RECORDS, clock.time_left)
    assert len(set(clock.pauses)) == 30
    assert all(0 <= pause <= LONGEST_PAUSE for pause in clock.pauses)


def test_sending_ends_in_time_and_says_why_it_failed() -> None:
    streams, clock = FakeStreams(then=[0]), FakeTime(2)
    unsent = sender(streams, clock).send("s", RECORDS, clock.time_left)
    assert unsent == [Unsent(b"a", THROTTLED)]
    assert 0 <= clock.left < 2


def test_without_time_nothing_is_sent() -> None:
    streams = FakeStreams()
    unsent = sender(streams, FakeTime(0)).send("s", RECORDS, lambda: 0)
    assert unsent == [Unsent(record, "OutOfTime") for record in RECORDS]
    assert streams.calls == []


@pytest.mark.parametrize("before", [[], [[2]]])
def test_an_error_that_stays_is_not_tried_again(before: list[Fault]) -> None:
    faults: list[Fault] = [*before, StreamError("ResourceNotFoundException", temporary=False)]
    streams, clock = FakeStreams(faults), FakeTime(60)
    unsent = sender(streams, clock).send("s", RECORDS, clock.time_left)
    assert {found.reason for found in unsent} == {"ResourceNotFoundException"}
    assert [found.record for found in unsent] == ([b"c"] if before else RECORDS)
    assert len(streams.calls) == len(faults)


def test_an_error_that_passes_is_tried_again_with_the_same_records() -> None:
    streams, clock = FakeStreams([StreamError("ReadTimeoutError", temporary=True)]), FakeTime(60)
    assert sender(streams, clock).send("s", RECORDS, clock.time_left) == []
    assert [records for _, records in streams.calls] == [RECORDS, RECORDS]
    assert len(clock.pauses) == 1


def test_calls_are_made_in_parallel() -> None:
    streams, together = FakeStreams(), Barrier(PARALLEL_CALLS)

    def before(_: str) -> None:
        together.wait(5)

    streams.before = before
    records = [b"x"] * (500 * PARALLEL_CALLS)
    assert Sender(streams, time.sleep).send("s", records, lambda: 60) == []


def test_records_are_taken_as_calls_are_done_and_not_all_at_once() -> None:
    ahead, lock, taken = 0, Lock(), 0

    def many() -> object:
        nonlocal ahead, taken
        for _ in range(500 * 100):
            taken += 1
            with lock:
                ahead = max(ahead, taken - 500 * len(streams.calls))
            yield b"x"

    streams = FakeStreams()
    streams.before = lambda stream: time.sleep(0.001)
    Sender(streams, time.sleep).send("s", many(), lambda: 60)  # type: ignore[arg-type]
    assert len(streams.calls) == 100
    assert ahead <= 500 * (2 * PARALLEL_CALLS + PARALLEL_CALLS)


FAULTS: st.SearchStrategy[list[Fault]] = st.lists(
    st.one_of(
        st.none(),
        st.just(THROTTLED),
        st.lists(st.integers(0, 499), max_size=5),
        st.builds(StreamError, st.sampled_from(["A", "B"]), temporary=st.booleans()),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(FAULTS, st.sampled_from([None, THROTTLED, (0,)]), st.integers(0, 1_300), st.sampled_from([0.0, 0.2, 3.0, 300.0]))
def test_whatever_fails_every_record_is_taken_or_given_back(
    faults: list[Fault], then: Fault, number: int, seconds: float
) -> None:
    records = [b"%d" % place for place in range(number)]
    streams, clock = FakeStreams(faults, then), FakeTime(seconds)
    unsent = sender(streams, clock).send("s", records, clock.time_left)
    assert Counter([found.record for found in unsent] + streams.taken["s"]) == Counter(records)
    assert all(found.reason for found in unsent)
