from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, World, at, spans, unhurried, worlds

from flowlogs.inventory.interval import Interval, Scope, Snapshot
from flowlogs.inventory.lives import same
from flowlogs.inventory.merge import forget, merged
from flowlogs.inventory.network_interface import END

OTHER = Scope("123456789012", "us-east-1")
WEB: dict[str, Any] = {"vpc-id": "vpc-1", "addresses": ["10.0.0.5"], "security-group-ids": ["sg-web"]}
DB = WEB | {"security-group-ids": ["sg-db"]}


def interval(id_: str, since: int, until: int = END, facts: dict[str, Any] = WEB, scope: Scope = SCOPE) -> Interval:
    return Interval(scope, id_, facts, since, until)


def snapshot(taken: int, **resources: dict[str, Any]) -> Snapshot:
    return Snapshot(SCOPE, taken, {f"eni-{name}": facts for name, facts in resources.items()})


def test_what_is_unchanged_stays_open() -> None:
    history = [interval("eni-a", 100)]
    assert merged(history, snapshot(400, a=dict(WEB)), 100) == history


def test_what_changed_is_closed_and_open_anew_with_its_new_facts() -> None:
    changed = merged([interval("eni-a", 100)], snapshot(400, a=DB), 100)
    assert changed == [interval("eni-a", 100, 400), interval("eni-a", 400, facts=DB)]


def test_what_vanished_is_closed() -> None:
    assert merged([interval("eni-a", 100)], snapshot(400), 100) == [interval("eni-a", 100, 400)]


def test_a_list_in_another_order_is_no_change() -> None:
    history = [interval("eni-a", 100, facts={"security-group-ids": ["sg-1", "sg-2"], "name": "a"})]
    assert merged(history, snapshot(400, a={"name": "a", "security-group-ids": ("sg-2", "sg-1")}), 100) == history


@pytest.mark.parametrize(
    ("before", "attached", "since"),
    [
        (None, None, 400),
        (None, 390, 400),  # its groups at 390 are not known
        (100, None, 101),  # it was not there at 100
        (1000, None, 1001),
        (1000, 399, 1001),  # a lag of more than ten minutes is not believed
        (1000, 400, 400),  # EC2's answer of 1000 was behind
        (1000, 1000, 1000),
        (1000, 1001, 1001),
        (1000, 1250, 1250),
        (1000, 1300, 1300),
        (1000, 1301, 1001),  # clocks differ
    ],
)
def test_what_is_new_begins_when_it_was_attached_else_after_the_last_snapshot_else_now(
    before: int | None, attached: int | None, since: int
) -> None:
    facts = WEB if attached is None else WEB | {"attached": attached}
    taken = 400 if before is None else before + 300
    assert merged([], snapshot(taken, a=facts), before) == [interval("eni-a", since, facts=facts)]


@pytest.mark.parametrize(
    ("old", "since"),
    [
        (interval("eni-old", 50, 600), 700),
        (interval("eni-old", 50, 900), 900),
        (interval("eni-old", 50, 1150), 1150),  # an event ended it
        (interval("eni-old", 50, 1150, WEB | {"vpc-id": "vpc-2"}), 700),
        (interval("eni-old", 50, 1150, WEB | {"addresses": ["10.0.0.6"]}), 700),
        (interval("eni-old", 50), 1001),  # the last snapshot had it
    ],
)
def test_what_is_new_begins_no_earlier_than_its_address_was_free(old: Interval, since: int) -> None:
    new = WEB | {"attached": 700}
    after = merged([old], snapshot(1300, new=new), 1000)
    assert next(found for found in after if found.id == "eni-new") == interval("eni-new", since, facts=new)


def test_an_attachment_that_was_before_the_last_snapshot_leaves_no_doubt_after_it() -> None:
    """EC2's answer of 1000 was behind: it had the old one and lacked the new one."""
    new = WEB | {"attached": 900}
    after = merged([interval("eni-old", 50)], snapshot(1300, new=new), 1000)
    assert after == [interval("eni-new", 1001, facts=new), interval("eni-old", 50, 1001)]


def test_where_nobody_says_when_it_was_attached_it_begins_when_its_address_was_free() -> None:
    after = merged([interval("eni-old", 50, 1150)], snapshot(1300, new=WEB), 1000)
    assert after == [interval("eni-new", 1150), interval("eni-old", 50, 1150)]


