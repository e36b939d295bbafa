"""The page of all fields: those of a flow record, the facts of a document, the columns of the lake."""

from itertools import groupby

from flowlogs.decorate.document import FACTS, UNKNOWN_FIELDS, Fact, lake_columns
from flowlogs.docs.markdown import code, page, table
from flowlogs.record.fields import FIELDS, Field

_OPENING = f"""\
# Fields

A document has the fields of its flow record, in AWS's names, and the facts that the decorator adds. What is not known
is an absent key: never an empty text, a zero or `-`. In the lake (Parquet, Athena, DuckDB) the same names have
underscores instead of hyphens.

There are {len(FIELDS)} fields of a flow record and {len(FACTS)} facts.
"""
_KINDS = """\
A *number* is ASCII digits up to 2^63 - 1; zero is a value. A *time* is Unix seconds; what is above 10^11 is taken for
milliseconds and made seconds. An *address* is IPv4 or IPv6. A line whose value is not of its field's kind is refused,
and the refusal names the field. The version is that of the flow logs which brought the field.
"""
_UNKNOWN = f"""\
A field that is not in these tables (Transit Gateway flow logs, one that AWS adds later) is kept as text under the name
its header or format gives it; in the lake all of these are in the map `{UNKNOWN_FIELDS}`.
"""
_FACTS = """\
## Facts of a document

A `source-…` fact is about the packet's source address (`pkt-srcaddr`, else `srcaddr`), a `destination-…` fact about its
destination. AWS's own fields are never overwritten: where the record has `vpc-id`, `subnet-id` or `instance-id`, that
value stays.
"""
_LAKE = f"""\
## Columns of the lake

The columns and their types in Glue. A document for a Parquet stream has no other keys than these. `timestamp` is
`@timestamp`, written as milliseconds since 1970, UTC; a location is two columns, in degrees; `{UNKNOWN_FIELDS}` maps
text to text.
"""


def fields_page() -> str:
    """Write the page from the tables of fields, facts and columns."""
    return page(
        _OPENING, "## Fields of a flow record", _KINDS, *_versions(), _UNKNOWN, _FACTS, _facts(), _LAKE, _lake()
    )


def _versions() -> list[str]:
    """Write a table of fields for each version that brought some."""
    blocks = []
    for version, fields in groupby(FIELDS.values(), lambda field: field.since):
        rows = [_field_row(field) for field in fields]
        head = ("field", "column in the lake", "kind", "unit", "meaning")
        blocks += [f"### Version {version}", table(head, rows)]
    return blocks


def _field_row(field: Field) -> tuple[str, ...]:
    return code(field.name), code(field.key), field.kind, field.unit or "", field.meaning


def _facts() -> str:
    rows = [(code(fact.name), fact.kind, _columns_of(fact), fact.meaning) for fact in FACTS.values()]
    return table(("fact", "value in JSON", "column in the lake", "meaning"), rows)


def _columns_of(fact: Fact) -> str:
    key = fact.name.removeprefix("@").replace("-", "_")
    return ", ".join(code(column) for column in lake_columns() if column in (key, f"{key}_lat", f"{key}_lon"))


def _lake() -> str:
    return table(("column", "type"), [(code(column), code(type_)) for column, type_ in lake_columns().items()])
