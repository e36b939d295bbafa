from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import LAST, SCOPE, Life, World, at, spans, unhurried, worlds

from flowlogs.inventory.interface_changes import (
    Change,
    Created,
    Deleted,
    Given,
    InterfaceEvent,
    Launched,
    Listed,
    reconciled,
    with_events,
)
from flowlogs.inventory.interval import Interval, Snapshot
from flowlogs.inventory.lives import same
from flowlogs.inventory.network_interface import END

WEB: dict[str, Any] = {"vpc-id": "vpc-1", "addresses": ["10.0.0.5"], "security-group-ids": ["sg-web"]}
DB = WEB | {"security-group-ids": ["sg-db"]}
TO_DB = Given("security-group-ids", ["sg-db"])
TO_WEB = Given("security-group-ids", ["sg-web"])
SECOND = Listed("addresses", "10.0.0.6", there=True)
RUNNING = {"instance-id": "i-1", "attached": 150}
ATTACHED = [Given("instance-id", "i-1"), Given("attached", 150)]


def event(time: int, change: Change, id_: str = "eni-a") -> InterfaceEvent:
    return InterfaceEvent(SCOPE, id_, time, change)


def interval(since: int, until: int = END, facts: dict[str, Any] = WEB, id_: str = "eni-a") -> Interval:
    return Interval(SCOPE, id_, facts, since, until)


def test_what_is_created_begins_then() -> None:
    assert with_events([], [event(100, Created(WEB))]) == [interval(100)]


def test_what_is_created_and_deleted_between_two_snapshots_is_a_closed_interval() -> None:
    assert with_events([], [event(130, Deleted()), event(100, Created(WEB))]) == [interval(100, 130)]


@pytest.mark.parametrize("since", [50, 100, 120])
def test_what_is_known_begins_when_it_was_created(since: int) -> None:
    assert with_events([interval(since, facts=DB)], [event(100, Created(WEB))]) == [interval(100, facts=DB)]


def test_a_creation_drops_what_was_said_of_the_time_before_it() -> None:
    history = [interval(50, 80), interval(80, 90, DB), interval(90)]
    assert with_events(history, [event(100, Created(WEB))]) == [interval(100)]


@pytest.mark.parametrize("until", [150, END])
def test_what_is_deleted_ends_then(until: int) -> None:
    history = [interval(50, 80, DB), interval(80, until)]
    assert with_events(history, [event(120, Deleted())]) == [interval(50, 80, DB), interval(80, 120)]


def test_what_ended_before_its_deletion_stays_as_it_was() -> None:
    assert with_events([interval(50, 80)], [event(120, Deleted())]) == [interval(50, 80)]


def test_a_change_splits_the_interval_that_covers_it() -> None:
    assert with_events([interval(50)], [event(100, TO_DB)]) == [interval(50, 100), interval(100, facts=DB)]


@pytest.mark.parametrize("change", [TO_DB, SECOND, Deleted()])
def test_of_an_interface_that_is_not_known_only_its_creation_says_anything(change: Change) -> None:
    assert with_events([], [event(100, change)]) == []


@pytest.mark.parametrize("time", [49, 200])
def test_a_change_at_a_time_when_it_was_not_there_says_nothing(time: int) -> None:
    assert with_events([interval(50, 200)], [event(time, TO_DB)]) == [interval(50, 200)]


def test_a_change_that_a_snapshot_saw_later_moves_to_its_time() -> None:
    history = [interval(50, 400), interval(400, facts=DB)]
    assert with_events(history, [event(350, TO_DB)], 400) == [interval(50, 350), interval(350, facts=DB)]


def test_addresses_come_and_go_and_a_list_without_members_is_absent() -> None:
    both = WEB | {"addresses": ["10.0.0.5", "10.0.0.6"]}
    gone = event(300, Listed("addresses", "10.0.0.6", there=False))
    assert with_events([interval(50)], [gone, event(100, SECOND)]) == [
        interval(50, 100),
        interval(100, 300, both),
        interval(300),
    ]
    prefix = Listed("prefixes", "10.0.1.0/28", there=True)
    history = with_events([interval(50)], [event(100, prefix)])
    assert history[1].facts["prefixes"] == ["10.0.1.0/28"]
    assert with_events(history, [event(200, Listed("prefixes", "10.0.1.0/28", there=False))])[2] == interval(200)


