"""The ingest stage: the function that forwards flow-record lines onto the delivery streams."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import Aws
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.function import WHOLE_PROCESSOR, Function
from infra.permissions import Permission, encrypting

SECONDS = 300
"""Timeout of the ingestor: the largest batch takes seconds; the rest is patience with a throttled stream."""
_TWO_RETRIES, _SIX_HOURS = 2, 6 * 3600
_ASYNC = "aws/lambda/async/*"
"""Where Lambda keeps events it gave up on; the prefix is Lambda's. Source: Lambda Developer Guide, S3 destinations."""


class Ingest(Construct):
    """The ingestor, with its dead letters in a bucket, and Lambda's own where it is invoked `asynchronous`ly.

    It cannot feed itself: it writes to its own log group and this bucket, and neither is a source.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Mapping[str, str | None],
        streams: Sequence[str],
        reading: Iterable[Permission],
        asynchronous: bool,
        dead_letters: s3.IBucket,
        log_retention_days: int,
        reserved_concurrency: int | None,
    ) -> None:
        super().__init__(scope, id_)
        made = Function(
            self,
            "Ingestor",
            name="ingestor",
            description="Forwards flow records onto the delivery streams",
            environment={**environment, "FLOWLOGS_DEAD_LETTERS": f"s3://{dead_letters.bucket_name}/ingest"},
            permissions=[
                Permission(["firehose:PutRecordBatch"], streams),
                Permission(
                    ["s3:PutObject"],
                    [dead_letters.arn_for_objects("ingest/*")],
                    "Dead letters of this function; their names say when.",
                ),
                *(_giving_up(dead_letters) if asynchronous else []),
                *encrypting(dead_letters),
                *reading,
            ],
            seconds=SECONDS,
            memory=WHOLE_PROCESSOR,
            log_retention_days=log_retention_days,
            reserved_concurrency=reserved_concurrency,
        )
        self.made, self.function, self.role = made, made.function, made.role
        if asynchronous:
            self._keep_what_lambda_gives_up(dead_letters)

    def _keep_what_lambda_gives_up(self, dead_letters: s3.IBucket) -> None:
        """Have Lambda keep an event that failed three times or waited six hours: nobody else has it any more."""
        lambda_.CfnEventInvokeConfig(
            self,
            "GivenUp",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=_TWO_RETRIES,
            maximum_event_age_in_seconds=_SIX_HOURS,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=dead_letters.bucket_arn)
            ),
        ).node.add_dependency(self.role)

    def subscribe(self, *, log_group: str, arn: str) -> logs.CfnSubscriptionFilter:
        """Take every record of a log group as it comes."""
        permission = lambda_.CfnPermission(
            self,
            "LetCloudWatchLogs",
            action="lambda:InvokeFunction",
            function_name=self.function.function_arn,
            principal="logs.amazonaws.com",
            source_account=Aws.ACCOUNT_ID,
            source_arn=f"{arn}:*",
        )
        subscription = logs.CfnSubscriptionFilter(
            self,
            "FlowRecords",
            log_group_name=log_group,
            destination_arn=self.function.function_arn,
            filter_pattern="",
        )
        subscription.node.add_dependency(permission)
        return subscription

    def read(self, *, queue_arn: str) -> lambda_.CfnEventSourceMapping:
        """Take the files that messages of a queue name."""
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "NewFiles",
            function_name=self.function.function_arn,
            event_source_arn=queue_arn,
            batch_size=10,
            function_response_types=["ReportBatchItemFailures"],
        )
        mapping.node.add_dependency(self.role)
        return mapping


def _giving_up(dead_letters: s3.IBucket) -> list[Permission]:
    """Let Lambda keep, with the function's role, what it gave up; it wants to list the bucket too."""
    return [
        Permission(
            ["s3:PutObject"],
            [dead_letters.arn_for_objects(_ASYNC)],
            "Events that Lambda gave up on; their names say when.",
        ),
        Permission(["s3:ListBucket"], [dead_letters.bucket_arn]),
    ]


def reading_files(*, queue_arn: str, files: s3.IBucket, prefix: str, key_arns: Sequence[str]) -> list[Permission]:
    """Let the ingestor take messages of a queue and read the files that they name."""
    permissions = [
        Permission(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue_arn]),
        Permission(["s3:GetObject"], [files.arn_for_objects(f"{prefix}AWSLogs/*")], "Flow log files, named by EC2."),
    ]
    return [*permissions, Permission(["kms:Decrypt"], key_arns)] if key_arns else permissions
