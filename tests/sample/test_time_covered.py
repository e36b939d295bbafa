from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.sample.time_covered import TimeCovered

RECORDS = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 600)), min_size=1, max_size=40)


@given(RECORDS, st.randoms())
def test_the_time_covered_does_not_depend_on_the_order(records: list[tuple[int, int]], random: Any) -> None:
    shuffled = random.sample(records, len(records))
    assert covered(records) == covered(shuffled)


def covered(records: list[tuple[int, int]]) -> int:
    time = TimeCovered()
    for start, length in records:
        time.add(start, start + length)
    return time.seconds


@given(RECORDS)
def test_the_time_covered_is_at_least_each_record_and_at_most_from_first_to_last(
    records: list[tuple[int, int]],
) -> None:
    seconds = covered(records)
    assert seconds >= max(length for _, length in records) + 1
    assert seconds <= max(start + length for start, length in records) - min(start for start, _ in records) + 1


def test_times_are_kept_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.sample.time_covered._MOST_SLOTS", 3)
    time = TimeCovered()
    for start in range(0, 6000, 600):
        assert not time.is_full or start >= 1800
        time.add(start, start + 599)
    assert time.is_full
    assert time.seconds == 1800
