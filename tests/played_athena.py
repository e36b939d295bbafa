"""An Athena that runs no query: it answers botocore on the wire, from what a test says becomes of each query.

Facts it stands for (Athena API, botocore's model): a query goes from QUEUED over RUNNING to an end; an answer comes in
pages, the first row of a SELECT's being its column names; a value that is NULL lacks `VarCharValue`; a query that
cannot be parsed, and a workgroup that is not there, are an InvalidRequestException.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

Columns = Sequence[tuple[str, str]]
Rows = Sequence[Sequence[str | None]]


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

    def client(self) -> Any:
        """Make a client that asks it."""
        client: Any = boto3.client(
            "athena",
            region_name="eu-west-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1}),
        )
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
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        asked = json.loads(str(request.body, "utf-8") if isinstance(request.body, bytes) else str(request.body))
        self.calls.append((name, asked))
        operation = self._model.operation_model(name)
        if name in self.denied:
            return _response(request.url, 400, {"__type": "AccessDeniedException", "Message": "No."})
        if name in self.refuses:
            said = {"__type": "InvalidRequestException", "Message": self.refuses[name]}
            return _response(request.url, 400, said)
        content = getattr(self, f"_{name}")(asked)
        assert set(content) <= set(operation.output_shape.members), name
        return _response(request.url, 200, content)

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


def _response(url: str, status: int, content: dict[str, Any]) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
    return AWSResponse(url, status, headers, _Raw(json.dumps(content).encode()))
