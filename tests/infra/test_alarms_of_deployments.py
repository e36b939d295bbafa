"""The alarms of whole deployments look at what the other stages really publish."""

from collections.abc import Iterator, Mapping

from template_reading import Deployed, of, written

from flowlogs.metrics import METRICS, SSH_REJECTS

ASKED_FOR = {
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "AsyncEventsDropped"),
    ("AWS/Lambda", "DestinationDeliveryFailures"),
    ("flowlogs", "LinesFailed"),
    ("flowlogs", "LinesOfUnknownInterface"),
    ("flowlogs", "InventoryAge"),
    ("flowlogs", "ScopesFailed"),
    ("flowlogs", "GeoDatabaseAge"),
    ("flowlogs", "GeoFetchesFailed"),
    ("flowlogs", "GeoReaderSlow"),
    ("AWS/Firehose", "ThrottledRecords"),
    ("AWS/Logs", "IncomingLogEvents"),
    ("vpcflowlogs", SSH_REJECTS),
}
"""Namespaces and metrics that the issue names alarms for, where records come through CloudWatch Logs."""


def watched(deployed: Deployed) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """List the metrics of all alarms, those within expressions too."""
    for alarm in deployed.all("CloudWatch::Alarm").values():
        inside = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        for metric in [alarm] if "MetricName" in alarm else inside:
            dimensions = {each["Name"]: written(each["Value"]) for each in metric.get("Dimensions", [])}
            yield metric["Namespace"], metric["MetricName"], dimensions


def of_functions(deployed: Deployed) -> list[tuple[str, Mapping[str, str]]]:
    spaces = {
        environment["FLOWLOGS_NAMESPACE"]
        for environment in map(deployed.environment, deployed.functions())
        if "FLOWLOGS_NAMESPACE" in environment
    }
    return [(metric, dimensions) for space, metric, dimensions in watched(deployed) if space in spaces]


@of("cloudwatch")
def test_there_is_an_alarm_for_all_that_was_asked_for(deployed: Deployed) -> None:
    assert {(space, metric) for space, metric, _ in watched(deployed)} >= ASKED_FOR


@of()
def test_alarms_on_the_functions_metrics_name_metrics_and_streams_that_there_are(deployed: Deployed) -> None:
    streams = {deployed.outputs.get("SearchStream"), deployed.outputs.get("LakeStream")} - {None}
    found = of_functions(deployed)
    assert {dimensions["stream"] for _, dimensions in found} - {"-"} == streams
    for metric, dimensions in found:
        assert dimensions["function"] in METRICS[metric].functions
        assert dimensions.keys() == {"function", "stream"}
        assert any(dimensions["function"] in name for name in deployed.functions())
        assert (dimensions["stream"] == "-") == (dimensions["function"] in {"inventory", "geoip"})


@of()
def test_alarms_of_aws_metrics_are_about_things_of_this_deployment(deployed: Deployed) -> None:
    functions = {f"<{id_[:-8]}>" for id_ in deployed.all("Lambda::Function")}
    streams = {deployed.outputs.get("SearchStream"), deployed.outputs.get("LakeStream")}
    for space, _, dimensions in watched(deployed):
        if space == "AWS/Lambda":
            assert dimensions["FunctionName"] in functions
        if space == "AWS/Firehose":
            assert dimensions["DeliveryStreamName"] in streams
        if space == "AWS/Logs":
            assert dimensions["LogGroupName"].strip("<>") in {deployed.outputs["LogGroup"], "SourcesFlowLogGroup"}
        if space == "AWS/ES":
            assert dimensions["DomainName"] == deployed.one("OpenSearchService::Domain")["DomainName"]


@of()
def test_every_one_of_our_functions_has_an_alarm_on_its_errors(deployed: Deployed) -> None:
    looked_at = {dimensions["FunctionName"] for _, metric, dimensions in watched(deployed) if metric == "Errors"}
    ours = {
        f"<{id_[:-8]}>"
        for id_, function in deployed.all("Lambda::Function").items()
        if function["Handler"].startswith("functions.")
    }
    assert ours <= looked_at
