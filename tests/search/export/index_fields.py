"""The fields of an export's index patterns: what Dashboards knows of an index before it asks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saved_export import Object, Saved

SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


@dataclass(frozen=True, slots=True)
class Pattern:
    """An index pattern: the indexes it reads, and every field."""

    indexes: str
    time_field: str
    fields: Mapping[str, Object]

    @property
    def types(self) -> Mapping[str, str]:
        """Dashboards' types by the fields' names."""
        return {name: field["type"] for name, field in self.fields.items()}


@dataclass(frozen=True, slots=True)
class IndexFields:
    """Index patterns by id."""

    patterns: Mapping[str, Pattern]

    def of(self, saved: Saved, reference: str = SOURCE) -> Mapping[str, Object] | None:
        """Give the fields of the pattern that an object refers to by this name; None where there is none."""
        pattern = self.pattern_of(saved, reference)
        return pattern.fields if pattern else None

    def pattern_of(self, saved: Saved, reference: str = SOURCE) -> Pattern | None:
        """Give the pattern that an object refers to by this name; None where there is none."""
        target = saved.target(reference)
        return self.patterns.get(target[1]) if target else None

    def reading(self, indexes: str) -> Pattern | None:
        """Give the pattern of these indexes."""
        return next((pattern for pattern in self.patterns.values() if pattern.indexes == indexes), None)


def fields_of_patterns(export: Sequence[Saved]) -> IndexFields:
    """Read the index patterns of an export."""
    return IndexFields(
        {
            saved.id: Pattern(
                indexes=saved.title,
                time_field=saved.attributes["timeFieldName"],
                fields={field["name"]: field for field in saved.parsed["fields"]},
            )
            for saved in export
            if saved.type == "index-pattern"
        }
    )


_NAMES_ITS_FIELD = ("field", "sortField")
_FIELD_IS_A_KEY = ("range", "term", "terms", "match", "match_phrase", "prefix", "wildcard")
_NO_FIELDS = (
    "boost",
    "adjust_pure_negative",
    "field",
    "size",
    "order",
    "missing",
    "include",
    "exclude",
    "min_doc_count",
)


def fields_in_search(part: Any) -> Iterator[str]:
    """Give every field that queries and aggregations of a search's body name."""
    if isinstance(part, list):
        for each in part:
            yield from fields_in_search(each)
    if isinstance(part, dict):
        for key, value in part.items():
            if key in _NAMES_ITS_FIELD and isinstance(value, str):
                yield value
            elif key in _FIELD_IS_A_KEY and isinstance(value, dict) and "field" not in value:
                yield from (name for name in value if name not in _NO_FIELDS)
            yield from fields_in_search(value)
