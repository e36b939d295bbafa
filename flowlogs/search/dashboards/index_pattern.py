"""The index pattern: which indexes a dashboard reads, the types of their fields, and how values are written."""

import json
from typing import Any

from flowlogs.search.dashboards.panel import Place
from flowlogs.search.index_template import properties
from flowlogs.setting_kinds import Shape

_TYPES = {"keyword": "string", "ip": "ip", "long": "number", "date": "date", "geo_point": "geo_point"}
"""OpenSearch's types in Dashboards' words. Source: OpenSearch Dashboards, `osd_field_types`."""
_PLAIN = {"id": "number", "params": {"pattern": "0"}}
_FORMATS: dict[str, dict[str, Any]] = {
    "bytes": {"id": "bytes", "params": {"pattern": "0,0.[0] bd"}},  # kB, MB, GB of thousands
    "packets": {"id": "number", "params": {"pattern": "0,0"}},
    **dict.fromkeys(
        ("srcport", "dstport", "protocol", "version", "tcp-flags", "source-asn", "destination-asn"), _PLAIN
    ),
}
"""Ports and AS numbers are names, not amounts: no commas between thousands."""


def index_pattern_id(prefix: str) -> str:
    """Give the id of a prefix's index pattern."""
    return Place(prefix).id_of("records")


def index_pattern(place: Place) -> dict[str, Any]:
    """Give the saved object. The fields are in it, so that panels know them before the first document is there.

    In another shape than `json` they are not: Dashboards asks the index for them, as for every pattern without.
    """
    fields = [_field(name, mapping["type"]) for name, mapping in sorted(properties().items())]
    known = {"fields": json.dumps([*fields, *_META])} if place.shape is Shape.JSON else {}
    return {
        "id": index_pattern_id(place.prefix),
        "type": "index-pattern",
        "attributes": {
            "title": place.pattern,
            "timeFieldName": "@timestamp",
            **known,
            "fieldFormatMap": json.dumps(_FORMATS),
        },
        "references": [],
        "migrationVersion": {"index-pattern": "7.6.0"},
    }


def _field(name: str, type_: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": _TYPES[type_],
        "esTypes": [type_],
        "count": 0,
        "scripted": False,
        "searchable": True,
        "aggregatable": True,
        "readFromDocValues": True,
    }


_META = [
    _field(name, "keyword")
    | {"type": type_, "esTypes": [name], "readFromDocValues": False, "aggregatable": name != "_source"}
    for name, type_ in (("_id", "string"), ("_index", "string"), ("_source", "_source"))
]
