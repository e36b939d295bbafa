"""A decorator in process, wired as in Lambda, with everything outside it faked and watched."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowlogs.deliver.firehose import LARGEST_ANSWER
from flowlogs.deliver.local.call_error import CallError
from flowlogs.deliver.local.firehose import check_call
from flowlogs.errors import StreamError
from flowlogs.inventory.asking_ec2 import Describe
from flowlogs.metrics import METRICS, SSH_REJECTS
from functions.decorator.wiring import Outside, wire

STREAM, ACCOUNT = "flows", "123456789012"
ARN = f"arn:aws:firehose:eu-west-1:{ACCOUNT}:deliverystream/{STREAM}"
ARRIVAL = 1_767_226_500
"""When records arrive unless a test says otherwise: 2026-01-01 00:15 UTC, in seconds."""


def line(
    port: int,
    *,
    src: str = "10.0.0.1",
    dst: str = "10.0.0.2",
    eni: str = "eni-1",
    action: str = "ACCEPT",
    dstport: int = 443,
    protocol: int = 6,
) -> bytes:
    """Give a default line, told from others by its source port."""
    end = f"{port} {dstport} {protocol} 1 40 1767225600 1767225659 {action} OK"
    return f"2 {ACCOUNT} {eni} {src} {dst} {end}".encode()


def event_of(*texts: bytes | None, arrival: Any = ARRIVAL * 1000, arn: str = ARN) -> dict[str, Any]:
    """Make a transformation event; None is a record whose data is no base64."""
    records = [
        {
            "recordId": f"{number:056}",
            "approximateArrivalTimestamp": arrival,
            "data": "*no base64*" if text is None else base64.b64encode(text).decode(),
        }
        for number, text in enumerate(texts)
    ]
    return {"invocationId": "one", "deliveryStreamArn": arn, "region": "eu-west-1", "records": records}


class Answered:
    """The answer to one event, checked against what holds for every answer."""

    def __init__(self, event: Mapping[str, Any], answer: Any, metrics: Mapping[str, float]) -> None:
        assert len(json.dumps(answer)) <= LARGEST_ANSWER
        assert [record["recordId"] for record in answer["records"]] == [each["recordId"] for each in event["records"]]
        for record in answer["records"]:
            assert record["result"] in {"Ok", "Dropped", "ProcessingFailed"}
            assert ("data" in record) == (record["result"] == "Ok")
        self.results = [record["result"] for record in answer["records"]]
        self.data = [base64.b64decode(record["data"]) for record in answer["records"] if record["result"] == "Ok"]
        self.documents = [json.loads(text) for data in self.data for text in data.splitlines()]
        self.metrics = metrics
        self.received = int(metrics["LinesReceived"])
        self.delivered = int(metrics["LinesDelivered"])
        self.dropped = int(metrics["LinesDropped"])
        self.failed = int(metrics["LinesFailed"])
        self.requeued = int(metrics["LinesRequeued"])
        self.ignored = int(metrics["LinesIgnored"])
        assert self.received == self.delivered + self.dropped + self.failed + self.requeued
        assert self.delivered == len(self.documents)

    @property
    def ports(self) -> list[int]:
        """Source ports of the documents."""
        return [document["srcport"] for document in self.documents]


class Tried:
    """A decorator and what it did to the world: `back` is what it put onto the stream."""

    def __init__(self, environ: Mapping[str, str], describe: Describe | None = None) -> None:
        self.back: list[bytes] = []
        self.refuses: StreamError | None = None
        self.refuses_record: bytes | None = None
        self.metrics: list[tuple[str, str, Mapping[str, float]]] = []
        self.infos: list[str] = []
        self.warnings: list[str] = []
        self.now = float(ARRIVAL + 60)
        self.aws_request_id = "request"
        self.seconds = 60.0
        outside = Outside(self, describe, lambda: self.now, self._sleep, lambda *row: self.metrics.append(row))
        self.decorate = wire(environ, self, outside)

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        assert stream == STREAM
        if self.refuses:
            raise self.refuses
        try:
            check_call(records)  # the local Firehose's limits are AWS's
        except CallError as error:
            raise StreamError(error.code, temporary=False) from error
        self.back += [record for record in records if record != self.refuses_record]
        return ["InternalFailure" if record == self.refuses_record else None for record in records]

    def info(self, msg: object, **fields: Any) -> None:
        self.infos.append(str(msg))

    def warning(self, msg: object, **fields: Any) -> None:
        self.warnings.append(str(msg))

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)

    def _sleep(self, seconds: float) -> None:
        self.seconds -= seconds

    def answer(self, event: Mapping[str, Any]) -> Answered:
        """Answer one event."""
        answer = self.decorate(event, self)
        _, stream, metrics = self.metrics[-1]
        assert set(metrics) <= {*METRICS, SSH_REJECTS}
        assert stream in (STREAM, "")
        return Answered(event, answer, metrics)

    def __call__(self, *texts: bytes | None, **more: Any) -> Answered:
        """Answer an event of these records."""
        return self.answer(event_of(*texts, **more))

    def to_the_end(self, event: Mapping[str, Any], at_once: int = 500) -> list[Answered]:
        """Answer an event, then events of what was put back, until nothing is."""
        answers = [self.answer(event)]
        while self.back:
            taken, self.back = self.back[:at_once], self.back[at_once:]
            answers.append(self(*taken, arrival=(ARRIVAL + 900) * 1000))
            assert len(answers) < 400, "no end of putting back"
        return answers


def letters_in(folder: Path) -> list[dict[str, Any]]:
    """Read the dead letters below a folder."""
    files = sorted(folder.rglob("*.ndjson.gz"))
    return [json.loads(row) for file in files for row in gzip.decompress(file.read_bytes()).splitlines()]


def envelope(*messages: bytes | str, timestamp: int = 1_767_225_600_000, kind: str = "DATA_MESSAGE") -> bytes:
    """Make what CloudWatch Logs puts onto a stream."""
    events = [
        {"id": str(at), "timestamp": timestamp, "message": text if isinstance(text, str) else text.decode()}
        for at, text in enumerate(messages)
    ]
    content = {"messageType": kind, "owner": ACCOUNT, "logGroup": "g", "logStream": "s", "logEvents": events}
    return gzip.compress(json.dumps(content).encode(), mtime=0)
