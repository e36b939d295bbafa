"""Makes saved objects of the dashboards, and the NDJSON that OpenSearch Dashboards imports.

`migrationVersion` is the newest that Kibana 7.10 and every OpenSearch Dashboards know. Source: OpenSearch Dashboards,
`src/core/server/saved_objects`, the types' migrations.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from flowlogs.search.dashboards.aggregations import query
from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.dashboard import Dashboard
from flowlogs.search.dashboards.index_pattern import index_pattern, index_pattern_id
from flowlogs.search.dashboards.panel import Panel, Place, Saved
from flowlogs.setting_kinds import Shape

_VERSIONS = {"visualization": "7.10.0", "search": "7.9.3", "dashboard": "7.9.3"}
_PANEL_VERSION = "7.9.3"
_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
"""Name of the reference to the index pattern; it kept Kibana's name."""

Object = dict[str, Any]


def saved_objects(
    prefix: str = "cwl",
    shape: Shape = Shape.JSON,
    *,
    rotates: bool = True,
    dashboards: Sequence[Dashboard] = DASHBOARDS,
) -> list[Object]:
    """Give the index pattern, every panel and every dashboard of a prefix; always the same for the same arguments.

    Of a shape for which `flowlogs.deliver.shapes.layouts.without_alias` names a field, panels would ask in vain.
    """
    place = Place(prefix, shape, rotates)
    return [index_pattern(place), *(each for dashboard in dashboards for each in _of_dashboard(dashboard, place))]


def as_ndjson(objects: Sequence[Object]) -> str:
    """Write saved objects as an export: one a line."""
    return "".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n" for each in objects)


def _of_dashboard(dashboard: Dashboard, place: Place) -> Iterator[Object]:
    cells = list(dashboard.cells())
    for panel, _ in cells:
        yield _panel(panel, dashboard, place)
    placed = [
        {
            "version": _PANEL_VERSION,
            "gridData": {"x": cell.x, "y": cell.y, "w": cell.w, "h": cell.h, "i": panel.name},
            "panelIndex": panel.name,
            "embeddableConfig": {} if panel.title else {"hidePanelTitles": True},
            **({"title": panel.title} if panel.title else {}),
            "panelRefName": f"panel_{number}",
        }
        for number, (panel, cell) in enumerate(cells)
    ]
    yield {
        "id": place.id_of(dashboard.name),
        "type": "dashboard",
        "attributes": {
            "title": dashboard.title,
            "description": dashboard.description,
            "hits": 0,
            "panelsJSON": json.dumps(placed),
            "optionsJSON": json.dumps({"hidePanelTitles": False, "useMargins": True}),
            "version": 1,
            "timeRestore": True,
            "timeFrom": dashboard.since,
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": 0},
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps({"query": query(""), "filter": []})},
        },
        "references": [
            {"name": f"panel_{number}", "type": _type(panel.saved(place)), "id": _id(panel, dashboard, place)}
            for number, (panel, _) in enumerate(cells)
        ],
        "migrationVersion": {"dashboard": _VERSIONS["dashboard"]},
    }


def _panel(panel: Panel, dashboard: Dashboard, place: Place) -> Object:
    saved = panel.saved(place)
    title = _listed_title(panel, dashboard)
    attributes = _search(title, saved) if saved.kind == "search" else _visualization(title, saved)
    return {
        "id": _id(panel, dashboard, place),
        "type": _type(saved),
        "attributes": attributes,
        "references": list(_references(saved, place)),
        "migrationVersion": {_type(saved): _VERSIONS[_type(saved)]},
    }


def _visualization(title: str, saved: Saved) -> Object:
    state = {"title": title, "type": saved.kind, "params": saved.params, "aggs": saved.aggs}
    look = {"vis": {"colors": saved.colours}} if saved.colours else {}
    return {
        "title": title,
        "description": "",
        "visState": json.dumps(state, ensure_ascii=False),
        "uiStateJSON": json.dumps(look),
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(_source(saved))},
    }


def _search(title: str, saved: Saved) -> Object:
    return {
        "title": title,
        "description": "",
        "hits": 0,
        "columns": saved.params["columns"],
        "sort": [["@timestamp", "desc"]],
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(_source(saved))},
    }


def _reads_index(saved: Saved) -> bool:
    return saved.is_aggregated or saved.kind == "search"


def _source(saved: Saved) -> Object:
    source = {"query": query(saved.query), "filter": []}
    return {**source, "indexRefName": _SOURCE} if _reads_index(saved) else source


def _references(saved: Saved, place: Place) -> Iterator[Object]:
    names = [_SOURCE] if _reads_index(saved) else []
    for name in [*names, *(f"control_{number}_index_pattern" for number in range(saved.controls))]:
        yield {"name": name, "type": "index-pattern", "id": index_pattern_id(place.prefix)}


def _type(saved: Saved) -> str:
    return "search" if saved.kind == "search" else "visualization"


def _id(panel: Panel, dashboard: Dashboard, place: Place) -> str:
    return place.id_of(f"{dashboard.name}-{panel.name}")


def _listed_title(panel: Panel, dashboard: Dashboard) -> str:
    """Say where a panel belongs: in the list of all visualizations it stands beside those of other dashboards."""
    return f"{dashboard.title.removeprefix('Amazon VPC Flow Logs - ')}: {panel.title or panel.name}"
