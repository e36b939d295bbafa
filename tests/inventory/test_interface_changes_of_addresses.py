"""An address belongs to one interface of a VPC at a time: EC2-ADDRESS-ONCE in docs/aws-behaviour.md."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, spans, unhurried

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
from flowlogs.inventory.network_interface import END

SHARED = "10.0.0.9"
GIVEN, TAKEN = Listed("addresses", SHARED, there=True), Listed("addresses", SHARED, there=False)


def held(name: str, *more: str, **facts: Any) -> dict[str, Any]:
    """Give the facts of an interface with a primary address of its own."""
    return {"vpc-id": "vpc-1", "addresses": [f"10.0.1.{ord(name)}", *more]} | facts


def had(name: str, since: int, until: int, *more: str, **facts: Any) -> Interval:
    return Interval(SCOPE, f"eni-{name}", held(name, *more, **facts), since, until)


def event(name: str, time: int, change: Change = GIVEN) -> InterfaceEvent:
    return InterfaceEvent(SCOPE, f"eni-{name}", time, change)


def test_an_address_that_an_event_gives_to_one_is_taken_from_the_other() -> None:
    """AssignPrivateIpAddresses with `AllowReassignment`: CloudTrail tells of the one that gets it."""
    after = with_events([had("a", 0, END, SHARED), had("b", 0, END)], [event("b", 60)])
    assert after == [had("a", 0, 60, SHARED), had("a", 60, END), had("b", 0, 60), had("b", 60, END, SHARED)]


def test_a_network_is_taken_as_an_address_is() -> None:
    network = Listed("prefixes", "10.0.2.0/28", there=True)
    history = [had("a", 0, END, prefixes=["10.0.2.0/28"]), had("b", 0, END)]
    assert with_events(history, [event("b", 60, network)])[:2] == [
        had("a", 0, 60, prefixes=["10.0.2.0/28"]),
        had("a", 60, END),
    ]


def test_the_same_address_in_another_vpc_is_anothers() -> None:
    other = had("a", 0, END, SHARED, **{"vpc-id": "vpc-2"})
    assert with_events([other, had("b", 0, END)], [event("b", 60)])[0] == other


def test_an_event_on_an_interface_that_is_not_known_takes_nothing() -> None:
    history = [had("a", 0, END, SHARED)]
    assert with_events(history, [event("b", 60)]) == history


def test_what_had_an_address_at_another_time_keeps_it_then() -> None:
    history = [had("a", 0, 60, SHARED), had("a", 60, END), had("b", 0, END), had("c", 61, END, SHARED)]
    assert spans(with_events(history, [event("b", 60)])) == spans(
        [*history[:2], had("b", 0, 60), had("b", 60, END, SHARED), history[3]]
    )


@pytest.mark.parametrize("change", [Created, Launched])
def test_whose_primary_address_is_anothers_is_gone(change: type[Created] | type[Launched]) -> None:
    facts = {"vpc-id": "vpc-1", "addresses": held("a")["addresses"]}
    after = with_events([had("a", 0, 30), had("a", 30, END, description="x")], [event("b", 60, change(facts))])
    assert after == [
        had("a", 0, 30),
        had("a", 30, 60, description="x"),
        Interval(SCOPE, "eni-b", facts, 60, END),
    ]


def test_a_late_event_takes_an_address_until_the_snapshot_that_saw_it_taken() -> None:
    history = [had("a", 0, 300, SHARED), had("a", 300, END), had("b", 0, 300), had("b", 300, END, SHARED)]
    assert with_events(history, [event("b", 60)], 300) == [
        had("a", 0, 60, SHARED),
        had("a", 60, END),
        had("b", 0, 60),
        had("b", 60, END, SHARED),
    ]


def test_a_late_event_takes_nothing_from_what_the_last_snapshot_saw_with_the_address() -> None:
    """It may have come to it after the other one lost it."""
    history = [had("a", 0, END, SHARED), had("b", 0, END)]
    assert with_events(history, [event("b", 60)], 300)[0] == history[0]


def test_an_event_in_the_second_of_the_last_snapshot_came_after_it() -> None:
    history = [had("a", 0, END, SHARED), had("b", 0, END)]
    assert with_events(history, [event("b", 300)], 300)[:2] == [had("a", 0, 300, SHARED), had("a", 300, END)]


def test_a_late_event_ends_nothing_that_the_last_snapshot_saw() -> None:
    """It had lost the address by then, so that was not its primary one."""
    facts = {"vpc-id": "vpc-1", "addresses": held("a")["addresses"]}
    history = [had("a", 0, 300), had("a", 300, END, addresses=[SHARED]), Interval(SCOPE, "eni-b", facts, 60, END)]
    after = with_events(history, [event("b", 60, Created(facts))], 300)
    assert after == [had("a", 0, 60), Interval(SCOPE, "eni-a", {"vpc-id": "vpc-1"}, 60, 300), *history[1:]]


def test_what_has_an_address_has_it_through_changes_of_something_else() -> None:
    history = [had("a", 0, 200, SHARED), had("a", 200, END, SHARED, description="x"), had("b", 0, END)]
    assert with_events(history, [event("b", 60)], 300)[:2] == history[:2]


def test_where_the_last_snapshot_saw_an_address_with_both_a_late_event_does_not_decide() -> None:
    """EC2's answers lag: the next snapshot says who lost it."""
    history = [had("a", 0, END, SHARED), had("b", 0, 60), had("b", 60, END, SHARED)]
    assert with_events(history, [event("b", 60)], 300) == history


