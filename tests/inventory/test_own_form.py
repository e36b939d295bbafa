import ipaddress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, World, facts, unhurried, worlds

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.documents import interfaces_in, intervals_in
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS, SUBNETS, Kind
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.inventory.network_interfaces import network_interface, networks_of_subnets
from flowlogs.inventory.own_form import Asked, about, intervals_of_own_form, is_own_form, own_form

WEB = {"vpc-id": "vpc-1", "addresses": ["10.0.0.5", "2001:db8::5"], "prefixes": ["10.0.1.0/28"], "attached": 5}
LOOKED_UP = {"addresses": ["10.0.0.5"], "prefixes": ["10.0.1.0/28"], "cidrs": ["10.0.0.0/16", "2001:db8::/64"]}
ROW = {"interface-id": "eni-1", "addresses": ["10.0.0.5"]}


def columns(kind: Kind) -> set[str]:
    return {column.name for column in kind.columns}


def through_json(content: object) -> Any:
    return orjson.loads(orjson.dumps(content))


@unhurried
@given(worlds())
def test_reading_undoes_writing(world: World) -> None:
    content = through_json(own_form({INTERFACES.name: world.truth()}, 100))
    assert is_own_form(content)
    assert intervals_of_own_form(content) == {INTERFACES.name: world.truth()}


@unhurried
@given(st.sampled_from(list(KINDS.values())), st.data())
def test_every_column_of_every_kind_survives(kind: Kind, data: st.DataObject) -> None:
    since, until = data.draw(st.integers(0, 50) | st.just(BEGINNING)), data.draw(st.integers(51, 100) | st.just(END))
    looked_up = {name: value for name, value in LOOKED_UP.items() if name in columns(kind)}
    known = {**data.draw(facts(kind)), **looked_up}
    by_kind = {kind.name: [Interval(SCOPE, "id-1", known, since, until)]}
    assert intervals_of_own_form(through_json(own_form(by_kind, 100))) == by_kind


def test_what_is_taken_for_always_has_no_beginning() -> None:
    by_kind = {
        INTERFACES.name: [Interval(SCOPE, "eni-1", WEB, BEGINNING), Interval(SCOPE, "eni-2", {}, 60, 120)],
        SUBNETS.name: [Interval(SCOPE, "subnet-1", {"cidrs": ["10.0.0.0/24"]}, BEGINNING)],
    }
    where = {"account-id": "123456789012", "aws-region": "eu-west-1"}
    assert own_form(by_kind, 1767225600) == {
        "flowlogs-inventory": 1,
        "taken": "2026-01-01T00:00:00Z",
        "interfaces": [
            {"interface-id": "eni-1", **where, **WEB},
            {"interface-id": "eni-2", **where, "from": "1970-01-01T00:01:00Z", "to": "1970-01-01T00:02:00Z"},
        ],
        "subnets": [{"subnet-id": "subnet-1", **where, "cidrs": ["10.0.0.0/24"]}],
    }
    assert intervals_of_own_form(own_form(by_kind, 5)) == by_kind


