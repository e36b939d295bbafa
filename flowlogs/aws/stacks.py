"""Reads CloudFormation stacks."""

from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.exceptions import ClientError

from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.doctor.asked import Stack

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 6})


class CloudFormationStacks:
    """Stacks of an account and region (`flowlogs.doctor.asked.Stacks`)."""

    def __init__(self, client: "CloudFormationClient | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "CloudFormationClient":
        return self._given or cast("CloudFormationClient", client_of("cloudformation", _CONFIG))

    def read(self, name: str) -> Stack | None:
        """Give a stack by name or ARN; None where there is none; raise Refused."""
        try:
            stacks = self._client.describe_stacks(StackName=name)["Stacks"]
        except FAILURES as error:
            if _is_missing(error):
                return None
            raise explained(error, "cloudformation:DescribeStacks", name) from error
        return _stack(stacks[0]) if stacks else None


def _is_missing(error: Exception) -> bool:
    """Say whether there is no such stack, which CloudFormation calls an error of validation."""
    is_invalid = isinstance(error, ClientError) and code_of(error) == "ValidationError"
    return is_invalid and "does not exist" in str(error)


def _stack(found: "StackTypeDef") -> Stack:
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return Stack(
        found["StackName"], found.get("StackId", ""), found["StackStatus"], found.get("StackStatusReason", ""), outputs
    )
