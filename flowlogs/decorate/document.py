"""The one table of facts a document has beside the fields of its record, and its columns in the lake."""

from dataclasses import dataclass
from enum import StrEnum

from flowlogs.record.fields import FIELDS, Kind


class FactKind(StrEnum):
    """What a fact's value is in JSON."""

    TEXT = "text"
    TEXTS = "list of texts"
    NUMBER = "number"
    INSTANT = "ISO 8601 UTC"  # in the lake: milliseconds since 1970
    PLACE = "{lat, lon}"  # in the lake: two columns


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the table: a key of a document by its native name."""

    name: str
    kind: FactKind
    meaning: str


_LINE = (
    Fact(
        "@timestamp",
        FactKind.INSTANT,
        "`start`, else `end`, else the carrier's time (log event, else arrival at Firehose)",
    ),
    Fact("protocol-name", FactKind.TEXT, "IANA's name of `protocol`, in lower case"),
    Fact(
        "initiator",
        FactKind.TEXT,
        "`source` or `destination`: who opened the connection, by this record's tcp-flags only",
    ),
    Fact(
        "sample-rate",
        FactKind.NUMBER,
        "the record stands for so many; present where the stream was narrowed by sampling",
    ),
)
_INTERFACE = (
    Fact("security-group-ids", FactKind.TEXTS, "every security group of the interface at `start`"),
    Fact("vpc-id", FactKind.TEXT, "the record's own, else the interface's"),
    Fact("subnet-id", FactKind.TEXT, "the record's own, else the interface's"),
    Fact("instance-id", FactKind.TEXT, "the record's own, else the interface's"),
    Fact("aws-region", FactKind.TEXT, "the record's `region`, else the interface's, else the event's"),
    Fact(
        "interface-owner",
        FactKind.TEXT,
        "what the interface works for where AWS manages it, e.g. `nat-gateway nat-0123`",
    ),
)
_PAIR = (
    Fact("interface-end", FactKind.TEXT, "`source` or `destination`: which end is the record's own interface"),
    Fact("direction", FactKind.TEXT, "`internal`, `inbound` or `outbound`"),
    Fact(
        "peer-interface-id",
        FactKind.TEXT,
        "the interface at the other end, where it is one we know in that VPC at that time",
    ),
    Fact("peer-security-group-ids", FactKind.TEXTS, "its security groups at `start`"),
)
_ADDRESS = (
    Fact("country-code", FactKind.TEXT, "ISO 3166-1 code"),
    Fact("country-name", FactKind.TEXT, "English name"),
    Fact("region-code", FactKind.TEXT, "ISO 3166-2 code within the country"),
    Fact("region-name", FactKind.TEXT, "English name"),
    Fact("city", FactKind.TEXT, "English name"),
    Fact("location", FactKind.PLACE, "degrees; absent where unknown, never 0,0"),
    Fact("asn", FactKind.NUMBER, "number of the autonomous system"),
    Fact("as-organization", FactKind.TEXT, "its organization"),
    Fact(
        "network",
        FactKind.TEXT,
        "the name that you gave the network, else AWS's service and region by ip-ranges.json, e.g. `aws s3 eu-west-1`",
    ),
    Fact("threat", FactKind.TEXTS, "the threat lists that hold the address"),
)
ENDS = ("source", "destination")

FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        *_LINE,
        *_INTERFACE,
        *_PAIR,
        *(Fact(f"{end}-{fact.name}", fact.kind, fact.meaning) for end in ENDS for fact in _ADDRESS),
    )
}
"""Every fact by its native name. The record's fields are in `flowlogs.record.fields.FIELDS`."""

UNKNOWN_FIELDS = "extra"
"""The lake's one column for fields that are not in the table: a map of text to text."""

_HIVE = {Kind.NUMBER: "bigint", Kind.TIME: "bigint", Kind.ADDRESS: "string", Kind.TEXT: "string"}
_HIVE_FACT = {
    FactKind.TEXT: "string",
    FactKind.TEXTS: "array<string>",
    FactKind.NUMBER: "bigint",
    FactKind.INSTANT: "timestamp",
}


def lake_columns() -> dict[str, str]:
    """Give the lake's columns and their Glue types, fields first; the keys of a lake document are among them."""
    columns = {field.key: _HIVE[field.kind] for field in FIELDS.values()}
    for fact in FACTS.values():
        key = fact.name.removeprefix("@").replace("-", "_")
        if fact.kind is FactKind.PLACE:
            columns |= {f"{key}_lat": "double", f"{key}_lon": "double"}
        else:
            columns[key] = _HIVE_FACT[fact.kind]
    return columns | {UNKNOWN_FIELDS: "map<string,string>"}
