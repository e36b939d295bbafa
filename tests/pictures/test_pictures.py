"""The pictures of the documentation: shown, small, and of today's panels."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pictures.days_of_documents import DAY, HAPPENINGS, documents
from pictures.drawn import FOLDER, PICTURES, mark

DOCS = FOLDER.parent
SHOWN = {
    name: alt
    for page in DOCS.glob("*.md")
    for alt, name in re.findall(r"!\[([^\]]*)\]\(pictures/([\w-]+)\.svg\)", page.read_text().replace("\n", " "))
}
EACH = pytest.mark.parametrize("name", PICTURES)


def test_every_picture_is_shown_and_every_one_shown_is_there() -> None:
    assert set(SHOWN) == set(PICTURES) == {path.stem for path in FOLDER.glob("*.svg")}


@EACH
def test_a_picture_is_of_the_panel_as_it_is_now(name: str) -> None:
    text = (FOLDER / f"{name}.svg").read_text()
    assert mark(name) in text, "draw anew: PYTHONPATH=tests .venv/bin/python -m pictures.drawn"


@EACH
def test_a_picture_can_be_shown_and_says_what_is_seen(name: str) -> None:
    path = FOLDER / f"{name}.svg"
    assert path.stat().st_size < 200_000
    root = ET.parse(path).getroot()  # noqa: S314 (our own file)
    drawn = [element for element in root.iter() if element.tag.endswith("}path")]
    assert len(drawn) > 10
    assert "NaN" not in path.read_text()
    assert len(SHOWN[name]) > 60


@pytest.mark.slow
def test_the_documents_are_the_same_each_time_and_have_what_is_to_be_seen(tmp_path: Path) -> None:
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        runs.append(list(documents(tmp_path / name)))
    assert runs[0] == runs[1]
    minutes = [document["@timestamp"][:16] for document in runs[0] if document["action"] == "REJECT"]
    scan = next(each for each in HAPPENINGS if each.kind == "port-scan")
    usual = len(minutes) / len(set(minutes))
    assert minutes.count(f"{DAY:%Y-%m-%d}T{scan.begin // 60:02}:{scan.begin % 60:02}") > 5 * usual