def test_a_secondary_address_that_another_had_for_longer_is_its_own_only_from_then_on() -> None:
    old = interval("eni-old", 50, 1150, WEB | {"addresses": ["10.0.0.6", "10.0.0.5"]})
    new = WEB | {"addresses": ["10.0.0.7", "10.0.0.5"], "attached": 1050}
    after = merged([old], snapshot(1300, new=new), 1000)
    assert after == [
        interval("eni-new", 1050, 1150, new | {"addresses": ["10.0.0.7"]}),
        interval("eni-new", 1150, facts=new),
        old,
    ]


def test_a_secondary_address_that_the_last_snapshot_had_elsewhere_changes_hands_after_it() -> None:
    """EC2's answer of 1000 was behind, but nothing says since when the address was another's."""
    old = WEB | {"addresses": ["10.0.0.6", "10.0.0.5"]}
    new = WEB | {"addresses": ["10.0.0.7", "10.0.0.5"], "attached": 900}
    assert merged([interval("eni-old", 50, facts=old)], snapshot(1300, new=new), 1000) == [
        interval("eni-new", 900, 1001, new | {"addresses": ["10.0.0.7"]}),
        interval("eni-new", 1001, facts=new),
        interval("eni-old", 50, 1001, old),
        interval("eni-old", 1001, 1300, old | {"addresses": ["10.0.0.6"]}),
    ]


def test_an_address_is_free_when_the_last_of_those_who_had_it_has_left() -> None:
    history = [interval("eni-last", 700, 1150), interval("eni-first", 50, 700)]
    after = merged(history, snapshot(1300, new=WEB | {"attached": 1100}), 1000)
    assert after[-1] == interval("eni-new", 1150, facts=WEB | {"attached": 1100})


def test_what_ended_after_the_snapshot_still_lets_the_new_one_begin_with_it() -> None:
    after = merged([interval("eni-old", 50, 1400)], snapshot(1300, old=WEB, new=WEB), 1000)
    assert after == [interval("eni-new", 1300), interval("eni-old", 50, 1400)]


def test_an_address_that_changed_hands_did_so_when_the_new_interface_was_attached() -> None:
    new = WEB | {"attached": 250}
    after = merged([interval("eni-old", 50)], snapshot(400, new=new), 100)
    assert after == [interval("eni-new", 250, facts=new), interval("eni-old", 50, 250)]


@pytest.mark.parametrize("primary", ["10.0.0.5", "2001:db8::5"])
@pytest.mark.parametrize("handed", [{"prefixes": ["10.0.1.0/28"]}, {"addresses": ["10.0.0.6"]}])
def test_what_is_not_the_primary_address_changes_hands_alone(primary: str, handed: dict[str, Any]) -> None:
    rest = {"vpc-id": "vpc-1", "addresses": [primary, "10.0.0.7"]}
    old = rest | {"addresses": [*rest["addresses"], *handed.get("addresses", [])], **handed}
    old["addresses"] = [*rest["addresses"], *handed.get("addresses", [])]
    new = {"vpc-id": "vpc-1", "attached": 250} | handed
    after = merged([interval("eni-old", 50, facts=old)], snapshot(400, new=new), 100)
    assert after[1:] == [interval("eni-old", 50, 250, old), interval("eni-old", 250, 400, rest)]


def test_only_an_ipv4_address_is_primary() -> None:
    old = {"vpc-id": "vpc-1", "addresses": ["2001:db8::5"]}
    after = merged([interval("eni-old", 50, facts=old)], snapshot(400, new=old | {"attached": 250}), 100)
    assert after[1:] == [interval("eni-old", 50, 250, old), interval("eni-old", 250, 400, {"vpc-id": "vpc-1"})]


@pytest.mark.parametrize(
    ("new", "end"),
    [
        (WEB, 400),  # nobody knows when
        (WEB | {"attached": 250, "vpc-id": "vpc-2"}, 400),
        (WEB | {"attached": 250, "addresses": ["10.0.0.6"]}, 400),
        (WEB | {"attached": -501}, 400),
        (WEB | {"attached": 400}, 400),
    ],
)
def test_otherwise_what_vanished_ends_with_the_snapshot_that_lacks_it(new: dict[str, Any], end: int) -> None:
    after = merged([interval("eni-old", 50)], snapshot(400, new=new), 100)
    assert next(found for found in after if found.id == "eni-old") == interval("eni-old", 50, end)


