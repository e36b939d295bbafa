"""What a real OpenSearch does with documents, hostile ones among them, under our index templates."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from flowlogs.deliver.shapes.layout import NATIVE, Held
from flowlogs.deliver.shapes.layouts import LAYOUTS, aliases, paths
from flowlogs.deliver.shapes.shaper import Shaper
from flowlogs.search.index_template import index_template, properties
from flowlogs.setting_kinds import Shape

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[1] / "golden" / "shapes"
SHAPES = [shape for shape in Shape if shape is not Shape.RAW]
Documents = list[dict[str, Any]]

SCALARS = [
    "-",
    "",
    "x",
    " ",
    True,
    None,
    -1,
    1.5,
    10**30,
    -(10**400),
    1e308,
    "1e400",
    "NaN",
    "9999999-01-01",
    "y" * 40_000,
]
ODD = [*SCALARS, [], ["a", 1, None], [[1], ["b"]], 9_999_999_999_999_999, "1.2.3.4.5", "::gg", "\ud7ff\U0010ffff\x00"]
PLACES = [
    {"lat": 1000, "lon": 5},
    {"lat": "NaN", "lon": 1},
    {"lat": 1},
    {"lon": [], "lat": {}},
    {},
    "1000,2000",
    [1000, 1],
]
OBJECTS = [{"a": 1}, [{"a": 1}], {}]


class Server:
    """A server, and an index of a prefix of its own with the template of a shape."""

    def __init__(self, url: str, prefix: str, shape: Shape) -> None:
        self._url = url
        self.index = f"{prefix}-2026-01-01"
        self.call("PUT", f"/_index_template/{prefix}", index_template(prefix, replicas=0, shape=shape))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        request = Request(self._url + path, data, {"Content-Type": kind}, method=method)  # noqa: S310 (our own server)
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read()[:1000]!r}") from error

    def put(self, documents: Documents) -> list[str | None]:
        """Index documents in one request; give for each why it was refused, None where it was not."""
        body = b"".join(b'{"index":{}}\n%b\n' % json.dumps(document).encode() for document in documents)
        items = self.call("POST", f"/{self.index}/_bulk?refresh=true", body)["items"]
        return [item["index"].get("error", {}).get("type") for item in items]

    def count(self, query: dict[str, Any] | None = None) -> int:
        answer = self.call("POST", f"/{self.index}/_count", {"query": query or {"match_all": {}}})
        assert answer["_shards"]["failed"] == 0
        return int(answer["count"])

    def sources(self) -> Documents:
        hits = self.call("POST", f"/{self.index}/_search", {"size": 10_000})["hits"]["hits"]
        return [hit["_source"] for hit in hits]

    def values(self, field: str) -> dict[str, int]:
        """Give the values of a field and how many documents have each."""
        body = {"size": 0, "aggs": {"of": {"terms": {"field": field, "size": 100}}}}
        answer = self.call("POST", f"/{self.index}/_search", body)
        return {str(each["key"]): each["doc_count"] for each in answer["aggregations"]["of"]["buckets"]}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Shape:
    found: Shape = request.param
    return found


@pytest.fixture
def server(opensearch: Any, shape: Shape) -> Server:
    return Server(opensearch.url, opensearch.prefix(), shape)


def mapped(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, mapping in tree.items():
        if "properties" in mapping:
            yield from mapped(mapping["properties"], f"{path}{key}.")
        elif mapping["type"] != "alias" and mapping.get("enabled", True):
            yield path + key, mapping["type"]


def nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    found: dict[str, Any] = value
    return found


def golden() -> Documents:
    return [json.loads(row) for row in (GOLDEN / "json.ndjson").read_text().splitlines()]


def shaped(shape: Shape, documents: Documents) -> Documents:
    return [Shaper(LAYOUTS[shape]).shape(each) for each in documents] if shape in LAYOUTS else documents


def test_no_value_of_any_field_costs_its_document_or_another(server: Server, shape: Shape) -> None:
    found = list(mapped(properties(shape)))
    documents = [nested(path, value) for path, _ in found for value in ODD]
    documents += [nested(path, value) for path, type_ in found if type_ == "geo_point" for value in PLACES]
    documents.append({f"name-{number}": number for number in range(5_000)})
    documents += shaped(shape, golden())
    assert set(server.put(documents)) == {None}
    assert server.count() == len(documents)
    after = server.call("GET", f"/{server.index}/_mapping")[server.index]["mappings"]["properties"]
    assert dict(mapped(after)) == dict(found), "no document changes the mapping"


def test_an_object_in_the_place_of_a_value_costs_its_document_and_no_other(server: Server, shape: Shape) -> None:
    found = [path for path, type_ in mapped(properties(shape)) if type_ != "geo_point"]
    bad = [nested(path, value) for path in found for value in OBJECTS]
    good = shaped(shape, golden())
    refused = server.put([each for pair in zip(bad, good * len(bad), strict=False) for each in pair])
    assert set(refused[::2]) == {"mapper_parsing_exception"}
    assert set(refused[1::2]) == {None}
    assert server.count() == len(bad)


def test_the_pipeline_never_puts_an_object_in_the_place_of_a_value(shape: Shape) -> None:
    objects = {path for path, type_ in mapped(properties(shape)) if type_ == "geo_point"}
    known = dict(mapped(properties(shape)))
    for path, value in [pair for each in shaped(shape, golden()) for pair in walked(each)]:
        assert path not in known or path in objects or not isinstance(value, Mapping), path


def walked(document: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        yield path + key, value
        if isinstance(value, Mapping):
            yield from walked(value, f"{path}{key}.")


def test_a_document_is_kept_as_it_came(server: Server, shape: Shape) -> None:
    documents = shaped(shape, golden())
    server.put(documents)
    assert sorted(map(json.dumps, server.sources())) == sorted(map(json.dumps, documents))


@pytest.mark.parametrize("shape", LAYOUTS)
def test_native_names_find_in_every_shape_what_they_find_in_json(opensearch: Any, shape: Shape) -> None:
    native = Server(opensearch.url, opensearch.prefix(), Shape.JSON)
    other = Server(opensearch.url, opensearch.prefix(), shape)
    documents = golden()
    native.put(documents)
    other.put(shaped(shape, documents))
    present = {name for document in documents for name in document} & set(aliases(shape))
    assert len(present) > 40
    for name in present:
        if NATIVE[name] is Held.POINT:
            bounds = {"aggs": {"of": {"geo_bounds": {"field": name}}}, "size": 0}
            answers = [each.call("POST", f"/{each.index}/_search", bounds) for each in (native, other)]
            assert answers[0]["aggregations"] == answers[1]["aggregations"]
        else:
            assert native.values(name) == other.values(name)
            assert native.count({"exists": {"field": name}}) == other.count({"exists": {"field": name}})


@pytest.mark.parametrize("shape", LAYOUTS)
def test_a_document_of_json_cannot_go_into_an_index_of_another_shape(opensearch: Any, shape: Shape) -> None:
    server = Server(opensearch.url, opensearch.prefix(), shape)
    assert set(server.put(golden())) == {"mapper_parsing_exception"}


def test_what_is_typed_into_the_search_bar_is_no_error(server: Server, shape: Shape) -> None:
    server.put(shaped(shape, golden()))
    for text in ("drop", "REJECT", "443", "2a02\\:8084\\:2161\\:\\:15", "10.0.64.4", "2026-01-01", "eni*", "São Paulo"):
        assert server.count({"query_string": {"query": text, "analyze_wildcard": True}}) >= 0
    assert server.count({"query_string": {"query": "REJECT"}}) == 2
    assert server.count({"query_string": {"query": "sg-0215b39c81dcac2c0"}}) == 2


def test_threat_lists_of_ecs_are_asked_for_with_their_address(opensearch: Any) -> None:
    server = Server(opensearch.url, opensearch.prefix(), Shape.ECS)
    server.put(shaped(Shape.ECS, golden()))
    at = "threat.enrichments"
    both = [{"term": {f"{at}.indicator.provider": "drop"}}, {"term": {f"{at}.matched.field": "source.ip"}}]
    assert server.count({"nested": {"path": at, "query": {"bool": {"filter": both}}}}) == 1


def test_packets_that_a_transit_gateway_lost_are_numbers_though_kept_as_text(server: Server, shape: Shape) -> None:
    lost = [{"packets-lost-no-route": "7"}, {"packets-lost-no-route": "30"}, {"packets-lost-no-route": "many"}]
    assert set(server.put(shaped(shape, lost))) == {None}
    field = paths(shape)["packets-lost-no-route"]
    body = {"size": 0, "aggs": {"of": {"sum": {"field": field}}}}
    answer = server.call("POST", f"/{server.index}/_search", body)
    assert answer["aggregations"]["of"]["value"] == 37
