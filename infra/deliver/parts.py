"""What both delivery streams are made of: error logs, the transformation, a role's statements."""

from collections.abc import Iterable

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.log_group import retention
from infra.permissions import Permission, encrypting, role_of

BUFFER_MB = 0.2
"""What Firehose gathers before it invokes the decorator, the least it takes.

The answer may have 6,000,000 bytes. A default line of 114 bytes with places at both ends becomes a document of 1.2 KB,
and that grows by a third in base64: 14 times the line. 0.2 MB in are 3 MB out; 1 MB in would be 15 MB. Sixteen security
groups at both ends add 0.8 KB a line and still fit. What does not fit goes back onto the stream and costs twice.
Source: Firehose Developer Guide, "Transform source data" (0.2 to 3 MB, 6 MB either way).
"""
_BUFFER_SECONDS = 60
_RETRIES = 3


class ErrorLogs(Construct):
    """The log group in which Firehose says why a delivery failed. Days of retention."""

    def __init__(self, scope: Construct, id_: str, *, days: int) -> None:
        super().__init__(scope, id_)
        self._group = logs.LogGroup(self, "Logs", retention=retention(days), removal_policy=RemovalPolicy.DESTROY)

    def options(self, what: str) -> firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty:
        """Give the options of one destination, with a log stream of its own."""
        stream = logs.LogStream(
            self, what, log_group=self._group, log_stream_name=what, removal_policy=RemovalPolicy.DESTROY
        )
        return firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
            enabled=True, log_group_name=self._group.log_group_name, log_stream_name=stream.log_stream_name
        )

    def permission(self) -> Permission:
        """Let a role write here."""
        return Permission(
            ["logs:PutLogEvents"],
            [self._group.log_group_arn],
            "The log streams of the delivery stream's own log group.",
        )


def transformation(
    function: lambda_.IFunction, role: iam.IRole
) -> firehose.CfnDeliveryStream.ProcessingConfigurationProperty:
    """Give the processing of a stream by a decorator."""
    parameters = {
        "LambdaArn": f"{function.function_arn}:$LATEST",
        "NumberOfRetries": str(_RETRIES),
        "RoleArn": role.role_arn,
        "BufferSizeInMBs": str(BUFFER_MB),
        "BufferIntervalInSeconds": str(_BUFFER_SECONDS),
    }
    return firehose.CfnDeliveryStream.ProcessingConfigurationProperty(
        enabled=True,
        processors=[
            firehose.CfnDeliveryStream.ProcessorProperty(
                type="Lambda",
                parameters=[
                    firehose.CfnDeliveryStream.ProcessorParameterProperty(parameter_name=name, parameter_value=value)
                    for name, value in parameters.items()
                ],
            )
        ],
    )


def firehose_role(scope: Construct, id_: str, *, description: str, permissions: Iterable[Permission]) -> iam.Role:
    """Make the role of a stream, for this account's streams only.

    Firehose names the account as the external id. Source: Firehose Developer Guide (2023), "Allow Firehose to assume an
    IAM role"; the acceptance tests of Terraform's AWS provider make their streams with it.
    """
    return role_of(
        scope,
        id_,
        service="firehose.amazonaws.com",
        conditions={"StringEquals": {"sts:ExternalId": Aws.ACCOUNT_ID}},
        description=description,
        permissions=permissions,
    )


def invoking(function: lambda_.IFunction) -> Permission:
    """Let a stream invoke its decorator."""
    return Permission(
        ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"],
        [function.function_arn, f"{function.function_arn}:$LATEST"],
    )


def writing(bucket: s3.IBucket, *prefixes: str) -> list[Permission]:
    """Let a stream write objects under prefixes of a bucket.

    Source: Firehose Developer Guide, "Grant Firehose access to an Amazon S3 destination".
    """
    return [
        Permission(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket.bucket_arn]),
        Permission(
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            [bucket.arn_for_objects(f"{prefix}*") for prefix in prefixes],
            "Objects that Firehose names by the time of arrival.",
        ),
        *encrypting(bucket),
    ]


def encrypted() -> firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty:
    """Encrypt what waits in a stream, with a key that AWS owns and does not charge for."""
    return firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
