"""The renderer of the tests, tested: what it asks as Dashboards would, what it draws, and what it refuses."""

import json
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from opensearch_node.plugin import OpenSearch

from vega import rendering
from vega.rendering import CannotRender, rendered

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, 5, 59, tzinfo=UTC)
DAY = 86_400_000
BYTES = {"aggs": {"b": {"sum": {"field": "bytes"}}}}
RANGE = {
    "range": {
        "@timestamp": {
            "gte": "2026-01-01T00:00:00.000Z",
            "lte": "2026-01-01T05:59:00.000Z",
            "format": "strict_date_optional_time",
        }
    }
}
EVERYTHING: dict[str, Any] = {"match_all": {}}
ACCEPTED = {"term": {"action": "ACCEPT"}}
REJECTED = {"term": {"action": "REJECT"}}


def posted(url: str, path: str, body: str, method: str = "POST") -> Any:
    request = urllib.request.Request(  # noqa: S310 (the test's own server)
        f"{url}/{path}", body.encode(), {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


@pytest.fixture(scope="module")
def index(opensearch: OpenSearch) -> str:
    """Give an index of ten hours, one document each: 0, 10, 20 … bytes, accepted and rejected in turn."""
    index = f"{opensearch.prefix()}-flows"
    mappings = {"@timestamp": {"type": "date"}, "action": {"type": "keyword"}, "bytes": {"type": "long"}}
    posted(opensearch.url, index, json.dumps({"mappings": {"properties": mappings}}), "PUT")
    for hour in range(10):
        action = ("ACCEPT", "REJECT")[hour % 2]
        document = {"@timestamp": f"2026-01-01T{hour:02}:00:00Z", "bytes": hour * 10, "action": action}
        posted(opensearch.url, f"{index}/_doc?refresh=true", json.dumps(document))
    return index


def source(index: str, /, **url: Any) -> dict[str, Any]:
    hours = {"date_histogram": {"field": "@timestamp", "fixed_interval": "1h"}, **BYTES}
    asked = {
        "%context%": True,
        "%timefield%": "@timestamp",
        "index": index,
        "body": {"size": 0, "aggs": {"hours": hours}},
    }
    return {"name": "hours", "url": {**asked, **url}, "format": {"property": "aggregations.hours.buckets"}}


def panel(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give a panel of one dot for each hour whose bytes are `least` at least."""
    enough = {"type": "filter", "expr": "datum.b.value >= least"}
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "title": "How many bytes an hour?",
        "signals": [{"name": "least", "value": 0, "bind": {"input": "number"}}],
        "data": [{**data, "transform": [enough]}],
        "scales": [{"name": "y", "domain": {"data": "hours", "field": "b.value"}, "range": "height"}],
        "marks": [
            {
                "type": "symbol",
                "name": "dots",
                "from": {"data": "hours"},
                "encode": {"update": {"y": {"scale": "y", "field": "b.value"}}},
            },
            {"type": "text", "from": {"data": "hours"}, "encode": {"update": {"text": {"field": "key_as_string"}}}},
            {"type": "text", "name": "nothing", "encode": {"update": {"text": {"value": ""}}}},
        ],
        **more,
    }


def test_a_panel_is_drawn_from_what_the_server_answers(opensearch: OpenSearch, index: str) -> None:
    picture = rendered(panel(source(index)), opensearch.url, START, END, data=["hours"])
    assert picture.marks == {"dots": 6, "text": 6, "nothing": 1}
    assert picture.rows == {"hours": 6}
    assert [row["b"]["value"] for row in picture.data["hours"]] == [0, 10, 20, 30, 40, 50]
    assert "How many bytes an hour?" in picture.texts
    assert "2026-01-01T05:00:00.000Z" in picture.texts
    assert "" not in picture.texts
    assert picture.svg.startswith("<svg")
    assert picture.warnings == []


def test_the_filters_of_the_dashboard_hold(opensearch: OpenSearch, index: str) -> None:
    spec = panel(source(index))
    assert rendered(spec, opensearch.url, START, END, filters=[ACCEPTED], data=["hours"]).rows == {"hours": 5}
    without = rendered(spec, opensearch.url, START, END, must_not=[ACCEPTED], data=["hours"]).data["hours"]
    assert [row["b"]["value"] for row in without if row["doc_count"]] == [10, 30, 50]


def test_turning_an_input_changes_the_picture(opensearch: OpenSearch, index: str) -> None:
    picture = rendered(panel(source(index)), opensearch.url, START, END, signals={"least": 30})
    assert picture.marks["dots"] == 3
    assert picture.signals == {"least": 30}
    assert picture.svg != rendered(panel(source(index)), opensearch.url, START, END).svg


def test_an_index_that_is_not_there_is_an_empty_answer(opensearch: OpenSearch) -> None:
    hits = {"name": "hours", "url": {"index": opensearch.prefix()}, "format": {"property": "hits.hits"}}
    picture = rendered(panel(hits, marks=[]), opensearch.url, START, END, data=["hours"])
    assert picture.data == {"hours": []}


def context(**clauses: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"must": [], "filter": [EVERYTHING, ACCEPTED], "should": [], "must_not": [REJECTED], **clauses}}


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ({}, None),
        ({"%context%": True}, context()),
        ({"%timefield%": "@timestamp"}, RANGE),
        ({"%context%": True, "%timefield%": "@timestamp"}, context(must=[RANGE])),
        (
            {"body": {"query": {"bool": {"must": ["%dashboard_context-must_clause%", ACCEPTED]}}}},
            {"bool": {"must": [ACCEPTED]}},
        ),
        (
            {"body": {"query": {"bool": {"filter": [REJECTED, "%dashboard_context-filter_clause%"]}}}},
            {"bool": {"filter": [REJECTED, EVERYTHING, ACCEPTED]}},
        ),
        (
            {"body": {"query": {"bool": {"must_not": ["%dashboard_context-must_not_clause%"]}}}},
            {"bool": {"must_not": [REJECTED]}},
        ),
        ({"body": {"query": {"range": {"@timestamp": {"%timefilter%": True}}}}}, RANGE),
        (
            {"body": {"query": {"range": {"@timestamp": {"%timefilter%": True, "shift": -1, "unit": "week"}}}}},
            {
                "range": {
                    "@timestamp": {
                        "gte": "2025-12-25T00:00:00.000Z",
                        "lte": "2025-12-25T05:59:00.000Z",
                        "format": "strict_date_optional_time",
                    }
                }
            },
        ),
    ],
    ids=["none", "context", "time", "both", "must", "filter", "must-not", "range", "shifted"],
)
def test_queries_are_those_of_dashboards(
    url: dict[str, Any], query: dict[str, Any] | None, opensearch: OpenSearch
) -> None:
    spec = panel({"name": "hours", "url": {"index": "absent", **url}, "format": {"property": "hits.hits"}}, marks=[])
    picture = rendered(spec, opensearch.url, START, END, filters=[ACCEPTED], must_not=[REJECTED])
    assert picture.requests[0]["body"].get("query") == query


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"%timefilter%": "min"}, START.timestamp() * 1000),
        ({"%timefilter%": "max"}, END.timestamp() * 1000),
        ({"%timefilter%": "min", "shift": -1}, START.timestamp() * 1000 - DAY),
        ({"%timefilter%": "max", "shift": 2, "unit": "h"}, END.timestamp() * 1000 + 7_200_000),
    ],
)
def test_bounds_of_a_histogram_are_those_of_the_dashboard(
    given: dict[str, Any], sent: float, opensearch: OpenSearch, index: str
) -> None:
    bounds = {"min": given, "max": END.timestamp() * 1000 + DAY}
    hours = {"date_histogram": {"field": "@timestamp", "fixed_interval": "1h", "extended_bounds": bounds}}
    spec = panel(source(index, body={"size": 0, "aggs": {"hours": {**hours, **BYTES}}}), marks=[])
    request = rendered(spec, opensearch.url, START, END).requests[0]
    assert request["body"]["aggs"]["hours"]["date_histogram"]["extended_bounds"]["min"] == sent


def test_an_interval_follows_the_time_range(opensearch: OpenSearch, index: str) -> None:
    for bars, interval in [(True, "5m"), (6, "1h"), (1, "3h")]:
        hours = {"date_histogram": {"field": "@timestamp", "interval": {"%autointerval%": bars}}}
        spec = panel(source(index, body={"size": 0, "aggs": {"hours": {**hours, **BYTES}}}), marks=[])
        request = rendered(spec, opensearch.url, START, END).requests[0]
        assert request["body"]["aggs"]["hours"]["date_histogram"]["interval"] == interval


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"$schema": None}, "no \\$schema"),
        ({"$schema": "https://vega.github.io/schema/vega-lite/v5.json"}, "only Vega is drawn"),
        ({"signals": [{"name": "least", "update": "kibanaAddFilter({}, 'x')"}]}, "kibanaAddFilter"),
        ({"signals": [{"name": "least", "update": "1 +"}]}, "(?i)parse|unexpected"),
        ({"data": [{"name": "hours", "url": "https://example.com/data.json"}]}, "not enabled: https://example.com"),
        ({"marks": [{"type": "symbol", "from": {"data": "weeks"}}]}, "weeks"),
    ],
)
def test_a_wrong_specification_is_refused(change: dict[str, Any], why: str, opensearch: OpenSearch, index: str) -> None:
    with pytest.raises(CannotRender, match=why):
        rendered({**panel(source(index)), **change}, opensearch.url, START, END)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ({"body": {"aggs": {"hours": {"no_such": {}}}}}, "the server refused a search of"),
        ({"body": {"aggs": {"hours": {"avg": {"field": "action"}}}}}, "refused|in part"),
        ({"body": {"query": EVERYTHING}}, "must not be used when body.query is set"),
        ({"body": {"aggs": {"hours": {"%timefilter%": "mean"}}}}, 'must be true, "min" or "max"'),
        ({"body": {"aggs": {"hours": {"%timefilter%": "min", "shift": 1, "unit": "moon"}}}}, "unknown unit moon"),
        ({"body": {"aggs": {"hours": {"%timefilter%": "min", "shift": "1"}}}}, "shift must be a number"),
        ({"%timefeld%": "@timestamp"}, "has no %timefeld%"),
        ({"index": None}, "names its index"),
    ],
)
def test_a_wrong_request_is_refused(url: dict[str, Any], why: str, opensearch: OpenSearch, index: str) -> None:
    with pytest.raises(CannotRender, match=why):
        rendered(panel(source(index, **url)), opensearch.url, START, END)


def test_an_answer_of_some_shards_is_refused(opensearch: OpenSearch, index: str) -> None:
    other = index.replace("-flows", "-other")
    posted(opensearch.url, f"{other}/_doc?refresh=true", json.dumps({"bytes": "many"}))
    wrong = source(f"{index},{other}", body={"size": 0, "aggs": {"hours": {"sum": {"field": "bytes"}}}})
    del wrong["url"]["%context%"], wrong["url"]["%timefield%"]
    with pytest.raises(CannotRender, match="answered in part"):
        rendered(panel(wrong), opensearch.url, START, END)


def test_an_input_that_is_not_there_is_refused(opensearch: OpenSearch, index: str) -> None:
    with pytest.raises(CannotRender, match="most"):
        rendered(panel(source(index)), opensearch.url, START, END, signals={"most": 3})


def test_a_size_of_its_own_is_warned_of(opensearch: OpenSearch, index: str) -> None:
    picture = rendered(panel(source(index), width=100), opensearch.url, START, END, size=(640, 480))
    assert picture.warnings == ["width and height are ignored: autosize is on"]
    assert 'viewBox="0 0 640 480"' in picture.svg


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_its_packages_it_says_what_to_install(
    ci: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(rendering, "PACKAGES", tmp_path)
    with pytest.raises(outcome, match=r"`make node_modules/.ready`; not installed: vega, vega-interpreter"):
        rendered({}, "http://127.0.0.1:9", START, END)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(outcome, match="not installed: node"):
        rendered({}, "http://127.0.0.1:9", START, END)
