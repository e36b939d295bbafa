"""Shapes lose nothing, and what they share with the standards has the standards' types."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shape_standards import ECS as ECS_FIELDS
from shape_standards import ECS_EXAMPLES, NOT_OURS, OCSF_EXAMPLE, OCSF_INDEXED, VPCFLOW
from shape_standards import OCSF as OCSF_ATTRIBUTES

from flowlogs.deliver.shapes.layout import NATIVE, Held
from flowlogs.deliver.shapes.layouts import LAYOUTS, aliases, paths, roots, without_alias
from flowlogs.deliver.shapes.reading import reader_of
from flowlogs.deliver.shapes.shaper import Shaper
from flowlogs.docs.shapes_page import shapes_page
from flowlogs.record.timestamps import iso_utc
from flowlogs.search.index_template import properties
from flowlogs.setting_kinds import Shape

SHAPES = list(LAYOUTS)
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
TIMES = st.integers(0, 253_402_300_799)
TEXTS = st.text(min_size=1, max_size=8)
DEGREES = st.floats(-90, 90)
LISTS = {"security-group-ids", "peer-security-group-ids", "source-threat", "destination-threat"}
KNOWN = {
    "action": st.sampled_from(["ACCEPT", "REJECT"]) | TEXTS,
    "log-status": st.sampled_from(["OK", "NODATA", "SKIPDATA"]) | TEXTS,
    "type": st.sampled_from(["IPv4", "IPv6", "EFA"]),
    "interface-end": st.sampled_from(["source", "destination"]),
    "direction": st.sampled_from(["inbound", "outbound", "internal"]),
    "flow-direction": st.sampled_from(["ingress", "egress"]),
    "@timestamp": TIMES.map(iso_utc),
    **dict.fromkeys(("start", "end"), TIMES),
    **dict.fromkeys(LISTS, st.lists(TEXTS, min_size=1, max_size=3)),
}
BY_KIND = {
    Held.TEXT: TEXTS,
    Held.NUMBER: st.integers(0, 2**63 - 1),
    Held.ADDRESS: ADDRESSES,
    Held.POINT: st.fixed_dictionaries({"lat": DEGREES, "lon": DEGREES}),
}
NATIVE_DOCUMENTS = st.fixed_dictionaries(
    {}, optional={name: KNOWN[name] if name in KNOWN else BY_KIND[held] for name, held in NATIVE.items()}
)
UNKNOWN = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True).filter(lambda name: name not in NATIVE), TEXTS, max_size=3
)


def every(end: str) -> dict[str, Any]:
    """Give a document that has everything, on one side or the other."""
    values: dict[Held, Any] = {
        Held.TEXT: "x",
        Held.NUMBER: 3,
        Held.ADDRESS: "10.0.0.1",
        Held.POINT: {"lat": 1.5, "lon": 2.5},
        Held.INSTANT: "2026-01-01T00:00:00Z",
    }
    document = {name: values[held] for name, held in NATIVE.items()} | {name: ["x"] for name in LISTS}
    words = {"action": "ACCEPT", "type": "IPv4", "direction": "inbound", "pkt-srcaddr": "10.0.0.2"}
    return {**document, **words, "interface-end": end, "pkt-dstaddr": "10.0.0.3", "my-field": "x"}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Give the paths of a document and their JSON types; a list of objects is its objects."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for each in value:
            yield from leaves(each, path)
    else:
        yield path, json_type(value)


def json_type(value: Any) -> str:
    if isinstance(value, list):
        return f"list of {json_type(value[0])}"
    return {str: "string", int: "integer", float: "number"}[type(value)]


def types_of(shape: Shape) -> dict[str, str]:
    """Give every path that documents of a shape have, with its JSON type."""
    shaper = Shaper(LAYOUTS[shape])
    return {path: type_ for end in ("source", "destination") for path, type_ in leaves(shaper.shape(every(end)))}


def indexed(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Give the paths that a template maps and their types."""
    for key, mapping in tree.items():
        if "type" in mapping:
            yield path + key, mapping["type"]
        if "properties" in mapping:
            yield from indexed(mapping["properties"], f"{path}{key}.")


def mapped(shape: Shape) -> dict[str, str]:
    return {path: type_ for path, type_ in indexed(properties(shape)) if type_ != "alias"}


