"""What an export has to be so that Dashboards imports it and every panel opens; each violation is a sentence.

Source: OpenSearch Dashboards, `src/core/server/saved_objects/import`, `migrations/core/document_migrator.ts`, and the
plugins that read what is said in the modules of the kinds of objects.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator

from dashboard_structure import dashboard_faults
from index_fields import IndexFields, fields_of_patterns
from saved_export import Saved, Unreadable, read_export
from vega_structure import vega_faults
from visualization_structure import visualization_faults

NEWEST = {"index-pattern": "7.6.0", "visualization": "7.10.0", "search": "7.9.3", "dashboard": "7.9.3"}
"""Versions of the last migrations that every server has: an object above its server's is refused."""


def faults(text: str, elsewhere: Collection[str] = ()) -> list[str]:
    """Give every violation; `elsewhere` are ids of dashboards that are no part of the file, to which it may link."""
    try:
        export = read_export(text)
    except Unreadable as error:
        return [str(error)]
    dashboards = {saved.id for saved in export if saved.type == "dashboard"} | set(elsewhere)
    patterns = fields_of_patterns(export)
    checks: list[Callable[[Saved], Iterator[str]]] = [
        _migration_faults,
        lambda saved: _reference_faults(saved, {(each.type, each.id) for each in export}),
        lambda saved: dashboard_faults(saved) if saved.type == "dashboard" else iter(()),
        lambda saved: _visualization(saved, patterns, dashboards) if saved.type == "visualization" else iter(()),
        lambda saved: _search_faults(saved, patterns) if saved.type == "search" else iter(()),
    ]
    of_each = [f"{saved.title}: {fault}" for saved in export for check in checks for fault in _found(check, saved)]
    return [*_faults_of_all(export), *of_each]


def _found(check: Callable[[Saved], Iterator[str]], saved: Saved) -> Iterator[str]:
    try:
        yield from check(saved)
    except KeyError as missing:
        yield f"lacks {missing}"


def _faults_of_all(export: list[Saved]) -> Iterator[str]:
    for (kind, id_), times in Counter((saved.type, saved.id) for saved in export).items():
        if times > 1:
            yield f"{kind} {id_} is in the export {times} times"
    for (kind, title), times in Counter((saved.type, saved.title) for saved in export).items():
        if times > 1:
            yield f"{times} objects of type {kind} have the title {title}: lists cannot tell them apart"
    shown = {(each["type"], each["id"]) for saved in export if saved.type == "dashboard" for each in saved.references}
    for saved in export:
        if saved.type in ("visualization", "search") and (saved.type, saved.id) not in shown:
            yield f"{saved.title}: no dashboard shows it"


def _migration_faults(saved: Saved) -> Iterator[str]:
    if set(saved.migration) != {saved.type}:
        yield f"migrationVersion speaks of {sorted(saved.migration)}, not of {saved.type}"
    for kind, version in saved.migration.items():
        if _ordered(version) > _ordered(NEWEST.get(kind, "0")):
            yield f"migrationVersion {version} of {kind} is above {NEWEST.get(kind)}: a server refuses it"


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _reference_faults(saved: Saved, exported: Collection[tuple[str, str]]) -> Iterator[str]:
    names = Counter(each["name"] for each in saved.references)
    yield from (f"reference {name} is there {times} times" for name, times in names.items() if times > 1)
    for each in saved.references:
        if (each["type"], each["id"]) not in exported:
            yield f"reference {each['name']} leads to {each['type']} {each['id']}, which is not in the export"
    used = set(_used_references(saved))
    yield from (f"reference {name} is used but not listed" for name in sorted(used - set(names)))
    yield from (f"reference {name} is listed but not used" for name in sorted(set(names) - used))
    if "index" in saved.parsed.get("searchSourceJSON", {}):
        yield "searchSourceJSON names an index itself, where a reference has to"


def _used_references(saved: Saved) -> Iterator[str]:
    source = saved.parsed.get("searchSourceJSON", {})
    filters = [each.get("meta", {}) for each in source.get("filter", [])]
    yield from (each["indexRefName"] for each in (source, *filters) if "indexRefName" in each)
    if saved.type == "dashboard":
        yield from (panel["panelRefName"] for panel in saved.parsed["panelsJSON"])
    if saved.type == "visualization":
        yield from (each["indexPatternRefName"] for each in saved.state["params"].get("controls", []))
        yield from [saved.attributes["savedSearchRefName"]] if "savedSearchRefName" in saved.attributes else []


def _visualization(saved: Saved, patterns: IndexFields, dashboards: Collection[str]) -> Iterator[str]:
    yield from visualization_faults(saved, patterns, dashboards)
    if saved.state.get("type") == "vega":
        yield from vega_faults(saved, patterns)


def _search_faults(saved: Saved, patterns: IndexFields) -> Iterator[str]:
    fields = patterns.of(saved)
    if fields is None:
        yield "searches no index pattern of the export"
        return
    sorted_by = [field for field, _ in saved.attributes["sort"]]
    yield from (
        f"column {name} is no field of the index pattern"
        for name in [*saved.attributes["columns"], *sorted_by]
        if name not in fields
    )
