"""Defects of the objects of an export: of what they refer to, their versions, their places on a dashboard."""

import json

from sowing import Defect, Objects, inside, panels, records


def dangling_reference(objects: Objects) -> None:
    del objects["overview-totals"]


def dangling_index_pattern(objects: Objects) -> None:
    objects["overview-totals"]["references"][0]["id"] = "another"


def unlisted_reference(objects: Objects) -> None:
    del objects["traffic-options"]["references"][2]


def unused_reference(objects: Objects) -> None:
    objects["overview-totals"]["references"].append({"name": "spare", "type": "index-pattern", "id": records(objects)})


def reference_twice(objects: Objects) -> None:
    objects["overview-totals"]["references"] *= 2


def index_without_a_reference(objects: Objects) -> None:
    meta = objects["overview-totals"]["attributes"]["kibanaSavedObjectMeta"]
    with inside(meta, "searchSourceJSON") as source:
        source["index"] = records(objects)


def object_twice(objects: Objects) -> None:
    objects["again"] = objects["overview-totals"]


def title_twice(objects: Objects) -> None:
    objects["rejects"]["attributes"]["title"] = objects["accepts"]["attributes"]["title"]


def left_over_panel(objects: Objects) -> None:
    copy = json.loads(json.dumps(objects["overview-totals"]))
    copy["id"] = "left-over"
    objects["left-over"] = copy


def overlapping_panels(objects: Objects) -> None:
    with panels(objects, "overview") as changed:
        changed[2]["gridData"]["y"] -= 1


def panel_off_the_grid(objects: Objects) -> None:
    with panels(objects, "overview") as changed:
        changed[1]["gridData"]["w"] += 1


def same_panel_index(objects: Objects) -> None:
    with panels(objects, "overview") as changed:
        changed[1]["panelIndex"] = changed[0]["panelIndex"]


def no_panels(objects: Objects) -> None:
    objects["overview"]["attributes"]["panelsJSON"] = "[]"


def no_time_range(objects: Objects) -> None:
    del objects["overview"]["attributes"]["timeFrom"]


def too_new(objects: Objects) -> None:
    objects["overview-totals"]["migrationVersion"]["visualization"] = "7.14.0"


def no_version(objects: Objects) -> None:
    objects["overview"]["migrationVersion"] = {}


def broken_json(objects: Objects) -> None:
    attributes = objects["overview-totals"]["attributes"]
    attributes["visState"] = attributes["visState"][:-1]


def json_of_another_kind(objects: Objects) -> None:
    objects["overview"]["attributes"]["panelsJSON"] = "{}"


def no_state(objects: Objects) -> None:
    del objects["overview-totals"]["attributes"]["visState"]


def unknown_type(objects: Objects) -> None:
    objects["overview-totals"]["type"] = "lens"


def grid_of_another_panel(objects: Objects) -> None:
    with panels(objects, "overview") as changed:
        changed[0]["gridData"]["i"] = "elsewhere"


def no_attributes(objects: Objects) -> None:
    del objects["overview-totals"]["attributes"]


DEFECTS: list[Defect] = [
    (
        dangling_reference,
        "reference panel_2 leads to visualization flowlogs-cwl-overview-totals, which is not in the export",
    ),
    (dangling_index_pattern, "Overview: How much traffic is there?: asks no index pattern of the export"),
    (
        unlisted_reference,
        "Traffic: Which records shall be shown?: reference control_2_index_pattern is used but not listed",
    ),
    (unused_reference, "Overview: How much traffic is there?: reference spare is listed but not used"),
    (
        reference_twice,
        "Overview: How much traffic is there?: reference kibanaSavedObjectMeta.searchSourceJSON.index is there 2 times",
    ),
    (index_without_a_reference, "searchSourceJSON names an index itself, where a reference has to"),
    (object_twice, "visualization flowlogs-cwl-overview-totals is in the export 2 times"),
    (title_twice, "2 objects of type dashboard have the title Amazon VPC Flow Logs - Accepts"),
    (left_over_panel, "Overview: How much traffic is there?: no dashboard shows it"),
    (overlapping_panels, "Amazon VPC Flow Logs - Overview: panels about and totals overlap"),
    (panel_off_the_grid, "Amazon VPC Flow Logs - Overview: panel options is not on the grid of 48 columns"),
    (same_panel_index, "Amazon VPC Flow Logs - Overview: 2 panels have the panelIndex about"),
    (no_panels, "Amazon VPC Flow Logs - Overview: has no panels"),
    (no_time_range, "Amazon VPC Flow Logs - Overview: shall restore a time range, and has none"),
    (too_new, "migrationVersion 7.14.0 of visualization is above 7.10.0: a server refuses it"),
    (no_version, "Amazon VPC Flow Logs - Overview: migrationVersion speaks of [], not of dashboard"),
    (broken_json, "Overview: How much traffic is there?: visState is not JSON: "),
    (json_of_another_kind, "Amazon VPC Flow Logs - Overview: panelsJSON is a dict, not a list"),
    (no_state, "Overview: How much traffic is there?: has no visState"),
    (unknown_type, "'lens' is no type that Dashboards imports"),
    (grid_of_another_panel, "Amazon VPC Flow Logs - Overview: panel about says elsewhere in gridData"),
    (no_attributes, "is no saved object: it lacks type, id or attributes"),
]
