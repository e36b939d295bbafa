"""Reading lines as documents to be added."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.errors import MalformedRecord
from flowlogs.search.loadable import Loadable, id_of, index_named

NOW = 1_767_225_600_000


def index_of(arrived: int) -> str:
    return f"cwl-{arrived}"


LOADABLE = Loadable(index_of, lambda: NOW)
MOVING = Loadable(index_of, lambda: NOW, moves=True)


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


def test_a_document_goes_to_the_index_of_now_or_to_the_one_given_as_it_was_written() -> None:
    line = b' {"b":1, "a": "\xc3\xa9"}\r\n'
    index, id_, source = LOADABLE.read(line)
    assert (index, source) == (f"cwl-{NOW}", b'{"b":1, "a": "\xc3\xa9"}')
    assert LOADABLE.read(line, "cwl-2026-01-01") == ("cwl-2026-01-01", id_, source)


@given(st.binary(), st.binary())
def test_an_id_is_the_same_for_the_same_bytes_only_and_fit_for_opensearch(one: bytes, other: bytes) -> None:
    assert (id_of(one) == id_of(other)) == (one == other)
    assert 0 < len(id_of(one)) <= 512


def test_an_id_stays_what_it_is() -> None:
    """Else what was loaded before would be added once more."""
    assert id_of(b'{"a":1}') == "LGsRO43RX_ve2YYLQ-sMbA"


def test_a_kept_document_goes_back_with_its_id_whichever_file_it_is_in() -> None:
    assert LOADABLE.read(kept(b'{"a":1}'), "cwl-2026-01-01") == ("cwl-2025-12-31", "49.0", b'{"a":1}')


def test_a_kept_document_of_serverless_is_one_too() -> None:
    line = kept(b"{}", esDocumentId=None, esIndexName=None, osDocumentId="7", osIndexName="serverless")
    assert LOADABLE.read(line) == ("serverless", "7", b"{}")


def test_a_kept_document_that_moves_goes_by_its_arrival() -> None:
    assert MOVING.read(kept(b"{}")) == ("cwl-1000", "49.0", b"{}")
    assert MOVING.read(kept(b"{}", arrivalTimestamp=None))[0] == f"cwl-{NOW}"


@pytest.mark.parametrize("id_", [None, "", 5])
def test_a_kept_document_without_an_id_gets_one(id_: Any) -> None:
    assert LOADABLE.read(kept(b"{}", esDocumentId=id_))[1] == id_of(b"{}")


def test_line_breaks_in_a_kept_document_become_blanks() -> None:
    source = LOADABLE.read(kept(b'{"a":\r\n"x\\ny"}\n'))[2]
    assert b"\n" not in source
    assert json.loads(source) == {"a": "x\ny"}


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"", "document", "not one JSON document"),
        (b"{", "document", "not one JSON document"),
        (b'{"a":1}{"a":2}', "document", "not one JSON document"),
        (b'{"a":"\xff"}', "document", "not one JSON document"),
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
    for line in (data, b"{" + data + b"}", kept(data)):
        try:
            _, _, source = LOADABLE.read(line)
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
        ("cwl-2026-w07.json", "cwl-2026-w07"),
        ("cwl-2026-01", "cwl-2026-01"),
        ("cwl.ndjson", "cwl"),
        ("cwlx-2026-01-01.ndjson", None),
        ("other-2026-01-01.ndjson", None),
        ("cwl-2026-01-01-copy.ndjson", None),
        ("cwl-sample.ndjson", None),
        ("cwl-٢٠٢٦-01-01.ndjson", None),
        ("standard input", None),
        ("cwl/documents.ndjson", None),
    ],
)
def test_a_file_that_is_named_for_an_index_says_which(file: str, index: str | None) -> None:
    assert index_named(file, "cwl") == index


def test_a_prefix_is_taken_as_it_is_written() -> None:
    assert index_named("a.b-2026-01-01.ndjson", "a.b") == "a.b-2026-01-01"
    assert index_named("axb-2026-01-01.ndjson", "a.b") is None
