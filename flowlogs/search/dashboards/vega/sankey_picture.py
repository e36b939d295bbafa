"""How pairs are drawn: a bar for each node, a band for each pair, as high as what they had."""

from typing import Any

from flowlogs.search.dashboards.colours import NEUTRAL
from flowlogs.search.dashboards.vega.quantities import titled, written

OTHER = "other"
_BAR = 8
"""Pixels of a node's width."""


def measures() -> list[dict[str, Any]]:
    """Give the measures of the picture; gaps are large enough for a line of text at each node, where there is room."""
    return [
        {"name": "nodes", "update": "max(1, length(data('sources')), length(data('targets')))"},
        {"name": "named", "update": "length(data('sums')) ? data('sums')[0].total || 0 : 0"},
        {"name": "all", "update": "length(data('totals')) ? max(1, data('totals')[0].value) : 1"},
        {"name": "all_drawn", "update": "length(data('totals')) ? max(1, data('totals')[0].drawn) : 1"},
        {"name": "gap", "update": "min(14, 0.6 * height / nodes)"},
        {"name": "pixels", "update": "(height - gap * (nodes - 1)) / all_drawn"},
        {"name": "source_start", "update": "gap * (nodes - length(data('sources'))) / 2"},
        {"name": "target_start", "update": "gap * (nodes - length(data('targets'))) / 2"},
        {"name": "label_width", "update": "min(210, width * 0.3)"},
        {
            "name": "pointed",
            "value": None,
            "on": [
                {"events": "@link:mouseover, @source:mouseover, @target:mouseover", "update": "datum"},
                {"events": "@link:mouseout, @source:mouseout, @target:mouseout", "update": "null"},
            ],
        },
    ]


def pictured(unit: str) -> list[dict[str, Any]]:
    """Give the marks, of the data `links`, `sources` and `targets`; a scale `colour` has the sources' colours."""
    return [
        _bands(unit),
        _cut(unit),
        _bars("source", f"label_width - {_BAR}", _COLOUR, unit),
        _bars("target", "width - label_width", f"'{NEUTRAL}'", unit),
        _labels("source", f"label_width - {_BAR + 6}", "right", unit),
        _labels("target", f"width - label_width + {_BAR + 6}", "left", unit),
    ]


_COLOUR = f"datum.source === '{OTHER}' ? '{NEUTRAL}' : scale('colour', datum.source)"
_IS_CUT = "datum.drawn < datum.value"
_IS_POINTED = (
    "(!isDefined(pointed.source) || pointed.source === datum.source)"
    " && (!isDefined(pointed.target) || pointed.target === datum.target)"
)


def _top(end: str, above: str, place: str) -> str:
    """Give the expression of where something begins, in pixels from the top."""
    return f"{end}_start + ({above}) * pixels + ({place} - 1) * gap"


def _link_top(end: str) -> str:
    return _top(end, f"datum.{end}_above + datum.{end}_through - datum.drawn", f"datum.{end}_place")


def _bands(unit: str) -> dict[str, Any]:
    """Give the links, as thick as their values and at least a pixel."""
    middle = "width / 2"
    thick = "max(1, datum.drawn * pixels)"
    begin, end = _link_top("source"), _link_top("target")
    there = f"'M' + label_width + ',' + ({begin}) + 'C' + {middle} + ',' + ({begin}) + ' ' + {middle} + ',' + ({end})"
    back = f"'C' + {middle} + ',' + ({end} + {thick}) + ' ' + {middle} + ',' + ({begin} + {thick})"
    right = "(width - label_width)"
    path = (
        f"{there} + ' ' + {right} + ',' + ({end}) + 'L' + {right} + ',' + ({end} + {thick})"
        f" + {back} + ' ' + label_width + ',' + ({begin} + {thick}) + 'Z'"
    )
    return {
        "type": "path",
        "name": "link",
        "from": {"data": "links"},
        "encode": {
            "update": {
                "path": {"signal": path},
                "fill": {"signal": _COLOUR},
                "fillOpacity": {"signal": f"pointed === null ? ({_IS_CUT} ? 0.15 : 0.45) : {_IS_POINTED} ? 0.8 : 0.12"},
                "stroke": {"value": NEUTRAL},
                "strokeWidth": {"signal": f"{_IS_CUT} ? 1 : 0"},
                "strokeDash": {"value": [5, 4]},
                "tooltip": {"signal": _tooltip("datum.source + ' → ' + datum.target", unit)},
            }
        },
    }


def _cut(unit: str) -> dict[str, Any]:
    """Give the words in the band that is drawn smaller than it is."""
    return {
        "type": "text",
        "name": "cut",
        "style": "guide-label",
        "interactive": False,
        "from": {"data": "links"},
        "encode": {
            "update": {
                "x": {"signal": "width / 2"},
                "y": {"signal": f"({_link_top('source')} + {_link_top('target')} + datum.drawn * pixels) / 2"},
                "text": {"signal": f"{_IS_CUT} ? {written('datum.value', unit)} + ', not to scale' : ''"},
                "align": {"value": "center"},
                "baseline": {"value": "middle"},
            }
        },
    }


def _bars(end: str, x: str, colour: str, unit: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "name": end,
        "from": {"data": f"{end}s"},
        "encode": {
            "update": {
                "x": {"signal": x},
                "width": {"value": _BAR},
                "y": {"signal": _top(end, "datum.above", "datum.place")},
                "height": {"signal": "max(1, datum.drawn * pixels)"},
                "fill": {"signal": colour},
                "tooltip": {"signal": _tooltip(f"datum.{end}", unit)},
            }
        },
    }


def _labels(end: str, x: str, align: str, unit: str) -> dict[str, Any]:
    """Give the names beside the bars, with their values where there is room."""
    value = f"(width > 640 ? ' · ' + {written('datum.value', unit)} : '')"
    return {
        "type": "text",
        "style": "guide-label",
        "interactive": False,
        "from": {"data": f"{end}s"},
        "encode": {
            "update": {
                "x": {"signal": x},
                "y": {"signal": f"{_top(end, 'datum.above', 'datum.place')} + datum.drawn * pixels / 2"},
                "text": {"signal": f"datum.{end} + {value}"},
                "align": {"value": align},
                "baseline": {"value": "middle"},
                "fontSize": {"signal": "max(8, min(11, height / nodes))"},
                "limit": {"signal": f"label_width - {_BAR + 6}"},
            }
        },
    }


def _tooltip(title: str, unit: str) -> str:
    share = "format(datum.value / all, '.1%')"
    return f"{{'title': {title}, '{titled(unit)}': {written('datum.value', unit)}, 'Share': {share}}}"