def test_two_that_had_an_address_one_after_the_other_overlap_where_nobody_knows_who_had_it() -> None:
    after = merged([interval("eni-old", 50)], snapshot(400, new=WEB), 100)
    assert {time: sorted(at(after, time)) for time in (100, 101, 399, 400)} == {
        100: ["eni-old"],
        101: ["eni-new", "eni-old"],
        399: ["eni-new", "eni-old"],
        400: ["eni-new"],
    }


def test_the_first_of_several_new_interfaces_at_an_address_ends_the_old_one() -> None:
    after = merged([interval("eni-old", 50)], snapshot(400, x=WEB | {"attached": 300}, y=WEB | {"attached": 200}), 100)
    assert next(found for found in after if found.id == "eni-old").until == 200


def test_what_had_several_addresses_loses_them_one_by_one_and_ends_with_the_primary_one() -> None:
    both = WEB | {"addresses": ["10.0.0.5", "10.0.0.6"]}
    second = WEB | {"addresses": ["10.0.0.6"], "attached": 200}
    after = merged([interval("eni-old", 50, facts=both)], snapshot(400, x=WEB | {"attached": 300}, y=second), 100)
    assert after[:2] == [interval("eni-old", 50, 200, both), interval("eni-old", 200, 300)]


def test_an_interface_whose_creation_an_event_told_ends_the_old_one_at_its_address() -> None:
    history = [interval("eni-new", 220), interval("eni-old", 50)]
    assert merged(history, snapshot(400, new=WEB), 100) == [history[0], interval("eni-old", 50, 220)]


def test_what_an_event_changed_after_its_address_was_anothers_was_there_until_the_snapshot() -> None:
    history = [interval("eni-old", 50, 250), interval("eni-old", 250, facts=DB)]
    after = merged(history, snapshot(400, new=WEB | {"attached": 250}), 100)
    assert after[1:] == [history[0], interval("eni-old", 250, 400, DB)]


def test_an_interface_that_stays_takes_no_address_from_one_that_vanishes() -> None:
    history = [interval("eni-old", 50), interval("eni-there", 60)]
    after = merged(history, snapshot(400, there=WEB | {"attached": 250}), 100)
    assert after[0] == interval("eni-old", 50, 400)


@pytest.mark.parametrize("taken", [50, 99, 100])
def test_a_snapshot_that_is_not_later_than_the_last_says_nothing_new(taken: int) -> None:
    history = [interval("eni-a", 20, 60), interval("eni-b", 100)]
    assert merged(history, snapshot(taken, a=DB, c=WEB), 100) == history


@pytest.mark.parametrize(("since", "seen"), [(400, None), (400, WEB), (401, None), (401, WEB), (401, DB)])
def test_what_an_event_let_begin_while_the_snapshot_came_is_left_alone(since: int, seen: dict[str, Any] | None) -> None:
    history = [interval("eni-a", since)]
    assert merged(history, snapshot(400) if seen is None else snapshot(400, a=seen), 100) == history


def test_what_a_snapshot_takes_back_leaves_no_seam() -> None:
    history = [interval("eni-a", 50, 400), interval("eni-a", 400, facts=DB)]
    assert merged(history, snapshot(400, a=WEB), 100) == [interval("eni-a", 50)]


def test_what_was_said_to_be_gone_and_is_there_as_before_leaves_no_seam() -> None:
    assert merged([interval("eni-a", 50, 300)], snapshot(400, a=WEB), 100) == [interval("eni-a", 50)]


def test_what_came_and_went_after_the_snapshot_is_not_brought_back_by_it() -> None:
    history = [interval("eni-a", 401, 450)]
    assert merged(history, snapshot(400, a=WEB), 100) == history


def test_what_a_snapshot_says_of_its_own_second_counts_more_than_an_event() -> None:
    history = [interval("eni-a", 400, 500), interval("eni-a", 500)]
    assert merged(history, snapshot(400, a=DB), 100) == [interval("eni-a", 400, 500, DB), history[1]]


