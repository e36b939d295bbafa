"""Publishes metrics in CloudWatch's embedded metric format, through Powertools."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from aws_lambda_powertools.metrics import EphemeralMetrics

from flowlogs.metrics import METRICS, NAMESPACE, SSH_REJECTS, MetricName

Publish: TypeAlias = Callable[[str, str, Mapping[str, float]], None]
"""Takes the function's and the stream's name, and values by metric; names outside the table are a KeyError.

SSH_REJECTS may be among the values: it has its own place, and is left out where none is set.
"""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Prints a line of embedded metrics for each invocation, which Lambda's log carries to CloudWatch."""

    namespace: str = NAMESPACE
    ssh_rejects: MetricName | None = None

    def __call__(self, function: str, stream: str, values: Mapping[str, float]) -> None:
        """Print the values of the table; below it, on a line of its own, the rejects of SSH where they are counted."""
        metrics = _metrics(self.namespace)
        metrics.add_dimension("function", function)
        metrics.add_dimension("stream", stream or "-")
        for name, value in values.items():
            if name != SSH_REJECTS:
                metrics.add_metric(name, METRICS[name].unit, value)
        metrics.flush_metrics()
        if self.ssh_rejects and SSH_REJECTS in values:
            _publish_alone(self.ssh_rejects, values[SSH_REJECTS])


def _publish_alone(metric: MetricName, value: float) -> None:
    metrics = _metrics(metric.namespace)
    metrics.add_metric(metric.name, "Count", value)
    metrics.flush_metrics()


def _metrics(namespace: str) -> EphemeralMetrics:
    return EphemeralMetrics(namespace=namespace, service="")  # else POWERTOOLS_SERVICE_NAME becomes a dimension


publish = Publisher()
"""Publishes into the default namespace."""
