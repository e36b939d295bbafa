"""The index template: how OpenSearch maps the documents of a shape, derived from the tables of fields and facts.

A value that does not fit costs no document: a text, number or flag that is not what its field expects is left out of
the index and stays in the document (`ignore_malformed`, `ignore_above`). An unknown name costs none either: the
mapping is closed (`dynamic: false`). A field that the tables do not have stays in the document, where Dashboards
shows it, and cannot be searched. Were it mapped when it first comes, a header of many unknown names would reach the
limit of fields of an index (1,000), and from then on documents would be refused. What OpenSearch refuses all the
same, that one document alone: an object where a value is expected, a name that is empty or has an empty part (`.`,
`a..b`), a key that comes twice, and arrays some hundreds deep; no decorator writes any of these. Sources: OpenSearch,
"Index templates", "Mapping parameters", "Index settings"; everything here is also in Elasticsearch 7.10.
"""

from collections.abc import Mapping
from typing import Any

import flowlogs
from flowlogs.deliver.shapes.layout import NATIVE, Held, Layout
from flowlogs.deliver.shapes.layouts import LAYOUTS, aliases
from flowlogs.record.fields import FIELDS, TRANSIT_GATEWAY_FIELDS, Kind
from flowlogs.search.prefix import rotated_indexes
from flowlogs.setting_kinds import Shape

PRIORITY = 100
"""Above templates that match everything, which by custom have none."""
LONGEST_TEXT = 1024
"""Characters of a text that are indexed; Lucene's own limit is 32,766 bytes, beyond which a document is refused."""
REFRESH = "30s"
"""How long documents may wait until searches see them. Firehose holds them for a minute and more, so that the default
of one second would make small segments, which are merged again and again, for nothing that anyone could see."""

_TEXT = {"type": "keyword", "ignore_above": LONGEST_TEXT}
_NUMBER = {"type": "long", "ignore_malformed": True}
_INSTANT = {"type": "date", "ignore_malformed": True}
_SECONDS = {**_INSTANT, "format": "epoch_second"}
_ADDRESS = {"type": "ip", "ignore_malformed": True}
_PLACE = {"type": "geo_point", "ignore_malformed": True}
_HOLDING: dict[Held, dict[str, Any]] = {
    Held.TEXT: _TEXT,  # OpenSearch has no type for lists: any field may hold several values
    Held.NUMBER: _NUMBER,
    Held.DEGREES: {"type": "double", "ignore_malformed": True},
    Held.ADDRESS: _ADDRESS,
    Held.INSTANT: _INSTANT,  # in OpenSearch's default format, ISO 8601
    Held.MILLISECONDS: {**_INSTANT, "format": "epoch_millis"},
    Held.POINT: _PLACE,
    Held.PARTS: {"type": "object"},
    Held.NESTED: {"type": "nested"},
    Held.KEPT: {"type": "object", "enabled": False},  # not even read: any key and any value may stand in it
}
_LOST = "packets-lost-"
"""Transit Gateway fields that count, though kept as text: OpenSearch reads the numbers in them."""


def index_patterns(prefix: str) -> list[str]:
    """Give the patterns of the indexes that Firehose writes: `<prefix>-…` by rotation, `<prefix>` itself without one.

    Not `<prefix>*`, which would take in the indexes of another, longer prefix. Source: Firehose Developer Guide,
    "Index rotation for the Amazon OpenSearch Service destination".
    """
    return [prefix, rotated_indexes(prefix)]


def template_path(prefix: str) -> str:
    """Give the path of a prefix's template, which is called as the prefix is."""
    return f"/_index_template/{prefix}"


def index_template(
    prefix: str = "cwl", *, shards: int = 1, replicas: int = 1, shape: Shape = Shape.JSON
) -> dict[str, Any]:
    """Give the template of a prefix's indexes; `replicas` is copies beside the original, one a second node.

    Raise ValueError for shape `raw`, whose lines are no JSON.
    """
    settings = {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "codec": "best_compression",  # DEFLATE for stored documents: logs are written once and seldom read whole
        "refresh_interval": REFRESH,
    }
    return {
        "index_patterns": index_patterns(prefix),
        "priority": PRIORITY,
        "_meta": {"flowlogs": flowlogs.__version__},
        "template": {
            "settings": {"index": settings},
            "mappings": {
                "_meta": {"flowlogs": flowlogs.__version__, "shape": str(shape)},
                "dynamic": False,
                "properties": properties(shape),
            },
        },
    }


def properties(shape: Shape = Shape.JSON) -> dict[str, dict[str, Any]]:
    """Give the mapping of a shape's documents by the keys at their root.

    In the shapes of others native names are aliases of the paths where their values stand, so that searches and
    dashboards of `json` find them.
    """
    if shape is Shape.JSON:
        return _native()
    stand_ins = {name: {"type": "alias", "path": path} for name, path in aliases(shape).items()}
    return _tree(_held(LAYOUTS[shape])) | stand_ins


def _native() -> dict[str, dict[str, Any]]:
    """Map every field and fact by its native name."""
    names = {name: _HOLDING[held] for name, held in NATIVE.items()}
    times = {field.name: _SECONDS for field in FIELDS.values() if field.kind is Kind.TIME}
    lost = {name: _NUMBER for name in TRANSIT_GATEWAY_FIELDS if name.startswith(_LOST)}
    return names | times | lost


def _held(layout: Layout) -> dict[str, Held]:
    """Say what each path of a shape holds, objects before what is in them."""
    held = {path: Held.NUMBER if isinstance(value, int) else Held.TEXT for path, value in layout.constants.items()}
    held |= {place.path: layout.held(name) for name, place in layout.places.items()}
    held |= {place.path: Held.NUMBER for name, place in layout.places.items() if name.startswith(_LOST)}
    for derived in layout.derived:
        held[derived.path] = derived.held
        held |= {f"{derived.path}.{part}": of_part for part, of_part in derived.parts.items()}
    return held | {layout.extra: Held.KEPT}


def _tree(held: Mapping[str, Held]) -> dict[str, dict[str, Any]]:
    """Write paths with dots as objects within objects."""
    root: dict[str, Any] = {}
    for path, what in held.items():
        *above, last = path.split(".")
        level = root
        for part in above:
            level = level.setdefault(part, {}).setdefault("properties", {})
        level[last] = dict(_HOLDING[what])
    return root
