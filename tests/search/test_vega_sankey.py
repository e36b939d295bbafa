"""Who talks to whom: the pairs, what is left over, and where they are drawn."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from vega.answering import drawn, with_tooltips
from vega.rendering import Rendered

from flowlogs.search.dashboards.vega.frame import NOTHING
from flowlogs.search.dashboards.vega.sankey import sankey
from flowlogs.search.dashboards.vega.sankey_picture import OTHER

Pairs = Mapping[str, Mapping[str, float]]


def panel(size: int = 10) -> dict[str, Any]:
    return sankey(index="cwl-*", source="srcaddr", target="dstaddr", field="bytes", size=size)


def answered(pairs: Pairs, *, sent: Mapping[str, float] | None = None, total: float | None = None) -> dict[str, Any]:
    """Give the answer of these pairs; `sent` is more than the pairs of a source, `total` more than its sources."""
    sums = {source: sum(targets.values()) for source, targets in pairs.items()} | dict(sent or {})
    sources = [
        {
            "key": source,
            "value": {"value": sums[source]},
            "targets": {"buckets": [{"key": target, "value": {"value": value}} for target, value in targets.items()]},
        }
        for source, targets in pairs.items()
    ]
    everything = sum(sums.values()) if total is None else total
    return {"wanted": {"buckets": [{"value": {"value": everything}, "sources": {"buckets": sources}}]}}


def drawn_pairs(
    pairs: Pairs, *, size: int = 10, panel_size: tuple[int, int] = (800, 400), signals: Any = None, **more: Any
) -> Rendered:
    names = ["links", "sources", "targets"]
    picture = drawn(panel(size), lambda _: answered(pairs, **more), data=names, size=panel_size, signals=signals)
    assert picture.warnings == []
    assert "NaN" not in picture.svg
    return picture


def links(picture: Rendered) -> dict[tuple[str, str], float]:
    return {(row["source"], row["target"]): row["value"] for row in picture.data["links"]}


@pytest.mark.slow
def test_every_pair_is_a_link_where_there_is_room_for_all() -> None:
    picture = drawn_pairs({"a": {"x": 30.0, "y": 20.0}, "b": {"x": 5.0}})
    assert links(picture) == {("a", "x"): 30, ("a", "y"): 20, ("b", "x"): 5}
    assert picture.marks["link"] == 3


@pytest.mark.slow
def test_what_is_not_among_the_largest_goes_to_other_and_nothing_is_lost() -> None:
    pairs = {"a": {"x": 30.0, "y": 20.0}, "b": {"x": 5.0, "y": 1.0}}
    picture = drawn_pairs(pairs, size=2, sent={"a": 57.0, "b": 9.0}, total=100.0)
    assert links(picture) == {("a", "x"): 30, ("a", "y"): 20, ("a", OTHER): 7, (OTHER, OTHER): 43}
    assert sum(links(picture).values()) == 100


@pytest.mark.slow
def test_pairs_that_come_to_more_than_there_was_leave_no_rest() -> None:
    picture = drawn_pairs({"sg-1": {"sg-2": 30.0, "sg-3": 30.0}}, sent={"sg-1": 30.0}, total=30.0)
    assert links(picture) == {("sg-1", "sg-2"): 30, ("sg-1", "sg-3"): 30}


@pytest.mark.slow
def test_one_address_may_stand_on_both_sides() -> None:
    assert links(drawn_pairs({"a": {"a": 3.0, "b": 2.0}, "b": {"a": 1.0}})) == {
        ("a", "a"): 3,
        ("a", "b"): 2,
        ("b", "a"): 1,
    }


@pytest.mark.slow
def test_nodes_stand_by_size_with_other_at_the_end() -> None:
    picture = drawn_pairs({"a": {"x": 1.0, "y": 2.0}, "b": {"x": 9.0}}, total=500.0)
    for side, names in {"sources": ["b", "a", OTHER], "targets": ["x", "y", OTHER]}.items():
        nodes = sorted(picture.data[side], key=lambda row: row["place"])
        assert [row[side[:-1]] for row in nodes] == names
        assert [row["above"] for row in nodes] == [sum(row["value"] for row in nodes[:n]) for n in range(3)]


@pytest.mark.slow
@pytest.mark.parametrize("panel_size", [(400, 200), (800, 400), (1600, 400)])
def test_links_of_a_node_lie_one_under_another_within_the_panel(panel_size: tuple[int, int]) -> None:
    pairs = {
        f"10.0.0.{source}": {f"10.0.1.{target}": 10.0 + source * target for target in range(4)} for source in range(3)
    }
    picture = drawn_pairs(pairs, size=12, panel_size=panel_size)
    for side, far in (("source", "target"), ("target", "source")):
        for node in picture.data[f"{side}s"]:
            own = [row for row in picture.data["links"] if row[side] == node[side]]
            own.sort(key=lambda row: row[f"{side}_through"])
            assert [row[f"{far}_place"] for row in own] == sorted(row[f"{far}_place"] for row in own)
            ends = sorted((row[f"{side}_through"] - row["value"], row[f"{side}_through"]) for row in own)
            assert [begin for begin, _ in ends] == [0, *(end for _, end in ends[:-1])]
            assert ends[-1][1] == node["value"]
    heights = [float(number) for path in paths(picture) for number in re.findall(r"-?[\d.]+", path)[1::2]]
    assert min(heights) >= 0
    assert max(heights) <= panel_size[1] - 10
    assert f'd="M0,0h{panel_size[0] - 10}v{panel_size[1] - 10}h' in picture.svg, "shrunk for what lies outside"


def paths(picture: Rendered) -> list[str]:
    found = re.findall(r' d="(M[^"]+C[^"]+Z)"', picture.svg)
    assert len(found) == picture.marks["link"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("rest", "drawn_as", "words"), [(20.0, 20.0, 0), (25.0, 25.0, 0), (900.0, 25.0, 1)])
def test_what_is_left_over_does_not_crowd_out_the_pairs(rest: float, drawn_as: float, words: int) -> None:
    picture = drawn_pairs({"a": {"x": 50.0}, "b": {"y": 30.0}}, sent={"b": 50.0}, total=100 + rest)
    links = {(row["source"], row["target"]): row for row in picture.data["links"]}
    assert links[OTHER, OTHER]["value"] == rest
    assert links[OTHER, OTHER]["drawn"] == drawn_as
    assert all(row["drawn"] == row["value"] for pair, row in links.items() if pair != (OTHER, OTHER))
    assert f"other \u00b7 {rest:.0f} B" in picture.texts
    assert picture.texts.count(f"{rest:.0f} B, not to scale") == words
    assert picture.svg.count("stroke-dasharray") >= words
    assert picture.signals["all"] == 100 + rest
    bars = [row["drawn"] for row in picture.data["sources"]]
    assert sum(bars) * picture.signals["pixels"] == pytest.approx(390 - 2 * picture.signals["gap"], abs=3)


@pytest.mark.slow
def test_pointing_tells_bytes_and_share() -> None:
    spec = with_tooltips(panel(), "links", "links")
    pairs = {"a": {"x": 1_500_000.0}, "b": {"y": 500_000.0}}
    shown = [row["shown"] for row in drawn(spec, lambda _: answered(pairs), data=["tooltips"]).data["tooltips"]]
    assert {"title": "a \u2192 x", "Bytes": "1.5 MB", "Share": "75.0%"} in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pointed", "bright"), [({"source": "a"}, 2), ({"target": "x"}, 2), ({"source": "b", "target": "x"}, 1)]
)
def test_what_is_pointed_at_stands_out_with_its_links(pointed: dict[str, str], bright: int) -> None:
    pairs = {"a": {"x": 3.0, "y": 2.0}, "b": {"x": 1.0}}
    still = drawn_pairs(pairs).svg
    assert (still.count('fill-opacity="0.8"'), still.count('fill-opacity="0.12"')) == (0, 0)
    moved = drawn_pairs(pairs, signals={"pointed": pointed}).svg
    assert (moved.count('fill-opacity="0.8"'), moved.count('fill-opacity="0.12"')) == (bright, 3 - bright)


@pytest.mark.slow
def test_names_stand_with_their_values_where_there_is_room() -> None:
    pairs = {"10.0.0.1": {"10.0.1.1": 2_000.0}}
    assert "10.0.0.1 \u00b7 2 kB" in drawn_pairs(pairs).texts
    assert "10.0.0.1" in drawn_pairs(pairs, panel_size=(400, 200)).texts


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [{}, {"a": {"x": 0.0}}, {"a": {}}], ids=["no source", "no bytes", "no target"])
def test_where_there_is_nothing_a_sentence_says_so(pairs: Pairs) -> None:
    assert drawn_pairs(pairs).texts == [NOTHING]
