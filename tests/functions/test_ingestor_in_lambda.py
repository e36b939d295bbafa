"""The ingestor as AWS's Python runtime runs it, in a process of its own."""

import base64
import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from local_runtime import ROOT, LocalLambda
from local_s3 import LocalS3

from flowlogs.deliver.local.call_error import CallError
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.http import HttpFront
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.deliver.local.reckoning import Reckoning
from flowlogs.ingest.lines import Line
from flowlogs.metrics import METRICS
from flowlogs.record.log_format import DEFAULT

pytestmark = pytest.mark.slow
SEARCH, LAKE = "VPCFlowLogsToElasticSearch", "Lake"


def sample(name: str) -> Any:
    return json.loads((ROOT / f"events/{name}.json").read_text())


def lines_in(event: Any) -> list[bytes]:
    envelope = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    return [each["message"].encode() for each in envelope["logEvents"]]


def subscription(lines: list[bytes]) -> Any:
    events = [
        {"id": str(at), "timestamp": 1_767_225_600_000, "message": line.decode()} for at, line in enumerate(lines)
    ]
    envelope = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "flow",
        "logStream": "eni-1-all",
        "subscriptionFilters": ["all"],
        "logEvents": events,
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(envelope).encode(), mtime=0)).decode()}}


def numbered(count: int) -> list[bytes]:
    return [
        f"2 123456789012 eni-1 10.0.0.1 10.0.0.2 {at} 443 6 1 40 1767225600 1767225659 ACCEPT OK".encode()
        for at in range(count)
    ]


class Firehose(LocalFirehose):
    """A local Firehose with both streams, that keeps what it was given, and lets some calls wait and then fail."""

    def __init__(self, folder: Path, faults: Faults | None = None) -> None:
        super().__init__(folder, faults=faults)
        self.delivered: dict[str, list[bytes]] = {SEARCH: [], LAKE: []}
        for stream, taken in self.delivered.items():
            self.create(stream, LakeFiles(folder / stream), on_delivered=taken.append)
        self.lets_pass: float = float("inf")  # calls, before the others wait for `released`
        self.released = threading.Event()
        self.taken = 0
        self._counting = threading.Lock()

    def put_record_batch(self, **call: Any) -> dict[str, Any]:
        with self._counting:
            self.lets_pass -= 1
            passes = self.lets_pass >= 0
        if not passes and not self.released.wait(20):
            raise AssertionError("nobody released the call")
        if not passes:
            raise CallError("ServiceUnavailableException", "Slow down.")
        answer = super().put_record_batch(**call)
        with self._counting:
            self.taken += 1
        return answer

    def lines(self, stream: str) -> Counter[bytes]:
        self.flush()
        found = (line for record in self.delivered[stream] for line in record.splitlines())
        return Counter(line for line in found if not line.startswith(b"version "))


@pytest.fixture
def firehose(tmp_path: Path) -> Iterator[Firehose]:
    firehose = Firehose(tmp_path)
    yield firehose
    firehose.discard()


def environ_for(front: HttpFront, **more: str) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL_FIREHOSE": front.url, "FLOWLOGS_LAKE_STREAM": LAKE, **more}


def letters_in(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(row)
        for file in sorted(folder.rglob("*.ndjson.gz"))
        for row in gzip.decompress(file.read_bytes()).splitlines()
    ]


def test_forwards_the_lines_of_cloudwatch_logs_to_both_streams(tmp_path: Path, firehose: Firehose) -> None:
    event = sample("cloudwatch-logs")
    with HttpFront(firehose) as front, LocalLambda("ingestor", environ_for(front), tmp_path) as function:
        answer = function.respond(event)
        assert function.respond(sample("cloudwatch-logs-extracted-fields"))["lines"] == answer["lines"]
    assert answer["batchItemFailures"] == []
    for stream in (SEARCH, LAKE):
        assert answer["lines"][stream]["received"] == answer["lines"][stream]["delivered"] == 12
        assert firehose.lines(stream) == Counter(dict.fromkeys(lines_in(event), 2))
    assert len(firehose.delivered[SEARCH]) == 24
    assert len(firehose.delivered[LAKE]) == 2


