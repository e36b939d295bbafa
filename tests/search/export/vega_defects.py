"""Defects of panels that Vega draws."""

import json
from collections.abc import Callable

from saved_export import Object
from sowing import Defect, Objects, state

VEGA = {
    "$schema": "https://vega.github.io/schema/vega/v5.json",
    "data": [
        {
            "name": "minutes",
            "url": {
                "%context%": True,
                "%timefield%": "@timestamp",
                "index": "cwl-*",
                "body": {"size": 0, "aggs": {"bytes": {"sum": {"field": "bytes"}}}},
            },
            "transform": [{"type": "formula", "as": "rows", "expr": "datum.aggregations ? datum.aggregations.b : []"}],
        }
    ],
}


def vega(objects: Objects, change: Callable[[Object], None]) -> None:
    """Make a panel one that Vega draws, with a defect."""
    spec = json.loads(json.dumps(VEGA))
    change(spec)
    panel = objects["overview-health"]
    with state(objects, "overview-health") as changed:
        changed.update(type="vega", params={"spec": json.dumps(spec)})
    assert panel["references"] == []


def vega_missing_field(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0]["url"]["body"]["aggs"]["bytes"]["sum"].update(field="octets"))


def vega_filter_of_a_missing_field(objects: Objects) -> None:
    query = {"bool": {"filter": [{"term": {"verdict": "REJECT"}}]}}
    vega(objects, lambda spec: spec["data"][0]["url"]["body"]["aggs"].update(bytes={"filter": query}))


def vega_other_index(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0]["url"].update(index="team-*"))


def vega_query_and_context(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0]["url"]["body"].update(query={"match_all": {}}))


def vega_without_context(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0]["url"].pop("%context%"))


def vega_other_time(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0]["url"].update({"%timefield%": "start"}))


def vega_other_schema(objects: Objects) -> None:
    vega(objects, lambda spec: spec.update({"$schema": "https://vega.github.io/schema/vega/v6.json"}))


def vega_without_rows(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0].pop("transform"))


def vega_rows_by_format(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"][0].update(format={"property": "aggregations.bytes"}))


def vega_that_asks_nothing(objects: Objects) -> None:
    vega(objects, lambda spec: spec["data"].clear())


def vega_of_broken_json(objects: Objects) -> None:
    vega(objects, lambda spec: None)
    with state(objects, "overview-health") as changed:
        changed["params"]["spec"] += "}"


def vega_expressing(expression: str) -> Callable[[Objects], None]:
    """Give a defect: a panel with a signal of this expression."""

    def seed(objects: Objects) -> None:
        vega(objects, lambda spec: spec.update(signals=[{"name": "own", "update": expression}]))

    seed.__name__ = "vega_expression"
    return seed


REFUSED = {
    "toNumber(window) || 2": "names window",
    "isValid(a) ? top : 1": "names top",
    "[1, self]": "names self",
    "parent.series": "names parent",
    "{'a': parent}": "names parent",
    "event.view": "reads the property view",
    "datum['ownerDocument']": "reads the property ownerDocument",
    "datum . constructor": "reads the property constructor",
    "datum.constructor": "has what older versions look for: constructor",
    "atob('YQ')": "calls atob",
    "datum.eval('1')": "calls eval",
    "datum['a' + 'b']": "looks up a property that it works out",
    "data('rows')[length(rows) - 1]": "looks up a property that it works out",
    "'in the window.'": r"has what older versions look for: window\s*\.",
}
TAKEN = [
    "window_size + datum.parent + datum.top",
    "data('rows')[0].last + span[1] - table[key]",
    "({'1m': 60000, '1h': 3600000})[timeslice]",
    "'the window, \\' self and [a + b]'",
    "[1, length(rows) - 1]",
]

DEFECTS: list[Defect] = [
    *((vega_expressing(expression), f"its expression {expression!r} {said}") for expression, said in REFUSED.items()),
    (vega_missing_field, "source minutes reads octets, which is no field of the index pattern"),
    (vega_filter_of_a_missing_field, "source minutes reads verdict, which is no field of the index pattern"),
    (vega_other_index, "source minutes asks the indexes team-*, of which the export has no pattern"),
    (vega_query_and_context, "source minutes has a query and %context% or %timefield%: the plugin takes one of them"),
    (vega_without_context, "source minutes asks without the dashboard's filters and time range"),
    (vega_other_time, "source minutes takes start for the time, not @timestamp"),
    (vega_other_schema, "its specification is of https://vega.github.io/schema/vega/v6.json, not of "),
    (vega_without_rows, "source minutes does not say where in the answer its rows are"),
    (vega_rows_by_format, "source minutes finds its rows by its format: an error before the first index"),
    (vega_that_asks_nothing, ": asks the index nothing"),
    (vega_of_broken_json, ": its specification is not JSON: "),
]
