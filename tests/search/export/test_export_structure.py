from collections.abc import Callable
from pathlib import Path

import export_defects
import panel_defects
import pytest
import vega_defects
from export_structure import faults
from saved_export import read_export
from sowing import Objects, objects_of, written

FOLDER = Path(__file__).parents[3] / "dashboards"
ALL = (FOLDER / "all.ndjson").read_text(encoding="utf-8")
DASHBOARDS = {saved.id for saved in read_export(ALL) if saved.type == "dashboard"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ndjson")), ids=lambda path: path.stem)
def test_an_export_is_what_dashboards_takes(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), elsewhere=() if path.stem == "all" else DASHBOARDS) == []


def test_every_export_has_what_it_says() -> None:
    files = {path.stem: read_export(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.ndjson")}
    panels = {name: {saved.id for saved in export if saved.type != "index-pattern"} for name, export in files.items()}
    everything = panels.pop("all")
    assert set().union(*panels.values()) == everything
    assert sum(len(ids) for ids in panels.values()) == len(everything), "no object is of two dashboards"


DEFECTS = [*export_defects.DEFECTS, *panel_defects.DEFECTS, *vega_defects.DEFECTS]


@pytest.mark.parametrize(("seed", "sentence"), DEFECTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_defect_in_an_export_is_caught(seed: Callable[[Objects], None], sentence: str) -> None:
    objects = objects_of(ALL)
    seed(objects)
    found = faults(written(objects))
    assert any(sentence in fault for fault in found), found


def test_a_panel_drawn_by_vega_without_a_defect_is_taken() -> None:
    objects = objects_of(ALL)
    vega_defects.vega(objects, lambda spec: None)
    assert [fault for fault in faults(written(objects)) if "health" in fault] == []


@pytest.mark.parametrize("expression", vega_defects.TAKEN)
def test_an_expression_of_other_names_is_taken(expression: str) -> None:
    objects = objects_of(ALL)
    vega_defects.vega_expressing(expression)(objects)
    assert [fault for fault in faults(written(objects)) if "health" in fault] == []


def test_a_line_that_is_cut_off_is_named() -> None:
    assert faults(ALL[:-10])[0].startswith(f"line {len(ALL.splitlines())} is not JSON: ")
