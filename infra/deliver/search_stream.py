"""The delivery stream to OpenSearch."""

from dataclasses import dataclass

from aws_cdk import CfnTag
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.deliver import parts
from infra.permissions import Permission

_ROTATION = {
    "hourly": "OneHour",
    "daily": "OneDay",
    "weekly": "OneWeek",
    "monthly": "OneMonth",
    "none": "NoRotation",
}
_FAILED = "search/"
_RETRY_SECONDS = 7200
"""The most there is: then a document goes to S3. Source: Firehose API, AmazonopensearchserviceRetryOptions."""
_BUFFER_SECONDS, _BUFFER_MB = 60, 5
_READ_PATHS = (
    "/_all/_settings",
    "/_cluster/stats",
    "/{index}*/_mapping/*",
    "/{index}*/_stats",
    "/_nodes",
    "/_nodes/stats",
    "/_nodes/*/stats",
    "/_stats",
)
"""What Firehose reads of a domain. Source: Firehose Developer Guide, "Grant Firehose access to a public OpenSearch
Service destination"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDomain:
    """Where documents go; a subnet and a security group for each where the domain is inside a VPC."""

    arn: str
    index_prefix: str
    rotation: str
    subnet_ids: tuple[str, ...] = ()
    security_group: ec2.ISecurityGroup | None = None


class DeliveryRole(Construct):
    """The role that Firehose delivers with; it is there before the domain, whose policy names it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        domain_arn: str,
        index_prefix: str,
        inside_vpc: bool,
        failed: s3.IBucket,
        decorator: lambda_.IFunction,
        error_logs: parts.ErrorLogs,
    ) -> None:
        super().__init__(scope, id_)
        self.role = parts.firehose_role(
            self,
            "Role",
            description="Firehose delivers documents to OpenSearch, and failed ones to S3",
            permissions=[
                *_domain(domain_arn, index_prefix),
                *parts.writing(failed, _FAILED),
                parts.invoking(decorator),
                error_logs.permission(),
                *([_INTERFACES] if inside_vpc else []),
            ],
        )


class SearchStream(Construct):
    """The stream `search`: one document a record, a new index as the rotation says, failed documents to S3."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        domain: SearchDomain,
        role: iam.IRole,
        failed: s3.IBucket,
        decorator: lambda_.IFunction,
        error_logs: parts.ErrorLogs,
    ) -> None:
        super().__init__(scope, id_)
        stream = firehose.CfnDeliveryStream
        self.stream = stream(
            self,
            "Stream",
            delivery_stream_name=name,
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=parts.encrypted(),
            tags=[
                CfnTag(key="LogDeliveryEnabled", value="true")
            ],  # a flow log may write onto it (docs/aws-behaviour.md)
            amazonopensearchservice_destination_configuration=stream.AmazonopensearchserviceDestinationConfigurationProperty(
                domain_arn=domain.arn,
                index_name=domain.index_prefix,
                index_rotation_period=_ROTATION[domain.rotation],
                # Firehose's own id, the same when it sends a document again: its retries make no duplicates
                document_id_options=stream.DocumentIdOptionsProperty(default_document_id_format="FIREHOSE_DEFAULT"),
                role_arn=role.role_arn,
                buffering_hints=stream.AmazonopensearchserviceBufferingHintsProperty(
                    interval_in_seconds=_BUFFER_SECONDS, size_in_m_bs=_BUFFER_MB
                ),
                retry_options=stream.AmazonopensearchserviceRetryOptionsProperty(duration_in_seconds=_RETRY_SECONDS),
                processing_configuration=parts.transformation(decorator, role),
                cloud_watch_logging_options=error_logs.options("search"),
                s3_backup_mode="FailedDocumentsOnly",
                s3_configuration=stream.S3DestinationConfigurationProperty(
                    bucket_arn=failed.bucket_arn,
                    role_arn=role.role_arn,
                    prefix=_FAILED,
                    error_output_prefix=f"{_FAILED}!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/",
                    compression_format="GZIP",
                    cloud_watch_logging_options=error_logs.options("search-backup"),
                ),
                vpc_configuration=_inside(domain, role),
            ),
        )
        self.arn = self.stream.attr_arn


def _inside(domain: SearchDomain, role: iam.IRole) -> firehose.CfnDeliveryStream.VpcConfigurationProperty | None:
    if domain.security_group is None:
        return None
    return firehose.CfnDeliveryStream.VpcConfigurationProperty(
        role_arn=role.role_arn,
        subnet_ids=list(domain.subnet_ids),
        security_group_ids=[domain.security_group.security_group_id],
    )


def _domain(arn: str, index_prefix: str) -> list[Permission]:
    return [
        Permission(
            [
                f"es:Describe{old}{what}"
                for old in ("", "Elasticsearch")
                for what in ("Domain", "Domains", "DomainConfig")
            ],
            [arn, f"{arn}/*"],
            "Firehose looks at the domain before it delivers, by names old and new; what it reads is not data.",
        ),
        Permission(
            ["es:ESHttpPost", "es:ESHttpPut"],
            [f"{arn}/*"],
            "Firehose writes through _bulk and makes indexes; inside the domain its role may write to ours only.",
        ),
        Permission(
            ["es:ESHttpGet"],
            [f"{arn}{path.format(index=index_prefix)}" for path in _READ_PATHS],
            "Firehose reads mappings and statistics of every index that the rotation makes, and of every node.",
        ),
    ]


_INTERFACES = Permission(
    [
        "ec2:DescribeVpcs",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkInterfaces",
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
    ],
    ["*"],
    "Firehose makes its interfaces in the VPC and asks for them before they have an id.",
)
"""Source: Firehose Developer Guide, "Grant Firehose access to an OpenSearch Service destination in a VPC"."""
