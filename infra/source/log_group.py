"""The log group that a flow log writes into, and the role it writes with."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.bucket import removal
from infra.log_group import retention
from infra.permissions import Permission, role_of


class FlowLogGroup(Construct):
    """A log group of flow records: a new one, or one that is there already. Days of retention.

    `names` are this group's and those of new groups that other record formats had or will have, with `?` for a digit.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, names: Sequence[str], exists: bool, days: int, keep_data: bool
    ) -> None:
        super().__init__(scope, id_)
        self.arn = self._arn(name)
        self._names = names
        self.log_group: logs.ILogGroup = (
            logs.LogGroup.from_log_group_name(self, "LogGroup", name)
            if exists
            else logs.LogGroup(
                self,
                "LogGroup",
                log_group_name=name,
                retention=retention(days),
                removal_policy=removal(keep_data=keep_data),
            )
        )

    def _arn(self, name: str) -> str:
        return Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )

    def writer(self) -> iam.Role:
        """Make the role that flow logs write with: into these groups only, for this account's flow logs only.

        The group of the record format before is among them: its flow log still delivers while the new one is made.

        Source: VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"; it lists CreateLogGroup too,
        which is not needed where the group is there.
        """
        flow_logs = f"arn:{Aws.PARTITION}:ec2:{Aws.REGION}:{Aws.ACCOUNT_ID}:vpc-flow-log/*"
        return role_of(
            self,
            "flowlogsRole",
            service="vpc-flow-logs.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": flow_logs},
            },
            description="EC2 writes flow records into their log group",
            permissions=[
                Permission(
                    ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    [f"{self._arn(name)}{streams}" for name in self._names for streams in ("", ":*")],
                    "The log streams of the group, one for each interface; ? is a digit of another format's hash.",
                ),
                Permission(["logs:DescribeLogGroups"], ["*"], "The action takes no resource."),
            ],
        )
