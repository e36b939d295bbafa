"""One golden corpus holds every path to it: the same lines become the same documents, whatever carries them."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from flowlogs.cli.inputs import Input
from flowlogs.cli.local_inputs import event_of
from flowlogs.cli.local_pipeline import LocalPipeline, Plan
from flowlogs.deliver.local.search_files import SearchFiles
from flowlogs.generate import geoip
from flowlogs.record.log_format import DEFAULT

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "events/flow-log-v2.log").read_bytes().splitlines()
GOLDEN = ROOT / "tests/golden"
BUCKET = "files-of-this-machine"

Source = Callable[[Path], Iterator[Any]]
"""Gives events that carry the lines; the folder is for files they name."""


def envelope(events: list[dict[str, Any]]) -> bytes:
    content = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "Flowlogs",
        "logStream": "eni-07fd8885b4c2cc519-all",
        "subscriptionFilters": ["flowlogs"],
        "logEvents": events,
    }
    return gzip.compress(json.dumps(content).encode(), mtime=0)


def log_events(messages: list[str]) -> list[dict[str, Any]]:
    return [{"id": str(n), "timestamp": 1767225600000, "message": text} for n, text in enumerate(messages)]


def subscription(_: Path) -> Iterator[Any]:
    packed = envelope(log_events([line.decode() for line in LINES]))
    yield {"awslogs": {"data": base64.b64encode(packed).decode()}}


def named_pattern(_: Path) -> Iterator[Any]:
    names = [field.key for field in DEFAULT.fields]
    events = log_events([line.decode() for line in LINES])
    for event in events:
        event["extractedFields"] = dict(zip(names, event["message"].split(), strict=True))
    yield {"awslogs": {"data": base64.b64encode(envelope(events)).decode()}}


def s3_record(path: Path, content: bytes) -> dict[str, Any]:
    path.write_bytes(content)
    return {"eventSource": "aws:s3", "s3": {"bucket": {"name": BUCKET}, "object": {"key": quote(str(path))}}}


def s3_in_another_order(folder: Path) -> Iterator[Any]:
    order = list(reversed(range(len(DEFAULT.fields))))
    header = b" ".join(DEFAULT.header.split()[place] for place in order)
    lines = [b" ".join(line.split()[place] for place in order) for line in LINES]
    yield {"Records": [s3_record(folder / "reversed.log.gz", gzip.compress(b"\n".join([header, *lines]), mtime=0))]}


def s3_through_sqs(folder: Path) -> Iterator[Any]:
    body = json.dumps({"Records": [s3_record(folder / "a b+c.log", DEFAULT.header + b"\r\n" + b"\r\n".join(LINES))]})
    yield {"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": body}]}


def s3_through_sns_and_sqs(folder: Path) -> Iterator[Any]:
    members = [gzip.compress(line + b"\n", mtime=0) for line in (DEFAULT.header, *LINES)]
    notice = json.dumps({"Records": [s3_record(folder / "members.gz", b"".join(members))]})
    body = json.dumps({"Type": "Notification", "Message": notice})
    yield {"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": body}]}


def s3_through_eventbridge(folder: Path) -> Iterator[Any]:
    path = folder / "bridge 1%.log"
    path.write_bytes(b"\xef\xbb\xbf" + DEFAULT.header + b"\n# a comment\n\n" + b"\n".join(LINES))
    detail = {"bucket": {"name": BUCKET}, "object": {"key": str(path)}}
    yield {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}


def a_file_of_json_objects(folder: Path) -> Iterator[Any]:
    names = [field.key for field in DEFAULT.fields]
    rows = [dict(zip(names, line.decode().split(), strict=True)) for line in LINES]
    path = folder / "rows.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    yield event_of(Input(str(path), str(path)))


def a_cloudwatch_export(folder: Path) -> Iterator[Any]:
    path = folder / "000000.gz"
    path.write_bytes(gzip.compress(b"".join(b"2026-01-01T00:00:00.000Z " + line + b"\n" for line in LINES), mtime=0))
    yield event_of(Input(str(path), str(path)))


def firehose(*records: bytes) -> dict[str, Any]:
    described = [{"recordId": str(n), "data": base64.b64encode(data).decode()} for n, data in enumerate(records)]
    return {"invocationId": "1", "deliveryStreamArn": "", "region": "", "records": described}


def firehose_lines(_: Path) -> Iterator[Any]:
    yield firehose(*LINES[:20], b"\n".join([DEFAULT.header, *LINES[20:], b""]))


def firehose_messages(_: Path) -> Iterator[Any]:
    yield firehose(*(json.dumps({"message": line.decode()}).encode() for line in LINES))


def firehose_envelope(_: Path) -> Iterator[Any]:
    yield firehose(envelope(log_events([line.decode() for line in LINES])))


SOURCES = [
    subscription,
    named_pattern,
    s3_in_another_order,
    s3_through_sqs,
    s3_through_sns_and_sqs,
    s3_through_eventbridge,
    a_file_of_json_objects,
    a_cloudwatch_export,
    firehose_lines,
    firehose_messages,
    firehose_envelope,
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("geoip")
    geoip.write(folder, built=1767225600)
    return folder


def by_identity(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def golden(name: str) -> list[dict[str, Any]]:
    return [json.loads(row) for row in (GOLDEN / name).read_text().splitlines()]


def present(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what Parquet has no value for, and write times and maps as the golden file does."""
    found = {key: value for key, value in row.items() if value is not None}
    found["timestamp"] = int(found["timestamp"].replace(tzinfo=UTC).timestamp() * 1000)
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__.replace("_", " "))
def test_the_same_lines_become_the_same_documents(source: Source, tmp_path: Path, places: Path) -> None:
    environ = {"FLOWLOGS_INVENTORY": str(ROOT / "events/network-interfaces.json"), "FLOWLOGS_GEOIP": str(places)}
    arrival = datetime(2026, 1, 1, 0, 10, tzinfo=UTC).timestamp()
    (tmp_path / "in").mkdir()
    plan = Plan(environ, tmp_path, lambda: arrival, lambda _: None, SearchFiles(tmp_path / "search"))
    with LocalPipeline(plan) as pipeline:
        for event in source(tmp_path / "in"):
            pipeline.feed(event)
        accounts = pipeline.close()
    assert {(account.received, account.delivered) for account in accounts.values()} == {(46, 46)}
    search = [json.loads(row) for row in (tmp_path / "search/cwl-2026-01-01.ndjson").read_bytes().splitlines()]
    assert sorted(search, key=by_identity) == golden("documents-search.ndjson")
    (parquet,) = (tmp_path / "lake/date=2026-01-01").glob("*.parquet")
    lake = [present(row) for row in pq.read_table(parquet, partitioning=None).to_pylist()]
    assert sorted(lake, key=by_identity) == golden("documents-lake.ndjson")
