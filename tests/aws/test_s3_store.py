"""What only S3 does; what every store promises is in tests/test_stores_contract.py."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
import pytest
from aws_in_moto import AWS, Failing, stubbed
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from serving import Serving

from flowlogs.aws.s3 import Address
from flowlogs.aws.s3_store import S3Store
from flowlogs.published import Stored

PLACE = Address("b", "place")


def store(tell: Callable[[Stubber], None]) -> S3Store:
    return S3Store(PLACE, stubbed("s3", tell))


def refused(operation: str, code: str, status: int = 400) -> Callable[[Stubber], None]:
    return lambda stubber: stubber.add_client_error(operation, code, http_status_code=status)


def test_a_swap_asks_for_the_tag_that_was_read_and_for_nothing_where_there_was_none() -> None:
    def tell(stubber: Stubber) -> None:
        asked = {"Bucket": "b", "Key": "place/p", "Body": b"x"}
        stubber.add_response("put_object", {}, {**asked, "IfMatch": '"1"'})
        stubber.add_response("put_object", {}, {**asked, "IfNoneMatch": "*"})

    place = store(tell)
    assert place.swap("p", b"x", '"1"')
    assert place.swap("p", b"x", None)


@pytest.mark.parametrize(
    ("code", "status"), [("PreconditionFailed", 412), ("ConditionalRequestConflict", 409), ("NoSuchKey", 404)]
)
def test_a_condition_that_does_not_hold_is_a_swap_lost(code: str, status: int) -> None:
    """S3 User Guide, conditional writes: 412; 409 while another writes; 404 where what was to match is gone."""
    assert not store(refused("put_object", code, status)).swap("p", b"x", '"1"')


def calls(place: S3Store) -> dict[str, Callable[[], object]]:
    return {
        "get_object": lambda: place.read("p"),
        "put_object": lambda: place.write("p", b"x"),
        "list_objects_v2": lambda: list(place.keys("p")),
        "delete_object": lambda: place.delete("p"),
    }


OPERATIONS = {
    "get_object": "GetObject",
    "put_object": "PutObject",
    "list_objects_v2": "ListObjectsV2",
    "delete_object": "DeleteObject",
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "SlowDown"])
def test_whatever_else_is_refused_is_an_os_error_with_what_was_asked(operation: str, code: str) -> None:
    asked = OPERATIONS[operation]
    with pytest.raises(OSError, match=f"^S3 answered {code} to {asked} of place/p$"):
        calls(store(refused(operation, code)))[operation]()


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "InternalError"])
def test_a_swap_refused_is_not_a_swap_lost(code: str) -> None:
    with pytest.raises(OSError, match=code):
        store(refused("put_object", code)).swap("p", b"x", None)


def test_s3_that_cannot_be_reached_is_an_os_error() -> None:
    place = S3Store(PLACE, Failing(EndpointConnectionError(endpoint_url="x")))  # type: ignore[arg-type]
    for call in calls(place).values():
        with pytest.raises(OSError, match="S3 answered EndpointConnectionError"):
            call()
    with pytest.raises(OSError, match="S3 answered EndpointConnectionError"):
        place.swap("p", b"x", None)


class BreaksOff(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise ReadTimeoutError(endpoint_url="x")


def test_content_that_breaks_off_is_an_os_error_and_never_a_part_of_it() -> None:
    for body in (StreamingBody(BreaksOff(), 5), StreamingBody(io.BytesIO(b"1234"), 5)):

        def tell(stubber: Stubber, body: StreamingBody = body) -> None:
            stubber.add_response("get_object", {"Body": body, "ETag": '"1"'})

        with pytest.raises(OSError, match=r"S3 answered (ReadTimeoutError|IncompleteReadError)"):
            store(tell).read("p")


def test_a_listing_goes_on_over_all_pages_and_leaves_the_consoles_folders_out() -> None:
    written = datetime(2026, 1, 1, tzinfo=UTC)

    def page(*keys: str) -> list[dict[str, Any]]:
        return [{"Key": key, "LastModified": written} for key in keys]

    def tell(stubber: Stubber) -> None:
        asked = {"Bucket": "b", "Prefix": "place/states/"}
        first = {"IsTruncated": True, "NextContinuationToken": "t", "Contents": page("place/states/", "place/states/1")}
        stubber.add_response("list_objects_v2", first, asked)
        stubber.add_response(
            "list_objects_v2", {"Contents": page("place/states/2")}, {**asked, "ContinuationToken": "t"}
        )

    assert list(store(tell).keys("states/")) == [
        Stored("states/1", written.timestamp()),
        Stored("states/2", written.timestamp()),
    ]


class LosesAnswers(Serving):
    """Keeps one object; the first answer to a write is lost after the write, or before it where another came first.

    Stands for: S3 may have written an object although its answer never came; a repeated conditional write then meets
    the writer's own object (S3 User Guide, conditional writes: 412).
    """

    def __init__(self, *, first: bytes | None) -> None:
        kept: list[bytes] = []
        self.puts = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(handler) -> None:  # noqa: N805
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.puts += 1
                if not kept:
                    kept.append(body if first is None else first)
                    handler.answer(500, b"<Error><Code>InternalError</Code></Error>")
                else:
                    handler.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")

            def do_GET(handler) -> None:  # noqa: N805
                handler.answer(200, kept[0])

            def answer(handler, status: int, body: bytes) -> None:  # noqa: N805
                handler.send_response(status)
                handler.send_header("ETag", '"1"')
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(handler, *_: object) -> None:  # noqa: N805
                """Say nothing."""

        super().__init__(Handler)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's backoff


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(("first", "won"), [(None, True), (b"another's", False)])
def test_a_swap_whose_answer_was_lost_is_known_by_what_lies_there(first: bytes | None, won: bool) -> None:
    config = Config(retries={"mode": "standard", "total_max_attempts": 3}, request_checksum_calculation="when_required")
    with LosesAnswers(first=first) as s3:
        client: Any = boto3.client("s3", **{**AWS, "config": config}, endpoint_url=s3.url)
        assert S3Store(PLACE, client).swap("p", b"mine", None) is won
        client.close()
    assert s3.puts == 2
