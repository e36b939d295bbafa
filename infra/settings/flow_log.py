"""Settings of the flow log and of where it is read from."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import LogFormat, fields_up_to
from flowlogs.settings import SETTINGS
from infra.settings import kinds

_DEFAULT_FORMAT = [
    *fields_up_to(2),  # first, in AWS's order: what reads default lines by position reads these too
    *("vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr"),
    *("region", "az-id", "pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path"),
]
_TAG_FIELDS = {"network-interface": "interface-tag", "instance": "instance-tag", "auto-scaling-group": "asg-tag"}
"""Resource types whose tags a flow log can carry, and the field of the first key; the second has "-2" behind it.

Source: EC2 API, CreateFlowLogs, TagFieldSpecifications (1 to 3 entries of 1 to 2 keys).
"""
_OURS = ("/aws/lambda/", "/aws/kinesisfirehose/", "/aws/OpenSearchService/")


def _record_format(text: str) -> str:
    return text if text == "default" else kinds.function_setting("FLOWLOGS_FORMAT")(text)


def _log_group(name: str) -> str:
    if name.startswith(_OURS):
        raise ValueError(f"{name} is a service's own log group: a function that reads what it writes would never end")
    return name


def _tag_fields(pairs: list[str]) -> list[str]:
    for pair in pairs:
        resource, _, key = pair.partition(":")
        if resource not in _TAG_FIELDS or not key:
            raise ValueError(f"{pair!r} is not RESOURCE:KEY with one of {', '.join(_TAG_FIELDS)}")
    if any(len([pair for pair in pairs if pair.startswith(f"{resource}:")]) > 2 for resource in _TAG_FIELDS):
        raise ValueError("a flow log takes at most two keys of each kind of resource")
    return pairs


class FlowLogSettings(BaseModel):
    """The flow log."""

    source: Literal["cloudwatch", "s3", "firehose"] = Field(
        "cloudwatch",
        description="where records are read: a CloudWatch log group, files in S3, or straight from a delivery stream",
    )
    vpc_ids: kinds.VpcIds = Field([], description="VPCs to log; none here and in the next two: no flow log is made")
    subnet_ids: kinds.SubnetIds = Field([], description="subnets to log")
    interface_ids: kinds.InterfaceIds = Field([], description="network interfaces to log")
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field("ALL", description="records that the flow log writes")
    aggregation_seconds: Annotated[Literal[60, 600], BeforeValidator(kinds.number)] = Field(
        60, description="longest time that one record stands for"
    )
    record_format: Annotated[str, AfterValidator(_record_format)] = Field(
        "default",
        description="fields of a record and their order: `default` (see below), `v2` … `v11`, or a format string",
    )
    tag_fields: Annotated[kinds.Listed, AfterValidator(_tag_fields)] = Field(
        [],
        description="tag keys for the format's tag fields (version 11), e.g. `network-interface:Name,instance:team`",
    )
    second_flow_log: Literal["none", "cloudwatch", "s3"] = Field(
        "none",
        description="one more flow log that the pipeline does not read: into a log group (for the metric filter and "
        "Insights) or into a bucket (an archive)",
    )

    @property
    def log_format(self) -> LogFormat:
        """Give the fields in order."""
        if self.record_format == "default":
            return LogFormat(_DEFAULT_FORMAT)
        log_format: LogFormat = SETTINGS["FLOWLOGS_FORMAT"].read(self.record_format)
        return log_format

    @property
    def format_string(self) -> str:
        """Give the format as EC2 takes it."""
        return " ".join(f"${{{field.name}}}" for field in self.log_format.fields)

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Give what is logged: EC2's resource type and the id."""
        kinds_ = (("VPC", self.vpc_ids), ("Subnet", self.subnet_ids), ("NetworkInterface", self.interface_ids))
        return [(kind, resource_id) for kind, ids in kinds_ for resource_id in ids]

    @property
    def tag_keys(self) -> dict[str, list[str]]:
        """Give the tag keys by EC2's resource type."""
        found: dict[str, list[str]] = {}
        for pair in self.tag_fields:
            resource, _, key = pair.partition(":")
            found.setdefault(resource, []).append(key)
        return found

    @model_validator(mode="after")
    def _tags_and_fields_agree(self) -> Self:
        named = {field.name for field in self.log_format.fields}
        wanted = {
            f"{_TAG_FIELDS[resource]}{'-2' if number else ''}": resource
            for resource, keys in self.tag_keys.items()
            for number, _ in enumerate(keys)
        }
        for field in wanted.keys() - named:
            raise ValueError(f"tag_fields names a key for {wanted[field]}, but record_format lacks the field {field}")
        return self

    @property
    def tag_fields_without_key(self) -> list[str]:
        """Give the format's tag fields that stay `-`, because no key says which tag."""
        possible = {f"{field}{end}" for field in _TAG_FIELDS.values() for end in ("", "-2")}
        keyed = {
            f"{_TAG_FIELDS[resource]}{end}"
            for resource, keys in self.tag_keys.items()
            for end in ("", "-2")[: len(keys)]
        }
        named = {field.name for field in self.log_format.fields}
        return sorted((named & possible) - keyed)

    @model_validator(mode="after")
    def _unknown_fields(self) -> Self:
        unknown = [field.name for field in self.log_format.fields if field.name not in FIELDS]
        if unknown and self.targets:
            raise ValueError(f"record_format names {unknown[0]}, which EC2 would refuse: see docs/fields.md")
        return self


