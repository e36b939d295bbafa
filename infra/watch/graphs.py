"""The graphs of the dashboard: each function gives those of one section, for what a deployment has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cw

from flowlogs.metrics import LINES
from infra.watch.alarm_row import Where
from infra.watch.pipeline import LAKE, SEARCH, Pipeline
from infra.watch.subjects import domain_of, function_of, lines_of, queue_of, stream_of

_PERIOD = Duration.minutes(5)
_FRESHNESS = {SEARCH: "DeliveryToAmazonOpenSearchService.DataFreshness", LAKE: "DeliveryToS3.DataFreshness"}
_PARTS = ("delivered", "dropped", "failed", "requeued")


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph, its title in words; one without metrics on the left is not shown."""

    title: str
    left: Sequence[cw.IMetric]
    right: Sequence[cw.IMetric] = ()


def metric(
    namespace: str, name: str, dimensions: Mapping[str, str], *, label: str, statistic: str = "Sum"
) -> cw.Metric:
    """Give a metric in steps of 5 minutes."""
    return cw.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dict(dimensions) or None,
        statistic=statistic,
        label=label,
        period=_PERIOD,
    )


def accounts(pipeline: Pipeline) -> list[Graph]:
    """Show for each function and stream that every line is accounted for."""
    return [
        Graph(f"Lines: {function}, {destination} stream", _account(pipeline, function, destination))
        for function, destination in pipeline.accounts_of_lines()
    ]


def _account(pipeline: Pipeline, function: str, destination: str) -> list[cw.IMetric]:
    dimensions = lines_of(pipeline, function, destination)
    parts = {
        part: metric(pipeline.function_namespace, LINES[part], dimensions, label=part) for part in ("received", *_PARTS)
    }
    unaccounted = cw.MathExpression(
        expression=f"received - ({' + '.join(_PARTS)})",
        using_metrics=dict(parts),
        label="unaccounted (always 0)",
        period=_PERIOD,
    )
    return [*parts.values(), unaccounted]


def rejects_and_lag(pipeline: Pipeline) -> list[Graph]:
    """Show rejected SSH and how far behind the documents are."""
    lag = [
        metric(
            pipeline.function_namespace,
            "Lag",
            lines_of(pipeline, "decorator", destination),
            label=f"{destination}: {words}",
            statistic=statistic,
        )
        for destination in pipeline.decorated()
        for statistic, words in (("p50", "half of the batches"), ("Maximum", "slowest batch"))
    ]
    age = [
        metric(Where.FIREHOSE, _FRESHNESS[key], stream_of(pipeline, key), label=key, statistic="Maximum")
        for key in pipeline.streams
        if pipeline.made(key)
    ]
    ssh = metric(pipeline.ssh.namespace, pipeline.ssh.metric, {}, label="rejected records")
    return [
        Graph("Rejected SSH", [ssh]),
        Graph("From a record's end to its decoration (seconds)", lag),
        Graph("Oldest record not yet delivered (seconds)", age),
    ]


def failures(pipeline: Pipeline) -> list[Graph]:
    """Show what failed: lines, invocations, deliveries."""
    namespace = pipeline.function_namespace
    lines = [
        metric(namespace, "LinesFailed", lines_of(pipeline, function, key), label=f"{function}, {key}")
        for function, key in pipeline.accounts_of_lines()
    ]
    functions = [
        metric(Where.LAMBDA, name, function_of(pipeline, key), label=f"{key}: {name.lower()}")
        for key in pipeline.functions
        for name in ("Errors", "Throttles")
    ]
    return [
        Graph("Lines failed", lines),
        Graph("Functions: errors and throttles", functions),
        Graph("Streams: throttled and unconverted records", _undelivered(pipeline)),
    ]


def _undelivered(pipeline: Pipeline) -> list[cw.IMetric]:
    names = {"ThrottledRecords": "throttled"} | (
        {"FailedConversion.Records": "not converted"} if pipeline.lake_format == "parquet" else {}
    )
    return [
        metric(Where.FIREHOSE, name, stream_of(pipeline, key), label=f"{key}: {words}")
        for key in pipeline.streams
        for name, words in names.items()
        if name == "ThrottledRecords" or key == LAKE
    ]


def costs(pipeline: Pipeline) -> list[Graph]:
    """Show what the bill depends on."""
    groups = [] if pipeline.log_group is None else [pipeline.log_group.log_group_name]
    written = [metric(Where.LOGS, "IncomingBytes", {"LogGroupName": name}, label="flow records") for name in groups]
    lakes = [LAKE] if pipeline.made(LAKE) else []
    kept = [metric(Where.FIREHOSE, "DeliveryToS3.Bytes", stream_of(pipeline, key), label=key) for key in lakes]
    return [
        Graph("CloudWatch Logs: bytes written", written),
        Graph("Streams: records put (each is billed as 5 KB at least)", _of_streams(pipeline, "IncomingRecords")),
        Graph("Streams: bytes put", _of_streams(pipeline, "IncomingBytes")),
        Graph("Functions: milliseconds run", _of_functions(pipeline, "Duration")),
        Graph("Functions: invocations", _of_functions(pipeline, "Invocations")),
        Graph("Lake: bytes written", kept),
        Graph("Domain: storage (MiB)", _storage(pipeline.domain_name)),
    ]


def _of_streams(pipeline: Pipeline, name: str) -> list[cw.Metric]:
    return [metric(Where.FIREHOSE, name, stream_of(pipeline, key), label=key) for key in pipeline.streams]


def _of_functions(pipeline: Pipeline, name: str) -> list[cw.Metric]:
    return [metric(Where.LAMBDA, name, function_of(pipeline, key), label=key) for key in pipeline.functions]


def _storage(domain_name: str | None) -> list[cw.Metric]:
    if domain_name is None:
        return []
    dimensions = domain_of(domain_name)
    return [
        metric(Where.DOMAIN, "ClusterUsedSpace", dimensions, label="used", statistic="Maximum"),
        metric(Where.DOMAIN, "FreeStorageSpace", dimensions, label="free on the fullest node", statistic="Minimum"),
    ]


def queues(pipeline: Pipeline) -> list[Graph]:
    """Show what waits in the queues of source s3."""
    age = [
        metric(Where.QUEUE, "ApproximateAgeOfOldestMessage", queue_of(queue), label="seconds", statistic="Maximum")
        for queue in (pipeline.queue,)
        if queue is not None
    ]
    waiting = [
        metric(Where.QUEUE, "ApproximateNumberOfMessagesVisible", queue_of(queue), label=label, statistic="Maximum")
        for queue, label in ((pipeline.queue, "waiting"), (pipeline.dead_letter_queue, "given up"))
        if queue is not None
    ]
    return [Graph("Queue: age of the oldest notification", age), Graph("Queues: notifications", waiting)]
