"""Trend: a value per timeslice, its moving average, and where a straight line through it leads."""

from collections.abc import Sequence
from typing import Any

from flowlogs.search.dashboards.colours import SERIES
from flowlogs.search.dashboards.vega import frame
from flowlogs.search.dashboards.vega.quantities import titled, written
from flowlogs.search.dashboards.vega.selected import WHOLE, ends_of_minutes, no_records, selected
from flowlogs.search.dashboards.vega.source import minutes
from flowlogs.search.dashboards.vega.timeslices import ends, fitting, sliced, spanning

_MOST = 400
"""Points that a line shows without becoming a brush."""
_AROUND = 5
"""Timeslices on each side of one that its moving average takes in."""
_AHEAD = 0.25
"""Share of the range by which the forecast goes beyond it."""
_FEWEST = 3
"""Timeslices through which a line can be drawn with something left over to judge it by."""
_WITHIN_95_PERCENT = 1.96
_AVERAGE, _FORECAST = f"average of {2 * _AROUND + 1} timeslices", "forecast"
_CAPTION = (
    "(length(data('forecast')) ? 'straight line through the range; knows no daily rhythm' : 'too short for a forecast')"
)


def trend(
    *, index: str, field: str | None, query: Sequence[dict[str, Any]] = (), unit: str, colour: str = SERIES[0]
) -> dict[str, Any]:
    """Give the specification; without a field it counts flow records.

    The forecast is least squares over the records' time, a quarter of it ahead, and its band is where 95% of single
    timeslices are to be expected if the line holds and what is left over is normal: a day's ups and downs are not known
    to it. There is none with fewer than three timeslices; those that the range cuts do not count.
    """
    return frame.specification(
        description=f"{titled(unit)} per minute, the moving average, and a linear forecast.",
        signals=[
            spanning("minutes_ends", span="range"),
            {"name": "slice", "update": fitting("range", most=_MOST)},
            spanning("timeslices_ends", span="span"),
            *selected("minutes_ends", seen="minutes_ends", span="span"),
            spanning("drawn_ends", span="drawn_span"),
            {"name": "time", "update": "[shown[0], max(shown[1], drawn_span[1])]"},
        ],
        data=[
            minutes("minutes", index=index, field=field, query=query),
            ends_of_minutes("minutes", name="minutes_ends"),
            *sliced("minutes", name="timeslices", span="span", length="slice"),
            {"name": "values", "source": "timeslices", "transform": _averaged()},
            {"name": "fit", "source": "values", "transform": _fitted()},
            {"name": "forecast", "source": "fit", "transform": _forecast()},
            {"name": "slots", "source": ["values", "forecast"]},
            ends("slots", name="drawn_ends", field="slot"),
            ends("slots", name="tops", field="top"),
        ],
        drawn="values",
        scales=[
            frame.time_scale("time"),
            frame.value_scale("tops"),
            *frame.key_of({titled(unit): (colour, []), _AVERAGE: (SERIES[2], []), _FORECAST: (SERIES[1], [6, 3])}),
        ],
        axes=[frame.value_axis(unit, title=f"{titled(unit)} per minute"), frame.time_axis(_CAPTION, means=True)],
        legends=[frame.legend()],
        marks=[
            _band(),
            _line("values", "rate", titled(unit), 1.5),
            _line("values", "average", _AVERAGE, 2.5),
            _line("forecast", "expected", _FORECAST, 2),
            frame.places("forecast", span="time", length="slice", height="height", tooltip=_tooltip_of_forecast(unit)),
            frame.places("values", span="time", length="slice", height="height", tooltip=_tooltip_of_value(unit)),
            *no_records(),
        ],
    )


def _averaged() -> list[dict[str, Any]]:
    """Give the transforms that add `rate`, `average`, and `step`, the number of the timeslice from 0.

    A timeslice that the range cuts has part of its records: it is in no average, and has none.
    """
    return [
        {"type": "formula", "as": "rate", "expr": "datum.value * 60000 / slice"},
        {"type": "formula", "as": "top", "expr": "datum.rate"},
        {"type": "formula", "as": "whole", "expr": WHOLE},
        {"type": "formula", "as": "measured", "expr": "datum.whole ? datum.rate : null"},
        {"type": "formula", "as": "step", "expr": "(datum.slot - span[0]) / slice"},
        {
            "type": "window",
            "sort": {"field": "slot"},
            "frame": [-_AROUND, _AROUND],
            "ignorePeers": True,
            "ops": ["mean"],
            "fields": ["measured"],
            "as": ["average"],
        },
        {"type": "formula", "as": "average", "expr": "datum.whole ? datum.average : null"},
    ]


