"""What is set up inside the domain before the first document: `search_setup`, a custom resource."""

import hashlib
import json

from aws_cdk import CustomResource, Duration, RemovalPolicy, custom_resources
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from flowlogs.search.dashboards.export import saved_objects
from flowlogs.search.dashboards_server import dashboards_requests
from flowlogs.search.index_template import index_template, template_path
from flowlogs.search.setup.retaining import retention_paths
from flowlogs.search.setup.retention import retention_policy
from flowlogs.search.setup.security import delivery_role, mapping_path, role_path
from flowlogs.setting_kinds import Shape
from infra.function import Function, Network
from infra.log_group import retention
from infra.permissions import Permission, role_of

_SECONDS = 840
"""Timeout: a domain that CloudFormation calls complete may take minutes until it answers."""
_MEMORY = 512


def setup_requests(index_prefix: str, role_name: str, *, dashboards: bool = True) -> list[tuple[str, str]]:
    """Give what `search_setup` asks the domain for, by method and path, as the domain's policy names them."""
    template, mapping = template_path(index_prefix), mapping_path(role_name)
    policy, add, change = retention_paths(index_prefix, role_name)
    return [
        *((method, path) for path in (template, mapping, policy) for method in ("GET", "PUT")),
        ("PUT", role_path(role_name)),
        ("POST", add),
        ("POST", change),
        *(dashboards_requests() if dashboards else []),
    ]


def revision(
    index_prefix: str,
    replicas: int,
    retention_days: int | None,
    *,
    shape: Shape = Shape.JSON,
    dashboards: bool,
    rotates: bool = True,
) -> str:
    """Give what is another one as soon as something else would be put: CloudFormation then asks for it again."""
    put = [
        index_template(index_prefix, shards=1, replicas=replicas, shape=shape),
        delivery_role(index_prefix),
        retention_policy(index_prefix, retention_days) if retention_days else None,
        saved_objects(index_prefix, shape, rotates=rotates) if dashboards else None,
    ]
    return hashlib.sha256(json.dumps(put, sort_keys=True).encode()).hexdigest()[:16]


class SearchSetup(Construct):
    """`search_setup` behind CDK's provider framework, which answers CloudFormation also when the function dies.

    The framework's own function stands outside any VPC, so it reaches CloudFormation from everywhere.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secret_arn: str | None,
        secrets_url: str | None,
        network: Network | None,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        made = Function(
            self,
            "SetUp",
            name="search_setup",
            description="Puts the index template, Firehose's role and the dashboards into the OpenSearch domain",
            environment={"FLOWLOGS_SEARCH_SECRET": secret_arn, "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets_url},
            permissions=[Permission(["secretsmanager:GetSecretValue"], [secret_arn])] if secret_arn else [],
            seconds=_SECONDS,
            memory=_MEMORY,
            log_retention_days=log_retention_days,
            network=network,
        )
        self.made, self.function, self.role = made, made.function, made.role
        framework = logs.LogGroup(
            self, "FrameworkLogs", retention=retention(log_retention_days), removal_policy=RemovalPolicy.DESTROY
        )
        self._provider = custom_resources.Provider(
            self,
            "Framework",
            on_event_handler=self.function,
            log_group=framework,
            framework_on_event_role=self._framework_role(framework),
        )

    def guard(self, *, placement: str) -> CustomResource:
        """Give the resource that refuses to move the domain into a VPC or out of one."""
        return CustomResource(
            self,
            "Placement",
            service_token=self._provider.service_token,
            resource_type="Custom::SearchPlacement",
            properties={"Placement": placement},
        )

    def set_up(
        self,
        *,
        endpoint: str,
        index_prefix: str,
        role_name: str,
        delivery_role_arn: str,
        replicas: int,
        retention_days: int | None,
        shape: Shape,
        dashboards: bool,
        rotates: bool,
    ) -> CustomResource:
        """Give the resource that puts template, role, retention policy and dashboards, again when one changes.

        Without `retention_days` there is no policy: nothing is ever deleted.
        """
        return CustomResource(
            self,
            "SetUpOfDomain",
            service_token=self._provider.service_token,
            resource_type="Custom::SearchSetup",
            service_timeout=Duration.seconds(_SECONDS + 60),
            properties={
                "Endpoint": endpoint,
                "IndexPrefix": index_prefix,
                "RoleName": role_name,
                "DeliveryRole": delivery_role_arn,
                "Shards": "1",
                "Replicas": str(replicas),
                **({"RetentionDays": str(retention_days)} if retention_days else {}),
                "Shape": shape.value,
                "Dashboards": "true" if dashboards else "false",
                "Rotates": "true" if rotates else "false",
                "Revision": revision(
                    index_prefix, replicas, retention_days, shape=shape, dashboards=dashboards, rotates=rotates
                ),
            },
        )

    def _framework_role(self, log_group: logs.LogGroup) -> iam.IRole:
        """Make a role that may call `search_setup` and nothing else; CDK's own would take every version of it."""
        role = role_of(
            self,
            "FrameworkRole",
            service="lambda.amazonaws.com",
            description="CDK's provider framework calls search_setup",
            permissions=[
                Permission(
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    [log_group.log_group_arn],
                    "The log streams of the framework's own log group; Lambda names them.",
                ),
                Permission(["lambda:InvokeFunction", "lambda:GetFunction"], [self.function.function_arn]),
            ],
        )
        return role.without_policy_updates()
