import pytest

from flowlogs.inventory.calls import CALLS, actions, asked_for, calls_a_run
from flowlogs.inventory.kinds import INTERFACES, KINDS, Rhythm
from flowlogs.inventory.size import Size, parts


def test_every_kind_is_asked_for() -> None:
    assert {kind for call in CALLS for kind in call.kinds} == set(KINDS)


def test_kinds_that_are_fed_together_are_asked_for_at_the_same_rhythm() -> None:
    assert all(len({KINDS[kind].rhythm for kind in call.kinds}) == 1 for call in CALLS)


def test_calls_that_feed_the_same_kinds_stand_together() -> None:
    groups = [fed for fed, _ in asked_for(KINDS.values())]
    assert len(groups) == len(set(groups))


def test_only_the_calls_of_the_kinds_wanted_are_made() -> None:
    ((fed, calls),) = asked_for([INTERFACES])
    assert fed == (INTERFACES.name,)
    assert [call.operation for call in calls] == ["DescribeNetworkInterfaces"]


def test_interfaces_come_first_as_time_may_run_out() -> None:
    assert next(asked_for(KINDS.values()))[0] == (INTERFACES.name,)


def test_reading_takes_no_action_that_writes() -> None:
    verbs = ("Describe", "Get", "List", "BatchGet")
    assert [action for action in actions() if not action.partition(":")[2].startswith(verbs)] == []


@pytest.mark.parametrize(
    ("interfaces", "calls"), [(0, 1), (1, 1), (400, 1), (1000, 1), (1001, 2), (5000, 5), (200_000, 200)]
)
def test_a_thousand_interfaces_are_one_call(interfaces: int, calls: int) -> None:
    assert calls_a_run(Size(interfaces=interfaces), hourly=False) == calls


def test_the_run_that_takes_everything_makes_the_hourly_calls_too() -> None:
    size = Size(interfaces=2500, security_groups=1200, prefix_lists=(150, 10))
    assert calls_a_run(size, hourly=True) - calls_a_run(size, hourly=False) == sum(
        call.calls(size) for call in CALLS if call.rhythm is Rhythm.HOURLY
    )


def test_things_are_divided_into_full_parts_and_a_rest() -> None:
    assert parts(25, 10) == [10, 10, 5]
    assert parts(20, 10) == [10, 10]
    assert parts(0, 10) == []
