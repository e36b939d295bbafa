"""The watch stage: says when something is wrong, and shows what goes on."""

from collections.abc import Sequence

from aws_cdk import Annotations, ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.watch.alarms import make_alarms
from infra.watch.dashboard import PipelineDashboard
from infra.watch.filter_pattern import missing_fields, rejected_ssh_pattern
from infra.watch.insights import FUNCTION_QUERIES, SavedQuery, flow_queries
from infra.watch.pipeline import Pipeline


class Watch(Construct):
    """Counts rejected SSH, rings alarms, saves queries and draws the dashboard.

    `topic` is what the alarms tell, `alarms` all of them, `dashboard` the dashboard. Where the record format cannot
    tell rejected SSH, its filter and its alarm are left out, with a warning at synth. Where no log group holds flow
    records, the filter is left out: a decorator then publishes the same metric, and the alarm is the same.
    """

    def __init__(self, scope: Construct, id_: str, *, pipeline: Pipeline, alert_email: str | None = None) -> None:
        super().__init__(scope, id_)
        self.topic = self._make_topic(pipeline, alert_email)
        self._count_rejected_ssh(pipeline)
        self.alarms = make_alarms(self, pipeline, self.topic)
        self.dashboard = PipelineDashboard(self, "Pipeline", pipeline=pipeline, alarms=self.alarms).dashboard
        if pipeline.log_group is not None:
            self._save(flow_queries(pipeline.log_format), [pipeline.log_group], pipeline.prefix)
        self._save(FUNCTION_QUERIES, pipeline.function_log_groups, pipeline.prefix)

    def _make_topic(self, pipeline: Pipeline, alert_email: str | None) -> sns.Topic:
        """Make a topic that takes messages by TLS alone, from the alarms of this prefix in this account."""
        topic = sns.Topic(self, "Alerts", display_name=f"{pipeline.prefix}flowlogs"[:100], enforce_ssl=True)
        alarms = Stack.of(self).format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=f"{pipeline.prefix}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": alarms},
                },
            )
        )
        if alert_email is not None:
            topic.add_subscription(subscriptions.EmailSubscription(alert_email))
        return topic

    def _count_rejected_ssh(self, pipeline: Pipeline) -> None:
        if missing := missing_fields(pipeline.log_format):
            Annotations.of(self).add_warning_v2(
                "flowlogs:rejected-ssh",
                f"rejected SSH is not counted and has no alarm: the record format lacks {', '.join(missing)}",
            )
        elif pipeline.log_group is not None:
            logs.MetricFilter(
                self,
                "RejectedSsh",
                log_group=pipeline.log_group,
                filter_name=f"{pipeline.prefix}{pipeline.ssh.filter}",
                filter_pattern=logs.FilterPattern.literal(rejected_ssh_pattern(pipeline.log_format)),
                metric_namespace=pipeline.ssh.namespace,
                metric_name=pipeline.ssh.metric,
                metric_value="1",  # no default value: as in AWS's lab, minutes without a match have no data
            )

    def _save(self, queries: Sequence[SavedQuery], log_groups: Sequence[logs.ILogGroup], prefix: str) -> None:
        """Save queries in the folder `<prefix>flowlogs`, opened on the log groups they are about."""
        for query in queries if log_groups else ():
            logs.CfnQueryDefinition(
                self,
                query.title.title().replace(" ", "").replace(",", ""),
                name=f"{prefix}flowlogs/{query.title}",
                query_string=query.text,
                log_group_names=[group.log_group_name for group in log_groups],
            )