def test_a_change_that_comes_late_reaches_through_changes_of_something_else() -> None:
    first = with_events([interval(50)], [event(120, SECOND)])
    assert with_events(first, [event(100, TO_DB)]) == with_events(
        [interval(50)], [event(100, TO_DB), event(120, SECOND)]
    )


def test_a_change_that_comes_late_ends_where_the_same_was_changed_since() -> None:
    history = [interval(50, 120), interval(120, 130, DB), interval(130)]
    late = event(100, Given("security-group-ids", ["sg-late"]))
    assert [found.facts["security-group-ids"] for found in with_events(history, [late])] == [
        ["sg-web"],
        ["sg-late"],
        ["sg-db"],
        ["sg-web"],
    ]


def test_a_change_that_comes_late_changes_nothing_that_the_last_snapshot_has_confirmed() -> None:
    assert with_events([interval(50)], [event(100, TO_DB)], confirmed=400) == [
        interval(50, 100),
        interval(100, 400, DB),
        interval(400),
    ]


def test_a_change_in_the_second_of_the_last_snapshot_came_after_it() -> None:
    assert with_events([interval(50)], [event(400, TO_DB)], 400) == [interval(50, 400), interval(400, facts=DB)]


def test_what_was_created_before_a_snapshot_that_lacks_it_had_ended_by_then() -> None:
    assert with_events([], [event(100, Created(WEB))], confirmed=400) == [interval(100, 400)]
    assert with_events([], [event(400, Created(WEB))], confirmed=400) == [interval(400)]


def test_what_a_snapshot_saw_of_a_new_interface_is_dated_by_its_events() -> None:
    seen = DB | RUNNING
    events = [event(120, Created(WEB)), *(event(150, change) for change in ATTACHED), event(200, TO_DB)]
    assert with_events([interval(101, facts=seen)], events, confirmed=400) == [
        interval(120, 150),
        interval(150, 200, WEB | RUNNING),
        interval(200, facts=seen),
    ]


def test_what_no_event_tells_of_a_new_interface_is_taken_from_what_was_seen() -> None:
    seen = DB | RUNNING | {"name": "db"}
    events = [event(120, Created(WEB)), *(event(150, change) for change in ATTACHED)]
    assert with_events([interval(101, facts=seen)], events, confirmed=400) == [
        interval(120, 150, DB | {"name": "db"}),
        interval(150, facts=seen),
    ]


def test_an_instance_may_start_with_an_interface_that_was_there() -> None:
    launched = event(150, Launched(WEB | RUNNING))
    assert with_events([interval(50)], [launched]) == [interval(50, 150), interval(150, facts=WEB | RUNNING)]
    assert with_events([], [launched]) == [interval(150, facts=WEB | RUNNING)]
    assert with_events([interval(150, facts=WEB | RUNNING)], [launched], 400) == [interval(150, facts=WEB | RUNNING)]


def test_events_leave_other_interfaces_and_scopes_alone() -> None:
    history = [interval(50), interval(60, id_="eni-b"), Interval(SCOPE._replace(region="us-east-1"), "eni-a", WEB, 70)]
    after = with_events(history, [event(100, Deleted(), "eni-b")])
    assert spans(after) == spans([history[0], interval(60, 100, id_="eni-b"), history[2]])


def test_what_is_created_while_a_snapshot_comes_is_not_undone_by_it() -> None:
    after = reconciled([interval(50, id_="eni-b")], Snapshot(SCOPE, 400, {}), 100, [event(401, Created(WEB))])
    assert spans(after) == spans([interval(401), interval(50, 400, id_="eni-b")])


def test_what_changes_while_a_snapshot_comes_is_not_undone_by_it() -> None:
    after = reconciled([interval(50)], Snapshot(SCOPE, 400, {"eni-a": WEB}), 100, [event(401, TO_DB)])
    assert after == [interval(50, 401), interval(401, facts=DB)]
    assert reconciled(after, Snapshot(SCOPE, 700, {"eni-a": DB}), 400, []) == after


@pytest.mark.parametrize("time", [399, 400, 401])
def test_what_was_deleted_is_gone_even_where_the_snapshot_still_has_it(time: int) -> None:
    after = reconciled([interval(50)], Snapshot(SCOPE, 400, {"eni-a": WEB}), 100, [event(time, Deleted())])
    assert after == [interval(50, time)]