def test_interfaces_and_subnets_are_what_the_decorator_reads() -> None:
    intervals = [Interval(SCOPE, "eni-1", WEB | {"instance-id": "i-1", "interface-owner": "lambda x"}, 60, 120)]
    subnet = Interval(SCOPE, "subnet-1", {"cidrs": ["10.0.0.0/24"]}, BEGINNING)
    content = through_json(own_form({INTERFACES.name: intervals, SUBNETS.name: [subnet]}, 100))
    assert interfaces_in([content]) == [network_interface(found) for found in intervals]
    networks = networks_of_subnets(intervals_in([content])[SUBNETS.name])
    assert networks == {"subnet-1": (ipaddress.ip_network("10.0.0.0/24"),)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_column_of_a_kind_hides_what_every_row_has(kind: Any) -> None:
    names = [column.name for column in kind.columns]
    assert not {kind.id_column, "account-id", "aws-region", "from", "to"} & set(names)
    assert len(names) == len(set(names))


def read(row: object) -> Interval:
    [found] = intervals_of_own_form({"flowlogs-inventory": 1, "interfaces": [row]})["network-interfaces"]
    return found


def test_what_people_write_by_hand_may_leave_out_where_and_when() -> None:
    nowhere = Interval(Scope("", ""), "eni-1", {"addresses": ["10.0.0.5"]}, BEGINNING, END)
    assert read(ROW) == nowhere
    assert read(ROW | {"vpc-id": None, "comment": "the old one", "account-id": None, "from": None}) == nowhere
    assert read(ROW | {"from": 60, "to": "1970-01-01T01:02:00+01:00"}).until == 120


@pytest.mark.parametrize(
    "row",
    [
        {},
        None,
        5,
        [],
        {"interface-id": None},
        {"interface-id": 5},
        ROW | {"addresses": "10.0.0.5"},
        ROW | {"addresses": [5]},
        ROW | {"addresses": ["ten"]},
        ROW | {"prefixes": ["10.0.0.1/28"]},
        ROW | {"security-group-ids": "sg-1"},
        ROW | {"description": [[]]},
        ROW | {"attached": "5"},
        ROW | {"attached": True},
        ROW | {"vpc-id": ["vpc-1"]},
        ROW | {"account-id": 5},
        ROW | {"aws-region": ["x"]},
        ROW | {"from": "yesterday"},
        ROW | {"from": 5.5},
        ROW | {"from": True},
        ROW | {"from": 60, "to": 60},
        ROW | {"from": -1},
        ROW | {"to": 253_402_300_800},
        ROW | {"from": 10**30},
    ],
)
def test_a_row_that_cannot_be_read_is_refused(row: object) -> None:
    with pytest.raises(UnusableInventory, match="cannot be read"):
        read(row)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"flowlogs-inventory": 2, "vpcs": []},
        {"flowlogs-inventory": "1"},
        {"flowlogs-inventory": True, "vpcs": []},
        {"flowlogs-inventory": 1.0, "vpcs": []},
        {"flowlogs-inventory": 1, "vpcs": {}},
        {"flowlogs-inventory": 1, "vpcs": None},
    ],
)
def test_another_form_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(UnusableInventory):
        intervals_of_own_form(content)


def test_kinds_that_were_not_taken_are_absent_and_others_are_let_be() -> None:
    content = {"flowlogs-inventory": 1, "vpcs": [], "of-tomorrow": [{}], "scopes": ["1/eu-west-1"], "failed": []}
    assert intervals_of_own_form(content) == {"vpcs": []}
    assert not is_own_form({"NetworkInterfaces": []})


def test_whom_it_was_asked_of_is_read_as_it_was_written() -> None:
    one, two = Scope("1", "eu-west-1"), Scope("2", "eu-west-1")
    asked = Asked([one, two], {(two, "vpcs"): "2: denied", (two, "subnets"): "2: denied"})
    content = through_json(own_form({"vpcs": []}, 0, asked))
    assert content == {
        "flowlogs-inventory": 1,
        "taken": "1970-01-01T00:00:00Z",
        "vpcs": [],
        "scopes": ["1/eu-west-1", "2/eu-west-1"],
        "missing": {"vpcs": ["2/eu-west-1"], "subnets": ["2/eu-west-1"]},
        "failed": ["2: denied"],
    }
    read = about(content)
    assert (read.taken, read.failed) == ("1970-01-01T00:00:00Z", ["2: denied"])
    assert (read.answered("vpcs"), read.answered("instances")) == (frozenset({one}), frozenset({one, two}))


def test_who_writes_by_hand_need_not_say_who_was_asked() -> None:
    read = about({"flowlogs-inventory": 1})
    assert (read.taken, read.failed, read.answered("vpcs")) == ("", [], None)


@pytest.mark.parametrize(
    "odd", [{"scopes": 5}, {"scopes": "1/eu"}, {"scopes": [], "missing": {"vpcs": 5}}, {"missing": 5}, {"failed": 5}]
)
def test_what_is_said_of_asking_is_read_or_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(UnusableInventory):
        about(odd)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["cidrs", "from", "vpc-id"]), inner),
    max_leaves=5,
)


@unhurried
@given(st.dictionaries(st.sampled_from(["vpcs", "interfaces", "subnets"]), ANYTHING | st.lists(ANYTHING, max_size=2)))
def test_any_json_is_read_or_refused(content: dict[str, Any]) -> None:
    try:
        found = intervals_of_own_form({"flowlogs-inventory": 1, **content})
    except UnusableInventory:
        return
    assert found.keys() <= set(KINDS)
