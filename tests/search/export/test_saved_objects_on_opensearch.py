import json
from collections.abc import Sequence

import pytest
from export_mappings import INDEX, document
from opensearch_node.plugin import OpenSearch
from real_index import Server
from saved_export import Object

from flowlogs.search.dashboards.export import saved_objects


def stored(opensearch: OpenSearch, objects: Sequence[Object]) -> list[Object]:
    """Store objects as Dashboards does, and give what was refused."""
    server, index = Server(opensearch.url), f"saved{opensearch.prefix()}"
    server.asked("PUT", index, INDEX)
    lines = [line for each in objects for line in ({"create": {"_id": f"{each['type']}:{each['id']}"}}, document(each))]
    items = server.asked("POST", f"{index}/_bulk?refresh=true", lines)["items"]
    return [item["create"] for item in items if "error" in item["create"]]


@pytest.mark.parametrize("prefix", ["cwl", "team"])
def test_the_index_of_saved_objects_takes_every_object(opensearch: OpenSearch, prefix: str) -> None:
    assert stored(opensearch, saved_objects(prefix)) == []


def test_the_index_of_saved_objects_refuses_an_attribute_that_it_does_not_know(opensearch: OpenSearch) -> None:
    objects = json.loads(json.dumps(saved_objects()))
    changed = next(each for each in objects if each["type"] == "dashboard")
    changed["attributes"]["panelsJson"] = "[]"
    (refused,) = stored(opensearch, objects)
    assert refused["_id"] == f"dashboard:{changed['id']}"
    assert refused["error"]["type"] == "strict_dynamic_mapping_exception"
