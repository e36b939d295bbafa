"""The trend and its forecast, against a line that Python fits by itself."""

import math
import random
import statistics
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from vega.answering import BEGIN, MINUTE, drawn, wanted, with_tooltips
from vega.rendering import Rendered

from flowlogs.search.dashboards.vega.frame import NOTHING
from flowlogs.search.dashboards.vega.trend import trend

SPEC = trend(index="cwl-*", field="packets", unit="packets")


def drawn_trend(values: Mapping[int, float], **options: Any) -> Rendered:
    picture = drawn(SPEC, wanted(values), data=["values", "forecast"], **options)
    assert picture.warnings == []
    assert "NaN" not in picture.svg
    return picture


def rows(picture: Rendered, name: str) -> list[dict[str, Any]]:
    return sorted(picture.data[name], key=lambda row: row["slot"])


@pytest.mark.slow
def test_the_forecast_is_the_line_of_least_squares_and_its_band_that_of_single_values() -> None:
    chance = random.Random(7)
    values = [float(1_000_000 + 50 * minute + chance.randrange(4_000)) for minute in range(80)]
    forecast = rows(drawn_trend(dict(enumerate(values))), "forecast")
    slope, intercept = statistics.linear_regression(range(80), values)
    spread = math.sqrt(sum((value - intercept - slope * x) ** 2 for x, value in enumerate(values)) / 78)
    middle = statistics.fmean(range(80))
    steps = sum((x - middle) ** 2 for x in range(80))
    assert [(row["slot"] - BEGIN) // MINUTE for row in forecast] == list(range(79, 100))
    for x, row in enumerate(forecast, start=79):
        half = 1.96 * spread * math.sqrt(1 + 1 / 80 + (x - middle) ** 2 / steps)
        assert row["expected"] == pytest.approx(intercept + slope * x)
        assert row["lower"] == pytest.approx(intercept + slope * x - half)
        assert row["upper"] == pytest.approx(intercept + slope * x + half)


@pytest.mark.slow
def test_the_average_is_that_of_five_timeslices_on_each_side() -> None:
    values = [float(minute * minute % 97) for minute in range(40)]
    for x, row in enumerate(rows(drawn_trend(dict(enumerate(values))), "values")):
        assert row["average"] == pytest.approx(statistics.fmean(values[max(0, x - 5) : x + 6]))


@pytest.mark.slow
def test_nothing_is_forecast_below_nothing() -> None:
    forecast = rows(drawn_trend({minute: 400.0 - 10 * minute for minute in range(40)}), "forecast")
    assert forecast[0]["expected"] == pytest.approx(10)
    assert forecast[-1]["expected"] == forecast[-1]["lower"] == 0


@pytest.mark.slow
def test_a_level_line_has_a_band_of_no_width() -> None:
    forecast = rows(drawn_trend(dict.fromkeys(range(30), 12.0)), "forecast")
    assert {(row["lower"], row["expected"], row["upper"]) for row in forecast} == {(12, 12, 12)}


@pytest.mark.slow
@pytest.mark.parametrize(("count", "ahead"), [(1, 0), (2, 0), (3, 2), (8, 3)])
def test_a_forecast_takes_three_timeslices_and_goes_a_quarter_beyond(count: int, ahead: int) -> None:
    picture = drawn_trend(dict.fromkeys(range(count), 5.0))
    assert len(rows(picture, "forecast")) == ahead  # the last timeslice too, where the line begins
    assert len(rows(picture, "values")) == count
    assert NOTHING not in picture.texts


@pytest.mark.slow
def test_forty_five_days_become_timeslices_that_can_be_read() -> None:
    picture = drawn_trend({minute: float(minute % 1440) for minute in range(45 * 1440)})
    assert len(rows(picture, "values")) == 45 * 8
    assert "Packets per minute" in picture.texts
    assert any(" \u00b7 means of 3 hours\nstraight line" in text for text in picture.texts)
    assert rows(picture, "values")[1]["rate"] == statistics.fmean(range(180, 360))


@pytest.mark.slow
def test_the_panel_says_what_its_forecast_does_not_know() -> None:
    assert "Mon 02 Mar 2015\nstraight line through the range; knows no daily rhythm" in drawn_trend(RISING).texts
    assert "average of 11 timeslices" in drawn_trend(RISING).texts
    assert "Mon 02 Mar 2015\ntoo short for a forecast" in drawn_trend({0: 5.0, 1: 6.0}).texts


RISING = {minute: 100.0 + 10 * minute for minute in range(60)}


@pytest.mark.slow
def test_a_timeslice_that_the_range_cuts_is_in_no_average_and_not_in_the_line() -> None:
    cut = {**RISING, 60: 1.0}
    picture = drawn_trend(cut, length=timedelta(minutes=60, seconds=20))
    forecast, own = rows(picture, "forecast"), rows(picture, "values")
    assert [(row["slot"] - BEGIN) // MINUTE for row in forecast] == list(range(59, 75))
    assert [row["expected"] for row in forecast] == pytest.approx([100.0 + 10 * minute for minute in range(59, 75)])
    assert own[60]["rate"] == 1
    assert own[60]["average"] is None
    assert own[59]["average"] == pytest.approx(statistics.fmean(100 + 10 * x for x in range(54, 60)))
    assert forecast[0]["upper"] == pytest.approx(forecast[0]["lower"])


@pytest.mark.slow
def test_the_first_timeslice_may_be_cut_too() -> None:
    values = dict.fromkeys(range(3, 1440), 100.0)
    picture = drawn_trend(values, begin=timedelta(minutes=3), length=timedelta(days=1))
    own = rows(picture, "values")
    assert (own[0]["slot"], own[0]["rate"], own[0]["average"]) == (BEGIN, 40, None)
    assert {row["average"] for row in own[1:]} == {100}
    assert {row["expected"] for row in rows(picture, "forecast")} == {100}
    assert rows(picture, "forecast")[0]["slot"] == own[-1]["slot"]


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [0, 1, 1000])
def test_a_range_that_ends_with_a_minute_does_not_cut_it(milliseconds: int) -> None:
    length = timedelta(minutes=60) - timedelta(milliseconds=milliseconds)
    assert all(row["average"] for row in rows(drawn_trend(RISING, length=length), "values"))


@pytest.mark.slow
def test_the_forecast_starts_where_the_records_end_and_the_end_is_said() -> None:
    picture = drawn_trend(RISING, length=timedelta(hours=4))
    assert "no records since 01:00" in picture.texts
    assert (rows(picture, "forecast")[0]["slot"] - BEGIN) // MINUTE == 59
    assert picture.signals["time"] == [BEGIN, BEGIN + 240 * MINUTE]


@pytest.mark.slow
def test_pointing_tells_numbers_as_people_write_them() -> None:
    values = dict.fromkeys(range(12), 12000.0)
    said = drawn(with_tooltips(SPEC, "values", "values"), wanted(values), data=["tooltips"]).data["tooltips"]
    assert said[0]["shown"] == {"title": "Mon 02 Mar 00:00", "Packets": "12k", "Average": "12k"}
    said = drawn(with_tooltips(SPEC, "forecast", "forecast"), wanted(values), data=["tooltips"]).data["tooltips"]
    assert said[1]["shown"] == {"title": "Mon 02 Mar 00:12", "Forecast": "12k", "Band if the line holds": "12k to 12k"}


@pytest.mark.slow
def test_where_there_is_nothing_a_sentence_says_so() -> None:
    assert drawn_trend({}).texts == [NOTHING]
