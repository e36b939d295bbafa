"""What a panel asks of the index, as a data source of Dashboards' Vega plugin.

The plugin puts the dashboard's time range and filters where a source has `%context%` and `%timefield%`. The body may
then have no query of its own: what a panel itself filters by is an aggregation around the others.
Source: OpenSearch Dashboards, plugin vis_type_vega, `opensearch_query_parser.ts`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

TIME = "@timestamp"
MINUTE = 60_000
"""In milliseconds, as Vega and OpenSearch's buckets count time."""
DAY = 24 * 60 * MINUTE
MOST_SERIES = 5

_IN_RANGE = {"%context%": True, "%timefield%": TIME}


def filtered(query: Sequence[dict[str, Any]], aggs: dict[str, Any]) -> dict[str, Any]:
    """Give the aggregations over the records that every filter of the query takes, as `wanted`.

    Its `meta` has the ends of the dashboard's time range: Dashboards puts milliseconds in their places, and a server
    answers with the `meta` that it was sent.
    """
    meta = {"since": {"%timefilter%": "min"}, "until": {"%timefilter%": "max"}}
    return {"wanted": {"meta": meta, "filter": {"bool": {"filter": list(query)}}, "aggs": aggs}}


def asked(index: str, aggs: dict[str, Any], *, days_earlier: int = 0) -> dict[str, Any]:
    """Give the `url` of a source; `days_earlier` moves the dashboard's time range into the past."""
    body: dict[str, Any] = {"size": 0, "aggs": aggs}
    if not days_earlier:
        return {**_IN_RANGE, "index": index, "body": body}
    return {"index": index, "body": {"query": _moved(days_earlier), **body}}


def _moved(days: int) -> dict[str, Any]:
    """Give the dashboard's query with its range moved: the plugin adds the shift, so the past is below zero."""
    moved = {"range": {TIME: {"%timefilter%": True, "shift": -days, "unit": "day"}}}
    return {
        "bool": {
            "must": ["%dashboard_context-must_clause%", moved],
            "filter": ["%dashboard_context-filter_clause%"],
            "must_not": ["%dashboard_context-must_not_clause%"],
        }
    }


def minutes(
    name: str,
    *,
    index: str,
    field: str | None,
    query: Sequence[dict[str, Any]] = (),
    split: str | None = None,
    days_earlier: int = 0,
    series: str = "",
) -> dict[str, Any]:
    """Give rows of `series`, `at` (milliseconds) and `value`: the field's sum in each minute that has records.

    Without a field it is the number of records. With `split` there is a series for each of the field's largest values,
    else the one named. A row of `days_earlier` stands at the time to which it is compared. Each row has the ends of the
    selected range too, `since` and `until` in milliseconds, null where nobody put them in.

    A range over 45 days has more minutes than a search may return (`search.max_buckets` is 65,535), split into five
    series over 9, as long as an index has one shard. For a shard returns its own five largest values only
    (`shard_size`; by the default, 17, it would be 2 days). So over one index the five are exact; over an index a day a
    value lacks the days on which it is not among the five largest, and may for that not be among those of the range.
    """
    per_minute = {
        "minutes": {
            "date_histogram": {"field": TIME, "fixed_interval": "1m", "min_doc_count": 1},
            **_summed(field),
        }
    }
    aggs = per_minute if split is None else _split(split, field, per_minute)
    return {
        "name": name,
        "url": asked(index, filtered(query, aggs), days_earlier=days_earlier),
        "transform": [*(_of_one(field, series) if split is None else _of_each(field)), *_later(days_earlier)],
    }


def buckets(path: str, *parts: str, beside: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Give the transforms that make rows of the buckets at a path in `wanted`, with these parts of each.

    `beside` are expressions over the answer, by the name that every row has them under. The source's `format` could
    name the path too, but a panel is an error where there is no such path: before the first index exists, an answer has
    no aggregations.
    """
    added = beside or {}
    return [
        {"type": "formula", "as": "bucket", "expr": f"datum.aggregations ? datum.aggregations.wanted.{path} : []"},
        *({"type": "formula", "as": name, "expr": expression} for name, expression in added.items()),
        {"type": "flatten", "fields": ["bucket"]},
        {"type": "project", "fields": [*added, *(f"bucket.{part}" for part in parts)], "as": [*added, *parts]},
    ]


def _end(name: str) -> str:
    """Give the expression of an end of the selected range; where nobody put it in it is still an object."""
    meta = "datum.aggregations.wanted.meta"
    return f"datum.aggregations && {meta} && isNumber({meta}.{name}) ? {meta}.{name} : null"


_ENDS = {name: _end(name) for name in ("since", "until")}


def _summed(field: str | None) -> dict[str, Any]:
    return {} if field is None else {"aggs": {"value": {"sum": {"field": field}}}}


def _split(split: str, field: str | None, per_minute: dict[str, Any]) -> dict[str, Any]:
    order = {"_count" if field is None else "value": "desc"}
    terms = {"terms": {"field": split, "size": MOST_SERIES, "shard_size": MOST_SERIES, "order": order}}
    return {"split": {**terms, "aggs": {**_summed(field).get("aggs", {}), **per_minute}}}


def _of_one(field: str | None, series: str) -> list[dict[str, Any]]:
    value = "doc_count" if field is None else "value.value"
    return [
        *buckets("minutes.buckets", "key", value.partition(".")[0], beside=_ENDS),
        {"type": "project", "fields": [*_ENDS, "key", value], "as": [*_ENDS, "at", "value"]},
        {"type": "formula", "as": "series", "expr": f"'{series}'"},
    ]


def _of_each(field: str | None) -> list[dict[str, Any]]:
    value = "doc_count" if field is None else "value.value"
    return [
        *buckets("split.buckets", "key", "minutes", beside=_ENDS),
        {"type": "flatten", "fields": ["minutes.buckets"], "as": ["minute"]},
        {
            "type": "project",
            "fields": [*_ENDS, "key", "minute.key", f"minute.{value}"],
            "as": [*_ENDS, "series", "at", "value"],
        },
    ]


def _later(days: int) -> list[dict[str, Any]]:
    return [{"type": "formula", "as": "at", "expr": f"datum.at + {days * DAY}"}] if days else []