def _fitted() -> list[dict[str, Any]]:
    """Give the transforms that make one row of the line: its slope, its middle, and the deviation of what is left over.

    It is of whole timeslices, the last of which is `end`. Sums of deviations from the means, not of the values: those
    would drown what differs.
    """
    kept = ["count", "middle", "level", "end"]
    middles = {"as": kept, "fields": [None, "step", "rate", "step"], "ops": ["count", "mean", "mean", "max"]}
    sums = ["steps", "both", "rates"]
    return [
        {"type": "filter", "expr": "datum.whole"},
        {"type": "joinaggregate", **middles},
        {"type": "formula", "as": "steps", "expr": "pow(datum.step - datum.middle, 2)"},
        {"type": "formula", "as": "both", "expr": "(datum.step - datum.middle) * (datum.rate - datum.level)"},
        {"type": "formula", "as": "rates", "expr": "pow(datum.rate - datum.level, 2)"},
        {
            "type": "aggregate",
            "ops": [*["max"] * len(kept), *["sum"] * len(sums)],
            "fields": [*kept, *sums],
            "as": [*kept, *sums],
        },
        {"type": "filter", "expr": f"datum.count >= {_FEWEST}"},
        {"type": "formula", "as": "slope", "expr": "datum.both / datum.steps"},
        {
            "type": "formula",
            "as": "spread",
            "expr": "sqrt(max(0, datum.rates - datum.slope * datum.both) / (datum.count - 2))",
        },
    ]


def _forecast() -> list[dict[str, Any]]:
    """Give the transforms that follow the line from the last whole timeslice on; nothing is forecast below 0."""
    line = "datum.level + datum.slope * (datum.step - datum.middle)"
    distance = "1 + 1 / datum.count + pow(datum.step - datum.middle, 2) / datum.steps"
    return [
        {
            "type": "formula",
            "as": "step",
            "expr": f"sequence(datum.end, datum.end + 1 + ceil(datum.count * {_AHEAD}))",
        },
        {"type": "flatten", "fields": ["step"]},
        {"type": "formula", "as": "slot", "expr": "span[0] + datum.step * slice"},
        {"type": "formula", "as": "half", "expr": f"{_WITHIN_95_PERCENT} * datum.spread * sqrt({distance})"},
        {"type": "formula", "as": "expected", "expr": f"max(0, {line})"},
        {"type": "formula", "as": "lower", "expr": f"max(0, {line} - datum.half)"},
        {"type": "formula", "as": "upper", "expr": f"max(0, {line} + datum.half)"},
        {"type": "formula", "as": "top", "expr": "datum.upper"},
    ]


def _band() -> dict[str, Any]:
    return {
        "type": "area",
        "from": {"data": "forecast"},
        "interactive": False,
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "slot"},
                "y": {"scale": "y", "field": "upper"},
                "y2": {"scale": "y", "field": "lower"},
                "fill": {"value": SERIES[1]},
                "fillOpacity": {"value": 0.18},
            }
        },
    }


def _line(data: str, field: str, name: str, width: float) -> dict[str, Any]:
    return {
        "type": "line",
        "name": field,
        "from": {"data": data},
        "sort": {"field": "datum.slot"},
        "interactive": False,
        "encode": {
            "update": {
                "defined": {"signal": f"isValid(datum.{field})"},
                "x": {"scale": "x", "field": "slot"},
                "y": {"scale": "y", "field": field},
                "stroke": {"scale": "colour", "value": name},
                "strokeDash": {"scale": "dash", "value": name},
                "strokeWidth": {"value": width},
            }
        },
    }


def _tooltip_of_value(unit: str) -> str:
    average = f"isValid(datum.average) ? {written('datum.average', unit)} : 'none, the range cuts this timeslice'"
    return f"{{'title': {frame.WHEN}, '{titled(unit)}': {written('datum.rate', unit)}, 'Average': {average}}}"


def _tooltip_of_forecast(unit: str) -> str:
    band = f"{written('datum.lower', unit)} + ' to ' + {written('datum.upper', unit)}"
    return f"{{'title': {frame.WHEN}, 'Forecast': {written('datum.expected', unit)}, 'Band if the line holds': {band}}}"