def test_a_control_message_and_a_test_event_of_s3_put_nothing(tmp_path: Path, firehose: Firehose) -> None:
    with HttpFront(firehose) as front, LocalLambda("ingestor", environ_for(front), tmp_path) as function:
        answer = function.respond(sample("cloudwatch-logs-control"))
        assert {lines["received"] for lines in answer["lines"].values()} == {0}
        assert {lines["ignored"] for lines in answer["lines"].values()} == {1}
        tested = function.respond({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
        assert tested == {"lines": {}, "batchItemFailures": []}
    assert firehose.counts[SEARCH].records == firehose.counts[LAKE].records == 0


def test_metrics_are_those_of_the_table_and_logs_hold_no_line(tmp_path: Path, firehose: Firehose) -> None:
    with HttpFront(firehose) as front, LocalLambda("ingestor", environ_for(front), tmp_path) as function:
        function.respond(sample("cloudwatch-logs"))
        for row in function.metrics():
            (directive,) = row["_aws"]["CloudWatchMetrics"]
            units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
            assert units == {name: metric.unit for name, metric in METRICS.items() if "ingestor" in metric.functions}
            assert (row["function"], row["LinesReceived"], row["LinesDelivered"]) == ("ingestor", [12], [12])
        assert sorted(row["stream"] for row in function.metrics()) == [LAKE, SEARCH]
        assert [row["message"] for row in function.logged("INFO")] == ["Forwarding completed."]
        assert not any(line.decode() in function.log() for line in lines_in(sample("cloudwatch-logs")))
        assert "eni-" not in function.log()


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"FLOWLOGS_SEARCH_STREAM": "", "FLOWLOGS_LAKE_STREAM": ""}, "both empty"),
        ({"FLOWLOGS_SEARCH_STREAM": "one", "FLOWLOGS_LAKE_STREAM": "one"}, "FLOWLOGS_LAKE_STREAM"),
        ({"FLOWLOGS_SEARCH_KEEP": "sample:0"}, "sample:N"),
        ({"FLOWLOGS_FORMAT": "${Version}"}, "FLOWLOGS_FORMAT"),
    ],
    ids=["no stream", "one stream twice", "sample:0", "format"],
)
def test_a_wrong_setting_stops_it_at_the_start_with_one_sentence(
    tmp_path: Path, environ: dict[str, str], word: str
) -> None:
    with LocalLambda("ingestor", environ, tmp_path) as function:
        answer = function.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init-error", "SettingsError")
    assert word in answer.body["errorMessage"]
    assert "\n" not in answer.body["errorMessage"]


def test_nothing_is_lost_when_it_is_killed_in_the_middle_and_the_event_comes_again(
    tmp_path: Path, firehose: Firehose
) -> None:
    lines = numbered(2_300)  # 5 calls for search, 1 for the lake
    event = subscription(lines)
    firehose.lets_pass = 3
    with HttpFront(firehose) as front:
        with LocalLambda("ingestor", environ_for(front), tmp_path) as first:
            first.start(event)
            while firehose.taken < 3:
                time.sleep(0.01)
            first.kill()
            assert first.posted.empty()
        firehose.lets_pass = float("inf")
        firehose.released.set()
        with LocalLambda("ingestor", environ_for(front), tmp_path) as second:
            answer = second.respond(event)
    assert {account["delivered"] for account in answer["lines"].values()} == {len(lines)}
    for stream in (SEARCH, LAKE):
        assert set(firehose.lines(stream)) == set(lines)
        reckoning = Reckoning()
        for line in lines:
            reckoning.came(Line(DEFAULT, line))
        for record in firehose.delivered[stream]:
            reckoning.passed(record, DEFAULT)
        account = reckoning.result(0)
        assert account.adds_up()
        assert account.delivered == len(lines)
        assert account.duplicates == sum(firehose.lines(stream).values()) - len(lines)
    assert sum(firehose.lines(SEARCH).values()) > len(lines)  # what was taken before the end came twice


def test_records_not_taken_at_first_are_sent_again_and_only_they(tmp_path: Path) -> None:
    firehose = Firehose(tmp_path, Faults(fail_puts=0.2, throttle=0.1, seed=3))
    lines = numbered(700)
    with HttpFront(firehose) as front, LocalLambda("ingestor", environ_for(front), tmp_path) as function:
        answer = function.respond(subscription(lines))
    assert {account["delivered"] for account in answer["lines"].values()} == {700}
    assert firehose.lines(SEARCH) == firehose.lines(LAKE) == Counter(lines)
    firehose.discard()


