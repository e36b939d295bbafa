"""The panel of outliers, against means and deviations that Python works out by itself."""

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from vega.answering import BEGIN, MINUTE, START, drawn, minutes, split, wanted, with_tooltips
from vega.rendering import Rendered

from flowlogs.search.dashboards.colours import ALARM
from flowlogs.search.dashboards.vega.frame import NOTHING
from flowlogs.search.dashboards.vega.outlier_band import outlier_band

BYTES = outlier_band(index="cwl-*", field="bytes", unit="bytes")
RECORDS = outlier_band(index="cwl-*", field=None, unit="flow records")
BY_GROUP = outlier_band(index="cwl-*", field="bytes", unit="bytes", split="security-group-ids")

Row = dict[str, Any]


def points(picture: Rendered) -> list[Row]:
    return sorted(picture.data["band"], key=lambda row: (row["series"], row["slot"]))


def band(spec: dict[str, Any], values: Mapping[int, float], **signals: Any) -> list[Row]:
    picture = drawn(spec, wanted(values), data=["band"], signals=signals)
    assert picture.warnings == []
    return points(picture)


def marked(rows: Sequence[Row]) -> list[int]:
    return [(row["slot"] - BEGIN) // MINUTE for row in rows if row["marked"]]


def noise(seed: int, count: int) -> dict[int, float]:
    """Give values of some minutes: a fifth of them has no records, one is large."""
    chance = random.Random(seed)
    values = {minute: float(int(chance.lognormvariate(9, 1))) for minute in range(count) if chance.random() > 0.2}
    return {**values, 0: 5.0, count // 2: 1e12, count - 1: 7.0}


def in_slices(values: Mapping[int, float], minutes: int) -> list[float]:
    """Give the sums of the timeslices from the first that has a value to the last."""
    first, last = min(values) // minutes, max(values) // minutes
    sums = dict.fromkeys(range(first, last + 1), 0.0)
    for minute, value in values.items():
        sums[minute // minutes] += value
    return list(sums.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("window", "threshold", "consecutive", "timeslice"),
    [
        (10, 3, 1, "1m"),
        (2, 1, 1, "1m"),
        (7, 0.5, 2, "1m"),
        (10, 3, 1, "5m"),
        (60, 2, 1, "2m"),
        (3, 1, 3, "15m"),
        (4, 0.5, 9, "1m"),
        (10, 0.5, 10, "2m"),
    ],
)
def test_the_band_is_that_of_the_timeslices_before_a_run(
    window: int, threshold: float, consecutive: int, timeslice: str
) -> None:
    values = noise(window, 600)
    sums = in_slices(values, int(timeslice[:-1]))
    rows = band(BYTES, values, window_size=window, threshold=threshold, consecutive=consecutive, timeslice=timeslice)
    assert [row["value"] for row in rows] == sums
    outside = []
    for number, row in enumerate(rows):
        end = number - consecutive + 1
        if end < window:
            assert row["lower"] is row["upper"] is None
            outside.append(False)
            continue
        before = sums[end - window : end]
        mean, sigma = statistics.fmean(before), statistics.stdev(before)
        assert row["lower"] == pytest.approx(mean - threshold * sigma, rel=1e-9, abs=1e-3)
        assert row["upper"] == pytest.approx(mean + threshold * sigma, rel=1e-9, abs=1e-3)
        outside.append(abs(row["value"] - mean) > threshold * sigma)
    assert any(outside)
    assert [row["marked"] for row in rows] == in_long_runs(outside, consecutive)


@pytest.mark.slow
@pytest.mark.parametrize("consecutive", range(1, 11))
def test_a_lasting_step_is_marked_whatever_run_is_asked_for(consecutive: int) -> None:
    chance = random.Random(consecutive)
    values = {minute: (3_000.0 if minute >= 60 else 1_000.0) + chance.randrange(20) for minute in range(120)}
    rows = band(BYTES, values, consecutive=consecutive, threshold=4)
    assert [each for each in marked(rows) if 60 <= each < 60 + consecutive] == list(range(60, 60 + consecutive))
    assert marked(band(BYTES, {**values, **dict.fromkeys(range(60, 120), 1_010.0)}, consecutive=5, threshold=4)) == []


def in_long_runs(outside: Sequence[bool], consecutive: int) -> list[bool]:
    """Say which are in a row of at least so many, the plain way."""
    lengths = [0] * len(outside)
    for begin in range(len(outside)):
        end = begin
        while end < len(outside) and outside[end]:
            end += 1
        for place in range(begin, end):
            lengths[place] = max(lengths[place], end - begin)
    return [length >= consecutive for length in lengths]


@pytest.mark.slow
def test_a_higher_threshold_widens_the_band_and_marks_less() -> None:
    values = noise(1, 300)
    narrow, wide = band(BYTES, values, threshold=1), band(BYTES, values, threshold=6)
    assert all(a["upper"] < b["upper"] for a, b in zip(narrow[10:], wide[10:], strict=True))
    assert len(marked(wide)) < len(marked(narrow))


@pytest.mark.slow
def test_a_longer_timeslice_has_fewer_points_of_the_same_sum() -> None:
    values = {minute: float(100 + minute % 7) for minute in range(120)}
    for timeslice, count in {"1m": 120, "2m": 60, "5m": 24, "10m": 12, "15m": 8, "30m": 4, "1h": 2}.items():
        rows = band(BYTES, values, timeslice=timeslice)
        assert len(rows) == count
        assert sum(row["value"] for row in rows) == sum(values.values())


@pytest.mark.slow
def test_more_in_a_row_leaves_lone_outliers_unmarked() -> None:
    calm = {minute: 100.0 + minute % 3 for minute in range(60)}
    values = {**calm, 20: 500.0, 40: 500.0, 41: 5_000.0, 42: 50_000.0}
    assert marked(band(BYTES, values)) == [20, 40, 41, 42]
    assert marked(band(BYTES, values, consecutive=2)) == [40, 41, 42]
    assert marked(band(BYTES, values, consecutive=3)) == [40, 41, 42]
    assert marked(band(BYTES, values, consecutive=4)) == []


@pytest.mark.slow
def test_a_longer_window_takes_more_timeslices_before_it_has_a_band() -> None:
    values = noise(3, 100)
    for window in (5, 50):
        absent = [row["mean"] is None for row in band(BYTES, values, window_size=window)]
        assert absent == [True] * window + [False] * (100 - window)


@pytest.mark.slow
def test_equal_values_are_never_outside_and_the_first_other_one_is() -> None:
    rows = band(BYTES, {**dict.fromkeys(range(40), 123_456_789.0), 40: 123_456_790.0})
    assert {row["sigma"] for row in rows[10:]} == {0}
    assert marked(rows) == [40]


@pytest.mark.slow
def test_one_large_value_leaves_nothing_behind_when_the_window_has_passed_it() -> None:
    rows = band(BYTES, {**{minute: 1_000.0 + minute % 2 for minute in range(100)}, 20: 1e15})
    assert [row["sigma"] for row in rows[32:]] == pytest.approx([math.sqrt(0.25 * 10 / 9)] * 68)


@pytest.mark.slow
def test_minutes_without_records_count_as_nothing() -> None:
    rows = band(BYTES, {0: 10.0, 19: 10.0})
    assert [row["value"] for row in rows] == [10, *[0] * 18, 10]
    assert marked(rows) == [19]


@pytest.mark.slow
def test_without_a_field_records_are_counted() -> None:
    assert [row["value"] for row in band(RECORDS, {0: 3.0, 1: 4.0})] == [3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("spec", [BYTES, RECORDS], ids=["bytes", "records"])
def test_where_there_is_nothing_a_sentence_says_so(spec: dict[str, Any]) -> None:
    picture = drawn(spec, wanted({}), size=(400, 200))
    assert picture.texts == [NOTHING]
    assert picture.warnings == []
    assert "line" not in picture.marks


@pytest.mark.slow
def test_a_split_without_values_is_as_empty() -> None:
    picture = drawn(BY_GROUP, split({}))
    assert (picture.texts, picture.warnings) == ([NOTHING], [])


@pytest.mark.slow
def test_a_single_minute_is_drawn_and_the_band_is_said_to_be_missing() -> None:
    picture = drawn(BYTES, wanted({5: 1_500.0}), data=["band"])
    assert [row["value"] for row in picture.data["band"]] == [1500]
    assert "NaN" not in picture.svg
    assert "Mon 02 Mar 2015\nNo band yet: it needs 10 before" in picture.texts
    assert NOTHING not in picture.texts
    assert picture.warnings == []


@pytest.mark.slow
def test_the_caption_follows_the_parameters() -> None:
    turned = {"window_size": 20, "threshold": 2.5, "timeslice": "2m", "consecutive": 3}
    texts = drawn(BYTES, wanted(noise(1, 60)), signals=turned).texts
    assert "Mon 02 Mar 2015\nBand: mean \u00b1 2.5\u03c3 of the 20 before a run of 3" in texts
    assert "Bytes per 2 minutes" in texts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("timeslice", "words"), [("1m", "minute"), ("5m", "5 minutes"), ("15m", "15 minutes"), ("1h", "hour")]
)
def test_the_title_says_how_long_a_timeslice_is(timeslice: str, words: str) -> None:
    assert f"Bytes per {words}" in drawn(BYTES, wanted(noise(1, 90)), signals={"timeslice": timeslice}).texts


@pytest.mark.slow
def test_the_caption_says_so_as_long_as_there_is_no_band() -> None:
    for consecutive, before in ((1, 10), (4, 13)):
        for count, caption in ((before, f"No band yet: it needs {before} before"), (before + 1, "Band: mean")):
            picture = drawn(
                BYTES, wanted(dict.fromkeys(range(count), 7.0)), data=["band"], signals={"consecutive": consecutive}
            )
            assert any(caption in text for text in picture.texts)
            assert sum(row["mean"] is not None for row in picture.data["band"]) == count - before


@pytest.mark.slow
def test_a_long_range_is_named_by_its_first_and_its_last_day() -> None:
    picture = drawn(BYTES, wanted({0: 5.0, 4000: 5.0}), length=timedelta(days=3))
    assert any(text.startswith("Mon 02 Mar \u2013 Wed 04 Mar 2015\nBand") for text in picture.texts)


HOUR = timedelta(hours=1)
CALM = {minute: 100.0 + minute % 3 for minute in range(60)}


@pytest.mark.slow
def test_the_axis_goes_over_the_selected_range_and_the_line_only_over_the_records() -> None:
    picture = drawn(BYTES, wanted(dict.fromkeys(range(20, 40), 5.0)), length=HOUR, data=["timeslices"])
    assert picture.signals["shown"] == [BEGIN, BEGIN + 60 * MINUTE]
    assert [(row["slot"] - BEGIN) // MINUTE for row in picture.data["timeslices"]] == list(range(20, 40))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beyond", "timeslice", "said"),
    [
        (timedelta(minutes=15), "1m", False),
        (timedelta(minutes=15, milliseconds=1), "1m", True),
        (timedelta(minutes=59), "30m", False),
        (timedelta(minutes=61), "30m", True),
    ],
)
def test_it_is_said_since_when_there_are_no_records(beyond: timedelta, timeslice: str, said: bool) -> None:
    for spec, answer in ((BYTES, wanted(CALM)), (BY_GROUP, split({"sg-1": CALM, "sg-2": {0: 1.0}}))):
        picture = drawn(spec, answer, length=HOUR + beyond, signals={"timeslice": timeslice})
        assert ("no records since 01:00" in picture.texts) is said
        assert (ALARM in picture.svg.partition("no records")[0].rpartition("<g")[2]) is said
        assert picture.warnings == []


@pytest.mark.slow
def test_a_stop_before_the_last_day_is_said_with_its_day() -> None:
    assert "no records since Mon 02 Mar 01:00" in drawn(BYTES, wanted(CALM), length=timedelta(days=2)).texts


@pytest.mark.slow
def test_what_is_still_to_come_is_not_missing() -> None:
    """A dashboard of "today" goes on to midnight."""
    ahead = datetime.now(UTC) + timedelta(days=400) - START
    now = (datetime.now(UTC) - START) // timedelta(minutes=1)
    picture = drawn(BYTES, wanted({now - 5: 5.0, now - 4: 5.0}), length=ahead)
    assert picture.signals["silent"] is False
    assert picture.signals["shown"][1] == BEGIN + ahead // timedelta(milliseconds=1)


@pytest.mark.slow
@pytest.mark.parametrize(("beyond", "stands"), [(0, False), (14, False), (15, True)])
def test_too_little_in_the_last_timeslice_is_marked_only_when_nothing_more_can_come(beyond: int, stands: bool) -> None:
    length = HOUR + timedelta(minutes=1 + beyond)
    rows = points(drawn(BYTES, wanted({**CALM, 60: 1.0}), length=length, data=["band"]))
    assert (60 in marked(rows)) is stands
    rows = points(drawn(BYTES, wanted({**CALM, 60: 900.0}), length=length, data=["band"]))
    assert 60 in marked(rows), "too much stays too much"


@pytest.mark.slow
@pytest.mark.parametrize("meta", [{}, {"meta": {"since": {"%timefilter%": "min"}, "until": {"%timefilter%": "max"}}}])
def test_without_the_ends_of_the_range_the_axis_goes_over_the_records(meta: dict[str, Any]) -> None:
    picture = drawn(BYTES, lambda _: {"wanted": {**meta, **minutes(CALM)}}, length=timedelta(days=1))
    assert picture.signals["shown"] == [BEGIN, BEGIN + 59 * MINUTE]
    assert picture.signals["silent"] is False
    assert "NaN" not in picture.svg
    assert picture.warnings == []


@pytest.mark.slow
@pytest.mark.parametrize(("size", "numbers"), [((770, 460), True), ((380, 160), False)])
def test_a_low_row_has_no_numbers_beside_it(size: tuple[int, int], numbers: bool) -> None:
    picture = drawn(BY_GROUP, split({f"sg-{number}": CALM for number in range(5)}), size=size)
    assert ("100 B" in picture.texts) is numbers
    assert "sg-4" in picture.texts


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["", "x", "-4", None])
def test_what_is_typed_wrongly_is_taken_as_the_least(typed: str | None) -> None:
    rows = band(BYTES, noise(4, 60), window_size=typed, consecutive=typed, threshold=typed)
    assert [row["mean"] is None for row in rows[:3]] == [True, True, False]
    assert all(row["lower"] == row["upper"] for row in rows[2:])
    assert marked(rows)


@pytest.mark.slow
def test_typed_numbers_are_numbers() -> None:
    values = noise(5, 120)
    assert band(BYTES, values, window_size="15", threshold="2", consecutive="2") == band(
        BYTES, values, window_size=15, threshold=2, consecutive=2
    )


@pytest.mark.slow
def test_each_value_of_a_split_has_a_band_of_its_own() -> None:
    groups = {f"sg-{number}": noise(number, 90) for number in range(5)}
    picture = drawn(BY_GROUP, split(groups), data=["band"])
    assert picture.warnings == []
    assert {"sg-0", "sg-4"} <= set(picture.texts)
    for name, values in groups.items():
        own = [{**row, "series": ""} for row in points(picture) if row["series"] == name]
        alone = band(BYTES, values)
        assert [row["value"] for row in own] == [row["value"] for row in alone]
        assert [row["upper"] for row in own] == [row["upper"] for row in alone]
        assert [row["marked"] for row in own] == [row["marked"] for row in alone]


@pytest.mark.slow
def test_the_rows_of_a_split_keep_the_order_of_the_answer_and_silence_is_nothing() -> None:
    picture = drawn(BY_GROUP, split({"sg-z": {0: 5.0, 30: 5.0}, "sg-a": {10: 1.0}}), data=["band"])
    assert [text for text in picture.texts if text.startswith("sg-")] == ["sg-z", "sg-a"]
    assert [row["value"] for row in points(picture) if row["series"] == "sg-a"] == [0] * 10 + [1] + [0] * 20


@pytest.mark.slow
def test_forty_five_days_are_drawn_with_no_more_places_to_point_at_than_pixels() -> None:
    chance = random.Random(45)
    values = {minute: float(chance.randrange(10**6)) for minute in range(45 * 24 * 60)}
    picture = drawn(BYTES, wanted(values), data=["timeslices"], size=(800, 300))
    assert len(picture.data["timeslices"]) == 64_800
    assert 300 < picture.marks["rect"] <= 800
    assert picture.warnings == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [(400, 200), (800, 300), (1600, 400)])
def test_the_picture_has_the_size_of_its_panel(size: tuple[int, int]) -> None:
    picture = drawn(BYTES, wanted(noise(1, 200)), size=size)
    assert f'width="{size[0]}" height="{size[1]}"' in picture.svg
    assert "NaN" not in picture.svg
    assert picture.marks["outlier"] > 0


@pytest.mark.slow
def test_pointing_at_a_timeslice_tells_what_was_expected() -> None:
    spec = with_tooltips(BYTES, "pointed", "band")
    values = {**dict.fromkeys(range(12), 1_500.0), 12: 2_000_000.0}
    rows = drawn(spec, wanted(values), data=["tooltips"]).data["tooltips"]
    shown = [row["shown"] for row in sorted(rows, key=lambda row: row["slot"])]
    assert shown[0] == {
        "title": "Mon 02 Mar 00:00",
        "Bytes": "1.5 kB",
        "Expected": "not yet known",
        "Outside for": "inside",
    }
    assert shown[12]["Bytes"] == "2 MB"
    assert shown[12]["Expected"] == "1.5 kB to 1.5 kB"
    assert shown[12]["Outside for"] == "1 timeslice"
