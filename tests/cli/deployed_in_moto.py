"""A deployment of moto's, for commands that look at one; what AWS does between source and destination is played here.

Not moto's: Logs to Lambda, Firehose to OpenSearch, and time, which passes only while a command sleeps.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.cli import aws_account
from flowlogs.doctor.asked import Outside
from flowlogs.record.log_format import LogFormat, fields_up_to

LOG_FORMAT = LogFormat(fields_up_to(3))
FORMAT = " ".join(f"${{{field.name}}}" for field in LOG_FORMAT.fields)
GROUP, SEARCH, LAKE = "Flowlogs", "VPCFlowLogsToElasticSearch", "flowlogs-lake"
OUTPUTS = {
    "Source": "cloudwatch",
    "RecordFormat": FORMAT,
    "LogGroup": GROUP,
    "SearchStream": SEARCH,
    "LakeStream": LAKE,
    "SearchEndpoint": "https://search.example.org",
    "IndexPrefix": "cwl",
    "LakeBucket": "the-lake",
    "LakePrefix": "flows/",
    "LakeFormat": "json",
    "DeadLetterBucket": "the-letters",
    "Ingestor": "flowlogs-ingestor",
    "Destinations": "search,lake",
}


class Deployed:
    """Clients of moto, and what the played pipeline does whenever a command sleeps."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self.logs, self.s3, self.firehose, self.ec2, self._cloudformation = (
            client_of(service, Config()) for service in ("logs", "s3", "firehose", "ec2", "cloudformation")
        )
        self.skipped = 0.0
        self.documents: Counter[int] = Counter()
        self._delivered = 0
        self.sleeps: Callable[[], None] = lambda: None
        self._outputs = outputs
        self._make()

    def _make(self) -> None:
        for bucket in ("the-lake", "the-letters"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.logs.create_log_group(logGroupName=GROUP)
        to = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": "arn:aws:s3:::the-lake"}
        for stream in (SEARCH, LAKE):
            self.firehose.create_delivery_stream(
                DeliveryStreamName=stream,
                ExtendedS3DestinationConfiguration=to,
            )
        template = {
            "Resources": {"Queue": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "of-the-stack"}}},
            "Outputs": {name: {"Value": value} for name, value in self._outputs.items()},
        }
        self._cloudformation.create_stack(StackName="Flowlogs", TemplateBody=json.dumps(template))

    def outside(self) -> Outside:
        """Give the real ways to AWS, which moto answers, with a clock that does not let anyone wait."""
        real = _REAL()
        return replace(real, now=lambda: real.now() + self.skipped, sleep=self._sleep, search=lambda _: self._marks)

    def _marks(self, marker: str) -> Mapping[int, int]:
        return self.documents

    def _sleep(self, seconds: float) -> None:
        self.skipped += seconds
        assert self.skipped < 3600, "it waits without end"
        self.sleeps()

    @property
    def lines(self) -> dict[str, list[bytes]]:
        """Lines in the log group by log stream."""
        streams = self.logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
        return {stream["logStreamName"]: self._lines(stream["logStreamName"]) for stream in streams}

    def _lines(self, stream: str) -> list[bytes]:
        found = self.logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
        return [event["message"].encode() for event in found["events"]]

    def deliver(self, up_to: int | None = None) -> None:
        """Bring marked lines that are not there yet to search and lake: all, or up to so many."""
        lines = [line for lines in self.lines.values() for line in lines][self._delivered : up_to]
        self._delivered += len(lines)
        records = [LOG_FORMAT.read(line) for line in lines]
        self.documents.update(record["srcport"] for record in records)
        rows = [{key.replace("_", "-"): value for key, value in record.items()} for record in records]
        content = gzip.compress("\n".join(map(json.dumps, rows)).encode())
        key = f"flows/date={datetime.now(UTC):%Y-%m-%d}/{self._delivered}.gz"  # Firehose never writes an object twice
        self.s3.put_object(Bucket="the-lake", Key=key, Body=content)


_REAL = aws_account.outside


_CLIENTS: dict[str, Any] = {}
"""Made once: making clients takes most of the time of such tests. All of them are moto's."""


def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign in to moto, whatever this machine's own settings are."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr("flowlogs.aws.clients._clients", _CLIENTS)


def deploy(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> Deployed:
    """Make a deployment; commands find it."""
    outputs = {name: value for name, value in {**OUTPUTS, **changed}.items() if value is not None}
    deployed = Deployed(outputs)
    monkeypatch.setattr(aws_account, "outside", deployed.outside)
    return deployed


def subscribed(deployed: Deployed, flow_log_format: str = FORMAT) -> None:
    """Add what moto lets us add only in parts: the flow log."""
    vpc = deployed.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    deployed.ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName=GROUP,
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow-logs",
        LogFormat=flow_log_format,
    )


def raises(error: BaseException) -> Callable[..., Any]:
    """Make a function that raises."""

    def call(*_: object, **__: object) -> Any:
        raise error

    return call
