"""Who talks to whom: the largest pairs as bands from left to right, everything else as "other"."""

from collections.abc import Sequence
from typing import Any

from flowlogs.search.dashboards.colours import NEUTRAL, SERIES
from flowlogs.search.dashboards.vega import frame
from flowlogs.search.dashboards.vega.quantities import BYTES, titled, written
from flowlogs.search.dashboards.vega.source import asked, buckets

OTHER = "other"
_BAR = 8
"""Pixels of a node's width."""


def sankey(
    *,
    index: str,
    source: str,
    target: str,
    field: str,
    size: int = 10,
    query: Sequence[dict[str, Any]] = (),
    unit: str = BYTES,
) -> dict[str, Any]:
    """Give the specification of the `size` largest pairs by the sum of a field, of records that have both ends.

    The pairs are sought among the `size` largest targets of each of the `size` largest sources. What else a shown
    source sent goes from it to "other", what the remaining sources sent from "other" to "other": a shown target's
    bar is what the shown pairs sent it, not all it received. A record with several values, as of security groups, is
    in the pair of each, so that all pairs together may come to more than there was; then there is no rest.
    """
    return frame.specification(
        description=f"The {size} pairs of {source} and {target} with the most {unit}.",
        signals=_signals(),
        data=[
            {
                "name": "asked",
                "url": asked(index, _aggregations(source, target, field, size, query)),
                "transform": buckets("buckets", "sources", "value"),
            },
            {"name": "pairs", "source": "asked", "transform": _largest(size)},
            {"name": "rest_of_sources", "source": "pairs", "transform": _rest_of_sources()},
            {"name": "rest", "source": "pairs", "transform": _rest()},
            {"name": "flows", "source": ["pairs", "rest_of_sources", "rest"]},
            {"name": "sources", "source": "flows", "transform": _nodes("source")},
            {"name": "targets", "source": "flows", "transform": _nodes("target")},
            {"name": "links", "source": "flows", "transform": _links()},
            {"name": "sums", "source": "flows", "transform": [_sum([], "value", "total")]},
        ],
        drawn="flows",
        scales=[
            {"name": "colour", "type": "ordinal", "domain": {"data": "sources", "field": "source"}, "range": [*SERIES]}
        ],
        marks=[
            _bands(unit),
            _bars("source", f"label_width - {_BAR}", _COLOUR, unit),
            _bars("target", "width - label_width", f"'{NEUTRAL}'", unit),
            _labels("source", f"label_width - {_BAR + 6}", "right", unit),
            _labels("target", f"width - label_width + {_BAR + 6}", "left", unit),
        ],
    )


