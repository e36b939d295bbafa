"""Makes the alarms: each row of the table, for each thing that a deployment has of that kind."""

from dataclasses import replace
from math import ceil

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cw
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.watch.alarm_row import AlarmRow, Of, Where
from infra.watch.alarm_table import ALARMS
from infra.watch.pipeline import Pipeline
from infra.watch.subjects import SUBJECTS, Subject

_COMPARISONS = {
    ">": cw.ComparisonOperator.GREATER_THAN_THRESHOLD,
    ">=": cw.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    "<": cw.ComparisonOperator.LESS_THAN_THRESHOLD,
    "<=": cw.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
}
_DELIVERY_SECONDS = 900
"""Time a flow log may take beyond its interval: some 10 minutes. Source: VPC User Guide, "Flow log records"."""
_LOW_STORAGE = 0.25
"""Share of a node's storage. Source: OpenSearch Service Developer Guide, "Recommended CloudWatch alarms"."""
_MIB_IN_GIB = 1024
_RUNS = 3
"""Runs of the inventory after which what they would have brought is old."""


def make_alarms(scope: Construct, pipeline: Pipeline, topic: sns.ITopic) -> list[cw.Alarm]:
    """Make every alarm that there is a subject for; each tells the topic when it rings."""
    return [
        make_alarm(scope, fitted(row, pipeline), subject, pipeline, topic)
        for row in ALARMS
        for subject in SUBJECTS[row.of](pipeline)
    ]


def make_alarm(scope: Construct, row: AlarmRow, subject: Subject, pipeline: Pipeline, topic: sns.ITopic) -> cw.Alarm:
    """Make one alarm, named with the prefix, that says what it means and what to do first."""
    alarm = cw.Alarm(
        scope,
        f"{row.name} {subject.label}".strip().title().replace(" ", "").replace(",", ""),
        alarm_name=name_of(row, subject, pipeline),
        alarm_description=f"{row.meaning} First: {row.first}",
        metric=metric_of(row, subject, pipeline),
        threshold=row.threshold,
        comparison_operator=_COMPARISONS[row.compare],
        evaluation_periods=row.periods,
        datapoints_to_alarm=1 if row.late else row.periods,
        # A metric that nothing happens to has no data, so that missing data is good news. Only where the news is that
        # something comes at all, none is the very thing to tell: a flow log writes NODATA records without traffic too.
        treat_missing_data=cw.TreatMissingData.BREACHING if row.silence else cw.TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
    return alarm


def name_of(row: AlarmRow, subject: Subject, pipeline: Pipeline) -> str:
    """Give an alarm's name, unique among those of its prefix."""
    if row.of is Of.SSH:
        return f"{pipeline.prefix}{pipeline.ssh.alarm}"
    return f"{pipeline.prefix}flowlogs {row.name}" + (f" ({subject.label})" if subject.label else "")


def metric_of(row: AlarmRow, subject: Subject, pipeline: Pipeline) -> cw.IMetric:
    """Give what an alarm compares: a metric, or its percentage of another; 0 where that one is 0."""
    metric = _metric(row, row.metric, subject, pipeline)
    if row.share_of is None:
        return metric
    return cw.MathExpression(
        expression="IF(whole > 0, 100 * part / whole, 0)",
        using_metrics={"part": metric, "whole": _metric(row, row.share_of, subject, pipeline)},
        label=f"% {row.name}",
        period=Duration.seconds(row.period),
    )


def _metric(row: AlarmRow, name: str, subject: Subject, pipeline: Pipeline) -> cw.Metric:
    namespaces = {Where.SSH: pipeline.ssh.namespace, Where.FUNCTIONS: pipeline.function_namespace}
    return cw.Metric(
        namespace=namespaces.get(row.where, row.where.value),
        metric_name=pipeline.ssh.metric if row.of is Of.SSH else name,
        dimensions_map=dict(subject.dimensions) or None,
        statistic=row.statistic,
        period=Duration.seconds(row.period),
    )


def fitted(row: AlarmRow, pipeline: Pipeline) -> AlarmRow:
    """Give a row the figures that depend on the deployment: how long silence may last, what little storage is.

    A metric filter dates its count by the log event, which a flow log dates at the record's `start`: one aggregation
    interval and some minutes of delivery ago. An alarm on the last minute alone might never see it, so that it looks
    back as far. Source: aws-behaviour.md, FL-CWL-LATE.
    """
    run = 60 * pipeline.inventory_minutes
    if row.late and pipeline.log_group is not None:  # the decorator's count is dated when it is made
        return replace(row, periods=ceil((pipeline.aggregation_seconds + _DELIVERY_SECONDS) / row.period))
    if row.silence:
        return replace(row, periods=ceil((2 * pipeline.aggregation_seconds + _DELIVERY_SECONDS) / row.period))
    if row.metric == "FreeStorageSpace" and pipeline.node_storage_gib is not None:
        return replace(row, threshold=pipeline.node_storage_gib * _MIB_IN_GIB * _LOW_STORAGE)
    if row.metric == "InventoryAge":
        return replace(row, threshold=max(row.threshold, _RUNS * run))
    if row.of is Of.INVENTORY:
        return replace(row, period=run)
    if row.metric == "GeoDatabaseAge" and pipeline.geo_days is not None:
        return replace(row, threshold=pipeline.geo_days)
    return row
