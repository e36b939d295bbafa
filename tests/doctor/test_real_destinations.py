"""What the doctor looks for is what the real functions and the local stream make of marked lines."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_account import FORMAT, LOG_FORMAT, NOW

from flowlogs.cli.main import flowlogs
from flowlogs.doctor.lake_content import marks_in
from flowlogs.errors import UnreadableInput
from flowlogs.generate.smoke import marked_lines

MARKER = "eni-00000000000000abc"
OTHER = "eni-00000000000000def"
LINES = marked_lines(MARKER, 25, NOW, LOG_FORMAT, "123456789012")
PORTS = dict.fromkeys((LOG_FORMAT.read(line.text)["srcport"] for line in LINES), 1)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    others = marked_lines(OTHER, 3, NOW, LOG_FORMAT, "123456789012")
    path = tmp_path / "flow.log"
    path.write_bytes(b"\n".join(line.text for line in [*others, *LINES]))
    return path


def run(log: Path, *options: str) -> Path:
    out = log.parent / "results"
    arguments = ["run", str(log), "--out", str(out), "--format", FORMAT, *options]
    assert CliRunner().invoke(flowlogs, arguments, catch_exceptions=False).exit_code == 0
    return out


@pytest.mark.parametrize("kind", ["parquet", "json", "raw"])
def test_marked_lines_are_found_in_every_kind_of_lake(log: Path, kind: str) -> None:
    objects = [path for path in (run(log, "--lake", kind, "--no-search") / "lake").rglob("*") if path.is_file()]
    assert len(objects) == 1
    assert objects[0].parent.name.startswith("date="), "the partition that the doctor lists"
    assert marks_in(objects[0].read_bytes(), kind, MARKER, LOG_FORMAT) == PORTS


def test_narrowing_to_rejects_keeps_marked_lines(log: Path) -> None:
    out = run(log, "--search-keep", "rejects", "--lake", "none")
    documents = [json.loads(row) for path in (out / "search").iterdir() for row in path.read_text().splitlines()]
    ours = [document["srcport"] for document in documents if document["interface-id"] == MARKER]
    assert sorted(ours) == sorted(PORTS)


@pytest.mark.parametrize("kind", ["parquet", "json", "raw"])
def test_an_object_of_another_kind_is_unreadable_and_no_crash(kind: str) -> None:
    with pytest.raises(UnreadableInput):
        marks_in(f"something with {MARKER} in it".encode(), kind, MARKER, LOG_FORMAT)


@pytest.mark.parametrize("kind", ["json", "raw"])
def test_an_object_without_the_marker_has_no_marks(kind: str) -> None:
    assert marks_in(b"anything else", kind, MARKER, LOG_FORMAT) == {}
