"""Names of indexes by arrival, as Firehose's guide says them ("Configure index rotation for OpenSearch Service")."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.deliver.local.rotation import Rotation, parted


def arrived(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("rotation", "name"),
    [
        (Rotation.NONE, "myindex"),
        (Rotation.HOURLY, "myindex-2016-02-25-13"),
        (Rotation.DAILY, "myindex-2016-02-25"),
        (Rotation.MONTHLY, "myindex-2016-02"),
    ],
)
def test_the_example_of_the_guide_has_its_names(rotation: Rotation, name: str) -> None:
    assert rotation.index_of("myindex", arrived(2016, 2, 25, 13)) == name


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ((2020, 8, 15), "x-2020-w33"),  # a Saturday: the guide's example of a name is 2020-w33
        ((2020, 8, 16), "x-2020-w34"),
        ((2022, 1, 1), "x-2022-w01"),  # a Saturday on New Year: a week of its year
        ((2022, 1, 2), "x-2022-w02"),
        ((2021, 12, 26), "x-2022-w01"),  # the Sunday before
        ((2023, 1, 1), "x-2023-w01"),  # a Sunday on New Year
        ((2022, 12, 31), "x-2022-w53"),
        ((2026, 11, 21), "x-2026-w47"),
    ],
)
def test_a_week_is_from_sunday_to_saturday_in_the_year_of_its_saturday(day: tuple[int, ...], name: str) -> None:
    assert Rotation.WEEKLY.index_of("x", arrived(*day)) == name
    assert Rotation.WEEKLY.index_of("x", arrived(*day, 23, 59, 59)) == name


@given(st.dates(date(1999, 1, 1), date(2100, 1, 1)))
def test_a_week_has_seven_days_and_the_first_is_the_first_with_a_saturday_in_the_year(day: date) -> None:
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    names = {
        Rotation.WEEKLY.index_of("x", arrived(each.year, each.month, each.day))
        for each in (sunday + timedelta(days=number) for number in range(7))
    }
    saturday = sunday + timedelta(days=6)
    saturdays = sum(
        (date(saturday.year, 1, 1) + timedelta(days=n)).weekday() == 5 for n in range(saturday.timetuple().tm_yday)
    )
    assert names == {f"x-{saturday.year}-w{saturdays:02}"}


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(Rotation))
def test_a_name_has_at_most_fourteen_characters_more(when: int, rotation: Rotation) -> None:
    assert len(rotation.index_of("", when)) <= 14


@given(st.sampled_from(Rotation), st.datetimes(datetime(1000, 1, 2), datetime(9998, 1, 1)))
def test_an_indexs_name_can_be_parted_again(rotation: Rotation, when: datetime) -> None:
    index = rotation.index_of("a-b", int(when.replace(tzinfo=UTC).timestamp() * 1000))
    prefix, ending = parted(index)
    assert (prefix, prefix + ending) == ("a-b", index)


@pytest.mark.parametrize(
    "ending",
    [
        *("-2026", "-2026-00", "-2026-13", "-2026-02-29", "-2026-01-00", "-2026-01-01-24", "-2026-1-1", "-0000-01-01"),
        *("-2026-w00", "-2026-w54", "-2023-w53", "-9999-w53", "-2026-w1", "-2026-01-01-00-00", "-20260101", "2026-01"),
    ],
)
def test_what_no_rotation_writes_is_part_of_the_prefix(ending: str) -> None:
    assert parted(f"x{ending}") == (f"x{ending}", "")
