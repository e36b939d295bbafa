"""The domain's own logs."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchservice as opensearch
from constructs import Construct

from infra.log_group import retention

_KINDS = {
    "ES_APPLICATION_LOGS": "Application",
    "SEARCH_SLOW_LOGS": "SlowSearches",
    "INDEX_SLOW_LOGS": "SlowIndexing",
    "AUDIT_LOGS": "Audit",
}
"""Source: OpenSearch Service API, LogType."""


class DomainLogs(Construct):
    """A log group for each kind of log, and the policy that lets the domain write into them. Days of retention."""

    def __init__(self, scope: Construct, id_: str, *, domain_arn: str, days: int) -> None:
        super().__init__(scope, id_)
        groups = {
            kind: logs.LogGroup(self, id_, retention=retention(days), removal_policy=RemovalPolicy.DESTROY)
            for kind, id_ in _KINDS.items()
        }
        self.options = {
            kind: opensearch.CfnDomain.LogPublishingOptionProperty(
                enabled=True, cloud_watch_logs_log_group_arn=group.log_group_arn
            )
            for kind, group in groups.items()
        }
        self.policy = logs.ResourcePolicy(
            self,
            "Policy",
            policy_statements=[
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal("es.amazonaws.com")],
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[group.log_group_arn for group in groups.values()],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                        "ArnEquals": {"aws:SourceArn": domain_arn},
                    },
                )
            ],
        )
