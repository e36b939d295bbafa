import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.http import MAX_BODY_BYTES, TARGET, HttpFront
from flowlogs.deliver.local.lake_files import LakeFiles


def client(front: HttpFront) -> Any:
    return boto3.client(
        "firehose",
        endpoint_url=front.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


@pytest.fixture
def firehose(tmp_path: Path) -> LocalFirehose:
    firehose = LocalFirehose(tmp_path)
    firehose.create("lake", LakeFiles(tmp_path / "lake"))
    return firehose


@pytest.fixture
def front(firehose: LocalFirehose) -> Iterator[HttpFront]:
    with HttpFront(firehose) as front:
        yield front


def test_a_boto3_client_puts_records(firehose: LocalFirehose, front: HttpFront) -> None:
    seen: list[bytes] = []
    firehose.create("seen", LakeFiles(Path("unused")), lambda _: {"records": []}, on_failed=seen.append)
    answer = client(front).put_record_batch(
        DeliveryStreamName="seen", Records=[{"Data": b"\x00\xff"}, {"Data": b"two"}]
    )
    assert answer["FailedPutCount"] == 0
    assert len({response["RecordId"] for response in answer["RequestResponses"]}) == 2
    firehose.flush()
    firehose.discard()
    assert seen == [b"\x00\xff", b"two"]


@pytest.mark.parametrize(
    ("stream", "records", "code"),
    [("nowhere", 1, "ResourceNotFoundException"), ("lake", 501, "InvalidArgumentException")],
)
def test_a_boto3_client_is_refused_as_by_aws(front: HttpFront, stream: str, records: int, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        client(front).put_record_batch(DeliveryStreamName=stream, Records=[{"Data": b"x"}] * records)
    assert refused.value.response["Error"]["Code"] == code


def test_a_call_at_its_limit_passes(firehose: LocalFirehose, front: HttpFront) -> None:
    client(front).put_record_batch(DeliveryStreamName="lake", Records=[{"Data": b"x" * 8_388}] * 500)
    assert firehose.counts["lake"].record_bytes == 8_388 * 500


def test_a_throttled_call_is_a_503_and_a_lost_answer_a_closed_connection(tmp_path: Path) -> None:
    for faults, error in ((Faults(throttle=1), ClientError), (Faults(lose_answers=1), ConnectionClosedError)):
        firehose = LocalFirehose(tmp_path, faults=faults)
        firehose.create("lake", LakeFiles(tmp_path / "lake"))
        with HttpFront(firehose) as front, pytest.raises(error):
            client(front).put_record_batch(DeliveryStreamName="lake", Records=[{"Data": b"x"}])


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        (TARGET, b"not json", "SerializationException"),
        (TARGET, b"[]", "SerializationException"),
        (TARGET, b'{"DeliveryStreamName": "lake", "Records": [{"Data": "!"}]}', "SerializationException"),
        (TARGET, b'{"DeliveryStreamName": "lake"}', "SerializationException"),
        ("Firehose_20150804.PutRecord", b"{}", "UnknownOperationException"),
    ],
)
def test_what_is_no_call_is_refused(front: HttpFront, target: str, body: bytes, code: str) -> None:
    connection = http.client.HTTPConnection(front.url.removeprefix("http://"), timeout=5)
    for _ in range(2):  # the connection lives on
        connection.request("POST", "/", body, {"X-Amz-Target": target})
        response = connection.getresponse()
        assert (response.status, json.load(response)["__type"]) == (400, code)
    connection.close()


def test_a_body_beyond_any_call_is_not_read(front: HttpFront) -> None:
    connection = http.client.HTTPConnection(front.url.removeprefix("http://"), timeout=5)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(MAX_BODY_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
