"""The one table of metrics that the functions publish, from which they are emitted and documented."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAMESPACE = "flowlogs"
"""The CloudWatch namespace of the metrics below, unless another is set."""
SSH_REJECTS = "SSH Rejects"
"""Rejected lines to TCP port 22; its own namespace, no dimensions, so that it can stand in for a metric filter's."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One row: its unit in CloudWatch's words, who publishes it, what it means. Dimensions: `function`, `stream`."""

    name: str
    unit: str
    functions: tuple[str, ...]
    meaning: str


_BOTH = ("ingestor", "decorator")
_DECORATOR = ("decorator",)
_INVENTORY, _GEOIP = ("inventory",), ("geoip",)
METRICS = {
    metric.name: metric
    for metric in (
        Metric("LinesReceived", "Count", _BOTH, "flow-record lines that came; the sum of the four below"),
        Metric("LinesDelivered", "Count", _BOTH, "lines passed on: put onto the stream, or answered Ok"),
        Metric("LinesDropped", "Count", _BOTH, "lines we chose to leave out"),
        Metric(
            "LinesFailed", "Count", _BOTH, "lines refused or kept as dead letters, or left to Firehose's failed records"
        ),
        Metric("LinesRequeued", "Count", _BOTH, "lines put back on the stream; they are received again"),
        Metric("LinesIgnored", "Count", _BOTH, "headers, blank and `#` lines, control messages; outside the sum"),
        Metric(
            "LinesOfUnknownInterface", "Count", _DECORATOR, "lines whose interface the inventory lacks at their time"
        ),
        Metric("LinesAmbiguous", "Count", _DECORATOR, "lines with an address that two interfaces had at their time"),
        Metric("GeoMisses", "Count", _DECORATOR, "public addresses, newly seen, of which no database knows anything"),
        Metric("GeoLookUpsFailed", "Count", _DECORATOR, "look-ups that failed inside a corrupt database"),
        Metric("GeoDatabaseProblems", "Count", _DECORATOR, "databases missing, unusable or stale at the moment"),
        Metric("GeoDatabaseAge", "Count", ("decorator", "geoip"), "days since the oldest database in use was built"),
        Metric("GeoReaderSlow", "Count", _DECORATOR, "1 where only the slow reader of databases is there"),
        Metric(
            "GeoFetchesFailed", "Count", _GEOIP, "databases and lists that could not be fetched; the last good stay"
        ),
        Metric("GeoDatabasesDeleted", "Count", _GEOIP, "databases deleted since their licence allows them no longer"),
        Metric("InventoryProblems", "Count", _DECORATOR, "1 while the inventory cannot be read"),
        Metric(
            "InterfaceLookUpsFailed",
            "Count",
            _DECORATOR,
            "1 where EC2 refused or throttled the call for unknown interfaces",
        ),
        Metric("InventoryAge", "Seconds", ("decorator",), "time since the inventory in use was taken"),
        Metric("ScopesTaken", "Count", _INVENTORY, "accounts and regions whose interfaces were taken in this run"),
        Metric("ScopesFailed", "Count", _INVENTORY, "accounts and regions that failed; their last state is kept"),
        Metric("StalestScope", "Seconds", _INVENTORY, "time since the interfaces of the stalest scope were taken"),
        Metric("InterfacesKnown", "Count", _INVENTORY, "network interfaces that are there at the moment"),
        Metric("InterfaceEvents", "Count", _INVENTORY, "events of CloudTrail that were taken into the history"),
        Metric("InterfaceEventsUnread", "Count", _INVENTORY, "messages that were no such events, and were let go"),
        Metric("InventoryRunsDiscarded", "Count", _INVENTORY, "1 where another run had been quicker"),
        Metric("Lag", "Seconds", _DECORATOR, "arrival of the batch at Firehose minus `end` of its last line"),
    )
}

LINES = {
    "received": "LinesReceived",
    "delivered": "LinesDelivered",
    "dropped": "LinesDropped",
    "failed": "LinesFailed",
    "requeued": "LinesRequeued",
    "ignored": "LinesIgnored",
}
"""The metric of each part of an account of lines."""


def of_account(account: Mapping[str, int]) -> dict[str, float]:
    """Give the metrics of an account of lines (`Account.as_dict`)."""
    return {metric: account[part] for part, metric in LINES.items()}


@dataclass(frozen=True, slots=True)
class MetricName:
    """The full name of a metric without dimensions; what a CloudWatch Logs metric filter could name too."""

    namespace: str
    name: str

    @classmethod
    def read(cls, text: str) -> "MetricName":
        """Read `NAMESPACE` or `NAMESPACE:NAME`; without a name it is SSH_REJECTS. Raise ValueError where it is none.

        A colon can stand in neither part: PutMetricFilter refuses it. Source: CloudWatch Logs API Reference,
        "MetricTransformation" (`[^:*$]*`, at most 255).
        """
        namespace, colon, name = text.partition(":")
        return cls(read_namespace(namespace.strip()), _name(name.strip() if colon else SSH_REJECTS))


def read_namespace(text: str) -> str:
    """Give a namespace that CloudWatch takes; raise ValueError where it is none.

    Without a colon, which CloudWatch takes here but a metric filter does not, so that both can share one. Source:
    CloudWatch User Guide, "Namespaces"; CloudWatch API Reference, "PutMetricData" (1 to 255, not AWS/).
    """
    if not _NAMESPACE.match(text):
        raise ValueError("a namespace has 1 to 255 letters, digits, blanks and . - _ / #")
    if text.startswith("AWS/"):
        raise ValueError("namespaces that begin with AWS/ are AWS's own")
    return text


def _name(text: str) -> str:
    if not _NAME.match(text):
        raise ValueError("the name of a metric has 1 to 255 ASCII characters, none of them : * $")
    return text


_NAMESPACE = re.compile(r"[A-Za-z0-9._/# -]{1,255}\Z")
_NAME = re.compile(r"[ -#%-)+-9;-~]{1,255}\Z")  # printable but : * $
