import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.ingest.lines import Line, LineReader
from flowlogs.ingest.packing import PACKED_BYTES, PACKED_LINES, calls, packed, single
from flowlogs.ingest.streams import MAX_CALL_BYTES, MAX_RECORDS
from flowlogs.record.log_format import DEFAULT, LogFormat

GOOD = b"2 123456789010 eni-1235b8ca123456789 172.31.16.13 172.31.16.2 20641 22 6 20 42 1418530010 1418530070 ACCEPT OK"
SHORT = LogFormat(["srcaddr", "action"])
STEP = 5 * 1024  # what Firehose rounds a record up to when it bills


def test_a_record_holds_at_most_a_thousand_lines() -> None:
    records = list(packed([Line(SHORT, b"- -")] * (2 * PACKED_LINES + 1)))
    assert [lines for _, lines in records] == [PACKED_LINES, PACKED_LINES, 1]
    assert [record.count(b"\n") for record, _ in records] == [PACKED_LINES + 1, PACKED_LINES + 1, 2]


def test_a_large_batch_wastes_little_of_what_is_billed() -> None:
    records = [record for record, _ in packed([Line(DEFAULT, GOOD)] * 20_000)]
    billed = sum(-(-len(record) // STEP) * STEP for record in records)
    assert billed < 1.05 * sum(map(len, records))
    assert sum(map(len, records)) < 1.01 * 20_000 * (len(GOOD) + 1)


@pytest.mark.parametrize(("more", "records"), [(0, 1), (1, 2)])
def test_a_record_is_as_full_as_it_may_be_and_no_fuller(more: int, records: int) -> None:
    room = PACKED_BYTES - len(SHORT.header + b"\n") - len(b"a -\n") - len(b"\n")
    assert len(list(packed([Line(SHORT, b"a -"), Line(SHORT, b"x" * (room + more))]))) == records


def test_a_line_larger_than_a_record_stands_alone() -> None:
    large = b"x" * (PACKED_BYTES + 1) + b" -"
    records = list(packed([Line(SHORT, text) for text in (b"a -", large, b"b -")]))
    assert [lines for _, lines in records] == [1, 1, 1]
    assert records[1][0] == SHORT.header + b"\n" + large + b"\n"


def test_a_single_line_has_a_header_only_where_its_order_is_not_the_configured_one() -> None:
    assert single(Line(SHORT, b"- -"), SHORT) == b"- -"
    assert single(Line(SHORT, b"- -"), DEFAULT) == b"srcaddr action\n- -"


@pytest.mark.parametrize("event_time", [0, 1_700_000_000, 253_402_300_799])
def test_the_carriers_time_survives_where_the_format_has_none(event_time: int) -> None:
    line = Line(SHORT, b"10.0.0.1 -", event_time)
    for record in (single(line, SHORT), single(line, DEFAULT), *(record for record, _ in packed([line]))):
        (found,) = LineReader(SHORT).read(record)
        assert isinstance(found, Line)
        assert (found.log_format, found.text, found.event_time) == line[:3]


def test_a_line_with_a_time_of_its_own_is_left_as_it_is() -> None:
    assert single(Line(DEFAULT, GOOD, 1_700_000_000), DEFAULT) == GOOD


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from([DEFAULT, SHORT, LogFormat(["action"])]),
        st.sampled_from([b"a", b"b c", b"x" * 2_000, b"y" * 60_000, b"z" * 200_000]),
        st.none(),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=100)
@given(LINES)
def test_packing_loses_nothing_and_keeps_the_order(lines: list[Line]) -> None:
    unpacked = []
    for record, number in packed(lines):
        header, *texts, end = record.split(b"\n")
        assert end == b""
        assert 1 <= number == len(texts) <= PACKED_LINES
        assert len(record) <= PACKED_BYTES or number == 1
        unpacked += [(header, text) for text in texts]
    assert unpacked == [(line.log_format.header, line.text) for line in lines]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from([1, 5_000, 100_000, 1_000_000])), max_size=8))
def test_calls_stay_within_firehoses_limits_and_lose_nothing(groups: list[tuple[int, int]]) -> None:
    sizes = [size for number, size in groups for _ in range(min(number, 8_000_000 // size))]
    records = [bytes(size) for size in sizes]
    batches = list(calls(records))
    assert all(1 <= len(batch) <= MAX_RECORDS for batch in batches)
    assert all(sum(map(len, batch)) <= MAX_CALL_BYTES for batch in batches)
    assert [len(record) for batch in batches for record in batch] == sizes


def test_calls_are_as_full_as_they_may_be() -> None:
    assert [len(batch) for batch in calls([b"x"] * 1001)] == [500, 500, 1]
    mebibyte = bytes(1024 * 1024)
    assert [len(batch) for batch in calls([mebibyte] * 9)] == [4, 4, 1]
