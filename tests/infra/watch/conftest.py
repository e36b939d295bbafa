"""Stacks that hold nothing but the watch stage, for each source, synthesized once."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template
from watch_templates import COMBINATIONS, Templates

from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to
from infra.watch.pipeline import Pipeline, SshNames
from infra.watch.watch import Watch

FUNCTIONS = ("ingestor", "search decorator", "lake decorator", "search set-up", "inventory", "geoip")
STREAMS = {"search": "VPCFlowLogsToElasticSearch", "lake": "VPCFlowLogsToS3"}


def _pipeline(scope: Stack, *, without: tuple[str, ...] = (), **given: Any) -> Pipeline:
    """Describe a deployment of both destinations, with what is given instead."""
    keys = [key for key in FUNCTIONS if key not in without]
    usual: dict[str, Any] = {
        "log_format": DEFAULT,
        "streams": STREAMS,
        "functions": {key: _function(scope, key) for key in keys},
        "function_log_groups": [logs.LogGroup.from_log_group_name(scope, f"{key} logs", f"log-{key}") for key in keys],
        "dead_letters": s3.Bucket.from_bucket_name(scope, "Letters", "the-dead-letters"),
        "geo_days": 62,
    }
    return Pipeline(**{**usual, **given})


def _function(scope: Stack, key: str) -> lambda_.IFunction:
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:the-{key.replace(' ', '-')}"
    return lambda_.Function.from_function_arn(scope, key, arn)


def _group(scope: Stack) -> logs.ILogGroup:
    return logs.LogGroup.from_log_group_name(scope, "Flowlogs", "Flowlogs")


def _queue(scope: Stack, name: str) -> sqs.IQueue:
    return sqs.Queue.from_queue_arn(scope, name, f"arn:aws:sqs:eu-west-1:123456789012:{name}")


def _s3(scope: Stack, **given: Any) -> Pipeline:
    queue, given_up = _queue(scope, "files"), _queue(scope, "files-given-up")
    return _pipeline(scope, source="s3", queue=queue, dead_letter_queue=given_up, **given)


PIPELINES: Mapping[str, Callable[[Stack], Pipeline]] = {
    "cloudwatch": lambda scope: _pipeline(
        scope,
        source="cloudwatch",
        log_group=_group(scope),
        domain_name="es-flowlogs",
        node_storage_gib=100,
        aggregation_seconds=60,
        event_queue=_queue(scope, "interface-events"),
        event_dead_letters=_queue(scope, "interface-events-given-up"),
    ),
    "s3": lambda scope: _s3(
        scope,
        prefix="team-",
        log_format=LogFormat(fields_up_to(5)),
        streams={"lake": "team-lake"},
        lake_format="json",
        without=("search decorator", "search set-up"),
        function_namespace="team-flowlogs",
        ssh=SshNames(namespace="team-vpcflowlogs"),
        inventory_minutes=20,
        geo_days=21,
    ),
    "s3 with a log group": lambda scope: _s3(scope, log_group=_group(scope)),
    "firehose": lambda scope: _pipeline(scope, source="firehose", without=("ingestor",)),
    "firehose with a log group": lambda scope: _pipeline(
        scope,
        source="firehose",
        log_group=_group(scope),
        log_format=LogFormat(reversed(list(FIELDS))),
        without=("ingestor",),
    ),
    "existing": lambda scope: _pipeline(
        scope,
        source="cloudwatch",
        log_group=_group(scope),
        has_flow_log=False,
        own_streams=(),
        log_format=LogFormat(["interface-id", "srcaddr", "dstaddr", "bytes"]),
        without=("inventory", "geoip"),
        geo_days=None,
    ),
}
"""The deployments that the tests look at; those named as the columns of the page stand for them."""


@pytest.fixture(scope="session")
def stacks() -> Mapping[str, Stack]:
    """Make all in one application, so that it is synthesized once for the whole session."""
    assert tuple(PIPELINES) == COMBINATIONS
    app = App()
    made = {}
    for name, describe in PIPELINES.items():
        made[name] = Stack(app, name.title().replace(" ", ""))
        email = "ops@example.com" if name == "s3" else None
        Watch(made[name], "Watch", pipeline=describe(made[name]), alert_email=email)
    return made


@pytest.fixture(scope="session")
def templates(stacks: Mapping[str, Stack]) -> Templates:
    return {name: Template.from_stack(stack) for name, stack in stacks.items()}