def _aggregations(source: str, target: str, field: str, size: int, query: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Give the question: of all that has both ends the sum, its largest sources, and the largest targets of each."""
    value = {"value": {"sum": {"field": field}}}
    targets = {"targets": {"terms": _largest_terms(target, size), "aggs": value}}
    sources = {"sources": {"terms": _largest_terms(source, size), "aggs": {**value, **targets}}}
    both_ends = [{"exists": {"field": end}} for end in (source, target)]
    only = {"bool": {"filter": [*query, *both_ends]}}
    return {"wanted": {"filters": {"filters": [only]}, "aggs": {**value, **sources}}}


def _largest_terms(field: str, size: int) -> dict[str, Any]:
    return {"field": field, "size": size, "order": {"value": "desc"}}


def _largest(size: int) -> list[dict[str, Any]]:
    """Give the transforms that make the largest pairs: `source`, `target`, `value`, what the source `sent`, `all`."""
    return [
        {"type": "flatten", "fields": ["sources.buckets"], "as": ["from"]},
        {"type": "flatten", "fields": ["from.targets.buckets"], "as": ["to"]},
        {
            "type": "project",
            "fields": ["value.value", "from.key", "from.value.value", "to.key", "to.value.value"],
            "as": ["all", "source", "sent", "target", "value"],
        },
        {"type": "filter", "expr": "datum.value > 0"},
        {"type": "window", "sort": {"field": "value", "order": "descending"}, "ops": ["row_number"], "as": ["rank"]},
        {"type": "filter", "expr": f"datum.rank <= {size}"},
    ]


def _rest_of_sources() -> list[dict[str, Any]]:
    return [
        {
            "type": "aggregate",
            "groupby": ["source"],
            "ops": ["sum", "max"],
            "fields": ["value", "sent"],
            "as": ["shown", "sent"],
        },
        {"type": "formula", "as": "target", "expr": f"'{OTHER}'"},
        {"type": "formula", "as": "value", "expr": "datum.sent - datum.shown"},
        {"type": "filter", "expr": "datum.value > 0"},
    ]


def _rest() -> list[dict[str, Any]]:
    return [
        {
            "type": "aggregate",
            "groupby": ["source"],
            "ops": ["max", "max"],
            "fields": ["sent", "all"],
            "as": ["sent", "all"],
        },
        {"type": "aggregate", "ops": ["sum", "max"], "fields": ["sent", "all"], "as": ["sent", "all"]},
        {"type": "formula", "as": "source", "expr": f"'{OTHER}'"},
        {"type": "formula", "as": "target", "expr": f"'{OTHER}'"},
        {"type": "formula", "as": "value", "expr": "datum.all - datum.sent"},
        {"type": "filter", "expr": "datum.value > 0"},
    ]


def _sum(groupby: list[str], field: str, name: str) -> dict[str, Any]:
    return {"type": "aggregate", "groupby": groupby, "ops": ["sum"], "fields": [field], "as": [name]}


def _nodes(end: str) -> list[dict[str, Any]]:
    """Give the transforms that make a side's nodes: `value`, `place` from 1 by size, and what is `above` it."""
    by_size = {"field": ["is_other", "value"], "order": ["ascending", "descending"]}
    return [
        _sum([end], "value", "value"),
        {"type": "formula", "as": "is_other", "expr": f"datum.{end} === '{OTHER}' ? 1 : 0"},
        {
            "type": "window",
            "sort": by_size,
            "frame": [None, 0],
            "ignorePeers": True,
            "ops": ["row_number", "sum"],
            "fields": [None, "value"],
            "as": ["place", "through"],
        },
        {"type": "formula", "as": "above", "expr": "datum.through - datum.value"},
    ]


def _links() -> list[dict[str, Any]]:
    """Give the transforms that add where a link begins and ends: after the links of its node that lie above it."""
    steps: list[dict[str, Any]] = []
    for end, far in (("source", "target"), ("target", "source")):
        node = {"from": f"{end}s", "key": end, "fields": [end], "values": ["above", "place"]}
        steps += [{"type": "lookup", **node, "as": [f"{end}_above", f"{end}_place"]}]
        steps += [
            {
                "type": "window",
                "groupby": [end],
                "sort": {"field": f"{far}_place"},
                "frame": [None, 0],
                "ignorePeers": True,
                "ops": ["sum"],
                "fields": ["value"],
                "as": [f"{end}_through"],
            }
        ]
    return sorted(steps, key=lambda step: step["type"])  # both places are looked up before either is ordered by


def _signals() -> list[dict[str, Any]]:
    """Give the measures of the picture; gaps are large enough for a line of text at each node, where there is room."""
    return [
        {"name": "nodes", "update": "max(1, length(data('sources')), length(data('targets')))"},
        {"name": "all", "update": "length(data('sums')) ? max(1, data('sums')[0].total) : 1"},
        {"name": "gap", "update": "min(14, 0.6 * height / nodes)"},
        {"name": "pixels", "update": "(height - gap * (nodes - 1)) / all"},
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


_COLOUR = f"datum.source === '{OTHER}' ? '{NEUTRAL}' : scale('colour', datum.source)"
_IS_POINTED = (
    "(!isDefined(pointed.source) || pointed.source === datum.source)"
    " && (!isDefined(pointed.target) || pointed.target === datum.target)"
)


def _top(end: str, above: str, place: str) -> str:
    """Give the expression of where something begins, in pixels from the top."""
    return f"{end}_start + ({above}) * pixels + ({place} - 1) * gap"


def _bands(unit: str) -> dict[str, Any]:
    """Give the links, as thick as their values and at least a pixel."""
    middle = "width / 2"
    thick = "max(1, datum.value * pixels)"
    begin = _top("source", "datum.source_above + datum.source_through - datum.value", "datum.source_place")
    end = _top("target", "datum.target_above + datum.target_through - datum.value", "datum.target_place")
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
                "fillOpacity": {"signal": f"pointed === null ? 0.45 : {_IS_POINTED} ? 0.8 : 0.12"},
                "strokeWidth": {"value": 0},
                "tooltip": {"signal": _tooltip("datum.source + ' → ' + datum.target", unit)},
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
                "height": {"signal": "max(1, datum.value * pixels)"},
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
                "y": {"signal": f"{_top(end, 'datum.above', 'datum.place')} + datum.value * pixels / 2"},
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
