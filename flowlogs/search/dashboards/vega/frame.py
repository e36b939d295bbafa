"""What every chart has: its size from the panel, axes, the sentence where there is nothing, places to point at.

Sizes come from Dashboards, which fits a specification into its panel. Text and lines of axes have no colours here:
Dashboards gives them those of its light or dark theme, and marks of the styles `guide-label` and `guide-title` follow.
"""

from collections.abc import Mapping
from typing import Any

from flowlogs.search.dashboards.colours import NEUTRAL
from flowlogs.search.dashboards.vega.quantities import written
from flowlogs.search.dashboards.vega.source import MINUTE
from flowlogs.search.dashboards.vega.timeslices import mean_of

UPRIGHT = {"titleFontWeight": "normal", "titleLimit": {"signal": "height * 1.4"}}
"""What a title along the height has to keep to: much longer than the chart it would leave no room for it."""
SCHEMA = "https://vega.github.io/schema/vega/v5.json"
NOTHING = "No flow records in this time range"
WHEN = "timeFormat(datum.slot, '%a %d %b %H:%M')"
"""The time of a row, as the reader's clock has it."""

_CLOCK = {"date": "%a %d", "week": "%a %d", "month": "%b", "hours": "%H:%M", "minutes": "%H:%M"}
_FIRST, _LAST = "shown[0]", "max(shown[0], shown[1] - 1)"  # a range ends before its end
_SAME_DAY = f"timeFormat({_FIRST}, '%Y%j') === timeFormat({_LAST}, '%Y%j')"
_DAYS = f"({_SAME_DAY} ? '' : timeFormat({_FIRST}, '%a %d %b') + ' \u2013 ') + timeFormat({_LAST}, '%a %d %b %Y')"
_MEANS = f"(slice > {MINUTE} ? ' \u00b7 means of ' + {mean_of('slice')} : '')"
_WHOLE = {"width": {"signal": "width"}, "height": {"signal": "height"}}


def specification(
    *,
    description: str,
    data: list[dict[str, Any]],
    drawn: str,
    marks: list[dict[str, Any]],
    signals: list[dict[str, Any]] | None = None,
    scales: list[dict[str, Any]] | None = None,
    axes: list[dict[str, Any]] | None = None,
    legends: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Give a specification whose marks, scales and axes are there only where `drawn`, one of its data, has rows.

    They are in a facet, which exists by its rows; over nothing the aggregation has none.
    """
    any_rows = [
        {"type": "aggregate", "ops": ["count"], "as": ["rows"]},
        {"type": "formula", "as": "whole", "expr": "true"},
    ]
    return {
        "$schema": SCHEMA,
        "description": description,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 5,
        "config": {"kibana": {"controlsLocation": "top", "controlsDirection": "horizontal"}},
        "signals": signals or [],
        "data": [*data, {"name": "drawn", "source": drawn, "transform": any_rows}],
        "marks": [
            {
                "type": "group",
                "name": "chart",
                "from": {"facet": {"name": "whole", "data": "drawn", "groupby": "whole"}},
                "encode": {"update": _WHOLE},
                "scales": scales or [],
                "axes": axes or [],
                "legends": legends or [],
                "marks": marks,
            },
            _nothing(),
        ],
    }


def _nothing() -> dict[str, Any]:
    return {
        "type": "text",
        "name": "nothing",
        "style": "guide-title",
        "interactive": False,
        "encode": {
            "update": {
                "text": {"signal": f"length(data('drawn')) ? '' : '{NOTHING}'"},
                "x": {"signal": "width / 2"},
                "y": {"signal": "height / 2"},
                "align": {"value": "center"},
                "baseline": {"value": "middle"},
                "fontSize": {"value": 13},
                "fontWeight": {"value": "normal"},
                "limit": {"signal": "width"},
            }
        },
    }


def time_axis(caption: str | None = None, *, means: bool = False) -> dict[str, Any]:
    """Give the axis of the scale `x` in the reader's time zone, with as many ticks as its width has room for.

    Under it stands of which days it is, for of a part of a day no tick says the date; with `means`, over how long what
    is drawn is a mean; and a caption (an expression of a text) on a line of its own. That is so in any width: what
    takes room must not hang on the width that is left, or nothing would be where the layout has put it.
    """
    first = f"{_DAYS} + {_MEANS}" if means else _DAYS
    title = first if caption is None else f"[{first}, {caption}]"
    return {
        "scale": "x",
        "orient": "bottom",
        "tickCount": {"signal": "max(2, floor(width / 80))"},
        "format": _CLOCK,
        "labelOverlap": True,
        "labelFlush": True,
        "title": {"signal": title},
        "titleFontWeight": "normal",
        "titlePadding": 6,
    }


def value_axis(unit: str, *, height: str = "height", title: str | None = None, least: int = 0) -> dict[str, Any]:
    """Give the axis of the scale `y`, its numbers written for reading; a panel's only lines across.

    Below a height of `least` pixels it has no numbers.
    """
    number = written("datum.value", unit)
    axis = {
        "scale": "y",
        "orient": "left",
        "grid": True,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "tickCount": {"signal": f"max(2, min(6, floor({height} / 40)))"},
        "labelOverlap": True,
        "encode": {"labels": {"update": {"text": {"signal": f"{height} < {least} ? '' : {number}"}}}},
    }
    return axis if title is None else {**axis, "title": title, "titlePadding": 8, **UPRIGHT}


def key_of(lines: Mapping[str, tuple[str, list[int]]]) -> list[dict[str, Any]]:
    """Give the scales `colour` and `dash` of named lines, each a colour and a pattern of dashes."""
    colours, dashes = zip(*lines.values(), strict=True)
    named = {"type": "ordinal", "domain": [*lines]}
    return [
        {"name": "colour", **named, "range": [*colours]},
        {"name": "dash", **named, "range": [*dashes]},
    ]


def legend() -> dict[str, Any]:
    """Give the legend of `key_of`, above the lines."""
    return {
        "stroke": "colour",
        "strokeDash": "dash",
        "symbolType": "stroke",
        "symbolStrokeWidth": 2,
        "symbolSize": 200,
        "orient": "top",
        "direction": "horizontal",
        "columnPadding": 12,
        "offset": 6,
        "labelLimit": 0,
    }


def time_scale(domain: str) -> dict[str, Any]:
    """Give the scale `x` over a signal of two times."""
    return {"name": "x", "type": "time", "domain": {"signal": domain}, "range": "width"}


def value_scale(rows: str) -> dict[str, Any]:
    """Give the scale `y` from 0 to beyond the `last`, which is the largest, of the rows of `timeslices.ends`.

    Not of the data itself: over none of it a scale would warn, and Dashboards writes warnings across the panel.
    """
    domain = {"signal": f"[0, length(data('{rows}')) && data('{rows}')[0].last || 0]"}
    return {"name": "y", "type": "linear", "domain": domain, "range": "height", "zero": True, "nice": True}


def places(data: str, *, span: str, length: str, height: str, tooltip: str) -> dict[str, Any]:
    """Give a place to point at for each row: the tooltip's, and a light stripe while the pointer is there."""
    return {
        "type": "rect",
        "from": {"data": data},
        "encode": {
            "update": {
                "xc": {"scale": "x", "field": "slot"},
                "width": {"signal": f"max(1, width * {length} / max({length}, {span}[1] - {span}[0]))"},
                "y": {"value": 0},
                "y2": {"signal": height},
                "fill": {"value": NEUTRAL},
                "fillOpacity": {"value": 0},
                "tooltip": {"signal": tooltip},
            },
            "hover": {"fillOpacity": {"value": 0.25}},
        },
    }
