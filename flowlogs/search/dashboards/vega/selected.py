"""The selected range: how far the axis goes, which timeslices it cuts, and what is said where the records end early."""

from typing import Any

from flowlogs.search.dashboards.colours import ALARM
from flowlogs.search.dashboards.vega.source import MINUTE

_LATE = 15 * MINUTE
"""How late records may be, roughly: up to 10 minutes of aggregation interval, 5 to be delivered."""


def ends_of_minutes(rows: str, *, name: str) -> dict[str, Any]:
    """Give the one row with `first` and `last` of minutes' times, and with the selected `since` and `until`."""
    fields = {"first": ("min", "at"), "last": ("max", "at"), "since": ("max", "since"), "until": ("max", "until")}
    ops, of = zip(*fields.values(), strict=True)
    return {
        "name": name,
        "source": rows,
        "transform": [{"type": "aggregate", "ops": [*ops], "fields": [*of], "as": [*fields]}],
    }


def selected(ends: str, *, seen: str, span: str) -> list[dict[str, Any]]:
    """Give the signals of the selected range, by the rows `ends` and `seen` of `ends_of_minutes`, and a span of slots.

    `since` and `until` (milliseconds; null where the runner does not say), `until` never in the future; `shown`, from
    where to where the axis goes; `over`, where the last minute of `seen` ends; `silent`, whether the records ended
    so long ago that they are not just late. The length of a timeslice is the signal `slice`.
    """
    any_seen = f"length(data('{seen}')) && isValid(data('{seen}')[0].last)"
    return [
        {"name": "since", "update": _end(ends, "since")},
        {"name": "to", "update": _end(ends, "until")},
        {"name": "until", "update": "to === null ? null : min(to, now())"},
        {
            "name": "shown",
            "update": f"[since === null ? {span}[0] : min(since, {span}[0]), max({span}[1], to === null ? 0 : to)]",
        },
        {"name": "over", "update": f"{any_seen} ? data('{seen}')[0].last + {MINUTE} : since"},
        {"name": "silent", "update": f"until !== null && until - over > max({_LATE}, 2 * slice)"},
    ]


def _end(rows: str, name: str) -> str:
    end = f"data('{rows}')[0].{name}"
    return f"length(data('{rows}')) && isValid({end}) ? {end} : null"


WHOLE = "((since === null || datum.slot >= since) && (until === null || datum.slot + slice <= until + 1000))"
"""Whether the range has all of a row's timeslice: what ends with a minute ends in its last second."""


def filling(span: str) -> str:
    """Give the expression whether a row's timeslice is the last, and records of it may still come."""
    return f"(datum.slot === {span}[1] && (until === null || until - datum.slot - slice < {_LATE}))"


def no_records() -> list[dict[str, Any]]:
    """Give the marks that say since when there are no records, and show on the axis until when; or of no extent."""
    clock = "timeFormat(over, '%Y%j') === timeFormat(until - 1, '%Y%j') ? '%H:%M' : '%a %d %b %H:%M'"
    words = {
        "text": {"signal": f"silent ? 'no records since ' + timeFormat(over, {clock}) : ''"},
        "x": {"signal": "silent ? scale('x', until) : 0"},
        "y": {"signal": "height - 6"},
        "align": {"value": "right"},
        "baseline": {"value": "bottom"},
        "fontSize": {"signal": "width < 480 ? 10 : 12"},
        "fontWeight": {"value": "bold"},
        "fill": {"value": ALARM},
        "limit": {"signal": "width"},
    }
    line = {
        "x": {"signal": "silent ? scale('x', over) : 0"},
        "x2": {"signal": "silent ? scale('x', until) : 0"},
        "y": {"signal": "height - 2"},
        "height": {"value": 4},
        "fill": {"value": ALARM},
    }
    return [
        {"type": mark, "name": name, "interactive": False, "encode": {"update": look}}
        for mark, name, look in (("rect", "silence", line), ("text", "since", words))
    ]
