"""What a saved Vega panel has to be: a specification of Vega 5 whose sources the plugin can ask.

Source: OpenSearch Dashboards, `src/plugins/vis_type_vega/public/data_model`: `vega_parser.ts`,
`opensearch_query_parser.ts`. What an expression may have is in `vega_expressions`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from index_fields import IndexFields, fields_in_search
from saved_export import Object, Saved
from vega_expressions import expression_faults

SCHEMA = "https://vega.github.io/schema/vega/v5.json"
_ROWS = re.compile(r"datum\.aggregations \? datum\.(?P<path>[\w.]+) : \[\]")
_CONTEXT = ("%context%", "%timefield%")
_NOT_MAPPED = ("_count", "_key")


def vega_faults(saved: Saved, patterns: IndexFields) -> Iterator[str]:
    """Give what is wrong with a panel that Vega draws."""
    try:
        spec = json.loads(saved.state["params"]["spec"])
    except ValueError as error:
        yield f"its specification is not JSON: {error}"
        return
    if spec.get("$schema") != SCHEMA:
        yield f"its specification is of {spec.get('$schema')}, not of {SCHEMA}"
    yield from expression_faults(spec)
    asked = list(sources(spec))
    if not asked:
        yield "asks the index nothing"
    for source in asked:
        yield from (f"source {source['name']} {fault}" for fault in _source_faults(source, patterns))


def sources(spec: Object) -> Iterator[Object]:
    """Give the data that come from the index."""
    data: list[Object] = spec.get("data", [])
    yield from (each for each in data if isinstance(each.get("url"), dict))


def path_of_rows(source: Object) -> str | None:
    """Give the path of a source's rows in the answer: its first transform takes them, or none where there are none."""
    first: Object = next(iter(source.get("transform", [])), {})
    found = _ROWS.fullmatch(first.get("expr", ""))
    return found["path"] if found else None


def _source_faults(source: Object, patterns: IndexFields) -> Iterator[str]:
    url: dict[str, Any] = source["url"]
    pattern = patterns.reading(url.get("index", ""))
    if pattern is None:
        yield f"asks the indexes {url.get('index')}, of which the export has no pattern"
        return
    if "query" in url["body"] and any(name in url for name in _CONTEXT):
        yield "has a query and %context% or %timefield%: the plugin takes one of them"
    if "query" not in url["body"] and not all(name in url for name in _CONTEXT):
        yield "asks without the dashboard's filters and time range"
    if url.get("%timefield%", pattern.time_field) != pattern.time_field:
        yield f"takes {url['%timefield%']} for the time, not {pattern.time_field}"
    if "format" in source:
        yield "finds its rows by its format: an error before the first index, when an answer has no aggregations"
    elif path_of_rows(source) is None:
        yield "does not say where in the answer its rows are"
    for name in sorted(set(fields_in_search(url["body"]))):
        if name not in pattern.fields and name not in _NOT_MAPPED:
            yield f"reads {name}, which is no field of the index pattern"
