"""The decorator gives documents in the shape that is set: golden ones, from the same lines."""

import json
from pathlib import Path
from typing import Any

import pytest
from decorator_outside import Tried, letters_in, line

from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.decorate.spelling import NATIVE
from flowlogs.deliver.shapes.layouts import LAYOUTS
from flowlogs.deliver.shapes.reading import reader_of
from flowlogs.deliver.shapes.shaped_lines import ShapedLines
from flowlogs.deliver.shapes.shaper import Shaper
from flowlogs.errors import SettingsError
from flowlogs.generate import geoip
from flowlogs.inventory.inventory import Inventory
from flowlogs.record.log_format import DEFAULT
from flowlogs.setting_kinds import Shape

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "shapes"
LINES = (GOLDEN / "lines.log").read_bytes()
TEXT = {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DESTINATION": "text"}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give what is known of interfaces and addresses, threat lists and own networks among it."""
    folder = tmp_path_factory.mktemp("geoip")
    geoip.write(folder, built=1767225600)
    (folder / "threats").mkdir(exist_ok=True)
    (folder / "threats" / "drop.txt").write_text("194.87.68.0/24\n52.218.0.97\n")
    (folder / "networks").mkdir(exist_ok=True)
    (folder / "networks" / "own.txt").write_text("10.0.64.0/24 pods\n")
    return {"FLOWLOGS_INVENTORY": str(ROOT / "events/network-interfaces.json"), "FLOWLOGS_GEOIP": str(folder)}


def documents(environ: dict[str, str], text: bytes = LINES) -> list[dict[str, Any]]:
    return Tried(environ)(text).documents


@pytest.mark.parametrize("shape", ["json", "ecs", "ocsf"])
def test_documents_are_the_golden_ones(shape: str, knowledge: dict[str, str]) -> None:
    golden = [json.loads(row) for row in (GOLDEN / f"{shape}.ndjson").read_text().splitlines()]
    assert documents({**knowledge, **TEXT, "FLOWLOGS_SHAPE": shape}) == golden


@pytest.mark.parametrize("shape", LAYOUTS)
def test_golden_documents_of_a_shape_are_read_back_as_those_of_json(shape: Shape) -> None:
    native = [json.loads(row) for row in (GOLDEN / "json.ndjson").read_text().splitlines()]
    assert [reader_of(shape)(row) for row in (GOLDEN / f"{shape}.ndjson").read_bytes().splitlines()] == native


@pytest.mark.parametrize("shape", LAYOUTS)
def test_the_search_stream_takes_shapes_one_document_a_record(shape: Shape, knowledge: dict[str, str]) -> None:
    lines = [line(1), line(2, action="REJECT"), line(3, src="2001:db8::1", dst="2001:db8::2", eni="-")]
    native = [Tried(knowledge)(each).documents[0] for each in lines]
    answer = Tried({**knowledge, "FLOWLOGS_SHAPE": shape})(*lines)
    assert answer.documents == [Shaper(LAYOUTS[shape]).shape(each) for each in native]
    assert not any(b"\n" in data for data in answer.data)


@pytest.mark.parametrize("shape", LAYOUTS)
def test_shapes_refuse_the_lines_that_json_refuses(shape: Shape, tmp_path: Path) -> None:
    tried = Tried({**TEXT, "FLOWLOGS_SHAPE": shape, "FLOWLOGS_DEAD_LETTERS": str(tmp_path)})
    answer = tried(b"\n".join((line(1), b"2 too short", line(2))))
    assert (answer.delivered, answer.failed) == (2, 1)
    assert [letter["line"] for letter in letters_in(tmp_path)] == ["2 too short"]


@pytest.mark.parametrize("shape", LAYOUTS)
def test_shapes_are_narrowed_and_timed_like_json(shape: Shape) -> None:
    tried = Tried({**TEXT, "FLOWLOGS_SHAPE": shape, "FLOWLOGS_SEARCH_KEEP": "rejects"})
    answer = tried(b"\n".join((line(1), line(2, action="REJECT"))))
    assert [reader_of(shape)(json.dumps(each).encode())["srcport"] for each in answer.documents] == [2]
    assert answer.dropped == 1
    assert answer.metrics["Lag"] == Tried(TEXT)(line(1)).metrics["Lag"]


@pytest.mark.parametrize("shape", LAYOUTS)
@pytest.mark.parametrize("more", [{"FLOWLOGS_DOCUMENTS": "many"}, {**TEXT, "FLOWLOGS_DESTINATION": "parquet"}])
def test_a_parquet_lake_keeps_its_own_columns(shape: Shape, more: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=f"FLOWLOGS_SHAPE is {shape}"):
        Tried({"FLOWLOGS_SHAPE": shape, **more})


def test_a_record_without_addresses_names_its_interface_as_the_source_of_ocsf() -> None:
    (nodata, *_) = [json.loads(row) for row in (GOLDEN / "ocsf.ndjson").read_text().splitlines()]
    assert nodata["status_code"] == "NODATA"
    assert nodata["src_endpoint"]["interface_uid"] == "eni-013ff9fcf7aa8b11d"
    assert "dst_endpoint" not in nodata
    assert "observables" not in nodata


@pytest.mark.parametrize("shape", LAYOUTS)
def test_a_shape_has_the_time_and_the_sample_rate_that_json_has(shape: Shape) -> None:
    environ = {"FLOWLOGS_FORMAT": "${srcaddr} ${dstaddr} ${srcport} ${action}", "FLOWLOGS_SEARCH_KEEP": "sample:7"}
    (native,) = Tried(environ)(b"10.0.0.1 10.0.0.2 1 REJECT").documents
    (document,) = Tried({**environ, "FLOWLOGS_SHAPE": shape})(b"10.0.0.1 10.0.0.2 1 REJECT").documents
    assert reader_of(shape)(json.dumps(document).encode()) == native
    assert native["@timestamp"] == "2026-01-01T00:15:00Z"
    assert native["sample-rate"] == 1


def test_forgetting_is_the_encoders() -> None:
    class Forgetful(Encoder):
        has_trimmed = False

        def trim(self) -> None:
            self.has_trimmed = True

    encoder = Forgetful(DEFAULT, NATIVE, Knowledge(Inventory(), Places()))
    ShapedLines(encoder, Shaper(LAYOUTS[Shape.ECS])).trim()
    assert encoder.has_trimmed
