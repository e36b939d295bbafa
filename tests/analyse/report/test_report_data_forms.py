"""The forms in which a report's data go into its page: numbers, texts, slices of time."""

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from report_lake import NOON, asked_sql, data_of, lake, record, rows, unpacked

from flowlogs.analyse.report.group_sets import GROUPS_KEPT, fold_sets
from flowlogs.analyse.report.script_json import script_json
from flowlogs.analyse.report.span import MOST_SLICES, Span
from flowlogs.analyse.report.typed_arrays import typed_array

_HOSTILE = [
    "</script><script>alert(1)",
    "<!--",
    "]]>",
    "\u2028\u2029",
    "&amp;",
    '"\\',
    "\u202e",
    "<img onerror=x>",
    "\0",
]


@given(st.lists(st.integers(0, 2**53)))
@example([255])
@example([256])
@example([2**32 - 1])
@example([2**32])
@example([2**53 - 1, 1, 0])
@example([2**53, 3])
@example([])
def test_a_typed_array_gives_the_numbers_back(numbers: list[int]) -> None:
    encoded = typed_array(pa.chunked_array([pa.array([0.0]), pa.array(numbers, pa.float64())]).slice(1))
    assert unpacked(encoded) == numbers
    assert (encoded["type"] == "float64") == (max(numbers, default=0) >= 2**53)


def test_a_typed_array_is_as_narrow_as_its_numbers() -> None:
    assert [typed_array(pa.array([top]))["width"] for top in (0, 255, 256, 65_536, 2**32)] == [1, 1, 2, 3, 5]


