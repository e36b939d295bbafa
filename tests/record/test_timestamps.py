import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.record.timestamps import iso_utc, unix_seconds


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@given(st.integers(0, 253_402_300_799))
def test_reading_an_instant_undoes_writing_it(seconds: int) -> None:
    assert unix_seconds(iso_utc(seconds)) == seconds


@pytest.mark.parametrize(
    ("iso", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01T00:00:00.999Z", 1_767_225_600),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600),
        ("2026-01-01T00:00:00", 1_767_225_600),
        ("2026-01-01", 1_767_225_600),
        ("2026-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
@pytest.mark.usefixtures("far_from_utc")
def test_an_instant_is_in_utc_wherever_it_is_read(iso: str, seconds: int | None) -> None:
    assert unix_seconds(iso) == seconds


@pytest.mark.usefixtures("far_from_utc")
def test_an_instant_is_written_in_utc_wherever_that_is_done() -> None:
    assert iso_utc(1_767_225_600) == "2026-01-01T00:00:00Z"
