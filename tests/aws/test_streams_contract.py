import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from flowlogs.aws.firehose import FirehoseStreams
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.search_files import SearchFiles
from flowlogs.errors import StreamError
from flowlogs.ingest.sending import Sender
from flowlogs.ingest.streams import Streams

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient

STREAM = "search"
AWS: dict[str, Any] = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
    "config": Config(retries={"total_max_attempts": 1}),
}


class Implementation(NamedTuple):
    """Streams of one kind with the stream `search`, and what that stream took."""

    streams: Streams
    taken: Callable[[], list[bytes]]


def in_moto(_: Path) -> Iterator[Implementation]:
    with mock_aws():
        s3, firehose = boto3.client("s3", **AWS), boto3.client("firehose", **AWS)
        s3.create_bucket(Bucket="taken", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        to = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": "arn:aws:s3:::taken"}
        firehose.create_delivery_stream(DeliveryStreamName=STREAM, ExtendedS3DestinationConfiguration=to)  # type: ignore[arg-type]

        def taken() -> list[bytes]:
            found = s3.list_objects_v2(Bucket="taken").get("Contents", [])
            texts = [s3.get_object(Bucket="taken", Key=one["Key"])["Body"].read() for one in found]
            return [record for text in texts for record in re.findall(rb"{.*?}", text)]

        yield Implementation(FirehoseStreams(firehose), taken)


def on_a_laptop(folder: Path) -> Iterator[Implementation]:
    delivered: list[bytes] = []
    with LocalFirehose(folder) as firehose:
        firehose.create(STREAM, SearchFiles(folder / "search"), on_delivered=delivered.append)

        def taken() -> list[bytes]:
            firehose.flush()
            return delivered

        yield Implementation(firehose, taken)


@pytest.fixture(params=[in_moto, on_a_laptop], ids=["Amazon Data Firehose", "LocalFirehose"])
def implementation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Implementation]:
    yield from request.param(tmp_path)


RECORDS = [b'{"line": %d}' % number for number in range(3)]


def test_what_is_put_is_taken_in_order(implementation: Implementation) -> None:
    assert implementation.streams.put(STREAM, RECORDS) == [None, None, None]
    assert implementation.taken() == RECORDS


def test_a_stream_that_is_not_there_is_an_error_that_stays(implementation: Implementation) -> None:
    with pytest.raises(StreamError) as failed:
        implementation.streams.put("none", RECORDS)
    assert (failed.value.code, failed.value.temporary) == ("ResourceNotFoundException", False)


def answer(*codes: str | None) -> dict[str, Any]:
    responses = [{"RecordId": "1"} if code is None else {"ErrorCode": code, "ErrorMessage": "x"} for code in codes]
    return {"FailedPutCount": len(codes) - codes.count(None), "RequestResponses": responses}


def stubbed(add: Callable[[Stubber], None]) -> FirehoseStreams:
    client: FirehoseClient = boto3.client("firehose", **AWS)
    stubber = Stubber(client)
    add(stubber)
    stubber.activate()
    return FirehoseStreams(client)


def partly_in_aws(_: Path) -> Streams:
    return stubbed(lambda aws: aws.add_response("put_record_batch", answer(None, "ServiceUnavailableException", None)))


def partly_on_a_laptop(folder: Path) -> Streams:
    firehose = LocalFirehose(folder, faults=Faults(seed=3, fail_puts=0.5))
    firehose.create(STREAM, SearchFiles(folder / "search"))
    return firehose


@pytest.mark.parametrize("make", [partly_in_aws, partly_on_a_laptop])
def test_a_call_may_succeed_while_some_of_its_records_fail(tmp_path: Path, make: Callable[[Path], Streams]) -> None:
    codes = make(tmp_path).put(STREAM, RECORDS)
    assert len(codes) == 3
    assert set(codes) <= {None, "ServiceUnavailableException", "InternalFailure"}
    assert any(codes)


def test_the_sender_brings_everything_through_whatever_implementation(implementation: Implementation) -> None:
    records = [b'{"line": %d}' % number for number in range(1200)]
    sender = Sender(implementation.streams, lambda seconds: None, random.Random(1))
    assert sender.send(STREAM, records, lambda: 60) == []
    assert sorted(implementation.taken()) == sorted(records)


@pytest.mark.parametrize(
    ("code", "status", "temporary"),
    [
        ("ServiceUnavailableException", 500, True),
        ("ServiceUnavailableException", 400, True),
        ("ThrottlingException", 400, True),
        ("InternalFailure", 500, True),
        ("SomethingNew", 503, True),
        ("ResourceNotFoundException", 400, False),
        ("InvalidArgumentException", 400, False),
        ("InvalidKMSResourceException", 400, False),
        ("InvalidSourceException", 400, False),
        ("AccessDeniedException", 403, False),
        ("SomethingNew", 400, False),
    ],
)
def test_a_call_that_failed_says_whether_it_may_succeed_later(code: str, status: int, temporary: bool) -> None:
    streams = stubbed(
        lambda aws: aws.add_client_error("put_record_batch", service_error_code=code, http_status_code=status)
    )
    with pytest.raises(StreamError) as failed:
        streams.put(STREAM, RECORDS)
    assert (failed.value.code, failed.value.temporary) == (code, temporary)


class Unreached:
    """A client whose calls fail before or behind AWS."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_record_batch(self, **_: object) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "temporary"),
    [
        (ReadTimeoutError(endpoint_url="x"), True),
        (EndpointConnectionError(endpoint_url="x"), True),
        (NoCredentialsError(), False),
    ],
)
def test_a_call_that_did_not_come_through_may_succeed_later(error: Exception, temporary: bool) -> None:
    with pytest.raises(StreamError) as failed:
        FirehoseStreams(Unreached(error)).put(STREAM, RECORDS)  # type: ignore[arg-type]
    assert (failed.value.code, failed.value.temporary) == (type(error).__name__, temporary)


def test_the_default_client_leaves_trying_again_to_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    client = FirehoseStreams()._client
    assert client.meta.config.retries["total_max_attempts"] == 1  # type: ignore[attr-defined]
