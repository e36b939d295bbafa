"""What a saved visualization has to be: a known type, aggregations that it takes, fields that bear them.

Source: OpenSearch Dashboards, `src/plugins`: the schemas in `vis_type_vislib/public/{line,heatmap,pie}.ts`,
`tile_map/public/tile_map_type.js`, `vis_type_table/public/table_vis_type.ts`,
`vis_type_metric/public/metric_vis_type.ts`; fields' types in `data/common/search/aggs`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from index_fields import IndexFields
from kql import QueryRefused, as_search
from saved_export import Object, Saved

_MANY = 99
_METRICS = frozenset({"count", "sum", "max", "cardinality"})
_SPLITS = frozenset({"terms", "filters", "date_histogram"})


@dataclass(frozen=True, slots=True)
class Schema:
    """A part of a picture, e.g. its x-axis: how many aggregations it has, and which it takes."""

    least: int
    most: int
    takes: frozenset[str]


_AXES = {
    "metric": Schema(1, _MANY, _METRICS),
    "segment": Schema(0, 1, _SPLITS),
    "group": Schema(0, 3, _SPLITS),
    "split": Schema(0, 1, _SPLITS),
}
SCHEMAS: Mapping[str, Mapping[str, Schema]] = {
    **dict.fromkeys(("horizontal_bar", "histogram", "line"), _AXES),
    "heatmap": {
        "metric": Schema(1, 1, _METRICS),
        "segment": Schema(0, 1, _SPLITS),
        "group": Schema(0, 1, _SPLITS),
    },
    "pie": {"metric": Schema(1, 1, frozenset({"sum", "count", "cardinality"})), "segment": Schema(0, _MANY, _SPLITS)},
    "table": {"metric": Schema(1, _MANY, _METRICS), "bucket": Schema(0, _MANY, _SPLITS)},
    "metric": {"metric": Schema(1, _MANY, _METRICS), "group": Schema(0, 1, _SPLITS)},
    "tile_map": {"metric": Schema(1, 1, _METRICS), "segment": Schema(1, 1, frozenset({"geohash_grid"}))},
}
"""The types of visualizations that Dashboards asks the index for, narrowed to the aggregations that are tested here."""
WITHOUT = ("markdown", "input_control_vis", "vega")
"""Types without aggregations of their own."""
FIELD_TYPES = {
    "terms": ("string", "ip", "number", "boolean", "date"),
    "sum": ("number",),
    "max": ("number", "date"),
    "cardinality": ("string", "ip", "number", "boolean", "date"),
    "date_histogram": ("date",),
    "geohash_grid": ("geo_point",),
}
_LINK = re.compile(r"\]\(#/view/([^)?]*)[^)]*\)")


def visualization_faults(saved: Saved, patterns: IndexFields, dashboards: Collection[str]) -> Iterator[str]:
    """Give what is wrong with a visualization; `dashboards` are the ids that a link may lead to."""
    state = saved.state
    if state.get("title") != saved.title:
        yield f"visState has another title: {state.get('title')}"
    if state["type"] in SCHEMAS:
        yield from _schema_faults(state)
        yield from _index_faults(saved, patterns)
    elif state["type"] not in WITHOUT:
        yield f"{state['type']} is no type of visualization that every server has"
    elif state["aggs"]:
        yield f"a visualization of type {state['type']} has no aggregations"
    yield from _control_faults(saved, patterns)
    for id_ in _LINK.findall(state["params"].get("markdown", "")):
        if id_ not in dashboards:
            yield f"links to a dashboard {id_} that there is not"


def _schema_faults(state: Object) -> Iterator[str]:
    schemas, found = SCHEMAS[state["type"]], Counter(agg["schema"] for agg in state["aggs"])
    for agg in state["aggs"]:
        schema = schemas.get(agg["schema"])
        if schema is None:
            yield f"aggregation {agg['id']} is the {agg['schema']} of a {state['type']}, which has none"
        elif agg["type"] not in schema.takes:
            yield f"aggregation {agg['id']} is a {agg['type']}, which the {agg['schema']} of a {state['type']} is not"
    for name, schema in schemas.items():
        if not schema.least <= found[name] <= schema.most:
            yield f"has {found[name]} aggregations as {name}, not {schema.least} to {schema.most}"
    ids = Counter(agg["id"] for agg in state["aggs"])
    yield from (f"{times} aggregations have the id {id_}" for id_, times in ids.items() if times > 1)
    metrics = {agg["id"] for agg in state["aggs"] if agg["type"] in _METRICS}
    for agg in state["aggs"]:
        order = agg["params"].get("orderBy", "_key")
        if order not in metrics | {"_key"}:
            yield f"aggregation {agg['id']} is ordered by {order}, which is none of its metrics"


def _index_faults(saved: Saved, patterns: IndexFields) -> Iterator[str]:
    pattern = patterns.pattern_of(saved, saved.source.get("indexRefName", ""))
    if pattern is None:
        yield "asks no index pattern of the export"
        return
    for agg in saved.state["aggs"]:
        if "field" in agg["params"]:
            yield from _field_faults(pattern.fields, agg["params"]["field"], agg["type"])
    for query in queries(saved):
        if query["language"] != "kuery":
            yield f"is queried in {query['language']}"
            continue
        try:
            as_search(query["query"], pattern.types)
        except QueryRefused as refused:
            yield f"query {query['query']!r}: {refused}"


def queries(saved: Saved) -> Iterator[Object]:
    """Give the query of a visualization, and those of its aggregations."""
    yield saved.source["query"]
    for agg in saved.state["aggs"]:
        yield from (each["input"] for each in agg["params"].get("filters", []))


def _field_faults(fields: Mapping[str, Object], name: str, agg: str) -> Iterator[str]:
    field = fields.get(name)
    if field is None:
        yield f"{agg} of {name}, which is no field of the index pattern"
    elif not field["aggregatable"]:
        yield f"{agg} of {name}, which is not aggregatable"
    elif field["type"] not in FIELD_TYPES[agg]:
        yield f"{agg} of {name}, whose type {field['type']} does not bear it"


def _control_faults(saved: Saved, patterns: IndexFields) -> Iterator[str]:
    controls = saved.state["params"].get("controls", [])
    for id_, times in Counter(control["id"] for control in controls).items():
        if times > 1:
            yield f"{times} controls have the id {id_}"
    for control in controls:
        fields = patterns.of(saved, control["indexPatternRefName"])
        if fields is None:
            yield f"the control of {control['fieldName']} has no index pattern of the export"
        elif control["type"] != "list":
            yield f"the control of {control['fieldName']} is a {control['type']}, no list"
        else:
            yield from _field_faults(fields, control["fieldName"], "terms")
