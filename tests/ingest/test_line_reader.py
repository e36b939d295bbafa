import gzip
import json
from collections.abc import Sequence

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowlogs.errors import MalformedEnvelope
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.ingest.packing import packed, single
from flowlogs.record.log_format import DEFAULT, LogFormat

GOOD = b"2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1700000000 1700000060 ACCEPT OK"
OTHER = LogFormat(["action", "srcaddr"])
NO_TIME = LogFormat(["srcaddr", "action"])
NOON = 1_700_049_600


def read(raw: bytes, log_format: LogFormat = DEFAULT, event_time: int | None = None) -> list[Line | Refused]:
    return list(LineReader(log_format, event_time).read(raw))


def texts(raw: bytes, log_format: LogFormat = DEFAULT) -> list[bytes]:
    return [line.text for line in read(raw, log_format) if isinstance(line, Line)]


def the_refused(raw: bytes) -> Refused:
    (refused,) = read(raw)
    assert isinstance(refused, Refused)
    return refused


def envelope(*messages: str, kind: str = "DATA_MESSAGE", **more: object) -> bytes:
    events = [{"id": "1", "timestamp": NOON * 1000, "message": message, **more} for message in messages]
    return json.dumps(
        {"messageType": kind, "owner": "1", "logGroup": "g", "logStream": "s", "logEvents": events}
    ).encode()


@pytest.mark.parametrize(
    "raw",
    [
        GOOD,
        b"  " + GOOD + b" \t",
        GOOD + b"\r\n",
        b"\xef\xbb\xbf" + GOOD,
        b"\n\n" + GOOD + b"\n# comment\n\r\n",
        json.dumps({"message": GOOD.decode()}).encode(),
        json.dumps({"message": json.dumps({"message": GOOD.decode() + "\n"})}).encode(),
        b" " + json.dumps({"message": GOOD.decode()}).encode() + b"\r",
        gzip.compress(GOOD, mtime=0),
        gzip.compress(GOOD[:20], mtime=0) + gzip.compress(GOOD[20:], mtime=0),
        gzip.compress(envelope(GOOD.decode()), mtime=0),
        envelope(GOOD.decode()),
        b"2023-11-15T12:00:00Z " + GOOD,
        b"2023-11-15T12:00:00.123456789Z\t" + GOOD,
        b"2023-11-15T13:00:00+01:00   " + GOOD,
        b"2023-11-15T13:00:00+0100 " + GOOD,
    ],
    ids=range(16),
)
def test_a_line_is_found_in_whatever_carries_it(raw: bytes) -> None:
    assert texts(raw) == [GOOD]
    assert len(read(raw)) == 1


def test_a_header_orders_what_follows_it_and_may_come_again_in_another_order() -> None:
    raw = b"\n".join([GOOD, OTHER.header, b"ACCEPT 10.0.0.1", NO_TIME.header, b"10.0.0.2 REJECT", OTHER.header, b"- -"])
    reader = LineReader(DEFAULT)
    found = [(line.log_format, line.text) for line in reader.read(raw) if isinstance(line, Line)]
    assert found == [
        (DEFAULT, GOOD),
        (OTHER, b"ACCEPT 10.0.0.1"),
        (NO_TIME, b"10.0.0.2 REJECT"),
        (OTHER, b"- -"),
    ]
    assert reader.ignored == 3


def test_a_header_counts_over_several_reads_of_one_text() -> None:
    reader = LineReader(DEFAULT)
    found = [line for raw in (OTHER.header, b"ACCEPT 10.0.0.1") for line in reader.read(raw)]
    assert found == [Line(OTHER, b"ACCEPT 10.0.0.1", None, 2)]


def test_a_header_inside_a_message_stays_in_the_message() -> None:
    inside = json.dumps({"message": OTHER.header.decode() + "\nACCEPT 10.0.0.1"}).encode()
    assert [line.log_format for line in read(inside + b"\n" + GOOD) if isinstance(line, Line)] == [OTHER, DEFAULT]


def test_the_configured_header_is_a_header_even_where_aws_calls_most_fields_otherwise() -> None:
    transit = LogFormat(["version", "tgw-id", "tgw-attachment-id"])
    assert texts(transit.header + b"\n6 tgw-1 tgw-attach-1", transit) == [b"6 tgw-1 tgw-attach-1"]


