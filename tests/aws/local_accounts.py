"""AWS's accounts over HTTP, for a function in another process: the fake of `fake_ec2` where AWS_ENDPOINT_URL leads.

Requests are read by botocore's models, as the services read them: their service, region and account are in the
signature's scope, their operation in `Action`, `X-Amz-Target` or the path. Source: AWS General Reference, "Signing AWS
API requests"; Smithy's pages on the protocols ec2Query, awsQuery, awsJson and restJson1.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, urlsplit

import botocore.loaders
from botocore.model import ServiceModel
from fake_ec2 import OWN, Request, Time
from fake_queue import AwsWithQueue
from local_bucket import LocalBucket
from wire import Written

_JSON = "json"
_loader = botocore.loaders.create_loader()


class Clock(Protocol):
    """What the accounts go by: Unix seconds."""

    @property
    def now(self) -> float:
        """Say what time it is."""
        ...


@cache
def _model(service: str) -> Any:
    return ServiceModel(_loader.load_service_model(service, "service-2"), service)


class LocalAccounts(AwsWithQueue):
    """Serves accounts, a queue and a bucket while its context lasts.

    An exception of `trouble` is a connection that ends without an answer; a header `Content-Length` that is larger than
    the body is one that breaks off. `delay` is called before each answer, and may wait.
    """

    def __init__(self, bucket: LocalBucket, clock: Clock) -> None:
        super().__init__()
        self.time = cast(Time, clock)
        self.bucket = bucket
        self.delay: Callable[[Request], object] = lambda _: None
        self._server = _Server(("127.0.0.1", 0), type("_Bound", (_Handler,), {"accounts": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "LocalAccounts":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._server.failed:
            raise self._server.failed[0]  # what is asked is not what AWS takes

    def environ(self) -> dict[str, str]:
        """Give the environment of a process that lives in the own account."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        return {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": f"AKIA{OWN}"}

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Written | None:
        """Answer a request; None where the connection ends without an answer."""
        _, _, _, service, _ = headers["Authorization"].split()[1].removeprefix("Credential=").rstrip(",").split("/")
        if service == "s3":
            return self.bucket.answer(method, url, headers, body)
        asked = _asked(_model(service), method, url, headers, body)
        self.delay(asked)
        with self._lock:
            self.counted[asked.account, asked.region, asked.model.name] += 1
            written = self._refused(asked)
        return None if isinstance(written, Exception) else written or self._answered(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.failed: list[BaseException] = []

    def handle_error(self, *_: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):  # a killed function leaves those
            self.failed.append(error)


class _Handler(BaseHTTPRequestHandler):
    accounts: LocalAccounts
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        written = self.accounts.answer(self.command, self.path, dict(self.headers.items()), body)
        self.close_connection = written is None
        if written is None:
            return
        status, headers, content = written
        headers = {"Content-Length": str(len(content)), **headers}
        self.close_connection = int(headers["Content-Length"]) > len(content)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 (names of the standard library)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _asked(service: Any, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request:
    protocol = service.resolved_protocol
    if protocol in ("ec2", "query"):
        form = parse_qs(body.decode(), keep_blank_values=True)
        operation = service.operation_model(form["Action"][0])
        given = _members(operation.input_shape, {name: values[0] for name, values in form.items()}, protocol)
    elif protocol == _JSON:
        target, _, name = headers["X-Amz-Target"].rpartition(".")
        assert target == service.metadata["targetPrefix"]
        operation, given = service.operation_model(name), json.loads(body)
    else:
        assert protocol == "rest-json", f"{service.service_name} speaks {protocol}"
        operation = _at(service, method, urlsplit(url).path)
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        given = {**(json.loads(body) if body else {}), **_members(operation.input_shape, query, protocol)}
    return Request.of(_Signed(headers), operation, given)


class _Signed:
    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers


def _at(service: Any, method: str, path: str) -> Any:
    """Find the operation at a path without labels."""
    models = map(service.operation_model, service.operation_names)
    return next(model for model in models if (model.http["method"], model.http["requestUri"]) == (method, path))


def _members(shape: Any, given: Mapping[str, str], protocol: str) -> dict[str, Any]:
    """Read numbers, flags, texts and lists of texts by the names that they have on the wire."""
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        on_wire = _on_wire(name, member, protocol)
        if member.type_name == "list":
            prefix = f"{on_wire}." if protocol == "ec2" else f"{on_wire}.member."
            values = [value for key, value in given.items() if key.startswith(prefix)]
            found |= {name: values} if values else {}
        elif on_wire in given:
            found[name] = _value(member, given[on_wire])
    return found


def _on_wire(name: str, member: Any, protocol: str) -> str:
    """Source: Smithy, "AWS EC2 query protocol": `ec2QueryName`, else the XML name with a capital, else the member's."""
    serialized = str(member.serialization.get("name", name))
    if protocol != "ec2":
        return serialized
    return str(member.serialization.get("queryName", serialized[:1].upper() + serialized[1:]))


def _value(member: Any, text: str) -> Any:
    if member.type_name in ("integer", "long"):
        return int(text)
    return text == "true" if member.type_name == "boolean" else text
