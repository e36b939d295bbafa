"""What a panel counts and by what, as the aggregations of a saved visualization.

Source: OpenSearch Dashboards, `src/plugins/data/common/search/aggs`: names and parameters of aggregations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_TIME = "@timestamp"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number: how many records (`count`), or of a field the `sum`, the `max`, how many values (`cardinality`)."""

    kind: str
    label: str
    field: str | None = None

    def as_saved(self, id_: str) -> dict[str, Any]:
        """Give the aggregation of a saved visualization."""
        params = {"customLabel": self.label} | ({"field": self.field} if self.field else {})
        return _saved(id_, self.kind, "metric", params)


RECORDS = Metric("count", "Records")
BYTES = Metric("sum", "Bytes", "bytes")
PACKETS = Metric("sum", "Packets", "packets")


def different(field: str, label: str) -> Metric:
    """Count different values of a field; OpenSearch estimates above some 3,000 of them."""
    return Metric("cardinality", label, field)


def latest(label: str = "Last record") -> Metric:
    """Give the time of the newest record."""
    return Metric("max", label, _TIME)


@dataclass(frozen=True, slots=True)
class Terms:
    """The values of a field with most of the panel's first metric ; with `others` the rest in one."""

    field: str
    label: str
    size: int = 10
    others: bool = False

    def as_saved(self, id_: str, schema: str) -> dict[str, Any]:
        """Give the aggregation of a saved visualization; its metric has the id "1"."""
        params = {
            "field": self.field,
            "orderBy": "1",
            "order": "desc",
            "size": self.size,
            "otherBucket": self.others,
            "otherBucketLabel": "others",
            "missingBucket": False,
            "missingBucketLabel": "none",
            "customLabel": self.label,
        }
        return _saved(id_, "terms", schema, params)


@dataclass(frozen=True, slots=True)
class Queries:
    """Named queries, each a bucket."""

    queries: Sequence[tuple[str, str]]

    def as_saved(self, id_: str, schema: str) -> dict[str, Any]:
        """Give the aggregation of a saved visualization."""
        filters = [{"input": query(text), "label": label} for label, text in self.queries]
        return _saved(id_, "filters", schema, {"filters": filters})


@dataclass(frozen=True, slots=True)
class Time:
    """Slices of time; values are scaled to the interval where Dashboards has to take longer slices.

    So "per minute" stays true over a month: without it a longer range would show higher numbers.
    """

    interval: str = "m"

    def as_saved(self, id_: str, schema: str) -> dict[str, Any]:
        """Give the aggregation of a saved visualization."""
        params = {
            "field": _TIME,
            "interval": self.interval,
            "scaleMetricValues": True,
            "drop_partials": False,
            "min_doc_count": 1,
            "extended_bounds": {},
            "customLabel": "Time",
        }
        return _saved(id_, "date_histogram", schema, params)


@dataclass(frozen=True, slots=True)
class Places:
    """Cells of a map, smaller ones as one comes nearer; records without a place are in none."""

    field: str

    def as_saved(self, id_: str, schema: str) -> dict[str, Any]:
        """Give the aggregation of a saved visualization."""
        params = {
            "field": self.field,
            "autoPrecision": True,
            "precision": 2,
            "useGeocentroid": True,
            "isFilteredByCollar": True,
            "mapZoom": 2,
            "mapCenter": [0, 0],
        }
        return _saved(id_, "geohash_grid", schema, params)


Bucket = Terms | Queries | Time | Places


def aggregations(metrics: Sequence[Metric], buckets: Sequence[tuple[str, Bucket]]) -> list[dict[str, Any]]:
    """Give metrics, then buckets with their schema (what they are in the picture), numbered as Dashboards does."""
    saved = [metric.as_saved(str(number)) for number, metric in enumerate(metrics, 1)]
    first = len(saved) + 1
    return saved + [bucket.as_saved(str(number), schema) for number, (schema, bucket) in enumerate(buckets, first)]


def query(text: str) -> dict[str, str]:
    """Give a query in Dashboards' own language (DQL); empty: everything."""
    return {"query": text, "language": "kuery"}


def _saved(id_: str, kind: str, schema: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "enabled": True, "type": kind, "schema": schema, "params": params}