def test_lines_are_numbered_from_one() -> None:
    found = read(b"# a\n" + GOOD + b"\n\n" + GOOD + b"\n{bad")
    assert [line.number for line in found] == [2, 4, 5]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"version": 2, "account-id": "007", "srcport": 0, "end": None}, b"2 007 0 -"),
        ({"version": "2", "account_id": "007", "srcport": "0", "end": ""}, b"2 007 0 -"),
    ],
)
def test_a_record_may_come_as_an_object(record: dict[str, object], text: bytes) -> None:
    (line,) = read(json.dumps(record).encode())
    assert isinstance(line, Line)
    assert line.text == text
    assert line.log_format == LogFormat(["version", "account-id", "srcport", "end"])


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "line"),
        (b'{"message": 1}', "line"),
        (b'{"a": 1}', "line"),
        (b"{}", "line"),
        (b'{"version": 2}{"version": 2}', "line"),
        (b'{"version": 2, "srcaddr": ["10.0.0.1"]}', "srcaddr"),
        (b'{"version": 2, "srcaddr": "10.0.0.1", "Cluster": "x"}', "line"),
        (b'{"messageType": "DATA_MESSAGE", "logEvents": [{}]}', "envelope"),
        (b'{"messageType": "DATA_MESSAGE", "logEvents": [1]}', "envelope"),
        (b'{"messageType": "DATA_MESSAGE", "logEvents": {}}', "line"),
        (b'{"message": "\xff"}', "line"),
        (b'{"a":' * 5000, "line"),
        (b"\x1f\x8b", "envelope"),
        (gzip.compress(GOOD, mtime=0)[:-9], "envelope"),
        (gzip.compress(GOOD, mtime=0) + b"junk", "envelope"),
        (gzip.compress(bytes(65 * 1024 * 1024), 1, mtime=0), "envelope"),
    ],
    ids=range(16),
)
def test_what_cannot_be_opened_is_one_refused_line(raw: bytes, field: str) -> None:
    assert the_refused(raw).field == field
    assert the_refused(raw).text == raw


def test_messages_in_messages_without_end_are_refused_and_their_neighbours_are_not() -> None:
    nested = GOOD.decode()
    for _ in range(8):
        nested = json.dumps({"message": nested})
    found = read(GOOD + b"\n" + nested.encode() + b"\n" + GOOD)
    assert [type(line) for line in found] == [Line, Refused, Line]


def test_gzip_in_gzip_without_end_is_no_envelope() -> None:
    raw = GOOD
    for _ in range(8):
        raw = gzip.compress(raw, mtime=0)
    with pytest.raises(MalformedEnvelope, match="deep"):
        read(raw)


def test_a_control_message_is_ignored() -> None:
    reader = LineReader(DEFAULT)
    assert list(reader.read(envelope("CWL CONTROL MESSAGE: Checking health", kind="CONTROL_MESSAGE"))) == []
    assert list(reader.read(envelope(kind="CONTROL_MESSAGE"))) == []
    assert reader.ignored == 2


def test_the_events_of_an_envelope_are_texts_of_their_own_and_bring_their_time() -> None:
    found = read(envelope(OTHER.header.decode() + "\nACCEPT 10.0.0.1\n", GOOD.decode()), event_time=1)
    assert [(line.log_format, line.event_time) for line in found if isinstance(line, Line)] == [
        (OTHER, NOON),
        (DEFAULT, NOON),
    ]


def test_extracted_fields_say_the_order_where_they_are_the_whole_record() -> None:
    fields = {"srcaddr": "10.0.0.1", "account_id": "007", "action": "-"}
    (line,) = read(envelope("10.0.0.1 007 -", extractedFields=fields))
    assert line == Line(LogFormat(["srcaddr", "account-id", "action"]), b"10.0.0.1 007 -", NOON, 1)


