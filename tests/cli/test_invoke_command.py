"""`flowlogs invoke`: one event through one function; whatever the event is, no traceback."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, line, ran

EVENTS = Path(__file__).parents[2] / "events"
ARN = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/search"


pytestmark = pytest.mark.usefixtures("nothing_of_aws")


@pytest.fixture(autouse=True)
def invocations_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.cli.local_pipeline._LAMBDA_SECONDS", 6.0)


def invoked(tmp_path: Path, function: str, event: str | Path, *options: str, stdin: bytes = b"") -> Ran:
    return ran("invoke", function, str(event), "--out", str(tmp_path / "out"), *options, stdin=stdin)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def zipped(content: object) -> dict[str, Any]:
    return {"awslogs": {"data": b64(gzip.compress(json.dumps(content).encode(), mtime=0))}}


def test_the_decorator_answers_the_sample(tmp_path: Path) -> None:
    done = invoked(
        tmp_path, "decorator", EVENTS / "firehose-lines.json", "--inventory", str(EVENTS / "network-interfaces.json")
    )
    answer = json.loads(done.out)
    assert done.code == 0
    assert [record["result"] for record in answer["records"]] == ["Ok"] * 6 + ["Dropped"] * 2
    assert "security-group-ids" in json.loads(base64.b64decode(answer["records"][0]["data"]))
    assert json.loads(done.err.splitlines()[-1])["message"] == (
        "Processing completed. Successful records 6, Failed records 0."
    )
    many = invoked(tmp_path / "many", "decorator", EVENTS / "firehose-lines.json", "--documents", "many")
    assert {record["result"] for record in json.loads(many.out)["records"]} == {"Ok"}


def test_the_ingestor_answers_the_sample_and_keeps_what_it_put(tmp_path: Path) -> None:
    done = invoked(tmp_path, "ingestor", "-", stdin=(EVENTS / "cloudwatch-logs.json").read_bytes())
    (account,) = json.loads(done.out)["lines"].values()
    assert (account["received"], account["delivered"]) == (12, 12)
    kept = [gzip.decompress(path.read_bytes()) for path in (tmp_path / "out/streams").rglob("*.gz")]
    assert len(kept) == 1
    assert kept[0].count(b" ACCEPT ") + kept[0].count(b" REJECT ") == 12
    assert not list(tmp_path.rglob("*.part"))


LINE = b64(line(1))
RECORD = {"recordId": "1", "approximateArrivalTimestamp": 1, "data": LINE}
MALFORMED: dict[str, Any] = {
    "object": {},
    "list": [],
    "null": None,
    "text": "x",
    "number": 5,
    "true": True,
    "awslogs null": {"awslogs": None},
    "awslogs list": {"awslogs": [1]},
    "awslogs data number": {"awslogs": {"data": 5}},
    "awslogs no base64": {"awslogs": {"data": "*"}},
    "awslogs no gzip": {"awslogs": {"data": b64(b"plain")}},
    "awslogs cut gzip": {"awslogs": {"data": b64(gzip.compress(b"{}" * 99, mtime=0)[:-9])}},
    "awslogs no JSON": {"awslogs": {"data": b64(gzip.compress(b"{", mtime=0))}},
    "awslogs not UTF-8": {"awslogs": {"data": b64(gzip.compress(b'{"messageType": "\xff"}', mtime=0))}},
    "envelope list": zipped([]),
    "envelope of another type": zipped({"messageType": "OTHER", "logEvents": []}),
    "envelope without events": zipped({"messageType": "DATA_MESSAGE"}),
    "log events null": zipped({"messageType": "DATA_MESSAGE", "logEvents": None}),
    "log event number": zipped({"messageType": "DATA_MESSAGE", "logEvents": [5]}),
    "message null": zipped({"messageType": "DATA_MESSAGE", "logEvents": [{"message": None}]}),
    "extracted fields odd": zipped(
        {"messageType": "DATA_MESSAGE", "logEvents": [{"message": "a", "extractedFields": {"srcaddr": {"b": []}}}]}
    ),
    "time beyond all time": zipped(
        {"messageType": "DATA_MESSAGE", "logEvents": [{"message": "srcaddr\n10.0.0.1", "timestamp": 10**18}]}
    ),
    "Records number": {"Records": 5},
    "Records of numbers": {"Records": [5]},
    "Records empty": {"Records": []},
    "SQS without body": {"Records": [{"eventSource": "aws:sqs"}]},
    "SQS body no JSON": {"Records": [{"eventSource": "aws:sqs", "body": "{"}]},
    "SQS body list": {"Records": [{"eventSource": "aws:sqs", "body": "[]"}]},
    "SQS body number": {"Records": [{"eventSource": "aws:sqs", "body": 5}]},
    "SNS text": {"Records": [{"EventSource": "aws:sns", "Sns": "text"}]},
    "SNS list": {"Records": [{"EventSource": "aws:sns", "Sns": [1]}]},
    "S3 without object": {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}}}]},
    "S3 null": {"Records": [{"eventSource": "aws:s3", "s3": None}]},
    "S3 bucket of odd name": {
        "Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "A b/"}, "object": {"key": ""}}}]
    },
    "S3 bucket null": {
        "Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": None}, "object": {"key": None}}}]
    },
    "a file of this machine with a NUL": {
        "Records": [
            {"eventSource": "aws:s3", "s3": {"bucket": {"name": "files-of-this-machine"}, "object": {"key": "%00"}}}
        ]
    },
    "EventBridge detail text": {"source": "aws.s3", "detail": "x"},
    "nested messages": {"Message": json.dumps({"Message": json.dumps({"Message": "{}"})})},
    "records null": {"records": None},
    "record number": {"records": [5]},
    "record without id": {"records": [{"data": LINE}]},
    "record id number": {"records": [RECORD | {"recordId": 5}]},
    "record data null": {"deliveryStreamArn": ARN, "records": [RECORD | {"data": None}]},
    "record data list": {"deliveryStreamArn": ARN, "records": [RECORD | {"data": [1]}]},
    "record data no base64": {"deliveryStreamArn": ARN, "records": [RECORD | {"data": "é"}]},
    "record arrival text": {"deliveryStreamArn": ARN, "records": [RECORD | {"approximateArrivalTimestamp": "x"}]},
    "record arrival list": {"deliveryStreamArn": ARN, "records": [RECORD | {"approximateArrivalTimestamp": []}]},
    "record arrival huge": {"deliveryStreamArn": ARN, "records": [RECORD | {"approximateArrivalTimestamp": 2**62}]},
    "two lines, no stream": {"records": [RECORD | {"data": b64(line(1) + b"\n" + line(2))}]},
    "stream of an odd name": {
        "deliveryStreamArn": "a:b:c:d:e:deliverystream/../../\x00x",
        "records": [RECORD | {"data": b64(line(1) + b"\n" + line(2))}],
    },
    "stream number": {"deliveryStreamArn": 5, "records": [RECORD]},
    "region list": {"deliveryStreamArn": ARN, "region": [1], "records": [RECORD]},
    "same id twice": {"deliveryStreamArn": ARN, "records": [RECORD, RECORD]},
}


@pytest.mark.parametrize("function", ["ingestor", "decorator"])
@pytest.mark.parametrize("event", MALFORMED.values(), ids=list(MALFORMED))
def test_a_malformed_event_is_answered_or_one_line(tmp_path: Path, function: str, event: Any) -> None:
    done = invoked(tmp_path, function, "-", stdin=json.dumps(event).encode())
    assert "Traceback" not in done.err
    if done.code == 0:
        answer = json.loads(done.out)
        assert set(answer) in ({"records"}, {"lines", "batchItemFailures"})
    else:
        assert (done.code, done.out) == (1, "")
        said = [row for row in done.err.splitlines() if row.strip() and not row.startswith("{")]
        assert len(said) == 1
        assert said[0].startswith("Error: ")
    assert not list(tmp_path.rglob("*.part"))
    assert {path.parent for path in tmp_path.rglob("*")} <= {tmp_path, *(tmp_path / "out").rglob("*"), tmp_path / "out"}


@pytest.mark.parametrize("text", [b"", b"{", b"not json", b"\xff\xfe", b"[" * 100_000, b'{"a": 1} {"b": 2}', b"nan"])
def test_what_is_no_json_is_one_line(tmp_path: Path, text: bytes) -> None:
    done = invoked(tmp_path, "ingestor", "-", stdin=text)
    assert done.code == 1
    assert "JSON" in done.only_line


def test_an_event_that_is_not_there_or_a_folder_is_one_line(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        done = invoked(tmp_path, "decorator", place)
        assert (done.code, str(place) in done.only_line) == (1, True)


@pytest.mark.parametrize(
    ("function", "environ", "word"),
    [
        ("ingestor", {"FLOWLOGS_SEARCH_STREAM": "", "FLOWLOGS_LAKE_STREAM": ""}, "both empty"),
        ("ingestor", {"FLOWLOGS_SEARCH_STREAM": "same", "FLOWLOGS_LAKE_STREAM": "same"}, "same stream"),
        ("decorator", {"FLOWLOGS_SHAPE": "raw"}, "FLOWLOGS_SHAPE"),
        ("decorator", {"FLOWLOGS_NONSENSE": "1"}, "FLOWLOGS_NONSENSE"),
    ],
)
def test_a_wrong_setting_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, environ: dict[str, str], word: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    event = "cloudwatch-logs.json" if function == "ingestor" else "firehose-lines.json"
    done = invoked(tmp_path, function, EVENTS / event)
    assert (done.code, word in done.only_line) == (2, True)