def test_what_an_event_ended_after_the_snapshot_ends_then() -> None:
    history = [interval("eni-a", 50, 410), interval("eni-b", 50, 410)]
    after = merged(history, snapshot(400, b=DB), 100)
    assert after == [history[0], interval("eni-b", 50, 400), interval("eni-b", 400, 410, facts=DB)]


def test_what_comes_back_does_not_overlap_what_it_was() -> None:
    history = [interval("eni-a", 50, 300)]
    assert merged(history, snapshot(400, a=DB), 100) == [history[0], interval("eni-a", 300, facts=DB)]


def test_what_was_closed_long_ago_is_forgotten() -> None:
    history = [interval("eni-a", 0, 99), interval("eni-a", 99, 100), interval("eni-a", 100), interval("eni-b", 5)]
    assert forget(history, keep_from=100) == history[1:]


def taken_one_after_the_other(world: World) -> list[Interval]:
    history: list[Interval] = []
    before = None
    for time in world.times:
        history = merged(history, world.snapshot(time), before)
        before = time
    return history


@unhurried
@given(worlds())
def test_what_is_open_after_a_snapshot_is_the_snapshot(world: World) -> None:
    history: list[Interval] = []
    before = None
    for time in world.times:
        history = merged(history, world.snapshot(time), before)
        there = {found.id: found.facts for found in history if found.is_open}
        assert there.keys() == world.snapshot(time).resources.keys()
        assert all(same(facts, world.snapshot(time).resources[id_]) for id_, facts in there.items())
        before = time


@unhurried
@given(worlds())
def test_every_snapshot_is_still_answered_as_it_was_after_all_the_others(world: World) -> None:
    history = taken_one_after_the_other(world)
    for time in world.times:
        answer, truth = at(history, time), world.snapshot(time).resources
        assert answer.keys() == truth.keys()
        assert all(same(facts, truth[id_]) for id_, facts in answer.items())


@unhurried
@given(worlds())
def test_the_intervals_of_an_id_are_never_empty_and_never_overlap(world: World) -> None:
    history = taken_one_after_the_other(world)
    assert all(found.since < found.until for found in history)
    for time in range(-1, world.times[-1] + 2 if world.times else 0):
        at(history, time)  # fails where an id is there twice


@unhurried
@given(worlds())
def test_merging_a_snapshot_twice_changes_nothing(world: World) -> None:
    history: list[Interval] = []
    before = None
    for time in world.times:
        history = merged(history, world.snapshot(time), before)
        assert merged(history, world.snapshot(time), before) == history
        assert merged(history, world.snapshot(time), time) == history
        before = time


@unhurried
@given(worlds(), worlds(OTHER))
def test_scopes_do_not_mix(one: World, other: World) -> None:
    alone = taken_one_after_the_other(one)
    history = taken_one_after_the_other(other)
    beside = list(history)
    before = None
    for time in one.times:
        history = merged(history, one.snapshot(time), before)
        before = time
    assert spans(history) == spans([*beside, *alone])


@unhurried
@given(worlds(), st.integers(0, 70), st.integers(0, 70))
def test_snapshots_in_any_order_of_time_leave_no_broken_interval(world: World, first: int, second: int) -> None:
    history = merged(taken_one_after_the_other(world), world.snapshot(first), None)
    history = merged(history, world.snapshot(second), first)
    assert all(found.since < found.until for found in history)
    for time in range(-1, 75):
        at(history, time)


@unhurried
@given(worlds(), st.integers(0, 70), st.integers(0, 30))
def test_forgetting_leaves_every_answer_for_the_time_that_is_kept(world: World, now: int, keep: int) -> None:
    history = taken_one_after_the_other(world)
    left = forget(history, now - keep)
    assert all(at(left, time) == at(history, time) for time in range(now - keep, now + 1))
    assert forget(left, now - keep) == left


def test_a_snapshot_of_another_scope_is_another_story() -> None:
    history = [interval("eni-a", 50, scope=OTHER)]
    after = merged(history, snapshot(400, a=DB), 100)
    assert after == [history[0], replace(interval("eni-a", 101, facts=DB), scope=SCOPE)]
