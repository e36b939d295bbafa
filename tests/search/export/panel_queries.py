"""What Dashboards sends to the index for a saved panel.

A parameter that is not translated is refused, so that a panel is never asked something else than it is shown for.
Source: OpenSearch Dashboards, `src/plugins/data/common/search/aggs` (`terms.ts`, `filters.ts`, `date_histogram.ts`,
`geo_hash.ts`, `_terms_other_bucket_helper.ts`), `search_source`, `opensearch_query`, and
`src/plugins/input_control_vis/public/control/list_control_factory.ts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index_fields import Pattern
from kql import as_search
from saved_export import Object, Saved
from time_slices import NotTranslated, Span, slices

METRICS = ("count", "sum", "max", "cardinality")
_SCALABLE = ("count", "sum")
_WORLD = {"top_left": {"lat": 90, "lon": -180}, "bottom_right": {"lat": -90, "lon": 180}}
_TRANSLATED: Mapping[str, Mapping[str, Sequence[Any] | None]] = {
    "count": {"customLabel": None},
    "sum": {"customLabel": None, "field": None},
    "max": {"customLabel": None, "field": None},
    "cardinality": {"customLabel": None, "field": None},
    "terms": {
        "customLabel": None,
        "field": None,
        "orderBy": None,
        "order": None,
        "size": None,
        "otherBucket": (True, False),
        "otherBucketLabel": None,
        "missingBucket": (False,),
        "missingBucketLabel": None,
    },
    "filters": {"filters": None},
    "date_histogram": {
        "customLabel": None,
        "field": None,
        "interval": None,
        "scaleMetricValues": (True,),
        "drop_partials": (False,),
        "min_doc_count": (1,),
        "extended_bounds": ({},),
    },
    "geohash_grid": {
        "field": None,
        "precision": None,
        "autoPrecision": (True,),
        "useGeocentroid": (True,),
        "isFilteredByCollar": (True,),
        "mapZoom": None,
        "mapCenter": None,
    },
}
"""The parameters of aggregations, and the values of them that are translated; None: any."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search; `scale` is what Dashboards multiplies the amounts of the answer by."""

    indexes: str
    body: Object
    scale: float = 1.0


def panel_asked(saved: Saved, pattern: Pattern, span: Span) -> Asked:
    """Give the search of a visualization with aggregations."""
    aggs = saved.state["aggs"]
    for agg in aggs:
        _refuse_what_is_not_translated(agg)
    asked = _aggregations(metrics(aggs), buckets(aggs), pattern, span)
    return Asked(pattern.indexes, {**_search(saved, pattern, span), "size": 0, "aggs": asked}, _scale(aggs, span))


def others_asked(saved: Saved, pattern: Pattern, span: Span, answer: Object) -> Asked | None:
    """Give the second search of a panel that shows the rest as one: what is in none of the answer's buckets."""
    split = buckets(saved.state["aggs"])
    if not any(agg["params"].get("otherBucket") for agg in split):
        return None
    if len(split) > 1 or len(metrics(saved.state["aggs"])) > 1:
        raise NotTranslated(f"{saved.title}: others of several aggregations")
    (agg,) = split
    field, found = agg["params"]["field"], answer["aggregations"][agg["id"]]["buckets"]
    shown = [{"match_phrase": {field: bucket["key"]}} for bucket in found]
    rest = {"bool": {"filter": [{"exists": {"field": field}}], "must_not": shown}}
    body = {**_search(saved, pattern, span), "size": 0, "aggs": {"other-filter": {"filters": {"filters": {"": rest}}}}}
    return Asked(pattern.indexes, body) if found else None


def records_asked(saved: Saved, pattern: Pattern, span: Span) -> Asked:
    """Give the search of a list of records."""
    order = [{field: {"order": way, "unmapped_type": "boolean"}} for field, way in saved.attributes["sort"]]
    return Asked(pattern.indexes, {**_search(saved, pattern, span), "size": 500, "sort": order})