def test_a_snapshot_that_is_older_than_the_last_still_brings_its_events() -> None:
    after = reconciled([interval(50)], Snapshot(SCOPE, 300, {}), 400, [event(350, TO_DB), event(450, TO_WEB)])
    assert after == [interval(50, 350), interval(350, 400, DB), interval(400)]


@unhurried
@given(worlds(), st.randoms(use_true_random=False))
def test_all_events_give_the_true_lives_in_any_order_and_however_often_they_come(world: World, dice: Any) -> None:
    events = world.events() + world.events()
    dice.shuffle(events)
    assert spans(with_events([], events)) == spans(world.truth())
    once = with_events([], world.events())
    assert with_events(once, events) == once


def run(world: World, brought: list[list[InterfaceEvent]]) -> list[list[Interval]]:
    """Take every snapshot of a world, each with the events that come with it; give the history after each."""
    history: list[Interval] = []
    after = []
    before = None
    for time, events in zip(world.times, brought, strict=True):
        history = reconciled(history, world.snapshot(time), before, events)
        before = time
        after.append(history)
    return after


def in_time(world: World) -> list[list[InterfaceEvent]]:
    """Bring every event with the first snapshot that is not older."""
    bounds = zip([-1, *world.times], world.times, strict=False)
    return [[found for found in world.events() if since < found.time <= until] for since, until in bounds]


def ended(world: World) -> World:
    """Let the last snapshot come when all is over."""
    return World(world.lives, [*(time for time in world.times if time <= LAST), LAST + 1])


@unhurried
@given(worlds().map(ended))
def test_snapshots_and_events_in_time_give_the_true_lives_to_the_second(world: World) -> None:
    assert spans(run(world, in_time(world))[-1]) == spans(world.truth())


@unhurried
@given(worlds().map(ended), st.data())
def test_late_events_give_the_true_lives_too_where_those_before_them_are_given_again(
    world: World, data: st.DataObject
) -> None:
    arrivals = drawn_arrivals(world, data, most=len(world.times))
    brought = [[found for found, run in arrivals if run <= number] for number in range(len(world.times))]
    brought[-1] = world.events()
    assert spans(run(world, brought)[-1]) == spans(world.truth())


def drawn_arrivals(world: World, data: st.DataObject, most: int) -> list[tuple[InterfaceEvent, int]]:
    """Draw with which run each event comes: with the last before it, while that one asks, or up to `most` runs late."""
    arrivals = []
    for found in world.events():
        first = sum(time < found.time for time in world.times)
        arrivals.append((found, data.draw(st.integers(max(0, first - 1), first + most))))
    return arrivals


@settings(unhurried, max_examples=200)
@given(worlds().map(ended), st.data())
def test_whatever_events_are_lost_and_late_by_a_run_every_snapshot_is_answered_as_it_was(
    world: World, data: st.DataObject
) -> None:
    arrivals = [pair for pair in drawn_arrivals(world, data, most=1) if data.draw(st.booleans())]
    brought = [[found for found, run in arrivals if run == number] for number in range(len(world.times))]
    for number, history in enumerate(run(world, brought)):
        assert all(found.since < found.until for found in history)
        for time in world.times[: number + 1]:
            answer, truth = at(history, time), world.snapshot(time).resources
            assert answer.keys() == truth.keys()
            assert all(same(facts, truth[id_]) for id_, facts in answer.items())


@unhurried
@given(worlds(), st.lists(st.integers(0, LAST + 5), max_size=4), st.data())
def test_nothing_that_events_say_makes_an_interval_empty_or_two_at_once(
    world: World, times: list[int], data: st.DataObject
) -> None:
    events = data.draw(st.permutations(world.events()))
    history: list[Interval] = []
    for number, time in enumerate(times):  # in any order of time
        history = reconciled(history, world.snapshot(time), times[number - 1] if number else None, events[number::2])
        assert all(found.since < found.until for found in history)
        for second in range(-1, LAST + 7):
            at(history, second)


def test_a_life_tells_its_truth() -> None:
    life = Life("eni-a", [(5, Created(WEB)), (7, TO_DB), (9, TO_DB), (11, Deleted())])
    assert life.truth() == [interval(5, 7), interval(7, 11, DB)]
