"""What the decorator answers Firehose: rule 2 of the design, row by row, and what holds for any event."""

import base64
import functools
import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from decorator_outside import ARN, ARRIVAL, Tried, envelope, event_of, letters_in, line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowlogs.decorate.document import lake_columns
from flowlogs.errors import MalformedEnvelope, SettingsError, StreamError
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to

GOOD, ALSO_GOOD, BAD = line(1), line(2), b"2 too short"
HEADER = DEFAULT.header
V5 = LogFormat(fields_up_to(5))
NO_TIME = b"version srcaddr dstaddr srcport action"


def v5(port: int) -> bytes:
    return b" ".join((line(port), b"vpc-1 subnet-1 i-1 2 IPv4 10.0.0.1 10.0.0.2 eu-west-1 euw1-az1 - - - - egress 1"))


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return tmp_path / "letters"


@pytest.fixture(params=["one", "many"])
def documents(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tried(documents: str, letters: Path) -> Tried:
    return Tried({"FLOWLOGS_DOCUMENTS": documents, "FLOWLOGS_DEAD_LETTERS": str(letters)})


@pytest.fixture
def one(letters: Path) -> Tried:
    return Tried({"FLOWLOGS_DOCUMENTS": "one", "FLOWLOGS_DEAD_LETTERS": str(letters)})


@pytest.fixture
def many(letters: Path) -> Tried:
    return Tried({"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DEAD_LETTERS": str(letters)})


# One row of rule 2 after the other.


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD + b"\n",
        GOOD + b"\r\n",
        b"  " + GOOD.replace(b" ", b"  ") + b"\t",
        HEADER + b"\n" + GOOD,
        GOOD + b"\n" + HEADER + b"\n\n# a comment",
        V5.header + b"\n" + v5(1),
        json.dumps({"message": GOOD.decode()}).encode(),
        json.dumps({"message": GOOD.decode()}, indent=None).encode() + b"\n",
        b"2026-01-01T00:00:00.000Z " + GOOD,
        envelope(GOOD),
        envelope(GOOD, timestamp=-1),
        envelope(GOOD, timestamp=10**17),
        gzip.compress(GOOD, mtime=0),
        b"\xef\xbb\xbf" + GOOD,
    ],
)
def test_a_record_of_one_good_line_is_ok(tried: Tried, text: bytes) -> None:
    answer = tried(text)
    assert answer.results == ["Ok"]
    assert answer.ports == [1]
    assert answer.documents[0].get("account-id", answer.documents[0].get("account_id")) == "123456789012"
    assert not tried.back


@pytest.mark.parametrize(
    "text", [GOOD + b"\n" + ALSO_GOOD, envelope(GOOD, ALSO_GOOD), gzip.compress(GOOD + b"\n" + ALSO_GOOD, mtime=0)]
)
def test_a_record_of_several_good_lines_is_ok_or_comes_back_in_singles(
    tried: Tried, documents: str, text: bytes
) -> None:
    first, *rest = tried.to_the_end(event_of(text))
    if documents == "many":
        assert (first.results, first.ports, rest) == (["Ok"], [1, 2], [])
    else:
        assert (first.results, first.requeued) == (["Dropped"], 2)
        assert [answer.ports for answer in rest] == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (BAD, 1),
        (GOOD.replace(b" 443 ", b" 4_43 "), 1),
        (GOOD + b" more", 1),
        (b"\xff\xfe\x00", 1),
        (b"{", 1),
        (b"{}", 1),
        (b'{"message": 5}', 1),
        (b'{"messageType": "DATA_MESSAGE", "logEvents": [5]}', 1),
        (b"\x1f\x8bbroken", 1),
        (gzip.compress(GOOD, mtime=0)[:-9], 1),
        (b"PAR1", 1),
        (b"[" * 5000, 1),
        (b'{"a":' * 5000, 1),
        (None, 1),
        (functools.reduce(lambda inner, _: gzip.compress(inner, mtime=0), range(6), GOOD), 1),
    ],
    ids=str,
)
def test_a_record_of_bad_lines_only_has_failed_and_makes_no_dead_letter(
    tried: Tried, letters: Path, text: bytes | None, lines: int
) -> None:
    answer = tried(text)
    assert (answer.results, answer.failed, answer.received) == (["ProcessingFailed"], lines, lines)
    assert letters_in(letters) == []
    assert not tried.back


