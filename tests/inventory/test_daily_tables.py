from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from memory_store import MemoryStore
from runs import HOUR, MINUTE, NOON, ONE, TWO, WEB, FakeAws, interfaces, table

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.daily_tables import MARKER, MOST_DAYS, STALE_DAYS, DailyTables
from flowlogs.inventory.kinds import SUBNETS

DB = WEB | {"addresses": ["10.0.0.6"]}
DAY = 24 * HOUR
MIDNIGHT = NOON - 12 * HOUR


def day_of(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def told(store: MemoryStore, day: int) -> dict[str, Any]:
    """Give when each interface ended, as the table of a day says; None: it had not."""
    rows = table(store, f"history/network_interfaces/date={day_of(day)}/network_interfaces.parquet")
    return {row["interface_id"]: row["valid_to"] and int(row["valid_to"].timestamp()) for row in rows}


def hourly(aws: FakeAws, store: MemoryStore, hours: int) -> None:
    for _ in range(hours):
        aws.now += HOUR
        assert aws.run(store).problems == []


def test_a_day_of_history_is_one_table_a_kind_until_the_day_is_over_for_good() -> None:
    aws, store = (
        FakeAws({ONE: interfaces(one=WEB) | {SUBNETS.name: {"subnet-1": {"cidrs": ["10.0.0.0/24"]}}}}),
        MemoryStore(),
    )
    aws.run(store)
    aws.now += 10 * HOUR
    aws.world[ONE] = interfaces()
    aws.run(store)
    aws.now += 3 * HOUR  # the next day
    outcome = aws.run(store)
    assert [day.isoformat() for day in outcome.days] == ["2026-03-04", "2026-03-05"]
    rows = table(store, "history/network_interfaces/date=2026-03-04/network_interfaces.parquet")
    assert [row["interface_id"] for row in rows] == ["eni-one"]
    assert rows[0]["valid_to"] == datetime.fromtimestamp(NOON + 10 * HOUR, UTC)
    assert table(store, "history/network_interfaces/date=2026-03-05/network_interfaces.parquet") == []
    assert len(table(store, "history/subnets/date=2026-03-05/subnets.parquet")) == 0


def test_a_day_is_written_until_it_has_been_over_for_a_day_and_then_no_more() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    written: dict[str, set[str]] = {}
    for _ in range(80):
        for day in aws.run(store).days:
            written.setdefault(day.isoformat(), set()).add(day_of(aws.now))
        aws.now += HOUR
    days = sorted(written)
    assert days == [day_of(NOON + number * DAY) for number in range(4)]
    assert written[days[0]] == set(days[:3])
    assert written[days[1]] == set(days[1:4])


@pytest.mark.parametrize("hours", [2, 13, 30, 72, 24 * 20])
def test_however_long_the_function_stood_still_what_was_known_of_its_days_stays(hours: int) -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB, b=DB)}), MemoryStore()
    aws.run(store)
    aws.now += HOUR
    aws.world[ONE] = interfaces(b=DB)
    deleted = aws.now
    aws.run(store)
    aws.now += hours * HOUR
    aws.world[ONE] = interfaces()
    outcome = aws.run(store)
    assert told(store, NOON) == {"eni-a": deleted, "eni-b": aws.now}
    assert outcome.days[0].isoformat() == day_of(NOON)
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(outcome.days))
    assert outcome.days[-1].isoformat() == day_of(aws.now)


def test_a_short_pause_across_midnight_loses_nothing_of_the_day_before_yesterday() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB, b=DB)}, now=MIDNIGHT - HOUR), MemoryStore()
    aws.run(store)
    aws.now = deleted = MIDNIGHT + 4 * MINUTE
    aws.world[ONE] = interfaces(b=DB)
    while aws.now < MIDNIGHT + 2 * DAY - 10 * MINUTE:
        aws.run(store)
        aws.now += 30 * MINUTE
    assert told(store, MIDNIGHT) == {"eni-a": deleted, "eni-b": None}
    aws.now += 80 * MINUTE
    aws.run(store)
    assert told(store, MIDNIGHT) == {"eni-a": deleted, "eni-b": None}


