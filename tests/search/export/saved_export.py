"""An export of saved objects, read: one JSON object a line, of which some texts are JSON again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]

TEXTS: Mapping[str, Mapping[str, type]] = {
    "index-pattern": {"title": str, "timeFieldName": str, "fields": list, "fieldFormatMap": dict},
    "visualization": {"title": str, "visState": dict, "uiStateJSON": dict, "searchSourceJSON": dict},
    "search": {"title": str, "searchSourceJSON": dict},
    "dashboard": {"title": str, "panelsJSON": list, "optionsJSON": dict, "searchSourceJSON": dict},
}
"""The attributes without which Dashboards does not open an object, by type; what is no text itself is one of JSON."""


class Unreadable(Exception):
    """A line or an attribute is not what it has to be before anything else can be asked of it; says which and why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved object; `parsed` has its attributes of JSON, `attributes` all as they stand in the file."""

    type: str
    id: str
    attributes: Mapping[str, Any]
    references: list[Object]
    migration: Mapping[str, str]
    parsed: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The title that people see in lists."""
        return str(self.attributes["title"])

    @property
    def state(self) -> Object:
        """What a visualization is."""
        state: Object = self.parsed["visState"]
        return state

    @property
    def source(self) -> Object:
        """What is searched: query, filters and the reference to the index pattern."""
        source: Object = self.parsed["searchSourceJSON"]
        return source

    def target(self, name: str) -> tuple[str, str] | None:
        """Give type and id of what is referred to by this name."""
        return next(((each["type"], each["id"]) for each in self.references if each["name"] == name), None)


def read_export(text: str) -> list[Saved]:
    """Read every line; raise Unreadable for the first that is no saved object whose texts can be read."""
    return [_saved(number, line) for number, line in enumerate(text.splitlines(), 1)]


def _saved(number: int, line: str) -> Saved:
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise Unreadable(f"line {number} is not JSON: {error}") from error
    if not isinstance(raw, dict) or not {"type", "id", "attributes"} <= set(raw):
        raise Unreadable(f"line {number} is no saved object: it lacks type, id or attributes")
    kind = raw["type"]
    if kind not in TEXTS:
        raise Unreadable(f"line {number}: {kind!r} is no type that Dashboards imports")
    attributes = raw["attributes"]
    name = attributes.get("title") or raw["id"]
    return Saved(
        type=kind,
        id=raw["id"],
        attributes=attributes,
        references=raw.get("references", []),
        migration=raw.get("migrationVersion", {}),
        parsed=dict(_parsed(name, kind, attributes)),
    )


def _parsed(name: str, kind: str, attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    flat = {**attributes, **attributes.get("kibanaSavedObjectMeta", {})}
    for attribute, type_ in TEXTS[kind].items():
        if not isinstance(flat.get(attribute), str):
            raise Unreadable(f"{name}: has no {attribute}")
        if type_ is not str:
            yield attribute, _of_json(f"{name}: {attribute}", flat[attribute], type_)


def _of_json(name: str, text: str, type_: type) -> Any:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{name} is not JSON: {error}") from error
    if not isinstance(value, type_):
        raise Unreadable(f"{name} is a {type(value).__name__}, not a {type_.__name__}")
    return value
