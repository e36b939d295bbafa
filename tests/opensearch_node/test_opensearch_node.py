"""The tests' OpenSearch: what it answers, and to whom."""

import json
import urllib.request
from typing import Any

from opensearch_node.plugin import OpenSearch


def asked(url: str, path: str, body: str | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 (the test's own server)
        f"{url}/{path}", None if body is None else body.encode(), {"Content-Type": "application/x-ndjson"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def test_documents_go_in_and_an_aggregation_comes_out(opensearch: OpenSearch) -> None:
    index = f"{opensearch.prefix()}-flows"
    lines = [
        json.dumps({"create": {"_index": index}}) + "\n" + json.dumps({"action": action, "bytes": size})
        for action, size in [("ACCEPT", 40), ("ACCEPT", 60), ("REJECT", 7)]
    ]
    assert asked(opensearch.url, "_bulk?refresh=true", "\n".join(lines) + "\n")["errors"] is False
    sums = {"sum": {"script": {"source": "doc['bytes'].value * 8"}}}  # the scripting module is there
    body = {"size": 0, "aggs": {"by": {"terms": {"field": "action.keyword"}, "aggs": {"bits": sums}}}}
    found = asked(opensearch.url, f"{index}/_search", json.dumps(body))
    buckets = found["aggregations"]["by"]["buckets"]
    assert {bucket["key"]: bucket["bits"]["value"] for bucket in buckets} == {"ACCEPT": 800, "REJECT": 56}


def test_every_prefix_is_a_new_one(opensearch: OpenSearch) -> None:
    prefixes = [opensearch.prefix() for _ in range(20)]
    assert len(set(prefixes)) == 20
    assert all(prefix.isalnum() and prefix == prefix.lower() for prefix in prefixes)


def test_it_listens_to_this_machine_only(opensearch: OpenSearch) -> None:
    node = next(iter(asked(opensearch.url, "_nodes/http,transport")["nodes"].values()))
    bound = [*node["http"]["bound_address"], *node["transport"]["bound_address"]]
    assert {address.rpartition(":")[0] for address in bound} == {"127.0.0.1"}