def test_what_firehose_never_takes_becomes_dead_letters_in_time(tmp_path: Path) -> None:
    firehose, letters = Firehose(tmp_path, Faults(fail_puts=1)), tmp_path / "letters"
    event = sample("cloudwatch-logs")
    with (
        HttpFront(firehose) as front,
        LocalLambda("ingestor", environ_for(front, FLOWLOGS_DEAD_LETTERS=str(letters)), tmp_path) as function,
    ):
        begun = time.monotonic()
        answer = function.respond(event, seconds=2)
        assert time.monotonic() - begun < 60  # it stops by itself, and not at the harness's patience
        assert {row["LinesFailed"][0] for row in function.metrics()} == {12}
    for stream in (SEARCH, LAKE):
        account = answer["lines"][stream]
        assert (account["received"], account["failed"], account["delivered"]) == (12, 12, 0)
        kept = [letter for letter in letters_in(letters) if letter["stream"] == stream]
        assert Counter(letter["line"].encode() for letter in kept) == Counter(lines_in(event))
        assert {letter["reason"] for letter in kept} == {"ServiceUnavailableException"}
        assert {letter["header"].encode() for letter in kept} == {DEFAULT.header}
    firehose.discard()


@pytest.mark.parametrize("place", ["", "in-the-way"], ids=["no place", "a place that cannot be written"])
def test_an_invocation_fails_whose_lines_can_neither_be_sent_nor_kept(tmp_path: Path, place: str) -> None:
    (tmp_path / "in-the-way").write_text("a file")
    firehose = Firehose(tmp_path, Faults(throttle=1))
    environ = {"FLOWLOGS_DEAD_LETTERS": str(tmp_path / place) if place else ""}
    with HttpFront(firehose) as front, LocalLambda("ingestor", environ_for(front, **environ), tmp_path) as function:
        answer = function.invoke(sample("cloudwatch-logs"), seconds=6)
        assert (answer.kind, answer.body["errorType"]) == ("error", "NotKept")
        assert "24 lines" in answer.body["errorMessage"]
        assert "eni-" not in answer.body["errorMessage"]
    firehose.discard()


def test_an_event_that_cannot_be_opened_is_a_dead_letter_of_each_stream(tmp_path: Path, firehose: Firehose) -> None:
    letters = tmp_path / "letters"
    broken = {"awslogs": {"data": base64.b64encode(b"\x1f\x8b broken").decode()}}
    with (
        HttpFront(firehose) as front,
        LocalLambda("ingestor", environ_for(front, FLOWLOGS_DEAD_LETTERS=str(letters)), tmp_path) as function,
    ):
        answer = function.respond(broken)
    assert {account["failed"] for account in answer["lines"].values()} == {1}
    assert sorted(letter["stream"] for letter in letters_in(letters)) == [LAKE, SEARCH]
    assert {json.loads(letter["line"])["awslogs"]["data"] for letter in letters_in(letters)} == {
        broken["awslogs"]["data"]
    }


def test_reads_objects_of_s3_and_leaves_to_the_queue_what_it_cannot(tmp_path: Path, firehose: Firehose) -> None:
    event = sample("sqs-s3")
    described = json.loads(event["Records"][0]["body"])["Records"][0]["s3"]
    key = unquote_plus(described["object"]["key"])
    objects = {f"{described['bucket']['name']}/{key}": (ROOT / "events/flow-log-v5.log.gz").read_bytes()}
    missing = json.loads(json.dumps(event["Records"][0]).replace("4c8b1e2f", "absent")) | {"messageId": "absent"}
    event["Records"].append(missing)
    lines = gzip.decompress((ROOT / "events/flow-log-v5.log.gz").read_bytes()).splitlines()[1:]
    with LocalS3(objects) as s3, HttpFront(firehose) as front:
        environ = environ_for(front, AWS_ENDPOINT_URL_S3=s3.url)
        with LocalLambda("ingestor", environ, tmp_path) as function:
            answer = function.respond(event)
            alone = function.invoke(sample("s3") | {"Records": json.loads(missing["body"])["Records"]})
            direct = function.respond(sample("eventbridge-s3"))
            assert len(function.logged("WARNING")) == 1
    assert answer["batchItemFailures"] == [{"itemIdentifier": "absent"}]
    assert (alone.kind, alone.body["errorType"]) == ("error", "FileNotFoundError")  # Lambda sends it again
    assert {account["delivered"] for account in (*answer["lines"].values(), *direct["lines"].values())} == {46}
    assert firehose.lines(LAKE) == Counter(dict.fromkeys(lines, 2))
