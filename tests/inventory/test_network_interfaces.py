from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import unhurried

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.network_interface import END
from flowlogs.inventory.network_interfaces import once_each

HOST, PARTICIPANT = Scope("111111111111", "eu-west-1"), Scope("222222222222", "eu-west-1")
"""Accounts that share a VPC: the VPC's owner, and the owner of the interfaces."""
BOTH = {HOST: True, PARTICIPANT: True}


def seen(scope: Scope, since: int, until: int = END, id_: str = "eni-a", **facts: Any) -> Interval:
    return Interval(scope, id_, {"owner-id": PARTICIPANT.account_id} | facts, since, until)


def test_an_interface_that_one_scope_tells_of_is_told_as_it_is() -> None:
    every = [seen(HOST, 10, 20), seen(PARTICIPANT, 10, id_="eni-b"), seen(HOST, 20, name="a")]
    assert list(once_each(every)) == every
    assert list(once_each(every, {HOST: False})) == every


@pytest.mark.parametrize("asked", [{}, BOTH, {HOST: False, PARTICIPANT: False}, {PARTICIPANT: True}])
def test_the_account_that_owns_the_interface_is_believed(asked: dict[Scope, bool]) -> None:
    every = [seen(HOST, 10), seen(PARTICIPANT, 10, 30)]
    assert list(once_each(every, asked)) == [every[1]]


def test_a_participant_that_is_asked_no_longer_leaves_what_the_vpcs_owner_sees() -> None:
    every = [seen(HOST, 10), seen(PARTICIPANT, 5, 30)]
    assert list(once_each(every, {HOST: True})) == [seen(PARTICIPANT, 5, 10), every[0]]


def test_a_participant_that_is_asked_from_now_on_leaves_the_time_before() -> None:
    every = [seen(HOST, 10, 20), seen(HOST, 20, name="a"), seen(PARTICIPANT, 40)]
    assert list(once_each(every, BOTH)) == [every[0], seen(HOST, 20, 40, name="a"), every[2]]


def test_a_participant_that_left_for_a_time_leaves_that_time_to_the_vpcs_owner() -> None:
    every = [seen(HOST, 10), seen(PARTICIPANT, 5, 30), seen(PARTICIPANT, 40)]
    assert list(once_each(every, BOTH)) == [every[1], seen(HOST, 30, 40), every[2]]


def test_intervals_may_come_in_any_order() -> None:
    every = [seen(PARTICIPANT, 40), seen(HOST, 10), seen(PARTICIPANT, 5, 30)]
    assert list(once_each(every, BOTH)) == [every[2], seen(HOST, 30, 40), every[0]]


def test_an_account_that_fails_keeps_nothing_alive_that_another_saw_end() -> None:
    every = [seen(HOST, 10, 30), seen(PARTICIPANT, 5)]
    assert list(once_each(every, {HOST: True, PARTICIPANT: False})) == [seen(PARTICIPANT, 5, 10), every[0]]


def test_one_that_fails_is_believed_before_one_that_is_asked_no_longer() -> None:
    every = [seen(PARTICIPANT, 10), seen(HOST, 10, 30)]
    assert list(once_each(every, {HOST: False})) == [every[1]]


def test_of_two_that_are_alike_the_first_is_believed() -> None:
    other = Scope("333333333333", "eu-west-1")
    every = [seen(HOST, 10, name="first"), seen(other, 10, name="second")]
    assert list(once_each(every)) == every[:1]
    assert list(once_each(every[::-1])) == every[1:]


SPANS = st.lists(st.integers(0, 20), unique=True, max_size=6).map(sorted)
SCOPES = [HOST, PARTICIPANT, Scope("333333333333", "eu-west-1")]


def lived(scope: Scope, edges: list[int]) -> list[Interval]:
    return [seen(scope, since, until) for since, until in zip(edges[::2], edges[1::2], strict=False)]


@unhurried
@given(st.lists(SPANS, min_size=3, max_size=3), st.dictionaries(st.sampled_from(SCOPES), st.booleans()))
def test_one_interface_is_told_of_once_at_a_time(edges: list[list[int]], asked: dict[Scope, bool]) -> None:
    every = [found for scope, of_one in zip(SCOPES, edges, strict=True) for found in lived(scope, of_one)]
    told = list(once_each(every, asked))
    assert all(found.since < found.until for found in told)
    last = max((found.until for found in told), default=0)
    for time in range(22):
        now = [found for found in told if found.since <= time < found.until]
        might = [found for found in every if found.since <= time < found.until]
        assert len(now) <= 1
        assert len(now) == bool(might) or time >= last
