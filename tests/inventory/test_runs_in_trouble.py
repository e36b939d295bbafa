"""Runs whose time is short, whose clock is wrong, whose accounts fail for long, or that another version follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from memory_store import MemoryStore
from runs import HOUR, MINUTE, NOON, ONE, TWO, WEB, FakeAws, interfaces, owner, published

from flowlogs.inventory.interval import Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS, Kind
from flowlogs.inventory.publication import Publication
from flowlogs.inventory.scope_record import decode_records, encode_records
from flowlogs.inventory.states import decode
from flowlogs.inventory.taking import Taken
from flowlogs.inventory.updating import AGAIN_SECONDS
from flowlogs.published import read_pointer

DB = WEB | {"addresses": ["10.0.0.6"]}


@dataclass
class ShortOfTime(FakeAws):
    """Has time for some scopes only."""

    room: int = 2
    never: set[Scope] = field(default_factory=set)

    def take(self, scopes: Sequence[Scope], kinds: Sequence[Kind], time_left: Callable[[], float]) -> Taken:
        self.never -= set(scopes[: self.room])
        self.failing = dict.fromkeys(scopes[self.room :], "no time left to ask")
        return FakeAws.take(self, scopes, kinds, time_left)


def test_where_time_is_short_the_same_accounts_do_not_wait_for_ever() -> None:
    scopes = [Scope(f"{number:012}", "eu-west-1") for number in range(7)]
    aws, store = ShortOfTime({scope: interfaces() for scope in scopes}, never=set(scopes)), MemoryStore()
    for _ in range(4):
        aws.run(store)
        aws.now += 5 * MINUTE
    assert aws.never == set()
    for _ in range(8):
        assert aws.run(store).stalest <= 4 * 5 * MINUTE
        aws.now += 5 * MINUTE


def test_a_scope_that_was_never_taken_grows_staler_from_its_first_run() -> None:
    aws, store = FakeAws({ONE: interfaces(), TWO: interfaces()}, failing={TWO: "denied"}), MemoryStore()
    for number in range(4):
        assert aws.run(store).stalest == number * 5 * MINUTE
        aws.now += 5 * MINUTE


def test_a_clock_that_steps_back_unlearns_nothing(tmp_path: Path) -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    for now, there in ((0, "a"), (600, "a"), (100, "ab"), (900, "ab")):
        aws.now = NOON + now
        aws.world[ONE] = interfaces(**{name: {"a": WEB, "b": DB}[name] for name in there})
        aws.run(store)
    known = published(store, tmp_path)
    assert owner(known.with_id("eni-b", NOON + 600)) is None
    assert owner(known.with_id("eni-b", NOON + 601)) == "eni-b"


def test_after_a_clock_that_was_ahead_the_hourly_kinds_are_taken_at_once() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}, now=NOON + 240 * HOUR), MemoryStore()
    aws.run(store)
    aws.now = NOON
    aws.asked.clear()
    aws.run(store)
    assert aws.asked == [tuple(KINDS)]


def test_a_run_a_little_before_the_hour_is_the_hourly_one() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    for _ in range(5):
        aws.run(store)
        aws.now += HOUR - 5
    assert aws.asked == [tuple(KINDS)] * 5


def test_where_all_accounts_are_gone_at_once_those_known_before_are_asked(tmp_path: Path) -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    aws.run(store)
    aws.now += 5 * MINUTE
    listed = aws.scopes
    aws.scopes = list  # type: ignore[method-assign]
    assert aws.run(store).problems == ["there is no account to ask all at once: those known before are asked"]
    assert owner(published(store, tmp_path).with_id("eni-a", aws.now)) == "eni-a"
    aws.scopes = listed  # type: ignore[method-assign]
    fresh = FakeAws({})
    assert fresh.run(MemoryStore()).problems == ["there is no account to ask all at once: nothing is asked"]


def test_a_kind_that_this_version_does_not_know_is_forgotten() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    aws.run(store)
    key = read_pointer(store).about["scopes"]
    found = store.read(key)
    assert found is not None
    records = decode_records(found[0])
    records[ONE].taken["of-old"] = NOON
    records[ONE].failed["of-old"] = "denied"
    store.write(key, encode_records(records))
    aws.now += 5 * MINUTE
    assert aws.run(store).failed == {}
    assert set(Publication(store, "next").records()[ONE].taken) == set(KINDS)


def test_what_fails_for_long_is_asked_for_hourly_as_the_rest() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}, failing_kinds={"vpcs"}), MemoryStore()
    runs = []
    for minute in range(0, 120, 5):
        aws.asked.clear()
        aws.run(store)
        runs += [minute] if any("vpcs" in asked for asked in aws.asked) else []
        aws.now += 5 * MINUTE
    soon = [minute for minute in range(0, 60, 5) if minute * MINUTE <= AGAIN_SECONDS]
    assert runs == [*soon, *(60 + minute for minute in soon)]


def test_an_account_that_is_new_is_asked_for_everything_at_once_and_no_other_is() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB)}), MemoryStore()
    aws.run(store)
    aws.now += 30 * MINUTE
    aws.world[TWO] = interfaces(b=DB)
    aws.run(store)
    records = Publication(store, "next").records()
    assert records[TWO].taken == dict.fromkeys(KINDS, aws.now)
    assert set(records[ONE].taken.values()) == {NOON, aws.now}
    aws.asked.clear()
    aws.now += 5 * MINUTE
    aws.run(store)
    assert aws.asked == [(INTERFACES.name,)]


def test_while_every_account_fails_the_publication_grows_old() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB), TWO: interfaces(b=DB)}), MemoryStore()
    aws.run(store)
    aws.failing = {ONE: "denied"}
    aws.now += 5 * MINUTE
    aws.run(store)
    assert taken(store) == NOON + 5 * MINUTE, "one account that answers keeps it fresh"
    aws.failing[TWO] = "denied"
    aws.now += HOUR
    aws.run(store)
    assert taken(store) == NOON + 5 * MINUTE


def taken(store: MemoryStore) -> int:
    return int(datetime.fromisoformat(read_pointer(store).about["taken"]).timestamp())


def test_what_began_at_the_moment_in_which_its_account_is_asked_no_longer_can_be_read_later() -> None:
    aws, store = FakeAws({ONE: interfaces(a=WEB), TWO: interfaces(b=DB)}), MemoryStore()
    aws.run(store)
    del aws.world[TWO]
    aws.run(store, "in-the-same-second")
    found = store.read(read_pointer(store).about["states"][INTERFACES.name]["key"])
    assert found is not None
    assert {interval.id: interval.until for interval in decode(found[0]) if not interval.is_open} == {"eni-b": NOON + 1}