def test_a_record_of_several_bad_lines_has_failed(tried: Tried, letters: Path) -> None:
    answers = tried.to_the_end(event_of(BAD + b"\n" + BAD))
    assert {result for answer in answers for result in answer.results} <= {"ProcessingFailed", "Dropped"}
    assert sum(answer.failed for answer in answers) == 2
    assert letters_in(letters) == []


def test_bad_lines_among_good_ones_are_kept_and_the_good_ones_delivered(
    tried: Tried, documents: str, letters: Path
) -> None:
    answers = tried.to_the_end(event_of(b"\n".join((GOOD, BAD, ALSO_GOOD))))
    assert [port for answer in answers for port in answer.ports] == [1, 2]
    assert sum(answer.failed for answer in answers) == 1
    kept = [letter["line"] for letter in letters_in(letters)]
    assert kept == ([BAD.decode()] if documents == "many" else [])  # a single bad line stays with Firehose
    if documents == "many":
        (letter,) = letters_in(letters)
        assert (letter["header"], letter["field"], letter["stream"]) == (HEADER.decode(), "line", "flows")


def test_mixed_records_fail_whole_where_dead_letters_cannot_be_written_and_the_others_pass(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in ("", str(tmp_path / "file")):
        tried = Tried({"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DEAD_LETTERS": place})
        answer = tried(GOOD + b"\n" + BAD, line(3), BAD + b"\n" + ALSO_GOOD, b"# nothing")
        assert answer.results == ["ProcessingFailed", "Ok", "ProcessingFailed", "Dropped"]
        assert (answer.delivered, answer.failed, answer.ports) == (1, 4, [3])


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        (HEADER, 1),
        (HEADER + b"\n", 1),
        (b"# a comment", 1),
        (b"\n", 1),
        (b"   ", 1),
        (envelope("CWL CONTROL MESSAGE: Checking health of destination.", kind="CONTROL_MESSAGE"), 1),
        (envelope(), 0),
        (b"", None),
    ],
)
def test_a_record_without_lines_is_dropped_and_counted_apart(tried: Tried, text: bytes, ignored: int | None) -> None:
    answer = tried(text)
    assert (answer.results, answer.received) == (["Dropped"], 0)
    if ignored is not None:
        assert answer.ignored == ignored


def test_an_event_without_records_is_answered_without_records(tried: Tried) -> None:
    assert tried().results == []


def test_every_record_with_an_id_is_answered_whatever_stands_beside_it(one: Tried) -> None:
    good = {"recordId": "good", "data": base64.b64encode(GOOD).decode()}
    event = {
        "deliveryStreamArn": ARN,
        "records": [{"data": ""}, good, None, {"recordId": 7, "data": 5}, {"recordId": "x"}],
    }
    answer = one.decorate(event, one)
    assert [(record["recordId"], record["result"]) for record in answer["records"]] == [
        ("good", "Ok"),
        (7, "ProcessingFailed"),
        ("x", "ProcessingFailed"),
    ]


@pytest.mark.parametrize("refuses", ["call", "record", "time", "no stream"])
def test_what_cannot_be_put_back_has_failed_as_a_whole(one: Tried, refuses: str) -> None:
    if refuses == "call":
        one.refuses = StreamError("AccessDeniedException", temporary=False)
    elif refuses == "record":
        one.refuses_record, one.seconds = ALSO_GOOD, 8
    elif refuses == "time":
        one.seconds = 0
    answer = one(GOOD + b"\n" + ALSO_GOOD, line(3), arn=ARN if refuses != "no stream" else "")
    assert answer.results == ["ProcessingFailed", "Ok"]
    assert (answer.failed, answer.requeued, answer.ports) == (2, 0, [3])


def test_only_the_record_fails_whose_part_could_not_be_put_back(one: Tried) -> None:
    one.refuses_record, one.seconds = line(4), 8
    answer = one(line(1) + b"\n" + line(2), line(3) + b"\n" + line(4), line(5) + b"\n" + line(6))
    assert answer.results == ["Dropped", "ProcessingFailed", "Dropped"]
    assert (answer.failed, answer.requeued) == (2, 4)


