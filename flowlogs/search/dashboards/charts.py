"""Panels of bars, of lines over time, of heat, and maps.

Source of the parameters: OpenSearch Dashboards, `src/plugins/vis_type_vislib` and `tile_map`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.search.dashboards.aggregations import RECORDS, Bucket, Metric, Places, Terms, Time, aggregations
from flowlogs.search.dashboards.colours import OF_LABELS, SERIES
from flowlogs.search.dashboards.panel import Place, Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Horizontal bars, the longest on top; `split` stacks each by another field."""

    title: str
    name: str
    by: Terms
    show: Metric = RECORDS
    split: Bucket | None = None
    colour: str = SERIES[0]
    """Of bars that are not split."""
    query: str = ""

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        params = _axes("horizontal_bar", "histogram", [self.show], "left", "bottom")
        params["addLegend"] = self.split is not None
        aggs = aggregations([self.show], [("segment", self.by), *([("group", self.split)] if self.split else [])])
        return Saved("horizontal_bar", params, aggs, self.query, {**OF_LABELS, self.show.label: self.colour})


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime:
    """Values over time: lines, or with `stacked` bars on one another; with `roots` few show beside very many."""

    title: str
    name: str
    show: Sequence[Metric] = (RECORDS,)
    split: Bucket | None = None
    interval: str = "m"
    stacked: bool = False
    roots: bool = False
    """Whether the axis is one of square roots."""
    query: str = ""

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        kind = "histogram" if self.stacked else "line"
        params = _axes(kind, kind, self.show, "bottom", "left")
        params["addLegend"] = self.split is not None or len(self.show) > 1
        params["valueAxes"][0]["scale"]["type"] = "square root" if self.roots else "linear"
        buckets: list[tuple[str, Bucket]] = [("group", self.split)] if self.split else []
        aggs = aggregations(self.show, [*buckets, ("segment", Time(self.interval))])  # the largest of all time
        return Saved(kind, params, aggs, self.query, OF_LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A grid of cells, darker where there is more."""

    title: str
    name: str
    across: Bucket
    down: Bucket
    show: Metric = RECORDS
    query: str = ""

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        labels = {"show": True, "rotate": 0, "overwriteColor": False, "color": "black"}
        params = {
            "type": "heatmap",
            "addTooltip": True,
            "addLegend": True,
            "enableHover": True,
            "legendPosition": "right",
            "times": [],
            "colorsNumber": 6,
            "colorSchema": "Blues",
            "setColorRange": False,
            "colorsRange": [],
            "invertColors": False,
            "percentageMode": False,
            "valueAxes": [
                {
                    "id": "ValueAxis-1",
                    "type": "value",
                    "show": False,
                    "scale": {"type": "linear", "defaultYExtents": False},
                    "labels": labels | {"show": False},
                }
            ],
        }
        aggs = aggregations([self.show], [("segment", self.across), ("group", self.down)])
        return Saved("heatmap", params, aggs, self.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Circles on a map, larger where there is more."""

    title: str
    name: str
    field: str = "source-location"
    show: Metric = RECORDS
    query: str = ""

    def saved(self, _: Place) -> Saved:
        """Give what is saved."""
        params = {
            "colorSchema": "Yellow to Red",
            "mapType": "Scaled Circle Markers",
            "isDesaturated": True,
            "addTooltip": True,
            "heatClusterSize": 1.5,
            "legendPosition": "bottomright",
            "mapZoom": 2,
            "mapCenter": [20, 0],
            "wms": {"enabled": False, "options": {"format": "image/png", "transparent": True}},
        }
        return Saved("tile_map", params, aggregations([self.show], [("segment", Places(self.field))]), self.query)


_CATEGORIES, _VALUES = "CategoryAxis-1", "ValueAxis-1"


def _axes(kind: str, series: str, show: Sequence[Metric], categories: str, values: str) -> dict[str, Any]:
    category = {
        "id": _CATEGORIES,
        "type": "category",
        "position": categories,
        "show": True,
        "style": {},
        "scale": {"type": "linear"},
        "labels": {"show": True, "filter": categories == "bottom", "truncate": 40, "rotate": 0},
        "title": {},
    }
    value = {
        "id": _VALUES,
        "name": "LeftAxis-1",
        "type": "value",
        "position": values,
        "show": True,
        "style": {},
        "scale": {"type": "linear", "mode": "normal"},
        "labels": {"show": True, "rotate": 0, "filter": values == "bottom", "truncate": 40},
        "title": {"text": show[0].label},
    }
    return {
        "type": kind,
        "grid": {"categoryLines": False, "valueAxis": _VALUES},
        "categoryAxes": [category],
        "valueAxes": [value],
        "seriesParams": [_series(series, str(id_), metric.label) for id_, metric in enumerate(show, 1)],
        "addTooltip": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }


def _series(kind: str, id_: str, label: str) -> dict[str, Any]:
    return {
        "show": True,
        "type": kind,
        "mode": "stacked" if kind == "histogram" else "normal",
        "data": {"id": id_, "label": label},
        "valueAxis": _VALUES,
        "drawLinesBetweenPoints": True,
        "lineWidth": 2,
        "interpolate": "linear",
        "showCircles": False,
    }