def options_asked(control: Object, pattern: Pattern, span: Span, typed: str = "") -> Asked:
    """Give the search of a list of options; of texts only as many are offered as OpenSearch gives by itself."""
    field = control["fieldName"]
    terms: Object = {"field": field, "order": {"_count": "desc"}}
    if pattern.types[field] != "string" or not control["options"]["dynamicOptions"]:
        terms["size"] = control["options"]["size"]
    if typed:
        terms["include"] = f".*{typed}.*"
    query = {"bool": {"filter": [{"range": {pattern.time_field: span.query}}]}}
    return Asked(pattern.indexes, {"size": 0, "query": query, "aggs": {"termsAgg": {"terms": terms}}})


def metrics(aggs: Sequence[Object]) -> list[Object]:
    """Give the aggregations that are numbers."""
    return [agg for agg in aggs if agg["type"] in METRICS]


def buckets(aggs: Sequence[Object]) -> list[Object]:
    """Give the aggregations by which the numbers are split, the outermost first."""
    return [agg for agg in aggs if agg["type"] not in METRICS]


def _refuse_what_is_not_translated(agg: Object) -> None:
    known = _TRANSLATED.get(agg["type"])
    if known is None or not agg["enabled"]:
        raise NotTranslated(f"aggregation {agg['type']}, enabled: {agg['enabled']}")
    for name, value in agg["params"].items():
        values = known.get(name, ())
        if values is not None and value not in values:
            raise NotTranslated(f"{agg['type']} with {name}: {value}")


def _search(saved: Saved, pattern: Pattern, span: Span) -> Object:
    if saved.source["filter"]:
        raise NotTranslated(f"{saved.title}: filters of its own")
    query = as_search(saved.source["query"]["query"], pattern.types)
    dates = [name for name, type_ in pattern.types.items() if type_ == "date"]
    return {
        "query": {"bool": {"filter": [query, {"range": {pattern.time_field: span.query}}]}},
        "docvalue_fields": [{"field": name, "format": "date_time"} for name in dates],
        "stored_fields": ["*"],
        "_source": {"excludes": []},
        "track_total_hits": True,
    }


def _aggregations(shown: Sequence[Object], split: Sequence[Object], pattern: Pattern, span: Span) -> Object:
    inner: Object = {agg["id"]: _metric(agg) for agg in shown if agg["type"] != "count"}
    for agg in reversed(split):
        inner = _bucket(agg, shown, inner, pattern, span)
    return inner


def _metric(agg: Object) -> Object:
    return {agg["type"]: {"field": agg["params"]["field"]}}


def _bucket(agg: Object, shown: Sequence[Object], inner: Object, pattern: Pattern, span: Span) -> Object:
    params = agg["params"]
    if agg["type"] == "terms":
        ordering = next(metric for metric in shown if metric["id"] == params["orderBy"])
        by = {"_count": params["order"]} if ordering["type"] == "count" else {ordering["id"]: params["order"]}
        terms = {"field": params["field"], "size": params["size"], "order": by}
        ordered = {} if ordering["type"] == "count" else {ordering["id"]: _metric(ordering)}
        return {agg["id"]: {"terms": terms, "aggs": {**inner, **ordered}}}
    if agg["type"] == "filters":
        named = {each["label"]: as_search(each["input"]["query"], pattern.types) for each in params["filters"]}
        return {agg["id"]: {"filters": {"filters": named}, "aggs": inner}}
    if agg["type"] == "date_histogram":
        interval = slices(params["interval"], span).expression
        histogram = {"field": params["field"], "fixed_interval": interval, "time_zone": "UTC", "min_doc_count": 1}
        return {agg["id"]: {"date_histogram": histogram, "aggs": inner}}
    grid = {"geohash_grid": {"field": params["field"], "precision": params["precision"]}}
    centre = {"geo_centroid": {"field": params["field"]}}
    box = {"geo_bounding_box": {"ignore_unmapped": True, params["field"]: _WORLD}}
    return {"filter_agg": {"filter": box, "aggs": {agg["id"]: {**grid, "aggs": {**inner, "centre": centre}}}}}


def _scale(aggs: Sequence[Object], span: Span) -> float:
    times = [agg for agg in aggs if agg["type"] == "date_histogram"]
    if not times or not all(metric["type"] in _SCALABLE for metric in metrics(aggs)):
        return 1.0
    return slices(times[0]["params"]["interval"], span).scale
