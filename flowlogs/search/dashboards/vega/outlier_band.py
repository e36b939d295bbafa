"""Outliers: a value per timeslice, the band in which it was to be expected, and the points that left the band."""

from collections.abc import Sequence
from typing import Any

from flowlogs.search.dashboards.colours import ALARM, NEUTRAL, SERIES
from flowlogs.search.dashboards.vega import frame
from flowlogs.search.dashboards.vega.deviation import deviation
from flowlogs.search.dashboards.vega.quantities import titled, written
from flowlogs.search.dashboards.vega.selected import ends_of_minutes, filling, no_records, selected
from flowlogs.search.dashboards.vega.source import minutes
from flowlogs.search.dashboards.vega.timeslices import TIMESLICES, length_of, per, sliced, spanning

_FEWEST = 2
"""Timeslices of which there can be a deviation at all."""
_ROW_HEIGHT = "bandwidth('row')"
_FEW_PIXELS = 40
"""A row that is lower has no room for numbers."""


def outlier_band(
    *,
    index: str,
    field: str | None,
    query: Sequence[dict[str, Any]] = (),
    unit: str,
    split: str | None = None,
    colour: str = SERIES[0],
) -> dict[str, Any]:
    """Give the specification; without a field it counts flow records, with `split` each large value has its own row.

    The band is the mean of `window_size` timeslices, give or take `threshold` standard deviations of them; marked are
    the points of every run of at least `consecutive` timeslices outside. Those of the mean end `consecutive` before the
    one that is judged: so a run is judged by what preceded it, and a lasting step is a run too. The reader changes
    these and `timeslice`. The first timeslices have no band; too little in the last is not marked as long as its
    records may still come. The query asks for minutes: `flowlogs.search.dashboards.vega.source.minutes` says how long a
    range that allows.
    """
    return frame.specification(
        description=f"{titled(unit)} per timeslice; marked where outside of what the timeslices before lead to expect.",
        signals=[*_inputs(), *_read(), *selected("minutes_ends", seen="minutes_ends", span="span"), _EVERY],
        data=[
            minutes("minutes", index=index, field=field, query=query, split=split),
            ends_of_minutes("minutes", name="minutes_ends"),
            *sliced("minutes", name="timeslices", span="span", length="slice"),
            {"name": "band", "source": "timeslices", "transform": [*deviation("before", "run"), *_judged()]},
        ],
        drawn="timeslices",
        scales=[
            frame.time_scale("shown"),
            {
                "name": "row",
                "type": "band",
                "domain": {"data": "timeslices", "field": "series"},
                "range": "height",
                "paddingInner": 0.25,
                "paddingOuter": 0 if split is None else 0.12,
            },
        ],
        axes=[frame.time_axis(_CAPTION), _title(unit)],
        marks=[_row(unit, colour, least=0 if split is None else _FEW_PIXELS), *no_records()],
    )


def _inputs() -> list[dict[str, Any]]:
    """Give the four parameters; what is typed into a field arrives as a text, and may be no number.

    They are so narrow because Dashboards gives each label 104 pixels, and all four are to stand in one row of half a
    dashboard. A signal must not be named `window`: Dashboards refuses what it takes for the browser's.
    """

    def typed(signal: str, label: str, default: float, least: float, step: float) -> dict[str, Any]:
        look = {"min": least, "step": step, "style": "width: 3.5em"}
        return {"name": signal, "value": default, "bind": {"input": "number", "name": label, **look}}

    choice = {"input": "select", "options": [*TIMESLICES]}
    return [
        typed("consecutive", "consecutive", 1, 1, 1),
        typed("threshold", "threshold", 3, 0, 0.5),
        typed("window_size", "window", 10, _FEWEST, 1),
        {"name": "timeslice", "value": "1m", "bind": {**choice, "name": "timeslice"}},
    ]


def _read() -> list[dict[str, Any]]:
    """Give the parameters as numbers that can be worked with, and the first and the last slot."""
    return [
        {"name": "run", "update": "max(1, floor(toNumber(consecutive)) || 1)"},
        {"name": "sigmas", "update": "max(0, toNumber(threshold) || 0)"},
        {"name": "before", "update": f"max({_FEWEST}, floor(toNumber(window_size)) || {_FEWEST})"},
        {"name": "slice", "update": length_of("timeslice")},
        spanning("timeslices_ends", span="span"),
    ]


def _judged() -> list[dict[str, Any]]:
    """Give the transforms that add the band, `top` (what must be seen) and `marked`; a timeslice inside ends a run."""
    in_order = {"type": "window", "groupby": ["series"], "sort": {"field": "slot"}}
    return [
        {"type": "formula", "as": "lower", "expr": "datum.mean === null ? null : datum.mean - sigmas * datum.sigma"},
        {"type": "formula", "as": "upper", "expr": "datum.mean === null ? null : datum.mean + sigmas * datum.sigma"},
        {"type": "formula", "as": "top", "expr": "max(datum.value, datum.upper || 0)"},
        {"type": "formula", "as": "filling", "expr": f"{filling('span')} && datum.value < datum.lower"},
        {"type": "formula", "as": "outside", "expr": f"datum.mean !== null && !datum.filling && {_LEFT} ? 1 : 0"},
        {"type": "formula", "as": "inside", "expr": "1 - datum.outside"},
        {**in_order, "frame": [None, 0], "ignorePeers": True, "ops": ["sum"], "fields": ["inside"], "as": ["run_id"]},
        {
            "type": "joinaggregate",
            "groupby": ["series", "run_id"],
            "ops": ["sum"],
            "fields": ["outside"],
            "as": ["run_length"],
        },
        {"type": "formula", "as": "marked", "expr": "datum.outside === 1 && datum.run_length >= run"},
    ]


