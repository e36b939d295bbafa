"""A Lambda function of ours: its code, its log group, and a role that may do what is listed and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.bundle.code import ARCHITECTURE, RUNTIME, function_code, handler_of
from infra.log_group import retention
from infra.permissions import Permission, role_of

WHOLE_PROCESSOR = 1769
"""MB of memory that bring one whole processor. Source: Lambda Developer Guide, "Configure Lambda function memory"."""

_LEAST_ROOM = 512
"""MB of /tmp that every function has. Source: Lambda Developer Guide, "Configure ephemeral storage"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where a function stands inside a VPC."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    security_group: ec2.ISecurityGroup


class Function(Construct):
    """One function; `name` is its folder in functions/.

    Units: seconds, MB, days; `room` is MB of /tmp. A variable of None is not set; without a network the function is
    outside any VPC.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        environment: Mapping[str, str | None],
        permissions: Iterable[Permission],
        seconds: int,
        memory: int,
        log_retention_days: int,
        room: int = _LEAST_ROOM,
        reserved_concurrency: int | None = None,
        network: Network | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            retention=retention(log_retention_days),
            removal_policy=RemovalPolicy.DESTROY,  # it tells of the function, not of the traffic
        )
        self.role = role_of(
            self,
            "Role",
            service="lambda.amazonaws.com",
            description=description,
            permissions=[*self._own(network), *permissions],
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=function_code(name),
            handler=handler_of(name),
            role=self.role,
            timeout=Duration.seconds(seconds),
            memory_size=memory,
            ephemeral_storage_size=Size.mebibytes(room) if room > _LEAST_ROOM else None,
            log_group=self.log_group,
            environment={key: value for key, value in environment.items() if value is not None},
            reserved_concurrent_executions=reserved_concurrency,
            vpc=network.vpc if network else None,
            vpc_subnets=network.subnets if network else None,
            security_groups=[network.security_group] if network else None,
        )

    def _own(self, network: Network | None) -> list[Permission]:
        """Let the function write its log, and have its interfaces where it stands inside a VPC."""
        own = [
            Permission(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [self.log_group.log_group_arn],
                "The log streams of the function's own log group; Lambda names them.",
            )
        ]
        return own if network is None else [*own, _INTERFACES]


_INTERFACES = Permission(
    [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ],
    ["*"],
    "Lambda makes the function's interfaces in the VPC in its name, and asks for them before they have an id.",
)
"""Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"."""
