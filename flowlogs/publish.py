"""Publishes metrics in CloudWatch's embedded metric format, through Powertools."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from aws_lambda_powertools.metrics import EphemeralMetrics

from flowlogs.metrics import METRICS, NAMESPACE

Publish: TypeAlias = Callable[[str, str, Mapping[str, float]], None]
"""Takes the function's and the stream's name, and values by metric; names outside the table are a KeyError."""


def publish(function: str, stream: str, values: Mapping[str, float]) -> None:
    """Print one line of embedded metrics, which Lambda's log carries to CloudWatch."""
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    metrics.add_dimension("function", function)
    metrics.add_dimension("stream", stream or "-")
    for name, value in values.items():
        metrics.add_metric(name, METRICS[name].unit, value)
    metrics.flush_metrics()
