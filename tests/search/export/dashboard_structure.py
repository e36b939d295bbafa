"""What a saved dashboard has to be: panels on the grid, each in its place.

Source: OpenSearch Dashboards, `src/plugins/dashboard`: `DASHBOARD_GRID_COLUMN_COUNT`, `embeddable/grid`.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from saved_export import Object, Saved

COLUMNS = 48


def dashboard_faults(saved: Saved) -> Iterator[str]:
    """Give what is wrong with a dashboard."""
    panels = saved.parsed["panelsJSON"]
    if not panels:
        yield "has no panels"
    for index, times in Counter(panel["panelIndex"] for panel in panels).items():
        if times > 1:
            yield f"{times} panels have the panelIndex {index}"
    for panel in panels:
        yield from _place_faults(panel)
    for one, other in combinations(panels, 2):
        if _overlap(one["gridData"], other["gridData"]):
            yield f"panels {one['panelIndex']} and {other['panelIndex']} overlap"
    if saved.attributes.get("timeRestore") and not {"timeFrom", "timeTo"} <= set(saved.attributes):
        yield "shall restore a time range, and has none"


def _place_faults(panel: Object) -> Iterator[str]:
    index, grid = panel["panelIndex"], panel["gridData"]
    if grid["i"] != index:
        yield f"panel {index} says {grid['i']} in gridData"
    if grid["x"] < 0 or grid["y"] < 0 or grid["w"] < 1 or grid["h"] < 1 or grid["x"] + grid["w"] > COLUMNS:
        yield f"panel {index} is not on the grid of {COLUMNS} columns"


def _overlap(one: Object, other: Object) -> bool:
    return bool(
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )
