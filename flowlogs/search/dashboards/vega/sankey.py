"""Who talks to whom: the largest pairs as bands from left to right, everything else as "other"."""

from collections.abc import Sequence
from typing import Any

from flowlogs.search.dashboards.colours import SERIES
from flowlogs.search.dashboards.vega import frame
from flowlogs.search.dashboards.vega.quantities import BYTES
from flowlogs.search.dashboards.vega.sankey_picture import OTHER, measures, pictured
from flowlogs.search.dashboards.vega.source import asked, buckets

_MOST_OF_REST = 0.25
"""Of what all other links have."""


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

    The band from "other" to "other" is drawn as no more than a quarter of all the others together, or these would be
    threads beside it; then it is dashed, and says how much it is.
    """
    return frame.specification(
        description=f"The {size} pairs of {source} and {target} with the most {unit}.",
        signals=measures(),
        data=[
            {
                "name": "asked",
                "url": asked(index, _aggregations(source, target, field, size, query)),
                "transform": buckets("buckets", "sources", "value"),
            },
            {"name": "pairs", "source": "asked", "transform": _largest(size)},
            {"name": "rest_of_sources", "source": "pairs", "transform": _rest_of_sources()},
            {"name": "rest", "source": "pairs", "transform": _rest()},
            {"name": "sums", "source": ["pairs", "rest_of_sources"], "transform": [_sum([], "value", "total")]},
            {"name": "flows", "source": ["pairs", "rest_of_sources", "rest"], "transform": _drawn()},
            {"name": "sources", "source": "flows", "transform": _nodes("source")},
            {"name": "targets", "source": "flows", "transform": _nodes("target")},
            {"name": "links", "source": "flows", "transform": _links()},
            {"name": "totals", "source": "flows", "transform": [_sums([])]},
        ],
        drawn="flows",
        scales=[
            {"name": "colour", "type": "ordinal", "domain": {"data": "sources", "field": "source"}, "range": [*SERIES]}
        ],
        marks=pictured(unit),
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


def _drawn() -> list[dict[str, Any]]:
    """Give the transforms that add `drawn`, the value for which there is room in the picture."""
    is_rest = f"datum.source === '{OTHER}' && datum.target === '{OTHER}'"
    return [
        {
            "type": "formula",
            "as": "drawn",
            "expr": f"{is_rest} ? min(datum.value, named * {_MOST_OF_REST}) : datum.value",
        }
    ]


def _sum(groupby: list[str], field: str, name: str) -> dict[str, Any]:
    return {"type": "aggregate", "groupby": groupby, "ops": ["sum"], "fields": [field], "as": [name]}


def _sums(groupby: list[str]) -> dict[str, Any]:
    fields = ["value", "drawn"]
    return {"type": "aggregate", "groupby": groupby, "ops": ["sum", "sum"], "fields": fields, "as": fields}


def _nodes(end: str) -> list[dict[str, Any]]:
    """Give the transforms that make a side's nodes: `value`, `place` from 1 by size, and what is `above` it."""
    by_size = {"field": ["is_other", "value"], "order": ["ascending", "descending"]}
    return [
        _sums([end]),
        {"type": "formula", "as": "is_other", "expr": f"datum.{end} === '{OTHER}' ? 1 : 0"},
        {
            "type": "window",
            "sort": by_size,
            "frame": [None, 0],
            "ignorePeers": True,
            "ops": ["row_number", "sum"],
            "fields": [None, "drawn"],
            "as": ["place", "through"],
        },
        {"type": "formula", "as": "above", "expr": "datum.through - datum.drawn"},
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
                "fields": ["drawn"],
                "as": [f"{end}_through"],
            }
        ]
    return sorted(steps, key=lambda step: step["type"])  # both places are looked up before either is ordered by
