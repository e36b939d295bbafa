"""The graphs of what decorators know: how old it is, and what they could not find out."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cw

from infra.watch.alarm_row import Where
from infra.watch.graphs import Graph, metric
from infra.watch.pipeline import GEOIP, INVENTORY, Pipeline
from infra.watch.subjects import gathering_of, lines_of, queue_of


def missing(pipeline: Pipeline) -> list[Graph]:
    """Show what the decorators could not find out."""
    problems = {
        "GeoDatabaseProblems": "geo databases",
        "InventoryProblems": "inventory",
        "InterfaceLookUpsFailed": "EC2 refused",
    }
    return [
        Graph("Knowledge: problems", _by_decorator(pipeline, problems, "Maximum")),
        Graph(
            "Lines of unknown interfaces, and with an ambiguous address",
            _by_decorator(pipeline, {"LinesOfUnknownInterface": "unknown", "LinesAmbiguous": "ambiguous"}, "Sum"),
        ),
        Graph(
            "Geo: misses, and age of the databases (days, right)",
            _by_decorator(pipeline, {"GeoMisses": "misses", "GeoLookUpsFailed": "failed look-ups"}, "Sum"),
            right=_by_decorator(pipeline, {"GeoDatabaseAge": "days"}, "Maximum"),
        ),
    ]


def gathered(pipeline: Pipeline) -> list[Graph]:
    """Show what the functions that gather knowledge did, and how old what they brought is."""
    scopes = {"ScopesTaken": "taken", "ScopesFailed": "failed, last state kept"}
    known = {"InterfacesKnown": "interfaces known"}
    events = {"InterfaceEvents": "events taken in", "InterfaceEventsUnread": "messages that were none"}
    fetches = {"GeoFetchesFailed": "fetches failed", "GeoDatabasesDeleted": "databases deleted, by their licence"}
    return [
        Graph("Inventory: accounts and regions", _by(pipeline, INVENTORY, scopes, "Maximum")),
        Graph(
            "Inventory: interfaces, and events on them (right)",
            _by(pipeline, INVENTORY, known, "Maximum"),
            right=[*_by(pipeline, INVENTORY, events, "Sum"), *_waiting(pipeline)],
        ),
        Graph(
            "Inventory: how old (seconds)",
            [
                *_by(pipeline, INVENTORY, {"StalestScope": "stalest account and region"}, "Maximum"),
                *(_by_decorator(pipeline, {"InventoryAge": "in use"}, "Maximum") if _has(pipeline, INVENTORY) else []),
            ],
        ),
        Graph("Geo: fetches", _by(pipeline, GEOIP, fetches, "Sum")),
    ]


def _has(pipeline: Pipeline, function: str) -> bool:
    return function in pipeline.functions


def _by(pipeline: Pipeline, function: str, names: Mapping[str, str], statistic: str) -> list[cw.Metric]:
    if not _has(pipeline, function):
        return []
    return [
        metric(pipeline.function_namespace, name, gathering_of(function), label=words, statistic=statistic)
        for name, words in names.items()
    ]


def _waiting(pipeline: Pipeline) -> list[cw.Metric]:
    queues = ((pipeline.event_queue, "events waiting"), (pipeline.event_dead_letters, "events given up"))
    return [
        metric(Where.QUEUE, "ApproximateNumberOfMessagesVisible", queue_of(queue), label=label, statistic="Maximum")
        for queue, label in queues
        if queue is not None
    ]


def _by_decorator(pipeline: Pipeline, names: Mapping[str, str], statistic: str) -> list[cw.Metric]:
    return [
        metric(
            pipeline.function_namespace,
            name,
            lines_of(pipeline, "decorator", key),
            label=f"{key}: {words}",
            statistic=statistic,
        )
        for key in pipeline.decorated()
        for name, words in names.items()
    ]
