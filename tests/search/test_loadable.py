"""Reading lines as documents to be added."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.deliver.local.rotation import Rotation
from flowlogs.errors import MalformedRecord
from flowlogs.search.loadable import Loadable, id_of

TIME = "2026-01-01T23:59:59Z"
LOADABLE = Loadable("cwl")
MOVING = Loadable("team", moves=True)


def kept(source: bytes, **more: Any) -> bytes:
    line = {
        "attemptsMade": 8,
        "arrivalTimestamp": 1000,
        "errorCode": "400",
        "errorMessage": "{}",
        "rawData": base64.b64encode(source).decode(),
        "esDocumentId": "49.0",
        "esIndexName": "cwl-2025-12-31",
        "esTypeName": "",
    }
    return json.dumps({key: value for key, value in (line | more).items() if value is not None}).encode()


def test_a_document_goes_to_the_index_of_its_time_or_to_the_one_given_as_it_was_written() -> None:
    line = b' {"b":1, "@timestamp":"2026-01-01T23:59:59Z", "a": "\xc3\xa9"}\r\n'
    (index, id_, source), earlier = LOADABLE.read(line)
    assert (index, source, earlier) == ("cwl-2026-01-01", line.strip(), None)
    assert LOADABLE.read(line, "cwl-2026-07").document == ("cwl-2026-07", id_, source)


@pytest.mark.parametrize(
    ("time", "index"),
    [
        (TIME, "cwl-2026-01-01-23"),
        ("2026-01-02T00:30:00+01:00", "cwl-2026-01-01-23"),
        ("2026-01-01T23:00:00.999", "cwl-2026-01-01-23"),
        ("2026-01-01", "cwl-2026-01-01-00"),
        (1_767_311_999_999, "cwl-2026-01-01-23"),
        (0, "cwl-1970-01-01-00"),
    ],
)
def test_times_are_read_as_opensearch_reads_them(time: object, index: str) -> None:
    line = json.dumps({"@timestamp": time}).encode()
    assert Loadable("cwl", Rotation.HOURLY).read(line).document[0] == index


def test_a_document_of_ocsf_has_its_time_elsewhere() -> None:
    line = b'{"class_uid":4001,"time":1767311999000}'
    assert Loadable("cwl", Rotation.MONTHLY).read(line).document[0] == "cwl-2026-01"


@pytest.mark.parametrize("time", ["soon", "", 1.5, True, [], 10**18, -(10**18), 2**63])
def test_what_is_no_time_names_no_index(time: object) -> None:
    line = json.dumps({"@timestamp": time}).encode()
    with pytest.raises(MalformedRecord, match="not a time"):
        LOADABLE.read(line)
    assert LOADABLE.read(line, "cwl-2026-01-01").document[0] == "cwl-2026-01-01"  # the server may know better


@pytest.mark.parametrize(
    "line", [b"{}", b'{"version":2,"srcaddr":"10.0.0.1"}', b'{"time":1767311999000}', b'{"@timestamp":null}']
)
def test_an_object_without_a_time_is_no_document(line: bytes) -> None:
    for index in (None, "cwl-2026-01-01"):
        with pytest.raises(MalformedRecord) as refused:
            LOADABLE.read(line, index)
        assert refused.value.field == "@timestamp"
        assert "`flowlogs run` makes documents" in refused.value.reason


@given(st.binary(), st.binary())
def test_an_id_is_the_same_for_the_same_bytes_only_and_fit_for_opensearch(one: bytes, other: bytes) -> None:
    assert (id_of(one) == id_of(other)) == (one == other)
    assert 0 < len(id_of(one)) <= 512


def test_an_id_stays_what_it_is() -> None:
    """Else what was loaded before would be added once more."""
    assert id_of(b'{"a":1}') == "LGsRO43RX_ve2YYLQ-sMbA"


def test_a_kept_document_goes_back_with_its_id_whichever_file_it_is_in() -> None:
    loaded = LOADABLE.read(kept(b'{"a":1}'), "cwl-2026-01-01")
    assert loaded == (("cwl-2025-12-31", "49.0", b'{"a":1}'), (1000, 8))


def test_a_kept_document_of_serverless_is_one_too() -> None:
    line = kept(b"{}", esDocumentId=None, esIndexName=None, osDocumentId="7", osIndexName="serverless")
    assert LOADABLE.read(line).document == ("serverless", "7", b"{}")


@pytest.mark.parametrize(
    ("index", "moved"),
    [("cwl-2025-12-31", "team-2025-12-31"), ("cwl-2025-w52", "team-2025-w52"), ("cwl", "team"), ("a-2026-13", "team")],
)
def test_a_kept_document_that_moves_keeps_the_ending_of_its_index(index: str, moved: str) -> None:
    assert MOVING.read(kept(b"{}", esIndexName=index)).document == (moved, "49.0", b"{}")


@pytest.mark.parametrize("arrived", [None, "soon", 1.5, -1, 10**15])
def test_an_arrival_that_is_none_is_not_known(arrived: object) -> None:
    assert LOADABLE.read(kept(b"{}", arrivalTimestamp=arrived)).earlier == (None, 8)


@pytest.mark.parametrize("attempts", ["8", -1, 1.5])
def test_attempts_that_are_no_number_are_none(attempts: object) -> None:
    assert LOADABLE.read(kept(b"{}", attemptsMade=attempts)).earlier == (1000, 0)


@pytest.mark.parametrize("id_", [None, "", 5])
def test_a_kept_document_without_an_id_gets_one(id_: Any) -> None:
    assert LOADABLE.read(kept(b"{}", esDocumentId=id_)).document[1] == id_of(b"{}")


def test_line_breaks_in_a_kept_document_become_blanks() -> None:
    source = LOADABLE.read(kept(b'{"a":\r\n"x\\ny"}\n')).document[2]
    assert b"\n" not in source
    assert json.loads(source) == {"a": "x\ny"}


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"", "document", "not one JSON document"),
        (b"{", "document", "not one JSON document"),
        (b'{"a":1}{"a":2}', "document", "not one JSON document"),
        (b'{"a":"\xff"}', "document", "not UTF-8 text"),
        (bytes(range(256)), "document", "not UTF-8 text"),
        (b'{"a":"x\ry"}', "document", "not one JSON document"),
        (kept(b'{"a":"x\ny"}'), "rawData", "not one JSON document"),
        (kept(b'{"a":"x\ry"}'), "rawData", "not one JSON document"),
        (b'{"a":NaN}', "document", "not one JSON document"),
        (b"[{}]", "document", "not a JSON object"),
        (b"1", "document", "not a JSON object"),
        (b"[" * 100_000, "document", "not one JSON document"),
        (kept(b"{}", esIndexName=None), "esIndexName", "no document for an index"),
        (kept(b"{}", esIndexName=""), "esIndexName", "no document for an index"),
        (kept(b"{}", esIndexName=["x"]), "esIndexName", "no document for an index"),
        (kept(b"{}", rawData="%%"), "rawData", "not base64"),
        (kept(b"{}", rawData=5), "rawData", "not base64"),
        (kept(b"{}", rawData="é"), "rawData", "not base64"),
        (kept(b'{"a":1}\n{"a":2}'), "rawData", "not one JSON document"),
        (kept(b"2 - - - - - -"), "rawData", "not one JSON document"),
        (kept(b"[]"), "rawData", "not a JSON object"),
    ],
)
def test_what_is_no_document_is_refused_with_the_reason(line: bytes, field: str, reason: str) -> None:
    with pytest.raises(MalformedRecord) as refused:
        LOADABLE.read(line)
    assert refused.value.field == field
    assert reason in refused.value.reason


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_of_one_line_or_refused(data: bytes) -> None:
    for line in (data, b'{"@timestamp":"2026-01-01",' + data + b"}", kept(data)):
        try:
            (_, _, source), _ = LOADABLE.read(line)
        except MalformedRecord:
            continue
        assert b"\n" not in source
        assert isinstance(json.loads(source), dict)


@pytest.mark.parametrize(
    ("file", "index"),
    [
        ("cwl-2026-01-01.ndjson", "cwl-2026-01-01"),
        ("results/search/cwl-2026-01-01.ndjson.gz", "cwl-2026-01-01"),
        ("s3://bucket/cwl-2026-01-01-13.ndjson.zst", "cwl-2026-01-01-13"),
        ("C:\\results\\cwl-2026-w07.json", "cwl-2026-w07"),
        ("cwl-2026-01", "cwl-2026-01"),
        ("cwl.ndjson", "cwl"),
        ("other-2026-01-01.ndjson", "other-2026-01-01"),
        ("other.ndjson", None),
        ("Other-2026-01-01.ndjson", None),
        ("-2026-01-01.ndjson", None),
        (f"{'x' * 67}-2026-01-01.ndjson", None),
        ("cwl-2026.ndjson", None),
        ("cwl-2026-13-45.ndjson", None),
        ("cwl-2026-02-29.ndjson", None),
        ("cwl-2026-01-01-24.ndjson", None),
        ("cwl-2026-w99.ndjson", None),
        ("cwl-2026-01-01-copy.ndjson", None),
        ("cwl-sample.ndjson", None),
        ("cwl-٢٠٢٦-01-01.ndjson", None),
        ("standard input", None),
        ("cwl/documents.ndjson", None),
    ],
)
def test_a_file_that_is_named_for_an_index_says_which(file: str, index: str | None) -> None:
    assert LOADABLE.index_of_file(file) == index


@pytest.mark.parametrize(
    ("file", "index"),
    [("cwl-2026-01-01.ndjson", "team-2026-01-01"), ("team-2026-w07.gz", "team-2026-w07"), ("team.ndjson", "team")],
)
def test_under_another_prefix_a_file_keeps_its_ending(file: str, index: str) -> None:
    assert MOVING.index_of_file(file) == index
