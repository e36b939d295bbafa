"""Reads what the watch stage made out of a template."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from aws_cdk.assertions import Template

Templates: TypeAlias = Mapping[str, Template]
COMBINATIONS = ("cloudwatch", "s3", "s3 with a log group", "firehose", "firehose with a log group", "existing")


def properties(template: Template, kind: str) -> list[dict[str, Any]]:
    return [found["Properties"] for found in template.find_resources(f"AWS::{kind}").values()]


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return {alarm["AlarmName"]: alarm for alarm in properties(template, "CloudWatch::Alarm")}


def saved_queries(template: Template) -> dict[str, dict[str, Any]]:
    return {query["Name"]: query for query in properties(template, "Logs::QueryDefinition")}


def widgets(template: Template) -> list[dict[str, Any]]:
    """Read the dashboard's body; what CloudFormation fills in later stands in it as a name."""
    (dashboard,) = properties(template, "CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "filled-in" for part in parts))
    return cast(list[dict[str, Any]], body["widgets"])