@pytest.mark.parametrize(
    "fields",
    [{"srcaddr": "10.0.0.1"}, {"a": 1, "b": 2, "c": 3}, {"srcaddr": 1, "dstaddr": 2, "Upper": 3}, [], "x", None],
)
def test_extracted_fields_that_are_not_the_whole_record_say_less_than_the_message(fields: object) -> None:
    assert texts(envelope("a b c", extractedFields=fields)) == [b"a b c"]


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (b"1970-01-01T00:00:00Z a b", 0),
        (b"9999-12-31T23:59:59Z a b", 253_402_300_799),
        (b"9999-12-31T23:59:59-01:00 a b", 5),
        (b"0001-01-01T00:00:00+14:00 a b", 5),
        (b"2023-02-30T00:00:00Z a b", 5),
        (b'{"timestamp": 7999, "message": "a b"}', 7),
        (b'{"timestamp": 0, "message": "a b"}', 0),
        (b'{"timestamp": -62135596800001, "message": "a b"}', 5),
        (b'{"timestamp": 253402300800000, "message": "a b"}', 5),
        (b'{"timestamp": 18446744073709551615, "message": "a b"}', 5),
        (b'{"timestamp": "1700000000000", "message": "a b"}', 5),
    ],
)
def test_an_event_time_that_no_calendar_has_gives_way_to_the_carriers(raw: bytes, seconds: int) -> None:
    (line,) = read(raw, NO_TIME, event_time=5)
    assert isinstance(line, Line)
    assert (line.text, line.event_time) == (b"a b", seconds)
    assert list(packed([line]))  # writes the time


@pytest.mark.parametrize("milliseconds", [2**64 - 1, -(2**63), 253_402_300_800_000])
def test_no_event_of_an_envelope_has_a_time_that_cannot_be_written(milliseconds: int) -> None:
    content = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": "a b", "timestamp": milliseconds}]}
    (line,) = read(orjson.dumps(content), NO_TIME)
    assert isinstance(line, Line)
    assert line.event_time is None


PART = st.one_of(
    st.sampled_from(
        [
            GOOD,
            OTHER.header,
            DEFAULT.header,
            b"",
            b"#",
            b"\xef\xbb\xbf",
            b"{}",
            b"{",
            b'{"message": "a\\nb"}',
            b"\r",
            b"2023-11-15T12:00:00Z x",
            b"version",
            b"-",
            b'{"version": 1, "extra key": 2}',
            envelope("a", "b\n#\nc"),
        ]
    ),
    st.binary(max_size=20),
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(), st.lists(PART, max_size=6).map(b"\n".join)))
@example(b"\x1f\x8b\x08\x00\n\n")
def test_any_bytes_are_lines_or_refused(raw: bytes) -> None:
    reader = LineReader(DEFAULT, NOON)
    try:
        found = list(reader.read(raw))
    except MalformedEnvelope:
        assert raw.startswith(b"\x1f\x8b")
        return
    assert all(isinstance(line, Line | Refused) for line in found)
    assert all(b"\n" not in line.text for line in found if isinstance(line, Line))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.binary(max_size=30)
        .filter(lambda text: b"\n" not in text and not text.strip().startswith((b"{", b"\x1f\x8b")))
        .filter(lambda text: not text.startswith(b"\xef")),
        max_size=8,
    )
)
def test_every_line_of_plain_text_is_given_or_ignored(lines: list[bytes]) -> None:
    reader = LineReader(DEFAULT)
    found = list(reader.read(b"\n".join(lines)))
    assert len(found) + reader.ignored == max(1, len(lines))


def again(records: Sequence[bytes], configured: LogFormat) -> list[tuple[LogFormat, list[bytes]]]:
    lines = [line for record in records for line in LineReader(configured).read(record)]
    return [(line.log_format, line.text.split()) for line in lines if isinstance(line, Line)]


VALUE = st.sampled_from(["-", "10.0.0.1", "ACCEPT", "0", "eni-1"])
SPOKEN = st.one_of(
    st.lists(VALUE, min_size=2, max_size=2).map(" ".join),
    st.dictionaries(
        st.sampled_from(["version", "srcaddr", "account_id", "brand-new", "Upper", "with blank", "@time"]),
        st.integers(0, 9) | VALUE,
        min_size=1,
        max_size=5,
    ).map(json.dumps),
    st.sampled_from([OTHER.header.decode(), NO_TIME.header.decode(), "# x", "", '{"message": "a b\\n- -"}']),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(SPOKEN, max_size=8), st.sampled_from([NO_TIME, LogFormat(["x", "y"]), OTHER]))
def test_the_next_stage_reads_from_records_what_this_stage_read(spoken: list[str], configured: LogFormat) -> None:
    lines = [line for line in read("\n".join(spoken).encode(), configured) if isinstance(line, Line)]
    expected = [(line.log_format, line.text.split()) for line in lines]
    assert again([single(line, configured) for line in lines], configured) == expected
    assert again([record for record, _ in packed(lines)], configured) == expected
