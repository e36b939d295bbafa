import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

import flowlogs
from flowlogs.decorate.document import FACTS, FactKind
from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.decorate.spelling import NATIVE
from flowlogs.deliver.shapes.layouts import aliases
from flowlogs.inventory.inventory import Inventory
from flowlogs.record.fields import FIELDS, TRANSIT_GATEWAY_FIELDS, Kind
from flowlogs.record.log_format import LogFormat
from flowlogs.search.index_template import index_patterns, index_template, properties
from flowlogs.setting_kinds import Shape

V11 = LogFormat(list(FIELDS))
REFUSES_NOTHING = {"long", "ip", "date", "geo_point", "double"}
SHAPES = [shape for shape in Shape if shape is not Shape.RAW]


def mapped(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give every path that holds a value, and how it is mapped."""
    for key, mapping in tree.items():
        if "properties" in mapping:
            yield from mapped(mapping["properties"], f"{path}{key}.")
        else:
            yield path + key, mapping


def test_every_field_and_fact_is_mapped_and_nothing_else() -> None:
    assert set(properties()) == {*FIELDS, *FACTS, *TRANSIT_GATEWAY_FIELDS}


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("srcaddr", "ip"),
        ("pkt-dstaddr", "ip"),
        ("dstport", "long"),
        ("bytes", "long"),
        ("account-id", "keyword"),
        ("interface-tag", "keyword"),
        ("security-group-ids", "keyword"),
        ("start", "date"),
        ("end", "date"),
        ("@timestamp", "date"),
        ("source-location", "geo_point"),
        ("destination-asn", "long"),
    ],
)
def test_a_field_has_the_type_of_what_it_holds(name: str, type_: str) -> None:
    assert properties()[name]["type"] == type_


@pytest.mark.parametrize("name", ["start", "end"])
def test_record_times_are_unix_seconds(name: str) -> None:
    assert properties()[name]["format"] == "epoch_second"


@pytest.mark.parametrize("shape", SHAPES)
def test_no_value_of_a_field_can_cost_the_document(shape: Shape) -> None:
    for _, mapping in mapped(properties(shape)):
        if mapping["type"] in REFUSES_NOTHING:
            assert mapping["ignore_malformed"] is True
        elif mapping["type"] == "object":
            assert mapping["enabled"] is False
        elif mapping["type"] != "alias":
            assert mapping == {"type": "keyword", "ignore_above": 1024}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_name_of_a_field_can_cost_a_document(shape: Shape) -> None:
    assert index_template(shape=shape)["template"]["mappings"]["dynamic"] is False
    assert len(list(mapped(properties(shape)))) < 500, "an index takes 1,000 fields"


@pytest.mark.parametrize("shape", [Shape.ECS, Shape.OCSF])
def test_native_names_are_aliases_of_paths_that_are_mapped(shape: Shape) -> None:
    found = dict(mapped(properties(shape)))
    stand_ins = {name: mapping["path"] for name, mapping in found.items() if mapping["type"] == "alias"}
    assert stand_ins == aliases(shape)
    assert not set(stand_ins.values()) - {path for path, mapping in found.items() if mapping["type"] != "alias"}


def test_raw_lines_have_no_template() -> None:
    with pytest.raises(ValueError, match="no paths"):
        index_template(shape=Shape.RAW)


@pytest.mark.parametrize(
    "index", ["cwl", "cwl-2026-01-01-13", "cwl-2026-01-01", "cwl-2026-w01", "cwl-2026-01"]
)  # Firehose's names, without and with rotation. Source: Firehose Developer Guide, "Index rotation"
def test_every_index_that_firehose_makes_is_of_its_prefix(index: str) -> None:
    assert any(fnmatchcase(index, pattern) for pattern in index_patterns("cwl"))


@pytest.mark.parametrize("index", ["cwlogs", "cwlogs-2026-01-01", "cw", "acwl", ".kibana"])
def test_no_index_of_another_prefix_is_taken_in(index: str) -> None:
    assert not any(fnmatchcase(index, pattern) for pattern in index_patterns("cwl"))


def test_the_template_is_for_the_indexes_of_its_prefix() -> None:
    template = index_template("flows", shards=3, replicas=2)
    assert template["index_patterns"] == ["flows", "flows-*"]
    assert template["priority"] == 100
    settings = template["template"]["settings"]["index"]
    assert (settings["number_of_shards"], settings["number_of_replicas"]) == (3, 2)
    assert (settings["codec"], settings["refresh_interval"]) == ("best_compression", "30s")
    assert template["_meta"] == {"flowlogs": flowlogs.__version__}


def test_every_key_that_the_encoder_writes_of_a_record_is_mapped() -> None:
    values = {Kind.NUMBER: b"1", Kind.TIME: b"1767225600", Kind.ADDRESS: b"10.0.0.1", Kind.TEXT: b"x"}
    line = b" ".join(values[field.kind] for field in V11.fields)
    document = json.loads(Encoder(V11, NATIVE, Knowledge(Inventory(), Places())).encode(line))
    assert set(FIELDS) <= set(document) <= set(properties())


def test_lists_and_places_are_the_facts_whose_json_is_no_single_value() -> None:
    places = {fact.name for fact in FACTS.values() if fact.kind is FactKind.PLACE}
    assert places == {name for name, mapping in properties().items() if mapping["type"] == "geo_point"}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_module_prints_the_template(shape: Shape) -> None:
    printed = subprocess.run(  # noqa: S603 (this module, our own shapes)
        [sys.executable, "-m", "flowlogs.search", "flows", shape], check=True, capture_output=True, text=True
    ).stdout
    assert json.loads(printed) == index_template("flows", shape=shape)
    assert printed.endswith("}\n")
