"""The flow logs themselves: one for each VPC, subnet or interface and destination."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from infra.source.bucket import FlowLogBucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is recorded, of what. `targets` are EC2's resource types with ids, `seconds` the aggregation interval."""

    targets: Sequence[tuple[str, str]]
    traffic: str
    seconds: int
    format_string: str
    tag_keys: Mapping[str, Sequence[str]]


class FlowLogs(Construct):
    """Flow logs of the same kind; each `into_…` adds one for every target, to be made after `after`."""

    def __init__(self, scope: Construct, id_: str, *, recorded: Recorded) -> None:
        super().__init__(scope, id_)
        self._recorded = recorded

    def into_log_group(self, arn: str, writer: iam.IRole, after: Iterable[IDependable] = ()) -> None:
        """Write into a log group."""
        self._make(
            "LogGroup",
            after,
            log_destination_type="cloud-watch-logs",
            log_destination=arn,
            deliver_logs_permission_arn=writer.role_arn,
        )

    def into_bucket(self, files: FlowLogBucket, *, hourly: bool, hive: bool, after: Iterable[IDependable] = ()) -> None:
        """Write text files into a bucket."""
        policy = [files.policy] if files.policy else []
        self._make(
            "Bucket",
            [*policy, *after],
            log_destination_type="s3",
            log_destination=f"{files.bucket.bucket_arn}/{files.prefix}" if files.prefix else files.bucket.bucket_arn,
            destination_options={
                "FileFormat": "plain-text",
                "HiveCompatiblePartitions": hive,
                "PerHourPartition": hourly,
            },
        )

    def into_stream(self, name: str, arn: str, after: Iterable[IDependable] = ()) -> None:
        """Write onto a delivery stream."""
        self._make(name, after, log_destination_type="kinesis-data-firehose", log_destination=arn)

    def _make(self, into: str, after: Iterable[IDependable], **destination: Any) -> None:
        first = list(after)
        tags = self._recorded.tag_keys
        for kind, resource_id in self._recorded.targets:
            flow_log = ec2.CfnFlowLog(
                self,
                f"{into}-{resource_id}",
                resource_type=kind,
                resource_id=resource_id,
                traffic_type=self._recorded.traffic,
                max_aggregation_interval=self._recorded.seconds,
                log_format=self._recorded.format_string,
                tag_field_specifications=[
                    ec2.CfnFlowLog.TagFieldSpecificationProperty(resource_type=resource, tag_keys=list(keys))
                    for resource, keys in tags.items()
                ]
                or None,
                **destination,
            )
            for earlier in first:
                flow_log.node.add_dependency(earlier)