class LogGroupSettings(BaseModel):
    """The log group."""

    log_group: Annotated[kinds.LogGroupName, AfterValidator(_log_group)] = Field(
        "Flowlogs",
        description="log group of the flow log; a new one has the prefix before it and, where the record format is not "
        "the default, the format's hash behind it",
    )
    log_group_exists: bool = Field(
        False, description="whether that log group is there already, under exactly this name"
    )
    log_retention_days: kinds.Retention = Field(30, description="days that a new log group keeps its records")


class BucketSettings(BaseModel):
    """Flow logs in S3."""

    s3_bucket: kinds.BucketName = Field("", description="bucket that is there already; empty: a new one is made")
    s3_prefix: kinds.KeyPrefix = Field("", description="beginning of the flow log's keys, e.g. `network/`")
    s3_queue_arn: kinds.QueueArn = Field(
        "",
        description="queue that the bucket's notifications reach; visibility timeout at least 300 s, better 1800",
    )
    s3_queue_kms_key_arn: kinds.KeyArn = Field("", description="key that the queue is encrypted with, if not SQS's own")
    s3_topic_arn: kinds.TopicArn = Field("", description="topic that the bucket's notifications reach")
    s3_event_bus: kinds.EventBus = Field(
        "", description="event bus that the bucket's notifications reach, mostly `default`"
    )
    s3_kms_key_arn: kinds.KeyArn = Field("", description="key that the flow log's files are encrypted with")
    s3_hourly: bool = Field(False, description="whether the flow log's folders are hours instead of days")
    s3_hive: bool = Field(False, description="whether the flow log's folders are named as Hive partitions")
    s3_file_format: Literal["text", "parquet"] = Field("text", description="`text`; Parquet is refused for source s3")
    s3_accounts: kinds.Accounts = Field(
        [],
        description="accounts whose flow logs lie in an existing bucket, for Athena's table of its files; empty: a "
        "query must name them, `WHERE file_account = '…'`",
    )
    s3_regions: kinds.Regions = Field(
        [], description="regions of those flow logs; empty: a query must name them, `WHERE file_region = '…'`"
    )
    s3_retention_days: Annotated[kinds.Number, Field(ge=1)] = Field(
        90, description="days that a new bucket keeps flow log files"
    )

    @property
    def notifications(self) -> list[str]:
        """Give the settings that say how an existing bucket's notifications arrive."""
        return [name for name in ("s3_queue_arn", "s3_topic_arn", "s3_event_bus") if getattr(self, name)]


def format_hash(log_format: LogFormat) -> str:
    """Give eight digits that tell a record format from others."""
    return hashlib.sha256(log_format.header).hexdigest()[:8]


def is_default(log_format: LogFormat) -> bool:
    """Say whether these are the fields that a deployment has unless told otherwise."""
    return log_format == LogFormat(_DEFAULT_FORMAT)
