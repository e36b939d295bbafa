"""The page of the shapes of a document: where every native value stands."""

from flowlogs.deliver.shapes.layout import NATIVE, Derived, Held, Layout
from flowlogs.deliver.shapes.layouts import LAYOUTS, without_alias
from flowlogs.docs.markdown import code, page, table
from flowlogs.search.index_template import LONGEST_TEXT, REFRESH
from flowlogs.setting_kinds import Shape

_OPENING = """\
# Shapes of a document

A document comes in one of three shapes, by `FLOWLOGS_SHAPE` (or `--shape`): `json`, with the names of
[fields.md](fields.md), or one of two standards. A Parquet lake always has its own columns.

| shape | what it is | source |
| --- | --- | --- |
| `json` | AWS's names and our facts | [fields.md](fields.md) |
| `ecs` | Elastic Common Schema 8.11, filled as Elastic's own integration for VPC flow logs does | elastic/ecs; \
elastic/integrations, `packages/aws/data_stream/vpcflow` |
| `ocsf` | Open Cybersecurity Schema Framework 1.5.0, class Network Activity (4001), profiles cloud, security_control \
and datetime | ocsf/ocsf-schema; ocsf/examples, AWS v1.5.0, VPC Flowlogs |

Nothing is lost: every native value stands in exactly one place of its own, unchanged or written so that it can be read
back. Where a standard has no place for just this value, that is below `aws.vpcflow` (ECS) or `unmapped` (OCSF), under
the native name with underscores. So it is with security groups, for which neither has a place. A field that is in no
table (one that AWS adds later) is kept in `aws.vpcflow.extra` or `unmapped.extra`, which is not indexed.
"""
_CHOICES = """\
## What to know

- `@timestamp` is the record's `start`, as in shape `json`; Elastic's integration takes `end`.
- In ECS, `source.ip` and `destination.ip` are the addresses at the interface, as Elastic has them. Place, autonomous
  system and threat lists are those of the packet's own address where the record has one. In OCSF the endpoint's `ip` is
  the packet's address, and the one at the interface is in `intermediate_ips`, as in OCSF's example.
- OCSF: a flow record is a report of traffic, so `activity_id` is always 6 and `type_uid` 400106. Whether it was let
  through is in `action_id` and `disposition_id`.
- OCSF wants an endpoint in every event. A record without addresses (NODATA, SKIPDATA) names its interface as the
  source; where it has no interface either, there is none.
"""
_SEARCHES = """\
## Searches and dashboards

Each shape has an index template of its own. In that of `ecs` and `ocsf`, native names are aliases of the paths in the
table, so that searches and dashboards made for `json` find the same values there. A document of shape `json` cannot go
into an index of another shape: an alias takes no values. Move to a new index prefix when you change the shape.
"""
_VALUES = """\
## Where native values stand

*as text*, *as ISO 8601* and *in milliseconds* say how a value is written that would otherwise be a number, or Unix
seconds.
"""
_MAPPING = f"""\
## What the index refuses

Nothing that the pipeline writes. A value that is not what its field expects (a text in a number, a latitude of 1000, a
number beyond 2^63) is left out of the index and stays in the document, and so is a text of more than {LONGEST_TEXT:,}
characters. Unknown names are kept and shown, and cannot be searched (`dynamic: false`): were they mapped as they come,
a header of many names would fill the index's limit of fields, and OpenSearch would refuse documents from then on. What
it does refuse is an object where a value is expected, which no document of ours has; that costs this one document and
no other.

Documents can be searched {REFRESH} after OpenSearch has them.
"""


def shapes_page() -> str:
    """Write the page from the tables of the shapes."""
    return page(_OPENING, _CHOICES, _VALUES, _places(), *_of_shapes(), _SEARCHES, _exceptions(), _MAPPING)


def _places() -> str:
    rows = [(code(name), *(_place(layout, name) for layout in LAYOUTS.values())) for name in NATIVE]
    return table(("json", *LAYOUTS), rows)


def _place(layout: Layout, name: str) -> str:
    place = layout.places[name]
    return " ".join(filter(None, (code(place.path), place.conversion.meaning)))


def _of_shapes() -> list[str]:
    """Write, for each shape, what follows from native values and what is always so."""
    blocks = []
    for shape, layout in LAYOUTS.items():
        derived = [(code(each.path), _holds(each), each.meaning) for each in layout.derived]
        constants = [(code(path), code(_written(value))) for path, value in layout.constants.items()]
        blocks += [
            f"## What else is in `{shape}`: {layout.standard}",
            table(("path", "holds", "from"), derived),
            "Every document has:",
            table(("path", "value"), constants),
        ]
    return blocks


def _holds(derived: Derived) -> str:
    if not derived.parts:
        return derived.held
    return f"list of objects with {', '.join(map(code, derived.parts))}"


def _written(value: str | int | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _exceptions() -> str:
    """Say which names are no aliases, and which aliases hold text for a number."""
    missing = {shape: without_alias(shape) for shape in LAYOUTS}
    texts = {
        shape: [name for name, held in NATIVE.items() if held is Held.NUMBER and layout.held(name) is Held.TEXT]
        for shape, layout in LAYOUTS.items()
    }
    return "\n".join(
        f"- `{shape}`: "
        + (
            f"{_names(missing[shape])} cannot be an alias, for the shape has a key of that name with other words "
            f"(search {_paths(shape, missing[shape])}). "
            if missing[shape]
            else "every name is an alias. "
        )
        + f"Numbers kept as text, to be counted but not added up: {_names(texts[shape])}."
        for shape in LAYOUTS
    )


def _names(names: list[str]) -> str:
    return ", ".join(map(code, names))


def _paths(shape: Shape, names: list[str]) -> str:
    return ", ".join(code(LAYOUTS[shape].places[name].path) for name in names)
