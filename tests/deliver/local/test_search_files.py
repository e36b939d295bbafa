import base64
import json
from pathlib import Path

import pytest

from flowlogs.deliver.local.output_in_use_error import OutputInUseError
from flowlogs.deliver.local.search_files import SearchFiles, why_not_one_document
from flowlogs.deliver.local.stream_record import StreamRecord

NOON = 1_700_049_600_000  # 2023-11-15 12:00:00 UTC


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":1}\n', "line break"),
        (b'{"a":1}\n{"a":2}', "line break"),
        (b'{"a":\r1}', "line break"),
        (b'{"a":1}{"a":2}', "not one JSON document"),
        (b'{"a":', "not one JSON document"),
        (b'{"a":NaN}', "not one JSON document"),
        (b'{"a":"\xff"}', "not one JSON document"),
        (b"", "not one JSON document"),
        (b'[{"a":1}]', "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_a_record_that_is_not_one_document_on_one_line_says_why(data: bytes, reason: str) -> None:
    assert reason in str(why_not_one_document(data))


def test_a_newline_fails_its_record_and_no_other(tmp_path: Path) -> None:
    destination = SearchFiles(tmp_path)
    records = [StreamRecord("1", NOON, b'{"a":1}'), StreamRecord("2", NOON, b'{"a":2}\n')]
    (failed,) = destination.write(records)
    (path,) = destination.close()
    assert (path.name, path.read_bytes()) == ("cwl-2023-11-15.ndjson", b'{"a":1}\n')
    line = failed.line(NOON + 5)
    assert json.loads(str(line.pop("errorMessage")))["type"] == "mapper_parsing_exception"
    assert line == {
        "attemptsMade": 1,
        "arrivalTimestamp": NOON,
        "errorCode": "400",
        "attemptEndingTimestamp": NOON + 5,
        "rawData": base64.b64encode(b'{"a":2}\n').decode(),
        "esDocumentId": "2.0",
        "esIndexName": "cwl-2023-11-15",
        "esTypeName": "",
    }


def test_two_runs_at_once_are_refused_with_the_file_in_the_way(tmp_path: Path) -> None:
    one, other = SearchFiles(tmp_path), SearchFiles(tmp_path)
    one.write([StreamRecord("1", NOON, b"{}")])
    with pytest.raises(OutputInUseError, match=r"cwl-2023-11-15.ndjson.part exists"):
        other.write([StreamRecord("1", NOON, b"{}")])
    one.discard()