def test_a_late_event_takes_nothing_from_what_had_the_address_for_longer_than_the_other() -> None:
    """It was seen by a snapshot, so its beginning is a guess: it came when the other had gone."""
    facts = {"vpc-id": "vpc-1", "addresses": held("a")["addresses"]}
    history = [had("a", 101, 1220)]
    events = [event("b", 150, Created(facts)), event("b", 180, Deleted())]
    assert with_events(history, events, 1300) == [*history, Interval(SCOPE, "eni-b", facts, 150, 180)]


def test_a_late_event_ends_what_a_snapshot_saw_gone_when_its_address_was_anothers() -> None:
    facts = {"vpc-id": "vpc-1", "addresses": held("a")["addresses"]}
    history = [had("a", 0, 300), Interval(SCOPE, "eni-b", facts, 101, END)]
    after = with_events(history, [event("b", 150, Created(facts))], 300)
    assert after == [had("a", 0, 150), Interval(SCOPE, "eni-b", facts, 150, END)]


def test_a_snapshot_agrees_with_what_the_event_took() -> None:
    snapshot = Snapshot(SCOPE, 300, {"eni-a": held("a"), "eni-b": held("b", SHARED)})
    after = reconciled([had("a", 0, END, SHARED), had("b", 0, END)], snapshot, 0, [event("b", 60)])
    assert after == [had("a", 0, 60, SHARED), had("a", 60, END), had("b", 0, 60), had("b", 60, END, SHARED)]


STEPS = st.dictionaries(st.integers(1, 30), st.tuples(st.sampled_from("abc"), st.booleans()), max_size=6)


@unhurried
@given(STEPS, st.sampled_from("abc"), st.data())
def test_an_address_is_whose_it_was_given_last_in_whatever_order_events_come(
    steps: dict[int, tuple[str, bool]], first: str, data: st.DataObject
) -> None:
    events = [event(name, time, GIVEN if gets else TAKEN) for time, (name, gets) in steps.items()]
    history = [had(name, 0, END, *([SHARED] if name == first else [])) for name in "abc"]
    after = with_events(history, data.draw(st.permutations([*events, *events])))
    assert spans(with_events(after, events)) == spans(after)
    owner: str | None = first
    for time in range(32):
        name, gets = steps.get(time, (None, True))
        if name is not None:
            owner = name if gets else None if owner == name else owner
        holders = [
            found.id for found in after if found.since <= time < found.until and SHARED in found.facts["addresses"]
        ]
        assert holders == ([f"eni-{owner}"] if owner else [])


WEB = held("a", **{"security-group-ids": ["sg-web"]})
DB = WEB | {"security-group-ids": ["sg-db"]}


def web(since: int, until: int = END, facts: dict[str, Any] = WEB) -> Interval:
    return Interval(SCOPE, "eni-a", facts, since, until)


def seen(taken: int, facts: dict[str, Any] = WEB) -> Snapshot:
    return Snapshot(SCOPE, taken, {"eni-a": facts})


def test_what_one_snapshot_lacked_was_there_all_the_time() -> None:
    missed = reconciled([web(50)], Snapshot(SCOPE, 300, {}), 100, [])
    assert missed == [web(50, 300)]
    assert reconciled(missed, seen(600), 300, []) == [web(50)]


def test_what_comes_back_with_other_facts_has_them_from_then_on() -> None:
    assert reconciled([web(50, 300)], seen(600, DB), 300, []) == [web(50, 600), web(600, facts=DB)]


def test_what_was_created_just_before_a_snapshot_that_lacks_it_was_there() -> None:
    created = [event("a", 200, Created(WEB))]
    missed = reconciled([], Snapshot(SCOPE, 300, {}), 100, created)
    assert missed == [web(200, 300)]
    assert reconciled(missed, seen(600), 300, created) == [web(200)]
    assert reconciled([], seen(600), 300, created) == [web(200)], "the event comes late"


@pytest.mark.parametrize("time", [300, 400])
def test_events_change_what_comes_back(time: int) -> None:
    change = event("a", time, Given("security-group-ids", ["sg-db"]))
    assert reconciled([web(50, 300)], seen(600, DB), 300, [change]) == [web(50, time), web(time, facts=DB)]


@pytest.mark.parametrize(
    ("history", "snapshot", "before", "events"),
    [
        ([web(50, 300)], seen(600), 300, [event("a", 300, Deleted())]),
        ([web(50, 300)], seen(600), 300, [event("a", 450, Deleted())]),
        ([web(50, 300)], Snapshot(SCOPE, 600, {}), 300, []),
        ([web(50, 300)], seen(300), 300, []),
        ([web(50, 300)], seen(250), 300, []),
        ([web(50, 300)], Snapshot(SCOPE._replace(region="us-east-1"), 600, {}), 300, []),
    ],
)
def test_what_was_deleted_or_is_not_seen_again_stays_closed(
    history: list[Interval], snapshot: Snapshot, before: int, events: list[InterfaceEvent]
) -> None:
    assert reconciled(history, snapshot, before, events) == history


def test_what_changed_in_the_second_of_the_last_snapshot_did_not_end_then() -> None:
    history = [web(50, 300), web(300, facts=DB)]
    assert reconciled(history, seen(600, DB), 300, []) == history


def test_what_ended_before_the_last_snapshot_does_not_come_back_for_its_sake() -> None:
    after = reconciled([web(50, 299)], seen(600), 300, [])
    assert after == [web(50, 299), web(301)]


def test_an_interface_of_the_same_id_in_another_scope_is_not_opened() -> None:
    other = Interval(SCOPE._replace(account_id="222222222222"), "eni-a", WEB, 50, 300)
    assert reconciled([other, web(50, 300)], seen(600), 300, []) == [other, web(50)]