def test_a_line_too_large_for_the_stream_does_not_take_other_records_with_it(one: Tried) -> None:
    """A gzip'd record may open to a line that no record can hold; the call that has it is refused as a whole."""
    opened = b"version instance-tag\n2 " + b"x" * 1_100_000 + b"\n2 short"
    answer = one(gzip.compress(opened, mtime=0), line(3) + b"\n" + line(4))
    assert answer.results == ["ProcessingFailed", "Dropped"]


def test_what_is_no_event_of_firehose_is_refused() -> None:
    tried = Tried({})
    events: list[Any] = [{}, [], None, "records", {"records": {}}, {"records": [{}]}, {"records": [None]}]
    for event in events:
        with pytest.raises(MalformedEnvelope):
            tried.decorate(event, tried)
    assert tried.metrics == []


# Size.


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    from flowlogs.generate import geoip

    folder = tmp_path_factory.mktemp("geoip")
    geoip.write(folder, built=ARRIVAL)
    return {"FLOWLOGS_GEOIP": str(folder)}


def far(port: int) -> bytes:
    return line(port, src="91.12.32.7", dst="177.32.64.9")


def test_an_answer_that_grows_too_large_puts_the_rest_back_until_each_line_is_delivered_once(
    places: dict[str, str],
) -> None:
    tried = Tried(places)
    first, *rest = tried.to_the_end(event_of(*map(far, range(9_000))), at_once=9_000)
    assert {"source-city", "destination-city"} <= first.documents[0].keys()
    assert 0 < first.results.count("Ok") < 9_000
    assert first.results.count("Dropped") == first.requeued > 3_000
    assert first.results[0] == "Ok"
    assert all(answer.delivered for answer in rest)
    assert Counter(port for answer in (first, *rest) for port in answer.ports) == Counter(range(9_000))


