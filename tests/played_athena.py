"""An Athena that runs no query: it answers over HTTP, or botocore in its place, as a test says becomes of each query.

Facts it stands for (Athena API, botocore's model): a query goes from QUEUED over RUNNING to an end; an answer comes in
pages, the first row of a SELECT's being its column names; a value that is NULL lacks `VarCharValue`; a query that
cannot be parsed, and a workgroup that is not there, are an InvalidRequestException.
"""

import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from serving import Serving

Columns = Sequence[tuple[str, str]]
Rows = Sequence[Sequence[str | None]]

_STACK = b"""
<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
  <StackName>Flowlogs</StackName>
  <StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/Flowlogs/1</StackId>
  <CreationTime>2026-11-20T10:00:00Z</CreationTime>
  <StackStatus>UPDATE_COMPLETE</StackStatus>
  <Outputs>
    <member><OutputKey>AthenaDatabase</OutputKey><OutputValue>flowlogs</OutputValue></member>
    <member><OutputKey>AthenaWorkgroup</OutputKey><OutputValue>our-workgroup</OutputValue></member>
  </Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>
"""


@dataclass(slots=True)
class PlayedAthena:
    """What becomes of a query: its `columns` (name and Athena's type) and `rows` after so many `looks`."""

    columns: Columns = (("answer", "bigint"),)
    rows: Rows = (("42",),)
    looks: int = 3
    state: str = "SUCCEEDED"
    reason: str | None = None
    kind: str = "DML"
    scanned: int = 123_456_789
    page: int = 1000
    refuses: dict[str, str] = field(default_factory=dict)
    """What is said to operations that are refused, as InvalidRequestException."""
    denied: frozenset[str] = frozenset()
    on_look: Callable[[int], None] = lambda _: None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stopped: bool = False
    bodies: dict[str, bytes] = field(default_factory=dict)
    """What operations answer, whatever it is, instead of what Athena would."""
    next_tokens: Callable[[int], str] | None = None
    """The token of each page's next by the page's number, where it is not as it should be."""
    hangs: frozenset[str] = frozenset()
    """Operations that take the call and do not answer while it is served."""
    let_go: threading.Event = field(default_factory=threading.Event)
    """Set where those shall answer after all."""

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Answer over HTTP on this machine, also of the stack whose Athena it is; give the address."""
        self._model = boto3.client("athena", region_name="eu-west-1").meta.service_model

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805 (the library's name; `self` is the Athena)
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                target = handler.headers.get("X-Amz-Target")
                status, content = self._answered(target, body) if target else (200, _STACK)
                with suppress(OSError):  # whoever asked may have gone
                    handler.send_response(status)
                    handler.send_header("Content-Length", str(len(content)))
                    handler.end_headers()
                    handler.wfile.write(content)

            def log_message(handler, *_: object) -> None:  # noqa: N805
                """Write nothing."""

        with Serving(Handler) as server:
            try:
                yield server.url
            finally:
                self.let_go.set()

    def client(self, url: str | None = None, *, read_timeout: float = 60) -> Any:
        """Make a client that asks it: where it is served, or without HTTP."""
        client: Any = boto3.client(
            "athena",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout),
        )
        if url is None:
            client.meta.events.register("before-send.athena", self._answer)
            self._model = client.meta.service_model
        return client

    def names(self) -> list[str]:
        """Name the operations that were asked for, each once where it was asked in a row."""
        found = [name for name, _ in self.calls]
        return [name for name, before in zip(found, ["", *found], strict=False) if name != before]

    _model: Any = None

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        status, content = self._answered(
            target.decode() if isinstance(target, bytes) else target,
            request.body if isinstance(request.body, bytes) else str(request.body).encode(),
        )
        headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, status, headers, _Raw(content))

    def _answered(self, target: str, body: bytes) -> tuple[int, bytes]:
        name, asked = target.rpartition(".")[2], json.loads(body)
        self.calls.append((name, asked))
        operation = self._model.operation_model(name)
        if name in self.hangs:
            self.let_go.wait()
        if name in self.denied:
            return 400, json.dumps({"__type": "AccessDeniedException", "Message": "No."}).encode()
        if name in self.refuses:
            return 400, json.dumps({"__type": "InvalidRequestException", "Message": self.refuses[name]}).encode()
        if name in self.bodies:
            return 200, self.bodies[name]
        content = getattr(self, f"_{name}")(asked)
        assert set(content) <= set(operation.output_shape.members), name
        return 200, json.dumps(content).encode()

    def _StartQueryExecution(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (AWS's name)
        assert 32 <= len(asked["ClientRequestToken"]) <= 128
        return {"QueryExecutionId": "of-the-query"}

    def _StopQueryExecution(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert asked == {"QueryExecutionId": "of-the-query"}
        self.stopped = True
        return {}

    def _GetQueryExecution(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        looked = sum(name == "GetQueryExecution" for name, _ in self.calls)
        self.on_look(looked)
        state = self.state if looked > self.looks else "RUNNING" if looked > 1 else "QUEUED"
        status = {"State": state} | ({"StateChangeReason": self.reason} if self.reason and looked > self.looks else {})
        statistics = {"DataScannedInBytes": self.scanned, "TotalExecutionTimeInMillis": 2345} if looked > 1 else {}
        return {"QueryExecution": {**asked, "Status": status, "StatementType": self.kind, "Statistics": statistics}}

    def _GetQueryResults(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        names: Rows = [[name for name, _ in self.columns]] if self.kind == "DML" else []
        rows = [*names, *self.rows]
        if self.next_tokens:
            pages = sum(name == "GetQueryResults" for name, _ in self.calls)
            return {"ResultSet": {}, "NextToken": self.next_tokens(pages - 1)}
        begin = int(asked.get("NextToken", 0))
        end = begin + min(self.page, asked["MaxResults"])
        return {
            "ResultSet": {
                "Rows": [
                    {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
                    for row in rows[begin:end]
                ],
                "ResultSetMetadata": {
                    "ColumnInfo": [{"Name": name, "Type": type_, **_precision(type_)} for name, type_ in self.columns]
                },
            }
        } | ({"NextToken": str(end)} if end < len(rows) else {})


def _precision(type_: str) -> dict[str, int]:
    return {"Precision": 10, "Scale": 2} if type_ == "decimal" else {}


class _Raw(io.BytesIO):
    """A body as urllib3 has it."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()
