from datetime import UTC, datetime, timedelta

import pytest
from time_slices import NotTranslated, Span, slices

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("interval", "length", "made", "scale"),
    [
        ("auto", timedelta(minutes=15), timedelta(seconds=30), 1),
        ("auto", timedelta(hours=1), timedelta(minutes=1), 1),
        ("auto", DAY, timedelta(minutes=30), 1),
        ("auto", 7 * DAY, timedelta(hours=3), 1),
        ("auto", 30 * DAY, timedelta(hours=12), 1),
        ("auto", 90 * DAY, DAY, 1),
        ("m", timedelta(hours=1), timedelta(minutes=1), 1),
        ("m", timedelta(minutes=100), timedelta(minutes=1), 1),
        ("m", timedelta(minutes=101), timedelta(minutes=1), 1),
        ("m", DAY, timedelta(minutes=10), 1 / 10),
        ("m", 30 * DAY, timedelta(hours=3), 1 / 180),
        ("h", 7 * DAY, timedelta(hours=1), 1),
        ("d", 7 * DAY, DAY, 1),
    ],
)
def test_slices_are_as_long_as_dashboards_makes_them(
    interval: str, length: timedelta, made: timedelta, scale: float
) -> None:
    found = slices(interval, Span(START, START + length))
    assert found.length == made
    assert found.scale == pytest.approx(scale)


def test_slices_of_months_are_refused() -> None:
    with pytest.raises(NotTranslated, match="slices of M"):
        slices("M", Span(START, START + DAY))
    with pytest.raises(NotTranslated, match="slices of about"):
        slices("auto", Span(START, START + 5000 * DAY))