def test_packed_records_that_grow_too_large_are_put_back_and_one_that_is_too_large_by_itself_is_halved(
    places: dict[str, str], letters: Path
) -> None:
    tried = Tried(places | {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DEAD_LETTERS": str(letters)})
    packed = [b"\n".join(map(far, range(start, start + 1_000))) for start in range(0, 6_000, 1_000)]
    answers = tried.to_the_end(event_of(*packed))
    assert set(answers[0].results) == {"Ok", "Dropped"}
    assert answers[0].requeued % 1_000 == 0
    assert Counter(port for answer in answers for port in answer.ports) == Counter(range(6_000))

    first, *rest = tried.to_the_end(event_of(b"\n".join((*map(far, range(7_000)), BAD))))
    assert (first.results, first.requeued) == (["Dropped"], 7_001)
    assert Counter(port for answer in rest for port in answer.ports) == Counter(range(7_000))
    assert [letter["line"] for letter in letters_in(letters)] == [BAD.decode()]


def test_halves_of_a_record_in_another_order_keep_their_order(places: dict[str, str]) -> None:
    tried = Tried(places | {"FLOWLOGS_DOCUMENTS": "many"})
    names = list(reversed(DEFAULT.header.split()))
    lines = [b" ".join(reversed(far(port).split())) for port in range(7_000)]
    _, *rest = tried.to_the_end(event_of(b"\n".join((b" ".join(names), *lines))))
    assert Counter(port for answer in rest for port in answer.ports) == Counter(range(7_000))


@pytest.mark.parametrize("packed", [False, True])
def test_a_single_line_too_large_for_any_answer_has_failed(tried: Tried, packed: bool) -> None:
    text = b"version account-id my-field\n2 1 " + b"x" * 4_600_000
    answer = tried(text + b"\n" if packed else text, GOOD)
    assert answer.results == ["ProcessingFailed", "Ok"]
    assert (answer.failed, answer.ports) == (1, [1])
    assert not tried.back


def test_a_document_that_escapes_make_too_large_has_failed(tried: Tried) -> None:
    text = b"version account-id my-field\n2 1 " + b"\x01" * 900_000  # six bytes each in JSON
    assert tried(text).results == ["ProcessingFailed"]


def test_the_largest_document_that_fits_is_ok(tried: Tried) -> None:
    answer = tried(b"version srcport my-field\n2 7 " + b"x" * 4_490_000)
    assert (answer.results, answer.ports) == (["Ok"], [7])


# One document a record, many a record.


def test_single_lines_go_back_with_their_header_where_their_order_is_not_the_configured(one: Tried) -> None:
    _, again = one.to_the_end(event_of(b"\n".join((V5.header, v5(1), v5(2)))))
    assert again.ports == [1, 2]
    assert {document["vpc-id"] for document in again.documents} == {"vpc-1"}

    one(b"\n".join((V5.header, v5(1), v5(2), HEADER, GOOD)))
    assert one.back == [V5.header + b"\n" + v5(1), V5.header + b"\n" + v5(2), GOOD]


@pytest.mark.parametrize("documents", ["one", "many"], indirect=True)
def test_the_time_of_the_carrier_survives_being_put_back(tried: Tried, documents: str) -> None:
    text = envelope(*(NO_TIME + f"\n2 10.0.0.1 10.0.0.2 {port} ACCEPT".encode() for port in (1, 2)))
    answers = tried.to_the_end(event_of(text))
    assert answers[-1].ports == [1, 2]
    key = "@timestamp" if documents == "one" else "timestamp"
    expected: Any = "2026-01-01T00:00:00Z" if documents == "one" else 1_767_225_600_000
    assert [document[key] for document in answers[-1].documents] == [expected] * 2


def test_a_line_without_any_time_has_that_of_its_first_arrival(one: Tried) -> None:
    _, again = one.to_the_end(event_of(NO_TIME + b"\n2 10.0.0.1 10.0.0.2 1 ACCEPT\n2 10.0.0.1 10.0.0.2 2 ACCEPT"))
    assert {document["@timestamp"] for document in again.documents} == {"2026-01-01T00:15:00Z"}


def test_many_documents_end_with_a_newline_each_and_fit_the_columns_of_the_lake(many: Tried) -> None:
    unknown = v5(3) + b" a-new-value"
    header = V5.header + b" a-new-field"
    answer = many(GOOD + b"\n" + ALSO_GOOD, header + b"\n" + unknown, NO_TIME + b"\n2 10.0.0.1 10.0.0.2 9 ACCEPT")
    assert all(data.endswith(b"\n") and b"\n\n" not in data for data in answer.data)
    columns = lake_columns()
    for document in answer.documents:
        for key, value in document.items():
            assert _fits(value, columns[key]), (key, value)
        assert document["timestamp"] in (1_767_225_600_000, ARRIVAL * 1000)
    assert answer.documents[2]["extra"] == {"a-new-field": "a-new-value"}
    assert answer.documents[0]["account_id"] == "123456789012"


def _fits(value: object, glue_type: str) -> bool:
    if glue_type in ("bigint", "timestamp"):
        return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    if glue_type == "double":
        return isinstance(value, float | int)
    if glue_type == "array<string>":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if glue_type == "map<string,string>":
        return isinstance(value, dict) and all(isinstance(each, str) for each in (*value, *value.values()))
    return glue_type == "string" and isinstance(value, str)


def test_numbers_beyond_int64_are_refused_not_passed_on(tried: Tried) -> None:
    answer = tried(GOOD.replace(b" 40 ", b" 9223372036854775807 "), GOOD.replace(b" 40 ", b" 9223372036854775808 "))
    assert answer.results == ["Ok", "ProcessingFailed"]


def test_no_value_can_put_a_newline_into_a_document_of_its_own(one: Tried) -> None:
    nasty = "version srcport my-field\n2 7 a\\nb\u2028\u0085\x0b\x0c\x1c\x1e"
    answer = one(nasty.encode(), json.dumps({"message": GOOD.decode() + "\n"}).encode())
    for data in answer.data:
        assert b"\n" not in data
        assert b"\r" not in data


# Shapes and narrowing.


@pytest.mark.parametrize(
    "environ",
    [
        {"FLOWLOGS_SHAPE": "raw"},
        {"FLOWLOGS_SHAPE": "raw", "FLOWLOGS_DOCUMENTS": "many"},
        {"FLOWLOGS_SHAPE": "raw", "FLOWLOGS_DESTINATION": "opensearch"},
        {"FLOWLOGS_SHAPE": "raw", "FLOWLOGS_DESTINATION": "parquet", "FLOWLOGS_DOCUMENTS": "many"},
        {"FLOWLOGS_DESTINATION": "opensearch", "FLOWLOGS_DOCUMENTS": "many"},
    ],
)
def test_settings_that_would_spoil_the_destination_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        Tried(environ)


def test_raw_lines_pass_unchanged_and_bad_ones_do_not(letters: Path) -> None:
    environ = {"FLOWLOGS_SHAPE": "raw", "FLOWLOGS_DESTINATION": "text", "FLOWLOGS_DOCUMENTS": "many"}
    tried = Tried(environ | {"FLOWLOGS_DEAD_LETTERS": str(letters)})
    odd = GOOD.replace(b" 443 ", b" 00443 ")  # checked, and left as it is
    answer = tried.decorate(event_of(b"\n".join((GOOD, odd, BAD)), envelope(ALSO_GOOD), BAD), tried)
    data = [base64.b64decode(record["data"]) for record in answer["records"] if record["result"] == "Ok"]
    assert data == [GOOD + b"\n" + odd + b"\n", ALSO_GOOD + b"\n"]
    assert [letter["line"] for letter in letters_in(letters)] == [BAD.decode()]


def test_raw_lines_of_another_order_stand_between_headers_that_say_so() -> None:
    tried = Tried({"FLOWLOGS_SHAPE": "raw", "FLOWLOGS_DESTINATION": "text", "FLOWLOGS_DOCUMENTS": "many"})
    answer = tried.decorate(event_of(b"\n".join((GOOD, V5.header, v5(2))), ALSO_GOOD), tried)
    text = b"".join(base64.b64decode(record["data"]) for record in answer["records"])
    again = Tried({"FLOWLOGS_DOCUMENTS": "many"})(text)
    assert [(document["srcport"], "vpc_id" in document) for document in again.documents] == [
        (1, False),
        (2, True),
        (2, False),
    ]


def test_what_narrowing_leaves_out_is_answered_dropped(documents: str, letters: Path) -> None:
    tried = Tried(
        {
            "FLOWLOGS_DOCUMENTS": documents,
            "FLOWLOGS_SEARCH_KEEP": "rejects",
            "FLOWLOGS_DEAD_LETTERS": str(letters),
            "FLOWLOGS_DROP_INTERNAL": "192.168.0.0/16",
        }
    )
    inside = line(3, src="192.168.0.1", dst="192.168.7.7", action="REJECT")
    answer = tried(GOOD, line(2, action="REJECT"), inside, BAD)
    assert answer.results == ["Dropped", "Ok", "Dropped", "ProcessingFailed"]
    assert (answer.delivered, answer.dropped, answer.failed) == (1, 2, 1)
    if documents == "many":
        mixed = tried(b"\n".join((GOOD, line(2, action="REJECT"), BAD)), GOOD + b"\n" + BAD)
        assert mixed.results[0] == "Ok"
        assert mixed.ports == [2]
        assert mixed.received == 5


def test_sampled_documents_say_how_many_they_stand_for() -> None:
    tried = Tried({"FLOWLOGS_SEARCH_KEEP": "sample:4"})
    answer = tried(*map(line, range(2_000)), *(line(port, action="REJECT") for port in range(100)))
    accepts = [document for document in answer.documents if document["action"] == "ACCEPT"]
    rejects = [document for document in answer.documents if document["action"] == "REJECT"]
    assert {document["sample-rate"] for document in accepts} == {4}
    assert {document["sample-rate"] for document in rejects} == {1}
    assert len(rejects) == 100
    assert 400 < len(accepts) < 600
    assert answer.dropped == 2_000 - len(accepts)
    again = tried(*map(line, range(2_000)))
    assert again.ports == [document["srcport"] for document in accepts]  # chosen by the line, not at random
    assert "sample-rate" not in Tried({})(GOOD).documents[0]


# Anything at all.

_PORTS = st.integers(0, 65_535)
_LINES = st.one_of(
    _PORTS.map(line),
    st.builds(lambda port: line(port, action="REJECT"), _PORTS),
    _PORTS.map(v5),
    st.sampled_from([BAD, HEADER, V5.header, NO_TIME, b"", b"#", b"  ", b"-", b"{}", b"2 " * 14, b"version", b"\xff"]),
    _PORTS.map(lambda port: json.dumps({"message": line(port).decode()}).encode()),
    st.builds(
        lambda text, time: json.dumps({"message": text.decode("latin-1"), "timestamp": time}).encode(),
        st.one_of(_PORTS.map(line), st.just(b"2 10.0.0.1 10.0.0.2 7 ACCEPT"), st.binary(max_size=20)),
        st.one_of(st.integers(), st.floats(allow_nan=False), st.none(), st.text(max_size=3)),
    ),
    st.binary(max_size=40),
)
_TEXTS = st.lists(_LINES, max_size=6).map(b"\n".join)
_DATA = st.one_of(
    st.none(),
    _TEXTS,
    _TEXTS.map(lambda text: gzip.compress(text, mtime=0)),
    _TEXTS.map(lambda text: gzip.compress(text, mtime=0)[:-5]),
    st.builds(
        lambda messages, time, kind: envelope(*messages, timestamp=time, kind=kind),
        st.lists(_TEXTS.map(lambda text: text.decode("latin-1")), max_size=4),
        st.one_of(st.integers(), st.integers(0, 2 * 10**12)),
        st.sampled_from(["DATA_MESSAGE", "DATA_MESSAGE", "CONTROL_MESSAGE", "OTHER"]),
    ),
    st.builds(lambda text: gzip.compress(gzip.compress(text), mtime=0), _TEXTS),
)
_ARRIVALS = st.one_of(
    st.just(ARRIVAL * 1000), st.none(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3), st.booleans()
)


@given(
    st.lists(_DATA, max_size=8),
    _ARRIVALS,
    st.sampled_from(["one", "many"]),
    st.sampled_from(["all", "rejects", "sample:2"]),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_event_is_answered_and_every_line_comes_to_an_end(
    tmp_path: Path, texts: list[bytes | None], arrival: Any, documents: str, keep: str
) -> None:
    environ = {"FLOWLOGS_DEAD_LETTERS": str(tmp_path), "FLOWLOGS_SEARCH_KEEP": keep}
    tried = Tried(environ | {"FLOWLOGS_DOCUMENTS": documents})
    answers = [tried.answer(event_of(*texts, arrival=arrival))]
    while tried.back:
        again, tried.back = tried.back, []
        answers.append(tried(*again))
        assert len(answers) < 12, "no end of putting back"
    for before, after in pairwise(answers):
        assert after.received == before.requeued
    for answer in answers:
        for data in answer.data:
            assert data.endswith(b"\n") if documents == "many" else b"\n" not in data


@given(st.lists(st.lists(st.one_of(st.booleans(), st.none()), min_size=1, max_size=5), max_size=6), st.booleans())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_good_line_is_delivered_once_whatever_lies_beside_it(
    tmp_path: Path, records: list[list[bool | None]], in_envelopes: bool
) -> None:
    """True is a good line, False a bad one, None a header in another order with a good line."""
    for documents in ("one", "many"):
        tried = Tried({"FLOWLOGS_DEAD_LETTERS": str(tmp_path), "FLOWLOGS_DOCUMENTS": documents})
        good, bad, texts = 0, 0, []
        for kinds in records:
            lines: list[bytes] = []
            for kind in kinds:
                if kind is None:
                    lines.append(V5.header + b"\n" + v5(good) + b"\n" + HEADER)
                else:
                    lines.append(line(good) if kind else BAD)
                good, bad = good + (kind is not False), bad + (kind is False)
            texts.append(envelope(*lines) if in_envelopes else b"\n".join(lines))
        answers = tried.to_the_end(event_of(*texts))
        assert sorted(port for answer in answers for port in answer.ports) == list(range(good))
        assert sum(answer.failed for answer in answers) == bad


def test_a_line_put_back_for_want_of_room_keeps_the_time_of_its_first_arrival(places: dict[str, str]) -> None:
    tried = Tried(places | {"FLOWLOGS_FORMAT": NO_TIME.decode()})
    lines = [f"2 91.12.32.7 177.32.64.9 {port} ACCEPT".encode() for port in range(9_000)]
    _, *rest = tried.to_the_end(event_of(*lines), at_once=9_000)
    assert {document["@timestamp"] for answer in rest for document in answer.documents} == {"2026-01-01T00:15:00Z"}
