"""The mappings of the index in which Dashboards keeps saved objects: an attribute that is not there is refused.

What only newer servers know is left out, so that what is taken here is taken by Kibana 7.10 too.
Source: OpenSearch Dashboards 2, `src/core/server/saved_objects/migrations/core/build_active_mappings.ts` for what all
objects have, and in `src/plugins` of the types `dashboard/server/saved_objects/dashboard.ts`,
`visualizations/server/saved_objects/visualization.ts`, `discover/server/saved_objects/search.ts` and
`data/server/saved_objects/index_patterns.ts`.
"""

from typing import Any

_NOT_SEARCHED: dict[str, Any] = {"index": False, "doc_values": False}
_TEXT = {"type": "text"}
_JSON = {"type": "text", "index": False}
_INTEGER = {"type": "integer"}
_KEYWORD = {"type": "keyword"}
_META = {"properties": {"searchSourceJSON": _JSON}}

_TYPES: dict[str, dict[str, Any]] = {
    "dashboard": {
        "properties": {
            "description": _TEXT,
            "hits": _INTEGER | _NOT_SEARCHED,
            "kibanaSavedObjectMeta": _META,
            "optionsJSON": _JSON,
            "panelsJSON": _JSON,
            "refreshInterval": {
                "properties": {
                    "display": _KEYWORD | _NOT_SEARCHED,
                    "pause": {"type": "boolean"} | _NOT_SEARCHED,
                    "section": _INTEGER | _NOT_SEARCHED,
                    "value": _INTEGER | _NOT_SEARCHED,
                }
            },
            "timeFrom": _KEYWORD | _NOT_SEARCHED,
            "timeRestore": {"type": "boolean"} | _NOT_SEARCHED,
            "timeTo": _KEYWORD | _NOT_SEARCHED,
            "title": _TEXT,
            "version": _INTEGER,
        }
    },
    "visualization": {
        "properties": {
            "description": _TEXT,
            "kibanaSavedObjectMeta": _META,
            "savedSearchRefName": _KEYWORD | _NOT_SEARCHED,
            "title": _TEXT,
            "uiStateJSON": _JSON,
            "version": _INTEGER,
            "visState": _JSON,
        }
    },
    "search": {
        "properties": {
            "columns": _KEYWORD | _NOT_SEARCHED,
            "description": _TEXT,
            "hits": _INTEGER | _NOT_SEARCHED,
            "kibanaSavedObjectMeta": _META,
            "sort": _KEYWORD | _NOT_SEARCHED,
            "title": _TEXT,
            "version": _INTEGER,
        }
    },
    "index-pattern": {"dynamic": False, "properties": {"title": _TEXT, "type": _KEYWORD}},
}

INDEX: dict[str, Any] = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "migrationVersion": {"type": "object", "dynamic": "true"},
            "type": _KEYWORD,
            "namespace": _KEYWORD,
            "namespaces": _KEYWORD,
            "originId": _KEYWORD,
            "updated_at": {"type": "date"},
            "references": {"type": "nested", "properties": dict.fromkeys(("name", "type", "id"), _KEYWORD)},
            **_TYPES,
        },
    },
}


def document(saved: dict[str, Any]) -> dict[str, Any]:
    """Give the document that a saved object is stored as: its attributes stand under its type."""
    rest = {key: value for key, value in saved.items() if key not in ("id", "attributes")}
    return {**rest, saved["type"]: saved["attributes"]}
