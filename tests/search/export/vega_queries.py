"""What the plugin of Vega sends to the index for the sources of a specification, and the rows that it hands on.

Source: OpenSearch Dashboards, `src/plugins/vis_type_vega/public`: `data_model/opensearch_query_parser.ts`,
`vega_request_handler.ts`; what is not translated is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Any

from panel_numbers import Shown
from panel_queries import Asked
from saved_export import Object
from time_slices import NotTranslated, Span
from vega_structure import path_of_rows

_UNITS = {"week": timedelta(weeks=1), "day": timedelta(days=1), "hour": timedelta(hours=1)}


def source_asked(source: Object, span: Span, clauses: Mapping[str, Sequence[Object]] = {}) -> Asked:
    """Give the search of a source; `clauses` are the dashboard's own filters: `must`, `filter`, `must_not`."""
    url: Object = deepcopy(source["url"])
    body, time = url["body"], url.get("%timefield%")
    if "query" not in body:
        in_range = {"range": {time: span.query}}
        body["query"] = {"bool": {**clauses, "must": [*clauses.get("must", []), in_range]}}
    else:
        body["query"] = _with_context(body["query"], span, clauses)
    body["aggs"] = _with_ends(body["aggs"], span)
    if "%" in str(body):
        raise NotTranslated(f"source {source['name']}: {body}")
    return Asked(url["index"], body)


def _with_context(part: Any, span: Span, clauses: Mapping[str, Sequence[Object]]) -> Any:
    if isinstance(part, list):
        return [each for item in part for each in _clauses(item, span, clauses)]
    if not isinstance(part, dict):
        return part
    if part.get("%timefilter%") is True:
        moved = _UNITS[part.get("unit", "day")] * part.get("shift", 0)  # added: what was before is below zero
        return Span(span.since + moved, span.until + moved).query
    return {key: _with_context(value, span, clauses) for key, value in part.items()}


def _with_ends(part: Any, span: Span) -> Any:
    if not isinstance(part, dict):
        return part
    end = {"min": span.since, "max": span.until}.get(part.get("%timefilter%", ""))
    if end is not None:
        return int(end.timestamp() * 1000)
    return {key: _with_ends(value, span) for key, value in part.items()}


def _clauses(item: Any, span: Span, clauses: Mapping[str, Sequence[Object]]) -> Iterator[Any]:
    name = str(item).removeprefix("%dashboard_context-").removesuffix("_clause%")
    if isinstance(item, str) and name in ("must", "filter", "must_not"):
        yield from clauses.get(name, [])
    else:
        yield _with_context(item, span, clauses)


def rows(source: Object, answer: Object) -> list[Object]:
    """Give what the source has: the part of the answer that it names, which has to be there if anything is."""
    path = path_of_rows(source)
    assert path is not None, source["name"]
    if "aggregations" not in answer:
        return []
    found: Any = answer
    for name in path.split("."):
        found = found[name]
    assert isinstance(found, list), path
    return found


def drawn(buckets: Sequence[Object]) -> Shown:
    """Read rows as numbers: of each bucket its `value`, or else how many records it has."""
    return Shown(below={bucket.get("key", at): _drawn(bucket) for at, bucket in enumerate(buckets)})


def _drawn(bucket: Object) -> Shown:
    for inside in bucket.values():
        if isinstance(inside, dict) and "buckets" in inside:
            return drawn(inside["buckets"])
    return Shown([bucket["value"]["value"] if "value" in bucket else bucket["doc_count"]])