@given(st.text() | st.sampled_from(_HOSTILE))
def test_no_text_leaves_its_script(text: str) -> None:
    written = script_json({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not set(written) & set("<>&\u2028\u2029")


def test_json_has_no_number_that_is_none() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json({"lat": math.nan})


@given(st.integers(0, 4 * 10**9), st.integers(0, 4 * 10**9))
@example(0, 0)
@example(NOON, NOON + 300 * 60 - 1)
@example(NOON + 59, NOON + 300 * 60)
def test_a_span_holds_its_time_in_not_too_many_slices(one: int, other: int) -> None:
    first, last = sorted((one, other))
    span: Span | None = Span.over(first, last)
    finest = span
    while span is not None:
        assert span.since <= first < span.since + span.step
        assert span.until - span.step <= last < span.until
        assert 1 <= span.slices <= MOST_SLICES
        assert span.since % span.step == 0
        assert finest is not None
        assert span.step % finest.step == 0
        assert span.step % 86_400 == 0 or 86_400 % span.step == 0
        span = span.coarser()


@pytest.mark.parametrize(
    ("lasting", "step"),
    [
        (0, 60),
        (3_600, 60),
        (18_000 - 60, 60),
        (18_000, 120),
        (86_400 - 1, 300),
        (7 * 86_400, 3_600),
        (365 * 86_400, 172_800),
    ],
)
def test_slices_are_as_long_as_people_say_times(lasting: int, step: int) -> None:
    assert Span.over(NOON, NOON + lasting).step == step


def test_a_span_compares_with_what_it_holds() -> None:
    assert Span.over(NOON, NOON + 3_600).shifts() == ()
    assert Span.over(NOON, NOON + 2 * 86_400).shifts() == (86_400,)
    assert Span.over(NOON, NOON + 8 * 86_400).shifts() == (86_400, 604_800)
    assert Span.over(NOON, NOON + 400 * 86_400).shifts() == ()


def test_a_set_that_is_folded_still_has_several_groups(tmp_path: Path) -> None:
    sets = [["sg-1"], ["sg-1"], ["sg-2", "sg-3", "sg-4"], ["sg-1", "sg-2"], None]
    with lake(tmp_path, [record(security_group_ids=each) for each in sets]) as connection:
        data_of(connection)
        folded = fold_sets(connection)
    assert folded.groups == ["(others)", "sg-1", "sg-2", "sg-3", "sg-4"]
    assert set(folded.levels[0]) == {(), (1,), (1, 2), (2, 3, 4)}
    assert set(folded.levels[GROUPS_KEPT.index(0)]) == {(), (0,), (0, 0)}


def test_the_same_data_make_the_same_report(tmp_path: Path) -> None:
    documents = [
        record(
            NOON + number,
            srcaddr=f"198.51.100.{number % 250}",
            bytes=number % 7,
            security_group_ids=[f"sg-{number % 5}"],
        )
        for number in range(2_000)
    ]
    made = []
    for folder in ("one", "two"):
        with lake(tmp_path / folder, documents if folder == "one" else documents[::-1]) as connection:
            made.append(script_json(data_of(connection, most_rows=300)))
    assert made[0] == made[1]


def test_what_is_absent_stays_absent(tmp_path: Path) -> None:
    bare: dict[str, Any] = dict.fromkeys(
        ["interface_id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "action", "direction"]
    )
    with lake(tmp_path, [record(NOON, **bare, interface_end=None, packets=None, bytes=None)]) as connection:
        data = data_of(connection)
    (row,) = rows(data)
    assert {name for name, value in row.items() if value not in (None, [], 0)} == {"start", "flows"}


def test_texts_of_any_length_and_kind_come_through_short(tmp_path: Path) -> None:
    long = "x" * 10_000
    documents = [record(interface_id=long, instance_tag=long, source_as_organization=long, source_asn=1)]
    documents += [record(interface_id=text, vpc_id=text, security_group_ids=[text]) for text in _HOSTILE]
    with lake(tmp_path, documents) as connection:
        data = data_of(connection)
    assert {*_HOSTILE, "x" * 199 + "…"} <= set(data["interfaces"]["id"])
    assert set(_HOSTILE) <= set(data["groups"])
    assert len(script_json(data)) < 200_000


def test_a_clock_that_was_never_set_does_not_hide_all_others(tmp_path: Path) -> None:
    documents = [record(NOON + number) for number in range(2_000)] + [record(0), record(4_000_000_000)]
    with lake(tmp_path, documents) as connection:
        data = data_of(connection)
        assert data["about"]["records"] == 2_000
        assert data["about"]["step"] == 60
        assert any("2 flow records lie far" in note for note in data["about"]["notes"])
        assert data["about"]["asked"]["from"] is not None


@pytest.mark.parametrize("clocks", [[0, 100_000_000_000], [100_000_000_000], [0]])
def test_a_clock_that_was_never_set_does_not_hide_a_few_others(tmp_path: Path, clocks: list[int]) -> None:
    documents = [record(NOON + number) for number in range(20)] + [record(clock) for clock in clocks]
    with lake(tmp_path, documents) as connection:
        about = data_of(connection)["about"]
    assert (about["records"], about["slices"]) == (20, 1)
    assert any(f"{len(clocks)} flow records lie far" in note for note in about["notes"])


def test_a_few_records_of_some_months_are_all_shown(tmp_path: Path) -> None:
    documents = [record(NOON + number) for number in range(20)] + [record(NOON + 200 * 86_400)]
    with lake(tmp_path, documents) as connection:
        assert data_of(connection)["about"]["records"] == 21


def test_times_of_any_distance_are_summed_up_and_asked_again(tmp_path: Path) -> None:
    with lake(tmp_path, [record(0), record(100_000_000_000)]) as connection:
        data = data_of(connection)
        assert data["about"]["records"] == 2
        assert MOST_SLICES >= data["about"]["slices"] > 200
        for panel in ("overview-rejects-minute", "outliers-bytes", "coverage-strip"):
            assert len(asked_sql(connection, data, panel)) >= 2, panel


def test_two_days_a_year_apart_are_both_shown(tmp_path: Path) -> None:
    documents = [record(NOON + number + year * 31_536_000) for number in range(200) for year in range(2)]
    with lake(tmp_path, documents) as connection:
        data = data_of(connection)
    assert data["about"]["records"] == 400
    assert data["about"]["slices"] <= 300
