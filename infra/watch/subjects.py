"""What alarms are about: the things of each kind that a deployment has, with the dimensions of their metrics."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_sqs as sqs

from infra.watch.alarm_row import Of
from infra.watch.filter_pattern import missing_fields
from infra.watch.pipeline import GEOIP, INGESTOR, INVENTORY, LAKE, SEARCH, Pipeline


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that an alarm is about: its label (empty where there is but one) and the dimensions of its metrics."""

    label: str
    dimensions: Mapping[str, str]


def lines_of(pipeline: Pipeline, function: str, destination: str) -> dict[str, str]:
    """Give the dimensions of the functions' metrics, as `flowlogs.publish` writes them."""
    return {"function": function, "stream": pipeline.streams[destination]}


def gathering_of(function: str) -> dict[str, str]:
    """Give the dimensions of what `inventory` and `geoip` publish, who know no stream."""
    return {"function": function, "stream": "-"}


def stream_of(pipeline: Pipeline, destination: str) -> dict[str, str]:
    """Give the dimension of Firehose's metrics. Source: Firehose Developer Guide, "Monitor with CloudWatch metrics"."""
    return {"DeliveryStreamName": pipeline.streams[destination]}


def domain_of(name: str) -> dict[str, str]:
    """Give the dimensions of a domain's metrics; ClientId is the account.

    Source: OpenSearch Service Developer Guide, "Monitoring OpenSearch cluster metrics with Amazon CloudWatch".
    """
    return {"DomainName": name, "ClientId": Aws.ACCOUNT_ID}


def function_of(pipeline: Pipeline, key: str) -> dict[str, str]:
    """Give the dimension of Lambda's metrics. Source: Lambda Developer Guide, "Types of metrics for functions"."""
    return {"FunctionName": pipeline.functions[key].function_name}


def queue_of(queue: sqs.IQueue) -> dict[str, str]:
    """Give the dimension of SQS's metrics. Source: SQS Developer Guide, "Available CloudWatch metrics"."""
    return {"QueueName": queue.queue_name}


def _ssh(pipeline: Pipeline) -> Iterator[Subject]:
    if not missing_fields(pipeline.log_format):
        yield Subject("", {})


def _lines(pipeline: Pipeline) -> Iterator[Subject]:
    for function, destination in pipeline.accounts_of_lines():
        yield Subject(f"{function}, {destination}", lines_of(pipeline, function, destination))


def _decorated(pipeline: Pipeline) -> Iterator[Subject]:
    for destination in pipeline.decorated():
        yield Subject(destination, lines_of(pipeline, "decorator", destination))


def _functions(pipeline: Pipeline) -> Iterator[Subject]:
    for key in pipeline.functions:
        yield Subject(key, function_of(pipeline, key))


def _invoked_asynchronously(pipeline: Pipeline) -> Iterator[Subject]:
    if pipeline.source == "cloudwatch" and INGESTOR in pipeline.functions:  # a queue's messages come synchronously
        yield Subject("", function_of(pipeline, INGESTOR))


def _streams(pipeline: Pipeline) -> Iterator[Subject]:
    for destination in pipeline.streams:
        yield Subject(destination, stream_of(pipeline, destination))


def _transformed(pipeline: Pipeline) -> Iterator[Subject]:
    for destination in pipeline.decorated():
        yield Subject(destination, stream_of(pipeline, destination))


def _made(destination: str) -> Callable[[Pipeline], Iterator[Subject]]:
    def subjects(pipeline: Pipeline) -> Iterator[Subject]:
        if pipeline.made(destination):
            yield Subject("", stream_of(pipeline, destination))

    return subjects


def _parquet(pipeline: Pipeline) -> Iterator[Subject]:
    if pipeline.lake_format == "parquet":
        yield from _made(LAKE)(pipeline)


def _domain(pipeline: Pipeline) -> Iterator[Subject]:
    if pipeline.domain_name is not None:
        yield Subject("", domain_of(pipeline.domain_name))


def _queue(queue: sqs.IQueue | None) -> Iterator[Subject]:
    if queue is not None:
        yield Subject("", queue_of(queue))


def _reads_inventory(pipeline: Pipeline) -> Iterator[Subject]:
    if INVENTORY in pipeline.functions:
        yield from _decorated(pipeline)


def _reads_geo(pipeline: Pipeline) -> Iterator[Subject]:
    if pipeline.geo_days is not None:
        yield from _decorated(pipeline)


def _gathering(function: str) -> Callable[[Pipeline], Iterator[Subject]]:
    def subjects(pipeline: Pipeline) -> Iterator[Subject]:
        if function in pipeline.functions:
            yield Subject("", gathering_of(function))

    return subjects


def _silent_log_group(pipeline: Pipeline) -> Iterator[Subject]:
    if pipeline.has_flow_log and pipeline.log_group is not None:
        yield Subject("log group", {"LogGroupName": pipeline.log_group.log_group_name})


def _silent_objects(pipeline: Pipeline) -> Iterator[Subject]:
    """Give the ingestor's lines for one stream: it counts each line for every stream it knows."""
    if pipeline.has_flow_log and pipeline.source == "s3" and INGESTOR in pipeline.functions:
        for destination in list(pipeline.streams)[:1]:
            yield Subject("S3", lines_of(pipeline, INGESTOR, destination))


def _silent_streams(pipeline: Pipeline) -> Iterator[Subject]:
    if pipeline.has_flow_log and pipeline.source == "firehose":
        yield from _streams(pipeline)


SUBJECTS: Mapping[Of, Callable[[Pipeline], Iterator[Subject]]] = {
    Of.SSH: _ssh,
    Of.LINES: _lines,
    Of.FUNCTION: _functions,
    Of.ASYNC_INGESTOR: _invoked_asynchronously,
    Of.DECORATED: _decorated,
    Of.STREAM: _streams,
    Of.TRANSFORMED: _transformed,
    Of.SEARCH: _made(SEARCH),
    Of.LAKE: _made(LAKE),
    Of.PARQUET: _parquet,
    Of.DOMAIN: _domain,
    Of.QUEUE: lambda pipeline: _queue(pipeline.queue),
    Of.DEAD_LETTER_QUEUE: lambda pipeline: _queue(pipeline.dead_letter_queue),
    Of.READS_INVENTORY: _reads_inventory,
    Of.INVENTORY: _gathering(INVENTORY),
    Of.EVENT_DEAD_LETTERS: lambda pipeline: _queue(pipeline.event_dead_letters),
    Of.READS_GEO: _reads_geo,
    Of.GEOIP: _gathering(GEOIP),
    Of.SILENT_LOG_GROUP: _silent_log_group,
    Of.SILENT_OBJECTS: _silent_objects,
    Of.SILENT_STREAM: _silent_streams,
}
"""How to find the things of each kind."""