@pytest.mark.parametrize("shape", SHAPES)
@given(document=NATIVE_DOCUMENTS, unknown=UNKNOWN)
def test_a_document_of_any_shape_is_read_back_as_it_was(
    shape: Shape, document: dict[str, Any], unknown: dict[str, str]
) -> None:
    native = {**document, **unknown}
    shaped = Shaper(LAYOUTS[shape]).shape(native)
    assert reader_of(shape)(json.dumps(shaped).encode()) == native


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NATIVE)
def test_every_native_name_has_a_place_of_its_own(shape: Shape, name: str) -> None:
    where = paths(shape)
    assert [each for each in where if where[each] == where[name]] == [name]
    assert not [path for path in where.values() if path.startswith(f"{where[name]}.")]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_derived_stands_on_no_place_of_a_native_value(shape: Shape) -> None:
    layout = LAYOUTS[shape]
    derived = [each.path for each in layout.derived]
    assert len(set(derived)) == len(derived)
    assert not set(derived) & set(paths(shape).values())
    assert not set(layout.constants) & {*derived, *paths(shape).values()}


@pytest.mark.parametrize("shape", SHAPES)
@given(document=NATIVE_DOCUMENTS)
def test_a_document_has_no_path_that_is_not_mapped(shape: Shape, document: dict[str, Any]) -> None:
    known = mapped(shape)
    points = {path for path, type_ in known.items() if type_ == "geo_point"}
    for path, _ in leaves(Shaper(LAYOUTS[shape]).shape(document)):
        assert path in known or path.rpartition(".")[0] in points or path.startswith("enrichments.data.")


@pytest.mark.parametrize("shape", SHAPES)
def test_documents_do_not_share_what_is_always_so(shape: Shape) -> None:
    shaper = Shaper(LAYOUTS[shape])
    first = shaper.shape({"version": 2, "account-id": "1", "aws-region": "eu-west-1"})
    second = shaper.shape({})
    assert "eu-west-1" in json.dumps(first)
    assert "eu-west-1" not in json.dumps(second)


@pytest.mark.parametrize("path", [path for path in mapped(Shape.ECS) if path in ECS_FIELDS | VPCFLOW])
def test_a_path_of_ecs_has_the_type_of_ecs(path: str) -> None:
    assert mapped(Shape.ECS)[path] == (ECS_FIELDS | VPCFLOW)[path]


def test_what_ecs_lacks_stands_in_our_namespace() -> None:
    own = [path for path in mapped(Shape.ECS) if path not in ECS_FIELDS]
    assert own
    assert [path for path in own if not path.startswith("aws.vpcflow.")] == []


def test_documents_of_ecs_are_built_like_the_examples_of_elastic() -> None:
    ours = types_of(Shape.ECS)
    both = set(ours) & set(ECS_EXAMPLES)
    assert {path: ours[path] for path in both} == {path: ECS_EXAMPLES[path] for path in both}
    assert set(ECS_EXAMPLES) - set(ours) == set(NOT_OURS)


@pytest.mark.parametrize("path", [path for path in mapped(Shape.OCSF) if path in OCSF_ATTRIBUTES])
def test_a_path_of_ocsf_has_the_type_of_ocsf(path: str) -> None:
    assert mapped(Shape.OCSF)[path] == OCSF_INDEXED[OCSF_ATTRIBUTES[path]]


def test_what_ocsf_lacks_stands_in_its_object_for_that() -> None:
    own = [path for path in mapped(Shape.OCSF) if path not in OCSF_ATTRIBUTES]
    assert own
    assert [path for path in own if not path.startswith("unmapped.")] == []


def test_documents_of_ocsf_are_built_like_the_example_of_ocsf() -> None:
    ours = types_of(Shape.OCSF)
    both = set(ours) & set(OCSF_EXAMPLE)
    assert {path: ours[path] for path in both} == {path: OCSF_EXAMPLE[path] for path in both}
    assert set(OCSF_EXAMPLE) - set(ours) == set()


@pytest.mark.parametrize("shape", Shape)
def test_aliases_are_all_native_names_but_those_that_the_shape_uses_otherwise(shape: Shape) -> None:
    if shape is Shape.RAW:
        with pytest.raises(ValueError, match="no paths"):
            paths(shape)
        return
    where = paths(shape)
    assert {*aliases(shape), *without_alias(shape)} == {name for name in NATIVE if where[name] != name}
    assert not set(aliases(shape)) & roots(shape)


def test_the_action_is_the_only_name_that_ocsf_uses_otherwise() -> None:
    assert without_alias(Shape.OCSF) == ["action"]
    assert without_alias(Shape.ECS) == []
    assert aliases(Shape.JSON) == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_on_shapes_names_every_path(shape: Shape) -> None:
    text = shapes_page()
    layout = LAYOUTS[shape]
    for path in (*paths(shape).values(), *(each.path for each in layout.derived), *layout.constants, layout.extra):
        assert f"`{path}`" in text
    assert [name for name in NATIVE if f"| `{name}` |" not in text] == []
