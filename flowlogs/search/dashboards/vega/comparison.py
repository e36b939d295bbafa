"""Comparison: the selected range beside the same time a day and a week earlier."""

from collections.abc import Sequence
from typing import Any

from flowlogs.search.dashboards.colours import SERIES
from flowlogs.search.dashboards.vega import frame
from flowlogs.search.dashboards.vega.quantities import titled, written
from flowlogs.search.dashboards.vega.selected import ends_of_minutes, no_records, selected
from flowlogs.search.dashboards.vega.source import minutes
from flowlogs.search.dashboards.vega.timeslices import ends, fitting, sliced, spanning

_SELECTED = "selected"
_EARLIER = {"day before": 1, "week before": 7}
_MOST = 150
"""Points of a line: of three lines, more would become a brush."""
_LOOKS = {_SELECTED: (SERIES[0], []), "day before": (SERIES[1], [6, 3]), "week before": (SERIES[2], [2, 3])}


def comparison(*, index: str, field: str | None, query: Sequence[dict[str, Any]] = (), unit: str) -> dict[str, Any]:
    """Give the specification; without a field it counts flow records.

    The values are per minute; a long range is drawn as the mean of longer timeslices. A day is 24 hours, so after a
    change of the clock yesterday is an hour off. A line goes from its first record to its last; where the selected
    range goes on without records, that is said.
    """
    asked = {_SELECTED: 0, **_EARLIER}
    names = {series: f"minutes_{days}" for series, days in asked.items()}
    return frame.specification(
        description=f"{titled(unit)} per minute in the selected range, a day and a week earlier.",
        signals=[
            spanning("minutes_ends", span="range"),
            {"name": "slice", "update": fitting("range", most=_MOST)},
            spanning("timeslices_ends", span="span"),
            *selected("minutes_ends", seen="selected_ends", span="span"),
        ],
        data=[
            *(
                minutes(names[series], index=index, field=field, query=query, days_earlier=days, series=series)
                for series, days in asked.items()
            ),
            {"name": "minutes", "source": [*reversed(names.values())]},  # what is drawn last is above
            ends_of_minutes("minutes", name="minutes_ends"),
            ends_of_minutes(names[_SELECTED], name="selected_ends"),
            *sliced("minutes", name="timeslices", span="span", length="slice"),
            {"name": "lines", "source": "timeslices", "transform": _within_own_ends()},
            ends("lines", name="rates", field="rate"),
            {"name": "slots", "source": "lines", "transform": _side_by_side()},
        ],
        drawn="lines",
        scales=[
            frame.time_scale("shown"),
            frame.value_scale("rates"),
            *frame.key_of(_LOOKS),
        ],
        axes=[
            frame.value_axis(unit, title=f"{titled(unit)} per minute"),
            frame.time_axis(means=True),
        ],
        legends=[frame.legend()],
        marks=[
            _line(),
            frame.places("slots", span="shown", length="slice", height="height", tooltip=_tooltip(unit)),
            *no_records(),
        ],
    )


def _within_own_ends() -> list[dict[str, Any]]:
    """Give the transforms that take away what was filled in before a series' first record and after its last."""
    return [
        {"type": "formula", "as": "seen", "expr": "datum._impute ? null : datum.slot"},
        {
            "type": "joinaggregate",
            "groupby": ["series"],
            "ops": ["min", "max"],
            "fields": ["seen", "seen"],
            "as": ["first", "last"],
        },
        {"type": "filter", "expr": "datum.first <= datum.slot && datum.slot <= datum.last"},
        {"type": "formula", "as": "rate", "expr": "datum.value * 60000 / slice"},
    ]


def _side_by_side() -> list[dict[str, Any]]:
    """Give the transforms that make one row of a slot, with the rates of the series it has."""
    columns = [f"days_{days}" for days in (0, *_EARLIER.values())]
    own = [
        {"type": "formula", "as": column, "expr": f"datum.series === '{series}' ? datum.rate : null"}
        for column, series in zip(columns, _LOOKS, strict=True)
    ]
    one = {"type": "aggregate", "groupby": ["slot"], "ops": ["max"] * len(columns), "fields": columns, "as": columns}
    return [*own, one]


def _line() -> dict[str, Any]:
    return {
        "type": "group",
        "from": {"facet": {"name": "points", "data": "lines", "groupby": "series"}},
        "marks": [
            {
                "type": "line",
                "name": "line",
                "from": {"data": "points"},
                "sort": {"field": "datum.slot"},
                "interactive": False,
                "encode": {
                    "update": {
                        "x": {"scale": "x", "field": "slot"},
                        "y": {"scale": "y", "field": "rate"},
                        "stroke": {"scale": "colour", "field": "series"},
                        "strokeDash": {"scale": "dash", "field": "series"},
                        "strokeWidth": {"signal": f"datum.series === '{_SELECTED}' ? 2 : 1"},
                        "strokeOpacity": {"signal": f"datum.series === '{_SELECTED}' ? 1 : 0.75"},
                    }
                },
            }
        ],
    }


def _tooltip(unit: str) -> str:
    earlier = ", ".join(
        f"'{series}': isValid({then}) ? {written(then, unit)} + {_change(then)} : 'no records'"
        for series, then in ((series, f"datum.days_{days}") for series, days in _EARLIER.items())
    )
    now = f"isValid(datum.days_0) ? {written('datum.days_0', unit)} : 'no records'"
    return f"{{'title': {frame.WHEN}, '{_SELECTED}': {now}, {earlier}}}"


def _change(then: str) -> str:
    """Give the expression of what has changed since then, in per cent of then; of a change from 0 it says nothing."""
    return (
        f"(isValid(datum.days_0) && {then} > 0"
        f" ? ' (since then ' + format((datum.days_0 - {then}) / {then}, '+.0%') + ')' : '')"
    )