class Refusing(MemoryStore):
    """Refuses keys that begin so."""

    beginning = "-"

    def write(self, key: str, content: bytes) -> None:
        if key.startswith(self.beginning):
            raise OSError("S3 answered SlowDown")
        super().write(key, content)


@pytest.mark.parametrize("refused", ["history/", "history/vpcs/", MARKER])
def test_days_that_could_not_be_written_are_made_up_for(refused: str) -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), Refusing()
    aws.run(store)
    store.beginning = refused
    for _ in range(3):
        aws.now += DAY
        outcome = aws.run(store)
        assert outcome.days == []
        assert outcome.problems == ["the inventory is published, but not all is settled: S3 answered SlowDown"]
    store.beginning = "-"
    hourly(aws, store, 1)
    for number in range(4):
        assert told(store, NOON + number * DAY) == {"eni-a": None}
        assert table(store, f"history/vpcs/date={day_of(NOON + number * DAY)}/vpcs.parquet") == []


def test_one_kind_that_cannot_be_written_keeps_no_other_from_it() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB) | {"vpcs": {"vpc-1": {"name": 5}}}}), MemoryStore()
    outcome = aws.run(store)
    assert outcome.days == []
    assert "vpcs cannot be written as Parquet" in outcome.problems[0]
    assert told(store, NOON) == {"eni-a": None}
    assert store.read(f"history/vpcs/date={day_of(NOON)}/vpcs.parquet") is None
    assert store.read(f"history/subnets/date={day_of(NOON)}/subnets.parquet") is not None


def test_what_is_learned_late_of_an_account_that_failed_still_comes_into_the_days_it_belongs_to() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB), TWO: interfaces(z=DB)}), MemoryStore()
    aws.run(store)
    aws.failing[ONE] = "denied"
    hourly(aws, store, 72)
    assert told(store, NOON + DAY)["eni-a"] is None
    del aws.failing[ONE]
    aws.world[ONE] = interfaces(c=WEB | {"attached": NOON + HOUR})
    hourly(aws, store, 1)
    assert told(store, NOON) == {"eni-a": NOON + HOUR, "eni-c": None, "eni-z": None}
    assert set(told(store, NOON + DAY)) == {"eni-c", "eni-z"}


def test_for_an_account_that_fails_for_ever_days_do_not_wait_for_ever() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB), TWO: interfaces(z=DB)}), MemoryStore()
    aws.run(store)
    aws.failing[ONE] = "denied"
    for _ in range(2 * STALE_DAYS):
        aws.now += DAY
        days = aws.run(store).days
    assert len(days) <= STALE_DAYS + 2


def test_after_a_very_long_time_not_all_of_it_is_written_at_once() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    aws.run(store)
    aws.now += 400 * DAY
    assert len(aws.run(store).days) == MOST_DAYS + 1


def test_where_nothing_is_remembered_it_goes_on_with_the_eve_of_the_last_publication() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    aws.run(store)
    store.delete(MARKER)
    aws.now += HOUR
    assert [day.isoformat() for day in aws.run(store).days] == [day_of(NOON - DAY), day_of(NOON)]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"unfinished": 5}', b'{"unfinished": "soon"}'])
def test_what_is_remembered_and_cannot_be_read_is_never_taken_for_nothing(content: bytes) -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    aws.run(store)
    store.write(MARKER, content)
    aws.now += HOUR
    before = dict(store.objects)
    with pytest.raises(UnusableInventory, match=r"^history\.json cannot be read: .*; remove it"):
        aws.run(store)
    assert store.objects == before


def test_a_clock_that_was_ahead_does_not_hide_today() -> None:
    store = MemoryStore()
    store.write(MARKER, b'{"unfinished": "2031-01-01"}')
    assert [day.isoformat() for day in DailyTables(store, NOON, None).days] == [day_of(NOON)]
