"""The index template: how OpenSearch maps a document, derived from the tables of fields and facts.

No value may cost a document: what is not what its field expects is left out of the index and stays in the document
(`ignore_malformed`, `ignore_above`). Source: OpenSearch, "Index templates", "Mapping parameters".
"""

from typing import Any

import flowlogs
from flowlogs.decorate.document import FACTS, FactKind
from flowlogs.record.fields import FIELDS, Kind

PRIORITY = 100
"""Above templates that match everything, which by custom have none."""
LONGEST_TEXT = 1024
"""Characters of a text that are indexed; Lucene's own limit is 32,766 bytes, beyond which a document is refused."""

_TEXT = {"type": "keyword", "ignore_above": LONGEST_TEXT}
_NUMBER = {"type": "long", "ignore_malformed": True}
_INSTANT = {"type": "date", "ignore_malformed": True}
_OF_FIELD: dict[Kind, dict[str, Any]] = {
    Kind.NUMBER: _NUMBER,
    Kind.TIME: {**_INSTANT, "format": "epoch_second"},
    Kind.ADDRESS: {"type": "ip", "ignore_malformed": True},
    Kind.TEXT: _TEXT,
}
_OF_FACT: dict[FactKind, dict[str, Any]] = {
    FactKind.TEXT: _TEXT,
    FactKind.TEXTS: _TEXT,  # OpenSearch has no type for lists: any field may hold several values
    FactKind.NUMBER: _NUMBER,
    FactKind.INSTANT: _INSTANT,  # in OpenSearch's default format, ISO 8601
    FactKind.PLACE: {"type": "geo_point", "ignore_malformed": True},
}
_UNKNOWN = ("string", "long", "double", "boolean")  # whatever the first value of an unknown field is, it is a text


def index_patterns(prefix: str) -> list[str]:
    """Give the patterns of the indexes that Firehose writes: `<prefix>-…` by rotation, `<prefix>` itself without one.

    Not `<prefix>*`, which would take in the indexes of another, longer prefix. Source: Firehose Developer Guide,
    "Index rotation for the Amazon OpenSearch Service destination".
    """
    return [prefix, f"{prefix}-*"]


def index_template(prefix: str = "cwl", *, shards: int = 1, replicas: int = 1) -> dict[str, Any]:
    """Give the template of a prefix's indexes; `replicas` is copies beside the original, one a second node."""
    return {
        "index_patterns": index_patterns(prefix),
        "priority": PRIORITY,
        "_meta": {"flowlogs": flowlogs.__version__},
        "template": {
            "settings": {"index": {"number_of_shards": shards, "number_of_replicas": replicas}},
            "mappings": {
                "_meta": {"flowlogs": flowlogs.__version__},
                "date_detection": False,
                "numeric_detection": False,
                "dynamic_templates": [
                    {f"unknown-{kind}": {"match_mapping_type": kind, "mapping": _TEXT}} for kind in _UNKNOWN
                ],
                "properties": properties(),
            },
        },
    }


def properties() -> dict[str, dict[str, Any]]:
    """Give the mapping of every field and fact by its native name."""
    fields = {field.name: _OF_FIELD[field.kind] for field in FIELDS.values()}
    facts = {fact.name: _OF_FACT[fact.kind] for fact in FACTS.values()}
    return fields | facts
