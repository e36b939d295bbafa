"""Two deployments in one account and region share no name and no metric."""

from collections.abc import Iterator
from typing import Any

import pytest
from deployments import Deployments
from template_reading import Deployed, of, references, written

PAIRS = (("cloudwatch", "second stack"), ("s3", "second stack from s3"), ("firehose", "second stack from firehose"))
NAMES = {"Name", "AlarmName", "DashboardName", "DomainName", "DeliveryStreamName", "LogGroupName", "BucketName"}
NAMES |= {"FunctionName", "RoleName", "PolicyName", "TopicName", "QueueName", "FilterName", "TableName", "UserName"}
NAMES |= {"GroupName", "AliasName", "StreamName", "QueryDefinitionName"}


@pytest.fixture(params=PAIRS, ids=lambda pair: pair[0])
def pair(request: pytest.FixtureRequest, deployments: Deployments) -> tuple[Deployed, Deployed]:
    first, second = request.param
    return Deployed(deployments.named(first)), Deployed(deployments.named(second))


def physical_names(deployed: Deployed) -> set[tuple[str, str]]:
    """List what our resources are called where the template says it: the kind with the name."""
    found = set()
    for resource in deployed.resources.values():
        properties = resource.get("Properties", {})
        for owner in (properties, properties.get("DatabaseInput", {})):
            found |= {
                (resource["Type"], written(owner[name]))
                for name in NAMES & owner.keys()
                if not [*references(owner[name])]
            }
    return {(kind, name) for kind, name in found if kind not in INSIDE}


INSIDE = {
    "AWS::Logs::SubscriptionFilter",  # names the log group it is on
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Events::Rule",
    "AWS::Glue::Table",  # a name within its database
    "Custom::SearchSetup",  # a role within its domain
    "AWS::Athena::NamedQuery",  # a title within its workgroup
}
"""Kinds whose names are those of something else, or within something else that has its own."""


def metrics(deployed: Deployed) -> Iterator[tuple[str, str, str]]:
    """List the metrics that alarms and the dashboard show and that filters write: namespace, name, dimensions."""
    for alarm in deployed.all("CloudWatch::Alarm").values():
        for each in (
            alarm,
            *(query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query),
        ):
            if "MetricName" in each:
                dimensions = {found["Name"]: written(found["Value"]) for found in each.get("Dimensions", [])}
                yield each["Namespace"], each["MetricName"], str(sorted(dimensions.items()))
    for found in deployed.all("Logs::MetricFilter").values():
        for each in found["MetricTransformations"]:
            yield each["MetricNamespace"], each["MetricName"], "[]"


def of_ours(metric: tuple[str, str, str]) -> bool:
    """Say whether a metric is known by what we called it; a generated name, `<…>`, is each stack's own."""
    return "<" not in metric[2].replace("<AWS::AccountId>", "")


def test_no_physical_name_is_shared(pair: tuple[Deployed, Deployed]) -> None:
    first, second = (physical_names(each) for each in pair)
    kinds = {"CloudWatch::Alarm", "CloudWatch::Dashboard", "KinesisFirehose::DeliveryStream", "Glue::Database"}
    assert {f"AWS::{kind}" for kind in (*kinds, "OpenSearchService::Domain")} <= {kind for kind, _ in first}
    assert not first & second
    # the CDK makes a name from the stack's, without its hyphen, where CloudFormation wants one
    assert not {name for _, name in second if not name.startswith(("b-", "b_", "bFlowlogs"))}


def test_no_metric_is_shared(pair: tuple[Deployed, Deployed]) -> None:
    first, second = ({metric for metric in metrics(each) if of_ours(metric)} for each in pair)
    assert first
    assert not first & second


def test_functions_of_two_deployments_have_metrics_of_their_own(pair: tuple[Deployed, Deployed]) -> None:
    spaces = [
        {
            deployed.environment(function).get("FLOWLOGS_NAMESPACE", "flowlogs")
            for function in deployed.functions()
            if function != "search_setup"
        }
        for deployed in pair
    ]
    assert spaces == [{"flowlogs"}, {"b-flowlogs"}]


def test_stacks_and_exports_are_two(pair: tuple[Deployed, Deployed]) -> None:
    first, second = ({key for key, output in each.template["Outputs"].items() if "Export" in output} for each in pair)
    assert not first & second


@of("firehose", "second stack from firehose", "cloudwatch", "s3")
def test_rejected_ssh_is_counted_once_whatever_the_source(deployed: Deployed) -> None:
    prefix = "b-" if deployed.name.startswith("second") else ""
    filters = deployed.all("Logs::MetricFilter")
    counting = [name for name in deployed.functions() if "FLOWLOGS_SSH_REJECTS" in deployed.environment(name)]
    alarm = next(
        each for each in deployed.all("CloudWatch::Alarm").values() if each["AlarmName"].endswith("SSH rejects")
    )
    assert len(filters) + len(counting) == 1
    assert (alarm["Namespace"], alarm["MetricName"]) == (f"{prefix}vpcflowlogs", "SSH Rejects")
    if counting:
        assert counting == ["lake decorator"]
        assert deployed.environment("lake decorator")["FLOWLOGS_SSH_REJECTS"] in {
            f"{prefix}vpcflowlogs",
            f"{prefix}vpcflowlogs:SSH Rejects",
        }


@of("cloudwatch")
def test_watch_has_the_names_that_people_know(deployed: Deployed) -> None:
    found = deployed.one("Logs::MetricFilter")
    assert found["FilterName"] == "dest-port-22-rejects"
    (transformation,) = found["MetricTransformations"]
    assert transformation["MetricNamespace"] == "vpcflowlogs"
    assert transformation["MetricName"] == "SSH Rejects"
    assert transformation["MetricValue"] == "1"
    alarm: dict[str, Any] = next(
        each for each in deployed.all("CloudWatch::Alarm").values() if each["AlarmName"] == "SSH rejects"
    )
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert (alarm["Period"], alarm["Statistic"]) == (60, "Sum")
    assert alarm["DatapointsToAlarm"] == 1  # of several minutes, since flow records are late
    assert alarm["TreatMissingData"] == "notBreaching"
    queries = {each["Name"] for each in deployed.all("Logs::QueryDefinition").values()}
    assert "flowlogs/Top 20 source IP addresses with highest number of rejected requests" in queries


@of()
def test_every_alarm_tells_the_topic_and_missing_data_breach_none_but_silence(deployed: Deployed) -> None:
    alarms = deployed.all("CloudWatch::Alarm")
    assert alarms
    for alarm in alarms.values():
        assert [written(action) for action in alarm["AlarmActions"]] == ["<WatchAlerts>"]
        breaching = alarm.get("TreatMissingData") == "breaching"
        assert alarm["TreatMissingData"] in {"notBreaching", "breaching"}
        assert not breaching or "ilen" in alarm["AlarmName"] or "no " in alarm["AlarmName"].lower()


@of("second stack")
def test_alarms_are_sent_to_the_address_that_is_named(deployed: Deployed) -> None:
    subscription = deployed.one("SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")


@of("cloudwatch")
def test_without_an_address_nobody_is_subscribed(deployed: Deployed) -> None:
    assert not deployed.all("SNS::Subscription")
