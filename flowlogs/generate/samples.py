"""Makes the samples in `events/`: `python -m flowlogs.generate.samples events` writes them anew."""

import base64
import json
import sys
from collections.abc import Iterable
from hashlib import md5
from pathlib import Path

from flowlogs.generate.carriers.subscription_events import (
    LogEvent,
    control_message,
    data_message,
    gzipped,
    log_event,
    subscription_event,
)
from flowlogs.generate.dataset import write_described
from flowlogs.generate.plan import Plan
from flowlogs.generate.roles import SMALLEST
from flowlogs.generate.traffic import records
from flowlogs.generate.vpc import ACCOUNT_ID, REGION, Vpc, build
from flowlogs.record.fields import FlowRecord
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to

SEED = 7
_V5 = LogFormat(fields_up_to(5))
_ARRIVED = 1_767_226_500_000
"""Milliseconds: a quarter of an hour after the first record's start."""
_BUCKET = "flowlogs-example"
_STREAM = "VPCFlowLogsToElasticSearch"


def write(folder: Path) -> None:
    """Write the samples into an existing folder; its README.md is written by hand."""
    vpc = build(seed=SEED, interfaces=SMALLEST)
    v2, v5 = _some(vpc, version=2), _some(vpc, version=5)
    bastion = [_event(number, record) for number, record in enumerate(_of_bastion(vpc), 1)]
    envelope = data_message(ACCOUNT_ID, f"{vpc.by_role['bastion'][0].interface_id}-all", bastion)
    key = _key(vpc)
    _write(folder / "cloudwatch-logs.json", subscription_event(envelope))
    _write(folder / "cloudwatch-logs-control.json", subscription_event(control_message(v2[0]["start"])))
    _write(folder / "cloudwatch-logs-extracted-fields.json", subscription_event(_extracted(envelope, bastion)))
    _write(folder / "firehose-lines.json", _firehose(v2, v5, envelope))
    _write(folder / "s3.json", _s3(key))
    _write(folder / "sqs-s3.json", _sqs(_s3(key)))
    _write(folder / "eventbridge-s3.json", _eventbridge(key))
    (folder / "flow-log-v2.log").write_bytes(_text(DEFAULT, v2))
    (folder / "flow-log-v5.log.gz").write_bytes(gzipped(_V5.header + b"\n" + _text(_V5, v5)))
    write_described(folder / "network-interfaces.json", "NetworkInterfaces", vpc.describe_network_interfaces())


def _some(vpc: Vpc, version: int) -> list[FlowRecord]:
    """Give 40 records evenly drawn, two NODATA, two SKIPDATA and two of an interface the inventory lacks."""
    every = list(records(vpc, Plan(seed=SEED, lines=3000, minutes=10, version=version)))
    no_data = [record for record in every if record["log_status"] == "NODATA"]
    skip_data = [record for record in every if record["log_status"] == "SKIPDATA"]
    gone = [record for record in every if record["account_id"] == "unknown"]
    return [*every[:: len(every) // 40][:40], *no_data[:2], *skip_data[:2], *gone[:2]]


def _of_bastion(vpc: Vpc) -> list[FlowRecord]:
    """Give twelve records of the bastion in order of time."""
    wanted = vpc.by_role["bastion"][0].interface_id
    every = records(vpc, Plan(seed=SEED, lines=3000, minutes=10, version=2))
    own = [record for record in every if record["interface_id"] == wanted]
    return sorted(own[:60:5], key=lambda record: record["start"])


def _event(number: int, record: FlowRecord) -> LogEvent:
    return log_event(number, record["start"], DEFAULT.write(record).decode())


def _extracted(envelope: dict[str, object], events: list[LogEvent]) -> dict[str, object]:
    """Give the envelope as it comes when the filter pattern names the fields: `[version, account_id, …]`."""
    keys = [field.key for field in DEFAULT.fields]
    named = [
        event | {"extractedFields": dict(zip(keys, str(event["message"]).split(), strict=True))} for event in events
    ]
    return envelope | {"logEvents": named}


def _text(log_format: LogFormat, some: Iterable[FlowRecord]) -> bytes:
    return b"".join(log_format.write(record) + b"\n" for record in some)


def _firehose(v2: list[FlowRecord], v5: list[FlowRecord], envelope: dict[str, object]) -> dict[str, object]:
    lines = [DEFAULT.write(record) for record in v2]
    wrapped = [json.dumps({"message": line.decode()}).encode() for line in lines[4:6]]
    packed = _V5.header + b"\n" + _text(_V5, v5[:5])
    data = [*lines[:4], *wrapped, gzipped(json.dumps(envelope).encode()), packed]
    return {
        "invocationId": "7c1ac4a6-53a5-4f0c-9d0e-3a6b1b0f4c11",
        "deliveryStreamArn": f"arn:aws:firehose:{REGION}:{ACCOUNT_ID}:deliverystream/{_STREAM}",
        "region": REGION,
        "records": [
            {
                "recordId": f"4966{number:052}",
                "approximateArrivalTimestamp": _ARRIVED + number,
                "data": base64.b64encode(one).decode(),
            }
            for number, one in enumerate(data, 1)
        ],
    }


def _key(vpc: Vpc) -> str:
    name = f"{ACCOUNT_ID}_vpcflowlogs_{REGION}_{vpc.flow_log_id}_20260101T0005Z_4c8b1e2f.log.gz"
    return f"AWSLogs/{ACCOUNT_ID}/vpcflowlogs/{REGION}/2026/01/01/{name}"


def _s3(key: str) -> dict[str, object]:
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-01-01T00:15:02.481Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLEFLOWLOGS:delivery.logs.amazonaws.com"},
        "requestParameters": {"sourceIPAddress": "10.180.3.17"},
        "responseElements": {
            "x-amz-request-id": "C3D13FE58DE4C810",
            "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "flowlogs",
            "bucket": {
                "name": _BUCKET,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{_BUCKET}",
            },
            "object": {
                "key": key,
                "size": 2048,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "sequencer": "0065920F5A6C1E4B7A",
            },
        },
    }
    return {"Records": [record]}


def _sqs(notification: dict[str, object]) -> dict[str, object]:
    body = json.dumps(notification)
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(_ARRIVED),
            "SenderId": "AIDAEXAMPLES3SENDER",
            "ApproximateFirstReceiveTimestamp": str(_ARRIVED + 12),
        },
        "messageAttributes": {},
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:flowlogs-objects",
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def _eventbridge(key: str) -> dict[str, object]:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT_ID,
        "time": "2026-01-01T00:15:02Z",
        "region": REGION,
        "resources": [f"arn:aws:s3:::{_BUCKET}"],
        "detail": {
            "version": "0",
            "bucket": {"name": _BUCKET},
            "object": {
                "key": key,
                "size": 2048,
                "etag": "d41d8cd98f00b204e9800998ecf8427e",
                "sequencer": "0065920F5A6C1E4B7A",
            },
            "request-id": "C3D13FE58DE4C810",
            "requester": "delivery.logs.amazonaws.com",
            "source-ip-address": "10.180.3.17",
            "reason": "PutObject",
        },
    }


def _write(path: Path, event: dict[str, object]) -> None:
    path.write_text(json.dumps(event, indent=2) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
