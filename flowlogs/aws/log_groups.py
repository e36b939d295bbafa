"""Writes into log groups of CloudWatch Logs, and says who is subscribed to them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.doctor.refused import Refused
from flowlogs.generate.carriers.log_streams import Event

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_logs.type_defs import RejectedLogEventsInfoTypeDef

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 10},  # PutLogEvents is throttled by account
)


class CloudWatchLogGroups:
    """Log groups of an account and region (`flowlogs.doctor.asked.LogGroups`)."""

    def __init__(self, client: "CloudWatchLogsClient | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "CloudWatchLogsClient":
        return self._given or cast("CloudWatchLogsClient", client_of("logs", _CONFIG))

    def create(self, group: str, stream: str) -> None:
        """Create a log stream, where there is none of this name; raise Refused."""
        try:
            self._client.create_log_stream(logGroupName=group, logStreamName=stream)
        except FAILURES as error:
            if code_of(error) != "ResourceAlreadyExistsException":
                raise _refusal(error, "logs:CreateLogStream", group) from error

    def put(self, group: str, stream: str, events: Sequence[Event]) -> int:
        """Put the events of one call, in order of time; give how many were rejected; raise Refused."""
        rows = [{"timestamp": event.timestamp, "message": event.message} for event in events]
        try:
            answer = self._client.put_log_events(
                logGroupName=group,
                logStreamName=stream,
                logEvents=rows,  # type: ignore[arg-type]
            )
        except FAILURES as error:
            raise _refusal(error, "logs:PutLogEvents", group) from error
        return _rejected(answer.get("rejectedLogEventsInfo", {}), len(events))

    def subscriptions(self, group: str) -> list[str]:
        """List the ARNs that a log group is subscribed to; raise Refused."""
        try:
            pages = self._client.get_paginator("describe_subscription_filters").paginate(logGroupName=group)
            return [found["destinationArn"] for page in pages for found in page["subscriptionFilters"]]
        except FAILURES as error:
            raise _refusal(error, "logs:DescribeSubscriptionFilters", group) from error


def _rejected(info: "RejectedLogEventsInfoTypeDef", count: int) -> int:
    """Count what was rejected. Source: PutLogEvents; the ends of what is too old are exclusive."""
    too_old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    return too_old + count - info.get("tooNewLogEventStartIndex", count)


def _refusal(error: "BotoCoreError | ClientError", action: str, group: str) -> Refused:
    if code_of(error) == "ResourceNotFoundException":
        return Refused(
            f"there is no log group {group} in this account and region: "
            "`aws logs describe-log-groups --query 'logGroups[].logGroupName'` lists them",
            code="ResourceNotFoundException",
        )
    return explained(error, action, group)
