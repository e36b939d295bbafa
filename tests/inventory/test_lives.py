from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, World, at, unhurried, worlds

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import Facts
from flowlogs.inventory.lives import Place, cut, joined, lives_of, places, primary, same, without
from flowlogs.inventory.network_interface import END

OTHER = Scope("123456789012", "us-east-1")
WEB, DB = {"security-group-ids": ["sg-web"]}, {"security-group-ids": ["sg-db"]}


def interval(since: int, until: int = END, facts: Facts = WEB) -> Interval:
    return Interval(SCOPE, "eni-a", facts, since, until)


@unhurried
@given(worlds(), worlds(OTHER), st.randoms(use_true_random=False))
def test_lives_are_those_of_an_id_in_a_scope_in_the_order_of_time(one: World, other: World, dice: object) -> None:
    every = [*one.truth(), *other.truth()]
    shuffled = list(every)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    lives = lives_of(shuffled)
    assert {key: len(life) for key, life in lives.items()} == {
        (life.scope, life.id): len(life.truth()) for life in [*one.lives, *other.lives]
    }
    for (scope, id_), life in lives.items():
        assert life == [found for found in every if (found.scope, found.id) == (scope, id_)]


@unhurried
@given(worlds(), st.integers(-1, 70))
def test_cutting_changes_no_answer_and_joining_undoes_it(world: World, time: int) -> None:
    for life in lives_of(world.truth()).values():
        pieces = cut(life, time)
        assert all(found.since < found.until for found in pieces)
        assert all(not found.since < time < found.until for found in pieces)
        assert all(at(pieces, second) == at(life, second) for second in range(-1, 70))
        assert joined(pieces) == life


@pytest.mark.parametrize("time", [49, 50, 80, 81])
def test_where_nothing_is_covered_nothing_is_cut(time: int) -> None:
    assert cut([interval(50, 80)], time) == [interval(50, 80)]


def test_the_second_piece_begins_when_it_was_cut() -> None:
    assert cut([interval(50, 80)], 60) == [interval(50, 60), interval(60, 80)]


def test_neighbours_with_the_same_facts_are_one() -> None:
    assert joined([interval(50, 60), interval(60, 70), interval(70)]) == [interval(50)]


def test_neighbours_with_other_facts_or_a_time_between_stay_apart() -> None:
    other = [interval(50, 60), interval(60, 70, DB), interval(70, 80), interval(81)]
    assert joined(other) == other


def test_what_lasts_no_time_is_left_out_and_parts_nothing() -> None:
    assert joined([interval(50, 60), interval(60, 60, DB), interval(60), interval(90, 80, DB)]) == [interval(50)]


def test_the_first_of_two_that_are_joined_says_how_a_list_is_ordered() -> None:
    turned = replace(interval(60), facts={"security-group-ids": ["b", "a"]})
    first = replace(interval(50, 60), facts={"security-group-ids": ["a", "b"]})
    assert joined([first, turned]) == [replace(first, until=END)]


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ({}, {}, True),
        (WEB, dict(WEB), True),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, True),
        ({"a": ["x", "y"]}, {"a": ("y", "x")}, True),
        ({"a": ["x", "x", "y"]}, {"a": ["x", "y", "y"]}, False),
        ({"a": ["x"]}, {"a": ["x", "x"]}, False),
        ({"a": ["x"]}, {"b": ["x"]}, False),
        ({"a": ["x"]}, {"a": ["x"], "b": 1}, False),
        ({"a": ["x"]}, {}, False),
        ({"a": ["x"]}, {"a": "x"}, False),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 0}, {"a": None}, False),
        ({"a": ["x"], "b": 1}, {"a": ["x"], "b": 2}, False),
    ],
)
def test_facts_are_the_same_whatever_the_order_of_a_list(one: Facts, other: Facts, are: bool) -> None:
    assert same(one, other) is are
    assert same(other, one) is are


HELD: Facts = {"vpc-id": "vpc-1", "addresses": ["10.0.0.5", "10.0.0.6"], "prefixes": ["10.0.1.0/28"]}


def test_what_one_interface_of_a_vpc_can_have_at_a_time_is_its_addresses_and_networks() -> None:
    assert list(places(HELD)) == [
        Place("vpc-1", "addresses", "10.0.0.5"),
        Place("vpc-1", "addresses", "10.0.0.6"),
        Place("vpc-1", "prefixes", "10.0.1.0/28"),
    ]
    assert list(places({"vpc-id": "vpc-1", "cidrs": ["10.0.0.0/8"]})) == []


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        (HELD, Place("vpc-1", "addresses", "10.0.0.5")),
        ({"addresses": ["2001:db8::5"]}, None),  # an IPv6 address may be unassigned
        ({"prefixes": ["10.0.1.0/28"]}, None),
        ({}, None),
    ],
)
def test_the_primary_address_is_the_first_ipv4_one(facts: Facts, first: Place | None) -> None:
    assert primary(facts) == first


def test_a_list_loses_a_member_and_is_absent_without_any() -> None:
    assert without(HELD, "addresses", "10.0.0.5") == {**HELD, "addresses": ["10.0.0.6"]}
    assert without(HELD, "prefixes", "10.0.1.0/28") == {"vpc-id": "vpc-1", "addresses": ["10.0.0.5", "10.0.0.6"]}
    assert without(HELD, "prefixes", "10.0.1.16/28") is HELD
    assert without({}, "addresses", "10.0.0.5") == {}
