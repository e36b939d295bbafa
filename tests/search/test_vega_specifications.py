"""What every specification keeps to, so that Dashboards and a server without one take it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from vega.answering import drawn

from flowlogs.search.dashboards.vega.comparison import comparison
from flowlogs.search.dashboards.vega.frame import SCHEMA
from flowlogs.search.dashboards.vega.outlier_band import outlier_band
from flowlogs.search.dashboards.vega.quantities import written
from flowlogs.search.dashboards.vega.sankey import sankey
from flowlogs.search.dashboards.vega.trend import trend

ACCEPTED = [{"term": {"action": "ACCEPT"}}]
SPECS = {
    "band": outlier_band(index="team-*", field="bytes", query=ACCEPTED, unit="bytes"),
    "records": outlier_band(index="team-*", field=None, query=ACCEPTED, unit="accepted records"),
    "split": outlier_band(index="team-*", field="packets", query=ACCEPTED, unit="packets", split="security-group-ids"),
    "comparison": comparison(index="team-*", field="bytes", query=ACCEPTED, unit="bytes"),
    "trend": trend(index="team-*", field="bytes", query=ACCEPTED, unit="bytes"),
    "sankey": sankey(index="team-*", source="srcaddr", target="dstaddr", field="bytes", size=8, query=ACCEPTED),
}
every_spec = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


def asked(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (data for data in spec["data"] if "url" in data)


@every_spec
def test_a_specification_is_json_and_says_that_it_is_vega(spec: dict[str, Any]) -> None:
    assert json.loads(json.dumps(spec)) == spec
    assert spec["$schema"] == "https://vega.github.io/schema/vega/v5.json"
    assert spec["autosize"] == {"type": "fit", "contains": "padding"}
    assert not {"width", "height", "title"} & set(spec)


@every_spec
def test_every_search_is_of_the_given_indexes_and_filtered(spec: dict[str, Any]) -> None:
    sources = list(asked(spec))
    assert sources
    for data in sources:
        assert data["url"]["index"] == "team-*"
        assert json.dumps(ACCEPTED[0]) in json.dumps(data["url"]["body"]["aggs"])
        assert data["url"]["body"]["size"] == 0
        assert "format" not in data, "a path that an answer does not have would be an error"
        assert re.search(r"datum\.aggregations\.wanted\.(.*\.)?buckets : \[\]", data["transform"][0]["expr"])
        wanted = dict(data["url"]["body"]["aggs"]["wanted"])
        wanted.pop("meta", None)
        assert "%" not in json.dumps(wanted)


@every_spec
def test_a_search_takes_the_dashboards_range_and_filters_or_says_where_they_go(spec: dict[str, Any]) -> None:
    for data in asked(spec):
        url = data["url"]
        if "query" in url["body"]:
            assert not {"%context%", "%timefield%"} & set(url)
            assert {"%dashboard_context-filter_clause%"} <= set(url["body"]["query"]["bool"]["filter"])
        else:
            assert (url["%context%"], url["%timefield%"]) == (True, "@timestamp")


@pytest.mark.parametrize("name", ["band", "split", "comparison", "trend"])
def test_a_panel_over_time_asks_for_the_ends_of_the_selected_range(name: str) -> None:
    for data in asked(SPECS[name]):
        ends = {"since": {"%timefilter%": "min"}, "until": {"%timefilter%": "max"}}
        assert data["url"]["body"]["aggs"]["wanted"]["meta"] == ends


def test_a_shard_returns_no_more_series_than_are_drawn() -> None:
    (data,) = asked(SPECS["split"])
    terms = data["url"]["body"]["aggs"]["wanted"]["aggs"]["split"]["terms"]
    assert (terms["size"], terms["shard_size"]) == (5, 5)


def test_the_comparison_asks_for_the_past() -> None:
    queries = [data["url"]["body"].get("query") for data in asked(SPECS["comparison"])]
    assert queries[0] is None
    moved = [query["bool"]["must"][1]["range"]["@timestamp"] for query in queries[1:]]
    assert moved == [{"%timefilter%": True, "shift": -days, "unit": "day"} for days in (1, 7)]


def test_the_four_parameters_of_a_band_are_inputs_with_the_known_defaults() -> None:
    inputs = {signal["name"]: signal["value"] for signal in SPECS["band"]["signals"] if "bind" in signal}
    assert inputs == {"consecutive": 1, "threshold": 3, "window_size": 10, "timeslice": "1m"}
    labels = [signal["bind"]["name"] for signal in SPECS["band"]["signals"] if "bind" in signal]
    assert labels == ["consecutive", "threshold", "window", "timeslice"]
    (choice,) = [signal["bind"] for signal in SPECS["band"]["signals"] if signal["name"] == "timeslice"]
    assert choice["options"] == ["1m", "2m", "5m", "10m", "15m", "30m", "1h"]


@every_spec
def test_nothing_that_only_dashboards_knows_is_called(spec: dict[str, Any]) -> None:
    assert "opensearchDashboards" not in json.dumps(spec)
    assert "kibana" not in json.dumps({**spec, "config": {}})


@pytest.mark.slow
def test_numbers_are_written_as_people_read_them() -> None:
    texts = {
        0: ("0 B", "0"),
        0.25: ("0.25 B", "0.25"),
        999: ("999 B", "999"),
        1000: ("1 kB", "1k"),
        12_340: ("12.3 kB", "12.3k"),
        5_000_000: ("5 MB", "5M"),
        7.5e9: ("7.5 GB", "7.5G"),
        3e12: ("3 TB", "3T"),
        4.56e15: ("4560 TB", "4560T"),
        -2_000: ("\u22122 kB", "\u22122k"),
    }
    formulas = [
        {"type": "formula", "as": "bytes", "expr": written("datum.data", "bytes")},
        {"type": "formula", "as": "packets", "expr": written("datum.data", "packets")},
    ]
    spec = {"$schema": SCHEMA, "data": [{"name": "numbers", "values": [*texts], "transform": formulas}]}
    rows = drawn(spec, lambda _: {}, data=["numbers"]).data["numbers"]
    assert [(row["bytes"], row["packets"]) for row in rows] == [*texts.values()]
