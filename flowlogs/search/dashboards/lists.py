"""Panels of lists and single figures, and the records themselves; a click on a value filters the dashboard.

Source of the parameters: OpenSearch Dashboards, `src/plugins/vis_type_table`, `vis_type_metric`, `vis_type_vislib`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flowlogs.search.dashboards.aggregations import RECORDS, Bucket, Metric, aggregations
from flowlogs.search.dashboards.colours import OF_LABELS
from flowlogs.search.dashboards.panel import Place, Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: a row for each combination of the buckets' values, most first."""

    title: str
    name: str
    by: Sequence[Bucket]
    show: Sequence[Metric] = (RECORDS,)
    query: str = ""
    rows: int = 10

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        params = {
            "perPage": self.rows,
            "showPartialRows": False,
            "showMetricsAtAllLevels": False,
            "showTotal": False,
            "totalFunc": "sum",
            "percentageCol": "",
        }
        aggs = aggregations(self.show, [("bucket", bucket) for bucket in self.by])
        return Saved("table", params, aggs, self.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Single figures, one a metric, or one a metric and bucket."""

    title: str
    name: str
    show: Sequence[Metric]
    by: Bucket | None = None
    query: str = ""
    size: int = 28
    """Points: a time is too long for the size of a number."""

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        metric = {
            "percentageMode": False,
            "useRanges": False,
            "colorSchema": "Green to Red",
            "metricColorMode": "None",
            "colorsRange": [{"from": 0, "to": 10000}],
            "labels": {"show": True},
            "invertColors": False,
            "style": {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": self.size},
        }
        params = {"type": "metric", "addTooltip": True, "addLegend": False, "metric": metric}
        aggs = aggregations(self.show, [("group", self.by)] if self.by else [])
        return Saved("metric", params, aggs, self.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pie:
    """Shares of a whole."""

    title: str
    name: str
    by: Bucket
    show: Metric = RECORDS
    query: str = ""

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        params = {
            "type": "pie",
            "addTooltip": True,
            "addLegend": True,
            "legendPosition": "right",
            "isDonut": True,
            "labels": {"show": True, "values": True, "last_level": True, "truncate": 40},
        }
        aggs = aggregations([self.show], [("segment", self.by)])
        return Saved("pie", params, aggs, self.query, OF_LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records themselves, newest first."""

    title: str
    name: str
    columns: Sequence[str]
    query: str = ""

    def saved(self, place: Place) -> Saved:
        """Give what is saved: a search, whose columns are the parameters."""
        return Saved("search", {"columns": [place.column(name) for name in self.columns]}, query=self.query)
