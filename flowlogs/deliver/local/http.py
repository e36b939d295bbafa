"""The local Firehose behind HTTP, for a boto3 client in another process."""

import json
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.call_error import CallError
from flowlogs.deliver.local.firehose import LocalFirehose

TARGET = "Firehose_20150804.PutRecordBatch"
"""The one operation; botocore's model has the target prefix."""
MAX_BODY_BYTES = 8 * 1024 * 1024
"""Largest request read: a call at its limit in base64, and room for its JSON."""

_STATUS = {"ServiceUnavailableException": 503, "InternalFailure": 500, "RequestEntityTooLargeException": 413}


class HttpFront:
    """Serves PutRecordBatch on a loopback port while its context lasts; `url` is boto3's `endpoint_url`."""

    def __init__(self, firehose: LocalFirehose, port: int = 0) -> None:
        handler = type("_BoundHandler", (_Handler,), {"firehose": firehose})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "HttpFront":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    firehose: ClassVar[LocalFirehose]
    numbers: ClassVar = count()
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer waits some 40 ms for the client's acknowledgement
    timeout = 60

    @acts_on(Behaviour.PUT_WIRE)
    def do_POST(self) -> None:
        try:
            self._send(200, self._answer())
        except CallError as error:
            self._send(_STATUS.get(error.code, 400), {"__type": error.code, "message": error.message})
        except TimeoutError:  # the records are taken, the client never hears of it
            self.close_connection = True

    def _answer(self) -> dict[str, Any]:
        body = self._body()
        target = self.headers.get("X-Amz-Target", "")
        if target != TARGET:
            raise CallError("UnknownOperationException", f"only {TARGET} is served, not {target[:100]!r}")
        name, records = _read(body)
        return self.firehose.put_record_batch(DeliveryStreamName=name, Records=records)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # what is not read would be taken for the next request
            raise CallError("RequestEntityTooLargeException", f"a body has 0 to {MAX_BODY_BYTES} bytes")
        return self.rfile.read(int(length))

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid5(NAMESPACE_URL, str(next(self.numbers)))))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: http.server would print every request."""


def _read(body: bytes) -> tuple[str, list[dict[str, bytes]]]:
    try:
        call = json.loads(body)
        records = [{"Data": b64decode(record["Data"], validate=True)} for record in call["Records"]]
        return str(call["DeliveryStreamName"]), records
    except (KeyError, TypeError, ValueError) as error:
        raise CallError("SerializationException", "the body is not a PutRecordBatch call") from error
