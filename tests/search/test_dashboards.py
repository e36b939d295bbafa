import json
from pathlib import Path
from typing import Any

import pytest

from flowlogs.deliver.shapes.layouts import paths
from flowlogs.search.dashboards.__main__ import files
from flowlogs.search.dashboards.aggregations import RECORDS, Terms
from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.dashboard import COLUMNS, Dashboard, Row
from flowlogs.search.dashboards.export import saved_objects
from flowlogs.search.dashboards.index_pattern import index_pattern_id
from flowlogs.search.dashboards.lists import Figures, Pie
from flowlogs.search.index_template import properties
from flowlogs.setting_kinds import Shape

ROOT = Path(__file__).parent.parent.parent
OBJECTS = saved_objects()
TITLES = [
    "SGDashboard",
    "Amazon VPC Flow Logs - Overview",
    "Amazon VPC Flow Logs - Accepts",
    "Amazon VPC Flow Logs - Rejects",
    "Amazon VPC Flow Logs - Traffic",
    "Amazon VPC Flow Logs - Security Groups",
    "Amazon VPC Flow Logs - Outliers",
]


def states() -> list[dict[str, Any]]:
    return [json.loads(each["attributes"]["visState"]) for each in OBJECTS if each["type"] == "visualization"]


def test_the_committed_exports_are_those_that_the_code_makes() -> None:
    for name, text in files().items():
        assert (ROOT / "dashboards" / name).read_text(encoding="utf-8") == text, f"{name}: run make docs"
    assert {path.name for path in (ROOT / "dashboards").glob("*.ndjson")} == set(files())


def test_there_are_the_dashboards_that_people_look_for() -> None:
    assert [each["attributes"]["title"] for each in OBJECTS if each["type"] == "dashboard"] == TITLES


def test_every_dashboard_opens_every_other_by_its_id() -> None:
    ids = {each["id"] for each in OBJECTS if each["type"] == "dashboard"}
    about = [state["params"]["markdown"] for state in states() if state["title"].endswith(": about")]
    assert len(about) == len(ids)
    for text in about:
        assert sum(f"(#/view/{id_})" in text for id_ in ids) == len(ids) - 1


def test_another_prefix_has_objects_of_its_own_that_read_its_own_indexes() -> None:
    other = saved_objects("team")
    assert not {each["id"] for each in other} & {each["id"] for each in OBJECTS}
    assert other[0]["attributes"]["title"] == "team-*"
    assert "cwl" not in json.dumps(other)


def test_without_rotation_every_panel_reads_the_one_index() -> None:
    whole = json.dumps(saved_objects("team", rotates=False))
    assert saved_objects("team", rotates=False)[0]["attributes"]["title"] == "team"
    assert "team-*" not in whole
    assert "team-*" in json.dumps(saved_objects("team"))


def test_in_another_shape_a_list_of_records_shows_the_columns_that_its_documents_have() -> None:
    columns = {
        shape: [
            column for each in saved_objects(shape=shape) if each["type"] == "search" for column in columns_of(each)
        ]
        for shape in (Shape.JSON, Shape.ECS)
    }
    assert "srcaddr" in columns[Shape.JSON]
    assert columns[Shape.ECS] == [paths(Shape.ECS)[name] for name in columns[Shape.JSON]]
    assert "source.ip" in columns[Shape.ECS]


def columns_of(search: dict[str, Any]) -> list[str]:
    found: list[str] = search["attributes"]["columns"]
    return found


def test_every_panel_asks_a_question() -> None:
    shown = [
        panel["title"] for each in OBJECTS if each["type"] == "dashboard" for panel in panels(each) if "title" in panel
    ]
    assert shown
    assert all(title.endswith("?") for title in shown)


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dashboard["attributes"]["panelsJSON"])
    return found


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda each: each.name)
def test_panels_fill_the_width_without_a_gap_and_do_not_overlap(dashboard: Dashboard) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel, cell in dashboard.cells():
        for x in range(cell.x, cell.x + cell.w):
            for y in range(cell.y, cell.y + cell.h):
                assert taken.setdefault((x, y), panel.name) == panel.name
    height = max(y for _, y in taken) + 1
    assert len(taken) == COLUMNS * height


def test_a_row_that_does_not_fill_the_grid_is_refused() -> None:
    pie = Pie(title="?", name="a", by=Terms("action", "Action"))
    figure = Figures(title="?", name="b", show=[RECORDS])
    crooked = Dashboard(title="T", name="t", description="", rows=[Row(5, [pie, figure], widths=[20, 20])])
    with pytest.raises(ValueError, match="40 columns wide, not 48"):
        list(crooked.cells())


def test_the_index_pattern_knows_every_field_by_its_type() -> None:
    pattern = OBJECTS[0]
    assert pattern["id"] == index_pattern_id("cwl")
    fields = {field["name"]: field["esTypes"] for field in json.loads(pattern["attributes"]["fields"])}
    assert {name: [mapping["type"]] for name, mapping in properties().items()}.items() <= fields.items()


def test_every_field_that_a_panel_reads_is_mapped() -> None:
    read = {agg["params"]["field"] for state in states() for agg in state["aggs"] if "field" in agg["params"]}
    read |= {control["fieldName"] for state in states() for control in state["params"].get("controls", [])}
    read |= {column for each in OBJECTS if each["type"] == "search" for column in each["attributes"]["columns"]}
    assert read - set(properties()) == set()
    assert len(read) > 15


CONTROLS = ["dstaddr", "srcaddr", "action", "dstport", "interface-id", "protocol", "srcport"]


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("Overview", CONTROLS),
        ("Traffic", CONTROLS),
        ("Accepts", [field for field in CONTROLS if field != "action"]),
        ("Rejects", [field for field in CONTROLS if field != "action"]),
        ("Security Groups", [*CONTROLS, "security-group-ids", "subnet-id", "vpc-id"]),
    ],
)
def test_a_dashboard_filters_by_the_fields_named_for_it(title: str, fields: list[str]) -> None:
    (state,) = (
        each for each in states() if each["type"] == "input_control_vis" and each["title"].startswith(f"{title}:")
    )
    assert [control["fieldName"] for control in state["params"]["controls"]] == fields
    assert {control["type"] for control in state["params"]["controls"]} == {"list"}
