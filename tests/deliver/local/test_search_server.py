"""The destination that is an OpenSearch server: what every destination promises, on a server of this process."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from fake_opensearch import FakeOpenSearch
from opensearch_node.plugin import OpenSearch
from serving import Serving

from flowlogs.aws.opensearch import Domain, anonymous
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.search_server import SearchServer
from flowlogs.deliver.local.stream_record import StreamRecord
from flowlogs.search.bulk import Bulk
from flowlogs.search.domain_errors import DomainUnreachable
from flowlogs.search.index_template import index_template

NOON = 1_700_049_600_000  # 2023-11-15 12:00:00 UTC
HOUR = 60 * 60 * 1000
INDEX = "cwl-2023-11-15"


class InProcess:
    """The fake server, without HTTP."""

    def __init__(self) -> None:
        self.fake = FakeOpenSearch()
        self.time = 0.0

    def bulk(self, body: bytes) -> Any:
        status, answer = self.fake.bulk(body)
        if status != 200:
            raise DomainUnreachable(
                "https://host", "POST /_bulk", f"it answered {status}", None if status == -1 else status
            )
        return answer

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def destination(self, run: str = "1-", **more: Any) -> SearchServer:
        return SearchServer(Bulk(self, lambda: self.time, self.sleep, lambda: 1.0), run, **more)


@pytest.fixture
def server() -> InProcess:
    return InProcess()


def numbered(first: int, count: int, arrived: int = NOON) -> list[StreamRecord]:
    return [StreamRecord(str(each), arrived, b'{"srcport":%d}' % each) for each in range(first, first + count)]


def ports(fake: FakeOpenSearch, index: str = INDEX) -> list[int]:
    return sorted(json.loads(source)["srcport"] for source in fake.documents.get(index, {}).values())


def kept_below(folder: Path) -> list[dict[str, Any]]:
    files = [path for path in folder.glob("AmazonOpenSearchService-failed/**/*") if path.is_file()]
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_every_record_is_added_or_given_back(server: InProcess) -> None:
    destination = server.destination()
    odd = [
        StreamRecord("odd", NOON, b"\nnot json\n"),
        StreamRecord("nothing", NOON, b""),
        StreamRecord("[]", NOON, b"[]"),
    ]
    failed = destination.write([*numbered(0, 7), *odd, *numbered(7, 43)])
    assert [(row["documents"], row["type"]) for row in destination.reasons.rows()] == [(3, "mapper_parsing_exception")]
    assert [kept.record.record_id for kept in failed] == ["odd", "nothing", "[]"]
    assert ports(server.fake) == list(range(50))
    assert destination.added == {INDEX: 50}
    assert destination.close() == []


def test_nothing_written_asks_nothing(server: InProcess) -> None:
    assert server.destination().write([]) == []
    assert server.fake.bodies == []


def test_discarding_leaves_what_was_added(server: InProcess) -> None:
    destination = server.destination()
    destination.write(numbered(0, 3))
    destination.discard()
    destination.write(numbered(3, 3))
    assert ports(server.fake) == [0, 1, 2, 3, 4, 5]


def test_an_index_holds_the_arrivals_of_its_rotation_in_utc(server: InProcess) -> None:
    records = [*numbered(0, 3, NOON + 12 * HOUR - 1), *numbered(4, 2, NOON + 12 * HOUR)]
    server.destination().write(records)
    assert (ports(server.fake), ports(server.fake, "cwl-2023-11-16")) == ([0, 1, 2], [4, 5])
    server.destination(index="flows", rotation=Rotation.HOURLY).write(records)
    assert ports(server.fake, "flows-2023-11-15-23") == [0, 1, 2]
    assert ports(server.fake, "flows-2023-11-16-00") == [4, 5]


def test_records_of_another_run_are_others_though_their_ids_are_alike(server: InProcess) -> None:
    for run in ("1-", "2-"):
        assert server.destination(run).write(numbered(0, 3)) == []
    assert ports(server.fake) == [0, 0, 1, 1, 2, 2]


def test_a_record_whose_answer_was_lost_is_there_once_and_counts_as_delivered(server: InProcess) -> None:
    server.fake.loses_answers = lambda number: number == 1
    destination = server.destination()
    assert destination.write(numbered(0, 3)) == []
    assert (ports(server.fake), destination.added[INDEX]) == ([0, 1, 2], 3)


def test_of_records_that_were_never_sent_it_is_not_said_that_they_may_be_there(server: InProcess) -> None:
    server.fake.fault = lambda _: 504
    destination = server.destination()
    destination.write(numbered(0, 3))
    destination.write(numbered(3, 4))
    assert [
        (row["documents"], row["answer_lost"], "may be there" in str(row["example"]))
        for row in destination.reasons.rows()
    ] == [
        (4, False, False),
        (3, True, True),
    ]


def test_a_refused_document_is_kept_as_firehose_keeps_it(server: InProcess, tmp_path: Path) -> None:
    server.fake.refuses = lambda document: (400, "mapper_parsing_exception") if document["srcport"] == 1 else None
    with LocalFirehose(tmp_path, clock=lambda: NOON / 1000) as firehose:
        firehose.create("search", server.destination("salt-"))
        firehose.put("search", [record.data for record in numbered(0, 3)])
    (line,) = kept_below(tmp_path)
    id_ = line.pop("esDocumentId")
    assert id_.startswith("salt-")
    assert id_.endswith(".0")
    assert json.loads(line.pop("errorMessage")) == {
        "type": "mapper_parsing_exception",
        "reason": "played mapper_parsing_exception",
    }
    assert line == {
        "attemptsMade": 1,
        "arrivalTimestamp": NOON,
        "errorCode": "400",
        "attemptEndingTimestamp": NOON,
        "rawData": base64.b64encode(b'{"srcport":1}').decode(),
        "esIndexName": INDEX,
        "esTypeName": "",
    }
    assert ports(server.fake) == [0, 2]


def test_a_server_that_never_answers_costs_time_and_no_record(server: InProcess, tmp_path: Path) -> None:
    server.fake.fault = lambda _: 503
    failed: list[bytes] = []
    destination = server.destination()
    with LocalFirehose(tmp_path) as firehose:
        firehose.create("search", destination, buffer_bytes=100, on_undelivered=failed.append)
        firehose.put("search", [record.data for record in numbered(0, 50)])
    kept = kept_below(tmp_path)
    assert sorted(json.loads(base64.b64decode(line["rawData"]))["srcport"] for line in kept) == list(range(50))
    assert len(failed) == 50
    assert {line["errorCode"] for line in kept} == {"503"}
    rows = destination.reasons.rows()
    assert sum(row["documents"] for row in rows if isinstance(row["documents"], int)) == 50
    assert {(row["status"], row["type"]) for row in rows} == {(503, "not_now")}
    assert all("could not answer POST /_bulk" in str(row["example"]) for row in rows)
    assert destination.bulk.gave_up_for is not None
    assert {line["attemptsMade"] for line in kept} == {16, 0}  # 300 s for the first buffer; the others were not sent
    assert (server.time, len(server.fake.bodies)) == (300, 16)


def test_behind_a_stream_with_faults_and_a_storm_nothing_is_lost(server: InProcess, tmp_path: Path) -> None:
    def refuse_tens(event: dict[str, Any]) -> dict[str, Any]:
        records = [{**record, "result": "Ok"} for record in event["records"]]
        for record in records:
            if base64.b64decode(record["data"]).endswith(b"0}"):
                record["result"] = "ProcessingFailed"
        return {"records": records}

    server.fake.fault = lambda number: 429 if number % 3 else None
    server.fake.refuses = lambda document: (400, "played") if document["srcport"] % 7 == 1 else None
    faults = Faults(fail_transforms=0.4, kill_transforms=0.4, seed=5)
    shown: dict[str, list[bytes]] = {"delivered": [], "failed": [], "undelivered": []}
    with LocalFirehose(tmp_path, faults=faults) as firehose:
        firehose.create(
            "stream",
            server.destination(),
            refuse_tens,
            buffer_bytes=100,
            on_delivered=shown["delivered"].append,
            on_failed=shown["failed"].append,
            on_undelivered=shown["undelivered"].append,
        )
        firehose.put("stream", [record.data for record in numbered(0, 100)])
    index = next(iter(server.fake.documents))
    kept = [json.loads(base64.b64decode(line["rawData"]))["srcport"] for line in kept_below(tmp_path)]
    failed = [json.loads(data)["srcport"] for data in shown["failed"]]
    assert sorted(ports(server.fake, index) + kept + failed) == list(range(100))
    assert len(shown["delivered"]) == server.fake.count(index)
    assert len(shown["undelivered"]) == len(kept) > 5


def real(domain: Domain, prefix: str) -> SearchServer:
    return SearchServer(Bulk(domain, time.monotonic, time.sleep, lambda: 1.0, 20.0), "1-", prefix)


def test_a_real_server_adds_refuses_and_keeps_as_the_played_one_does(opensearch: OpenSearch, tmp_path: Path) -> None:
    domain, prefix = Domain(opensearch.url, anonymous()), opensearch.prefix()
    domain.put(f"/_index_template/{prefix}", index_template(prefix, replicas=0))
    index = f"{prefix}-2023-11-15"
    domain.put(f"/{index}", {"mappings": {"properties": {"srcport": {"type": "integer"}}}})
    bad = [b'{"srcport":"no number"}', b'{"srcport":1}\n{"srcport":2}', b'{"srcport":{"a":1}}']
    with LocalFirehose(tmp_path, clock=lambda: NOON / 1000) as firehose:
        firehose.create("search", real(domain, prefix))
        firehose.put("search", [record.data for record in numbered(0, 20)] + bad)
    domain.get(f"/{index}/_refresh")
    assert domain.count(index) == 20
    kept = kept_below(tmp_path)
    assert sorted(base64.b64decode(line["rawData"]) for line in kept) == sorted(bad)
    assert {line["errorCode"] for line in kept} == {"400"}
    assert {json.loads(line["errorMessage"])["type"] for line in kept} == {"mapper_parsing_exception"}
    assert {line["esIndexName"] for line in kept} == {index}


def test_the_played_server_and_the_real_one_answer_alike(opensearch: OpenSearch) -> None:
    """What the fake stands for: the statuses, and which mistakes spoil a whole request."""
    prefix = opensearch.prefix()
    fake = FakeOpenSearch()
    with Serving(fake.handler()) as serving:
        outcomes = []
        for url in (opensearch.url, serving.url):
            bulk = Bulk(Domain(url, anonymous()), time.monotonic, time.sleep, lambda: 1.0, 5.0)
            documents = [
                (prefix, "1", b'{"a":1}'),
                (prefix, "1", b'{"a":2}'),
                (prefix, "", b'{"a":3}'),
                (prefix, "x" * 513, b'{"a":4}'),
                (prefix, "5", b'{"a":5}'),
            ]
            outcomes.append([outcome.status for outcome in bulk(documents)])
    assert outcomes[0] == outcomes[1] == [201, 409, 400, 400, 201]
