"""The comparison with the day and the week before."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from vega.answering import BEGIN, MINUTE, drawn, minutes, ranged, with_tooltips
from vega.rendering import Rendered

from flowlogs.search.dashboards.vega.comparison import comparison
from flowlogs.search.dashboards.vega.frame import NOTHING
from flowlogs.search.dashboards.vega.source import DAY

SPEC = comparison(index="cwl-*", field="bytes", unit="bytes")
DAYS = {"2015-03-02": 0, "2015-03-01": 1, "2015-02-23": 7}
SERIES = {0: "selected", 1: "day before", 7: "week before"}


def earlier(values: Mapping[int, Mapping[int, float]]) -> Callable[[Any], dict[str, Any]]:
    """Answer a search by the values of its day, by minutes of that day; the day is where its time range begins."""

    def answer(body: Any) -> dict[str, Any]:
        bools = body["query"]["bool"]
        (times,) = [clause["range"]["@timestamp"] for clause in bools["must"] if "range" in clause]
        days = DAYS[times["gte"][:10]]
        own = minutes(values.get(days, {}))
        for bucket in own["minutes"]["buckets"]:
            bucket["key"] -= days * DAY
        return ranged(body, own)

    return answer


def lines(picture: Rendered) -> dict[str, dict[int, float]]:
    """Give the rate of each series by minute of the selected day."""
    found: dict[str, dict[int, float]] = {}
    for row in sorted(picture.data["lines"], key=lambda row: row["slot"]):
        found.setdefault(row["series"], {})[(row["slot"] - BEGIN) // MINUTE] = row["rate"]
    return found


def compared(values: Mapping[int, Mapping[int, float]], **options: Any) -> Rendered:
    picture = drawn(SPEC, earlier(values), data=["lines", "slots"], **options)
    assert picture.warnings == []
    assert "NaN" not in picture.svg
    return picture


@pytest.mark.slow
def test_what_was_earlier_stands_at_the_time_of_the_selected_day() -> None:
    values = {0: {0: 100.0, 1: 110.0}, 1: {0: 50.0, 1: 60.0}, 7: {0: 200.0, 1: 210.0}}
    picture = compared(values)
    assert lines(picture) == {SERIES[days]: own for days, own in values.items()}
    assert {"selected", "day before", "week before", "Bytes per minute"} <= set(picture.texts)


@pytest.mark.slow
def test_the_earlier_ranges_keep_the_filters_of_the_dashboard() -> None:
    wanted, unwanted = {"term": {"action": "ACCEPT"}}, {"term": {"dstport": 123}}
    picture = compared({0: {0: 1.0}}, filters=[wanted], must_not=[unwanted])
    assert len(picture.requests) == 3
    for request in picture.requests:
        assert wanted in request["body"]["query"]["bool"]["filter"]
        assert unwanted in request["body"]["query"]["bool"]["must_not"]


@pytest.mark.slow
def test_a_minute_without_records_is_nothing_but_before_the_first_and_after_the_last_there_is_no_line() -> None:
    found = lines(compared({0: {2: 10.0, 4: 10.0}, 7: {0: 5.0, 6: 5.0}}))
    assert found["selected"] == {2: 10, 3: 0, 4: 10}
    assert list(found["week before"]) == [0, 1, 2, 3, 4, 5, 6]
    assert "day before" not in found


@pytest.mark.slow
def test_a_long_range_has_the_mean_per_minute_of_longer_timeslices() -> None:
    picture = compared({0: dict.fromkeys(range(1440), 60.0), 1: {0: 300.0, 1439: 0.0}})
    found = lines(picture)
    assert list(found["selected"]) == list(range(0, 1440, 10))
    assert set(found["selected"].values()) == {60}
    assert found["day before"][0] == 30
    assert "Mon 02 Mar 2015 \u00b7 means of 10 minutes" in picture.texts


@pytest.mark.slow
def test_pointing_at_a_minute_tells_the_change_in_per_cent() -> None:
    spec = with_tooltips(SPEC, "slots", "slots")
    values = {0: {0: 150.0, 1: 5.0}, 1: {0: 100.0, 1: 0.0}, 7: {0: 300.0}}
    picture = drawn(spec, earlier(values), data=["tooltips"])
    first, second = (row["shown"] for row in sorted(picture.data["tooltips"], key=lambda row: row["slot"]))
    assert first == {
        "title": "Mon 02 Mar 00:00",
        "selected": "150 B",
        "day before": "100 B (since then +50%)",
        "week before": "300 B (since then \u221250%)",
    }
    assert second == {
        "title": "Mon 02 Mar 00:01",
        "selected": "5 B",
        "day before": "0 B",
        "week before": "no records",
    }


@pytest.mark.slow
def test_the_end_of_the_selected_records_is_said_though_the_earlier_ones_go_on() -> None:
    going_on = dict.fromkeys(range(240), 5.0)
    picture = compared({0: dict.fromkeys(range(60), 5.0), 1: going_on}, length=timedelta(hours=4))
    assert "no records since 01:00" in picture.texts
    assert max(lines(picture)["selected"]) == 58, "the last of two minutes each"
    assert "no records since 00:00" in compared({1: going_on}, length=timedelta(hours=4)).texts
    assert not [text for text in compared({0: going_on}, length=timedelta(hours=4)).texts if "no records" in text]


@pytest.mark.slow
def test_the_selected_line_is_the_strongest() -> None:
    picture = compared({days: {0: 5.0, 1: 6.0} for days in (0, 1, 7)})
    found = re.findall(r'stroke-opacity="([^"]+)"[^>]*stroke-width="([^"]+)"', picture.svg)
    assert found[-3:] == [("0.75", "1"), ("0.75", "1"), ("1", "2")]


@pytest.mark.slow
def test_where_there_is_nothing_a_sentence_says_so() -> None:
    assert compared({}).texts == [NOTHING]


@pytest.mark.slow
def test_a_new_installation_has_a_line_without_a_past() -> None:
    picture = compared({0: {600: 1_000.0}})
    assert lines(picture) == {"selected": {600: 1000}}
    assert NOTHING not in picture.texts