_LEFT = "(datum.value < datum.lower || datum.value > datum.upper)"
_EVERY = {"name": "every", "update": "max(1, ceil((shown[1] - shown[0]) / slice / max(1, width)))"}
_ONE_A_PIXEL = "(datum.row - 1) % every === 0"
_COUNTED = "datum.run_length + (datum.run_length > 1 ? ' timeslices' : ' timeslice')"
_CAPTION = (
    "(span[1] - span[0] < (before + run - 1) * slice"
    " ? 'No band yet: it needs ' + (before + run - 1) + ' before'"
    " : 'Band: mean \u00b1 ' + sigmas + '\u03c3 of the ' + before + ' before' + (run > 1 ? ' a run of ' + run : ''))"
)


def _title(unit: str) -> dict[str, Any]:
    """Give the title of all rows' axes."""
    return {
        "scale": "row",
        "orient": "left",
        "offset": 42,
        "domain": False,
        "ticks": False,
        "labels": False,
        "title": {"signal": f"'{titled(unit)} per ' + {per('slice')}"},
        **frame.UPRIGHT,
    }


def _row(unit: str, colour: str, *, least: int) -> dict[str, Any]:
    """Give the row of a series: its own scale, its name where it has one, band, line and marked points."""
    return {
        "type": "group",
        "name": "series",
        "from": {"facet": {"name": "points", "data": "band", "groupby": "series"}},
        "encode": {
            "update": {
                "y": {"scale": "row", "field": "series"},
                "width": {"signal": "width"},
                "height": {"signal": _ROW_HEIGHT},
            }
        },
        "data": [
            {"name": "marked", "source": "points", "transform": [{"type": "filter", "expr": "datum.marked"}]},
            {"name": "pointed", "source": "points", "transform": [{"type": "filter", "expr": _ONE_A_PIXEL}]},
        ],
        "scales": [
            {
                "name": "y",
                "type": "linear",
                "domain": {"data": "points", "field": "top"},
                "range": [{"signal": _ROW_HEIGHT}, 0],
                "zero": True,
                "nice": True,
            }
        ],
        "axes": [frame.value_axis(unit, height=_ROW_HEIGHT, least=least)],
        "marks": [_band(), _line(colour), _name(), _places(unit), _marked(unit)],
    }


def _band() -> dict[str, Any]:
    return {
        "type": "area",
        "from": {"data": "points"},
        "sort": {"field": "datum.slot"},
        "interactive": False,
        "encode": {
            "update": {
                "defined": {"signal": "datum.mean !== null"},
                "x": {"scale": "x", "field": "slot"},
                "y": {"scale": "y", "field": "upper"},
                "y2": {"signal": "scale('y', max(0, datum.lower))"},
                "fill": {"value": NEUTRAL},
                "fillOpacity": {"value": 0.3},
            }
        },
    }


def _line(colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "from": {"data": "points"},
        "sort": {"field": "datum.slot"},
        "interactive": False,
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "slot"},
                "y": {"scale": "y", "field": "value"},
                "stroke": {"value": colour},
                "strokeWidth": {"value": 1.5},
                "strokeJoin": {"value": "round"},
            }
        },
    }


def _name() -> dict[str, Any]:
    return {
        "type": "text",
        "style": "guide-title",
        "interactive": False,
        "encode": {
            "update": {
                "text": {"field": {"parent": "series"}},
                "x": {"value": 4},
                "y": {"value": 2},
                "baseline": {"value": "bottom"},
                "fontSize": {"value": 10},
                "limit": {"signal": "width"},
            }
        },
    }


def _places(unit: str) -> dict[str, Any]:
    return frame.places("pointed", span="shown", length="(slice * every)", height=_ROW_HEIGHT, tooltip=_tooltip(unit))


def _marked(unit: str) -> dict[str, Any]:
    return {
        "type": "symbol",
        "name": "outlier",
        "from": {"data": "marked"},
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "slot"},
                "y": {"scale": "y", "field": "value"},
                "shape": {"value": "circle"},
                "size": {"signal": f"{_ROW_HEIGHT} < 40 ? 24 : 55"},
                "fill": {"value": ALARM},
                "stroke": {"value": "white"},
                "strokeWidth": {"value": 1},
                "tooltip": {"signal": _tooltip(unit)},
            }
        },
    }


def _tooltip(unit: str) -> str:
    expected = f"{written('max(0, datum.lower)', unit)} + ' to ' + {written('datum.upper', unit)}"
    return (
        f"{{'title': {frame.WHEN}, '{titled(unit)}': {written('datum.value', unit)},"
        f" 'Expected': datum.mean === null ? 'not yet known' : {expected},"
        f" 'Outside for': datum.outside ? {_COUNTED} : datum.filling ? 'records may still come' : 'inside'}}"
    )
