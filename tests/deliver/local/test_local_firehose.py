import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flowlogs.deliver.local.call_error import CallError
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.deliver.local.search_files import SearchFiles
from flowlogs.errors import StreamError
from flowlogs.ingest.streams import MAX_CALL_BYTES, MAX_RECORD_BYTES, Streams

NOON = 1_700_049_600.0  # 2023-11-15 12:00:00 UTC
Event = dict[str, Any]


def answer(event: Event, result: str = "Ok") -> Event:
    return {
        "records": [
            {"recordId": record["recordId"], "result": result, "data": record["data"]} for record in event["records"]
        ]
    }


@pytest.fixture
def firehose(tmp_path: Path) -> Iterator[LocalFirehose]:
    firehose = LocalFirehose(tmp_path, clock=lambda: NOON)
    yield firehose
    firehose.discard()


@pytest.fixture
def delivered() -> list[bytes]:
    return []


@pytest.fixture
def search(tmp_path: Path, firehose: LocalFirehose, delivered: list[bytes]) -> Callable[..., None]:
    def create(transform: Callable[[Event], Event] | None = None, **options: Any) -> None:
        destination = SearchFiles(tmp_path / "search")
        firehose.create("search", destination, transform, on_delivered=delivered.append, **options)

    return create


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "0 records"),
        ([b"x"] * 501, "501 records"),
        ([b"x" * (MAX_RECORD_BYTES + 1)], "1024000"),
        ([b"x" * MAX_RECORD_BYTES] * 4 + [b"x" * 98_305], str(MAX_CALL_BYTES)),
    ],
    ids=["nothing", "too many records", "a record too large", "a call too large"],
)
def test_a_call_beyond_a_limit_is_refused_as_a_whole(
    firehose: LocalFirehose, search: Callable[..., None], records: list[bytes], words: str
) -> None:
    search()
    with pytest.raises(CallError, match=words) as refused:
        firehose.put_record_batch(DeliveryStreamName="search", Records=[{"Data": data} for data in records])
    assert refused.value.response["Error"]["Code"] == "InvalidArgumentException"
    assert firehose.counts["search"].refused_calls == 1
    assert firehose.counts["search"].records == 0


@pytest.mark.parametrize(
    "records",
    [[b"{}"] * 500, [b"x" * MAX_RECORD_BYTES], [b"x" * MAX_RECORD_BYTES] * 4 + [b"x" * 98_304], [b""]],
    ids=["500 records", "1,000 KiB", "4 MiB", "an empty record"],
)
def test_a_call_at_a_limit_is_taken(firehose: LocalFirehose, search: Callable[..., None], records: list[bytes]) -> None:
    search()
    answered = firehose.put_record_batch(DeliveryStreamName="search", Records=[{"Data": data} for data in records])
    assert answered["FailedPutCount"] == 0
    assert len({response["RecordId"] for response in answered["RequestResponses"]}) == len(records)


def test_an_unknown_stream_is_not_found_and_waiting_does_not_help(firehose: LocalFirehose) -> None:
    with pytest.raises(CallError) as refused:
        firehose.put_record_batch(DeliveryStreamName="nowhere", Records=[{"Data": b"x"}])
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(StreamError) as failed:
        firehose.put("nowhere", [b"x"])
    assert not failed.value.temporary


def test_a_stream_is_created_once(search: Callable[..., None]) -> None:
    search()
    with pytest.raises(ValueError, match="already"):
        search()


def test_it_stands_in_for_the_streams_of_the_ingestor(firehose: LocalFirehose, search: Callable[..., None]) -> None:
    search()
    streams: Streams = firehose
    assert streams.put("search", [b"{}", b"{}"]) == [None, None]
    with pytest.raises(StreamError) as failed:
        streams.put("search", [])
    assert (failed.value.code, failed.value.temporary) == ("InvalidArgumentException", False)


def test_putting_only_queues_and_delivering_takes_full_buffers(
    firehose: LocalFirehose, search: Callable[..., None], delivered: list[bytes]
) -> None:
    search(buffer_bytes=20)
    firehose.put("search", [b'{"a":1}'] * 5)
    assert delivered == []
    firehose.deliver()
    assert len(delivered) == 4  # two buffers of two records; the last record is no full buffer
    firehose.deliver(final=True)
    assert len(delivered) == 5


def test_several_threads_may_put_at_once(
    firehose: LocalFirehose, search: Callable[..., None], delivered: list[bytes]
) -> None:
    search(answer)
    with ThreadPoolExecutor(8) as threads:
        for number in range(40):
            threads.submit(firehose.put, "search", [b'{"n":%d}' % (number * 100 + one) for one in range(100)])
            threads.submit(firehose.deliver, final=True)
    firehose.flush()
    assert len(set(delivered)) == len(delivered) == firehose.counts["search"].ok == 4000


def test_a_transformation_may_put_back_on_its_own_stream(
    firehose: LocalFirehose, search: Callable[..., None], delivered: list[bytes]
) -> None:
    def halve(event: Event) -> Event:
        answered = answer(event)
        for record in answered["records"]:
            lines = base64.b64decode(record["data"]).split(b"\n")
            if len(lines) > 1:
                firehose.put("search", [b"\n".join(lines[: len(lines) // 2])])
                firehose.put("search", [b"\n".join(lines[len(lines) // 2 :])])
                firehose.deliver(final=True)  # inside the delivery: no recursion, no deadlock
                record["result"] = "Dropped"
        return answered

    search(halve)
    firehose.put("search", [b"\n".join(b'{"n":%d}' % number for number in range(8))])
    firehose.flush()
    assert sorted(json.loads(data)["n"] for data in delivered) == list(range(8))
    assert (firehose.counts["search"].dropped, firehose.counts["search"].ok) == (7, 8)


def test_counts_say_what_happened(firehose: LocalFirehose, tmp_path: Path) -> None:
    results = iter(["Ok", "Dropped", "ProcessingFailed"])

    def decide(event: Event) -> Event:
        answered = answer(event)
        for record in answered["records"]:
            record["result"] = next(results)
        return answered

    failed: list[bytes] = []
    firehose.create("lake", LakeFiles(tmp_path / "lake"), decide, on_failed=failed.append)
    firehose.put("lake", [b"one\ntwo\n", b"dropped", b"refused"])
    firehose.flush()
    count = firehose.counts["lake"]
    assert (count.records, count.record_bytes, count.invocations, count.retries) == (3, 22, 1, 0)
    assert (count.ok, count.dropped, count.failed) == (1, 1, 1)
    assert (count.documents, count.document_bytes) == (2, 8)
    assert failed == [b"refused"]


def test_closing_delivers_what_is_left_and_finishes_the_files(tmp_path: Path) -> None:
    with LocalFirehose(tmp_path, clock=lambda: NOON) as firehose:
        firehose.create("search", SearchFiles(tmp_path / "search"))
        firehose.put("search", [b'{"a":1}', b"not json"])
    assert (tmp_path / "search" / "cwl-2023-11-15.ndjson").read_bytes() == b'{"a":1}\n'
    assert len(list((tmp_path / "AmazonOpenSearchService-failed/2023/11/15/12").iterdir())) == 1


def test_an_interrupted_run_leaves_no_file_behind(tmp_path: Path) -> None:
    def run() -> None:
        with LocalFirehose(tmp_path, clock=lambda: NOON) as firehose:
            firehose.create("search", SearchFiles(tmp_path / "search"))
            firehose.put("search", [b'{"a":1}', b"not json"])
            firehose.flush()
            assert list(tmp_path.rglob("*.part"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
