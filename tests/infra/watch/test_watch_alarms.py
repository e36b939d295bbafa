import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from aws_cdk.assertions import Match
from watch_templates import COMBINATIONS, Templates, alarms, properties

from flowlogs.decorate.licences import LICENCES
from flowlogs.metrics import METRICS
from infra.watch.alarm_row import Where
from infra.watch.alarm_table import ALARMS
from infra.watched import OLD_DAYS

DAY = 86_400
LONGEST_NAME, LONGEST_DESCRIPTION = 255, 1024  # CloudWatch API Reference, "PutMetricAlarm"


def metrics_of(alarm: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "MetricName" in alarm:
        yield cast(dict[str, Any], alarm)
    for metric in alarm.get("Metrics", []):
        if "MetricStat" in metric:
            yield {**metric["MetricStat"]["Metric"], "Period": metric["MetricStat"]["Period"]}


def test_the_alarm_on_rejected_ssh_is_that_of_the_lab(templates: Templates) -> None:
    for name, minutes in (("cloudwatch", 16), ("firehose", 1)):  # late from a metric filter, not from the decorator
        templates[name].has_resource_properties(
            "AWS::CloudWatch::Alarm",
            {
                "AlarmName": "SSH rejects",
                "Namespace": "vpcflowlogs",
                "MetricName": "SSH Rejects",
                "Dimensions": Match.absent(),
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": minutes,
                "DatapointsToAlarm": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
            },
        )


@pytest.mark.parametrize("name", COMBINATIONS)
def test_every_alarm_tells_the_topic_and_says_what_to_do_first(templates: Templates, name: str) -> None:
    (topic,) = templates[name].find_resources("AWS::SNS::Topic")
    found = properties(templates[name], "CloudWatch::Alarm")
    assert len({alarm["AlarmName"] for alarm in found}) == len(found)
    for alarm in found:
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert re.search(r"\. First: \w.*\.$", alarm["AlarmDescription"])
        assert len(alarm["AlarmDescription"]) <= LONGEST_DESCRIPTION
        assert len(alarm["AlarmName"]) <= LONGEST_NAME


@pytest.mark.parametrize("name", COMBINATIONS)
def test_no_alarm_looks_back_further_than_cloudwatch_allows(templates: Templates, name: str) -> None:
    for alarm in properties(templates[name], "CloudWatch::Alarm"):
        for metric in metrics_of(alarm):
            assert metric["Period"] % 60 == 0
            assert metric["Period"] * alarm["EvaluationPeriods"] <= DAY


@pytest.mark.parametrize("name", COMBINATIONS)
def test_only_silence_rings_by_missing_data(templates: Templates, name: str) -> None:
    breaching = {key for key, alarm in alarms(templates[name]).items() if alarm["TreatMissingData"] == "breaching"}
    assert breaching == {key for key in alarms(templates[name]) if "no flow records" in key}
    assert bool(breaching) == (name != "existing")


@pytest.mark.parametrize(
    ("name", "alarm", "namespace", "metric", "dimensions", "periods"),
    [
        ("cloudwatch", "(log group)", "AWS/Logs", "IncomingLogEvents", {"LogGroupName": "Flowlogs"}, 4),
        ("s3 with a log group", "(log group)", "AWS/Logs", "IncomingLogEvents", {"LogGroupName": "Flowlogs"}, 7),
        ("s3", "(S3)", "team-flowlogs", "LinesReceived", {"function": "ingestor", "stream": "team-lake"}, 7),
        ("firehose", "(lake)", "AWS/Firehose", "IncomingRecords", {"DeliveryStreamName": "VPCFlowLogsToS3"}, 7),
    ],
)
def test_silence_is_looked_for_where_the_records_come_in(
    templates: Templates, name: str, alarm: str, namespace: str, metric: str, dimensions: dict[str, str], periods: int
) -> None:
    prefix = "team-" if name == "s3" else ""
    found = alarms(templates[name])[f"{prefix}flowlogs no flow records {alarm}"]
    assert (found["Namespace"], found["MetricName"]) == (namespace, metric)
    assert {dimension["Name"]: dimension["Value"] for dimension in found["Dimensions"]} == dimensions
    assert (found["Period"], found["EvaluationPeriods"], found["DatapointsToAlarm"]) == (300, periods, periods)
    assert (found["ComparisonOperator"], found["Threshold"]) == ("LessThanThreshold", 1)


@pytest.mark.parametrize(
    ("alarm", "metric", "dimensions", "statistic", "operator", "threshold"),
    [
        (
            "lines failed (decorator, lake)",
            "LinesFailed",
            {"function": "decorator", "stream": "VPCFlowLogsToS3"},
            "Sum",
            "GreaterThanThreshold",
            0,
        ),
        (
            "function errors (search set-up)",
            "Errors",
            {"FunctionName": "the-search-set-up"},
            "Sum",
            "GreaterThanThreshold",
            0,
        ),
        ("events given up", "AsyncEventsDropped", {"FunctionName": "the-ingestor"}, "Sum", "GreaterThanThreshold", 0),
        (
            "search is behind",
            "DeliveryToAmazonOpenSearchService.DataFreshness",
            {"DeliveryStreamName": "VPCFlowLogsToElasticSearch"},
            "Maximum",
            "GreaterThanThreshold",
            900,
        ),
        (
            "format conversion fails",
            "FailedConversion.Records",
            {"DeliveryStreamName": "VPCFlowLogsToS3"},
            "Sum",
            "GreaterThanThreshold",
            0,
        ),
        (
            "transformation fails (search)",
            "ExecuteProcessing.Success",
            {"DeliveryStreamName": "VPCFlowLogsToElasticSearch"},
            "Average",
            "LessThanThreshold",
            1,
        ),
        (
            "domain storage low",
            "FreeStorageSpace",
            {"DomainName": "es-flowlogs", "ClientId": {"Ref": "AWS::AccountId"}},
            "Minimum",
            "LessThanOrEqualToThreshold",
            100 * 1024 / 4,
        ),
    ],
)
def test_an_alarm_looks_at_the_metric_that_aws_documents(
    templates: Templates,
    alarm: str,
    metric: str,
    dimensions: dict[str, object],
    statistic: str,
    operator: str,
    threshold: float,
) -> None:
    found = alarms(templates["cloudwatch"])[f"flowlogs {alarm}"]
    assert (found["MetricName"], found["Statistic"]) == (metric, statistic)
    assert {dimension["Name"]: dimension["Value"] for dimension in found["Dimensions"]} == dimensions
    assert (found["ComparisonOperator"], found["Threshold"]) == (operator, threshold)


def test_the_share_of_unknown_interfaces_is_a_percentage_of_the_lines_received(templates: Templates) -> None:
    found = alarms(templates["cloudwatch"])["flowlogs unknown interfaces (lake)"]
    (expression,) = (metric["Expression"] for metric in found["Metrics"] if "Expression" in metric)
    assert expression == "IF(whole > 0, 100 * part / whole, 0)"
    named = {metric["Id"]: metric["MetricStat"]["Metric"]["MetricName"] for metric in found["Metrics"][1:]}
    assert named == {"part": "LinesOfUnknownInterface", "whole": "LinesReceived"}
    assert (found["Threshold"], found["EvaluationPeriods"]) == (20, 3)


def test_of_streams_that_others_made_only_what_every_stream_has_is_watched(templates: Templates) -> None:
    names = alarms(templates["existing"])
    assert "flowlogs stream throttled (search)" in names
    assert not any("behind" in name or "conversion" in name or "refuses" in name for name in names)


def test_a_lake_that_is_no_parquet_has_no_alarm_on_conversion(templates: Templates) -> None:
    assert "team-flowlogs lake is behind" in alarms(templates["s3"])
    assert "team-flowlogs format conversion fails" not in alarms(templates["s3"])


def test_the_queues_are_watched(templates: Templates) -> None:
    found = alarms(templates["s3"])["team-flowlogs notifications given up"]
    assert found["Dimensions"] == [{"Name": "QueueName", "Value": "files-given-up"}]
    assert found["MetricName"] == "ApproximateNumberOfMessagesVisible"


@pytest.mark.parametrize(
    ("name", "alarm", "metric", "dimensions", "operator", "threshold", "period", "periods"),
    [
        (
            "cloudwatch",
            "inventory is old (lake)",
            "InventoryAge",
            {"function": "decorator", "stream": "VPCFlowLogsToS3"},
            "GreaterThanThreshold",
            1800,
            300,
            1,
        ),
        (
            "s3",
            "inventory is old (lake)",
            "InventoryAge",
            {"function": "decorator", "stream": "team-lake"},
            "GreaterThanThreshold",
            3 * 20 * 60,
            300,
            1,
        ),
        (
            "cloudwatch",
            "accounts fail",
            "ScopesFailed",
            {"function": "inventory", "stream": "-"},
            "GreaterThanOrEqualToThreshold",
            1,
            300,
            3,
        ),
        (
            "s3",
            "accounts fail",
            "ScopesFailed",
            {"function": "inventory", "stream": "-"},
            "GreaterThanOrEqualToThreshold",
            1,
            1200,
            3,
        ),
        (
            "cloudwatch",
            "geo databases old (search)",
            "GeoDatabaseAge",
            {"function": "decorator", "stream": "VPCFlowLogsToElasticSearch"},
            "GreaterThanThreshold",
            62,
            300,
            1,
        ),
        (
            "s3",
            "geo databases old (lake)",
            "GeoDatabaseAge",
            {"function": "decorator", "stream": "team-lake"},
            "GreaterThanThreshold",
            21,
            300,
            1,
        ),
        (
            "cloudwatch",
            "geo fetch failed",
            "GeoFetchesFailed",
            {"function": "geoip", "stream": "-"},
            "GreaterThanThreshold",
            0,
            300,
            1,
        ),
        (
            "firehose",
            "slow geo reader (lake)",
            "GeoReaderSlow",
            {"function": "decorator", "stream": "VPCFlowLogsToS3"},
            "GreaterThanOrEqualToThreshold",
            1,
            300,
            1,
        ),
        (
            "cloudwatch",
            "interface events given up",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": "interface-events-given-up"},
            "GreaterThanThreshold",
            0,
            300,
            1,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_decorators_know_is_watched(
    templates: Templates,
    name: str,
    alarm: str,
    metric: str,
    dimensions: dict[str, str],
    operator: str,
    threshold: float,
    period: int,
    periods: int,
) -> None:
    prefix = "team-" if name == "s3" else ""
    found = alarms(templates[name])[f"{prefix}flowlogs {alarm}"]
    assert found["MetricName"] == metric
    assert {dimension["Name"]: dimension["Value"] for dimension in found["Dimensions"]} == dimensions
    assert (found["ComparisonOperator"], found["Threshold"]) == (operator, threshold)
    assert (found["Period"], found["EvaluationPeriods"]) == (period, periods)
    assert found["Statistic"] == ("Sum" if metric == "GeoFetchesFailed" else "Maximum")


def test_what_a_deployment_does_not_know_has_no_alarm(templates: Templates) -> None:
    words = ("inventory", "accounts fail", "geo ", "interface events")
    assert not [name for name in alarms(templates["existing"]) if any(word in name for word in words)]
    assert not [name for name in alarms(templates["firehose"]) if "interface events" in name]


def test_metrics_of_the_functions_are_ones_that_they_publish() -> None:
    ours = [row for row in ALARMS if row.where is Where.FUNCTIONS]
    assert {row.metric for row in ours} | {row.share_of for row in ours if row.share_of} <= METRICS.keys()
    assert {row.metric for row in ours} >= {"LinesFailed", "LinesOfUnknownInterface", "LinesReceived"}


def test_an_alarm_on_old_databases_rings_while_their_age_can_still_be_seen() -> None:
    for provider, licence in LICENCES.items():
        if licence.most_days is not None:  # older ones are used no longer, and what is not used has no age
            assert OLD_DAYS[provider] < licence.most_days - 7
        assert OLD_DAYS[provider] > 2 * 7, "one week that brings nothing is no reason to ring"
