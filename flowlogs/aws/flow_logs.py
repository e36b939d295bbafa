"""Asks EC2 for flow logs."""

from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES
from flowlogs.doctor.asked import FlowLog

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import FlowLogTypeDef

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 6})


class DescribeFlowLogs:
    """Flow logs of an account and region (`flowlogs.doctor.asked.FlowLogs`)."""

    def __init__(self, client: "EC2Client | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "EC2Client":
        return self._given or cast("EC2Client", client_of("ec2", _CONFIG))

    def into_log_group(self, name: str) -> list[FlowLog]:
        """List the flow logs that write into a log group; raise Refused."""
        return self._where("log-group-name", name)

    def into(self, kind: str) -> list[FlowLog]:
        """List the flow logs of a destination type; raise Refused."""
        return self._where("log-destination-type", kind)

    def _where(self, name: str, value: str) -> list[FlowLog]:
        try:
            paginator = self._client.get_paginator("describe_flow_logs")
            pages = paginator.paginate(Filter=[{"Name": name, "Values": [value]}])  # type: ignore[call-arg] # as EC2 has it
            return [_flow_log(found) for page in pages for found in page["FlowLogs"]]
        except FAILURES as error:
            raise explained(error, "ec2:DescribeFlowLogs") from error


def _flow_log(found: "FlowLogTypeDef") -> FlowLog:
    return FlowLog(
        flow_log_id=found.get("FlowLogId", ""),
        resource_id=found.get("ResourceId", ""),
        delivery=found.get("DeliverLogsStatus", ""),
        error=found.get("DeliverLogsErrorMessage", ""),
        log_format=found.get("LogFormat", ""),
        destination=found.get("LogDestination") or found.get("LogGroupName", ""),
    )
