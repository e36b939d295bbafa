import gzip
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, World, facts, unhurried, worlds

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interface_changes import Change, Created, Deleted, Given, InterfaceEvent, Launched, Listed
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.kinds import INTERFACES
from flowlogs.inventory.recent_events import RECENT_SECONDS, decode_events, encode_events, recent

OTHER = Scope("000000000001", "us-east-1")
NAME = "events/run-1.ndjson.gz"
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(Created, facts(INTERFACES)),
    st.builds(Launched, facts(INTERFACES)),
    st.builds(Given, st.just("attached"), st.integers(0, 10**10) | st.none()),
    st.builds(Given, st.just("security-group-ids"), st.lists(st.sampled_from(["sg-1", "sg-2"]))),
    st.builds(Listed, st.sampled_from(["addresses", "prefixes"]), st.sampled_from(["10.0.0.5", "é\n"]), st.booleans()),
    st.just(Deleted()),
)
EVENTS = st.builds(
    InterfaceEvent,
    st.sampled_from([SCOPE, OTHER]),
    st.sampled_from(["eni-1", "eni-2"]),
    st.integers(0, 2 * RECENT_SECONDS),
    CHANGES,
)


@unhurried
@given(st.lists(EVENTS, max_size=8))
def test_reading_undoes_writing(events: list[InterfaceEvent]) -> None:
    assert decode_events(encode_events(events)) == events


@unhurried
@given(worlds())
def test_the_events_of_a_world_survive(world: World) -> None:
    assert decode_events(encode_events(world.events())) == world.events()


@unhurried
@given(st.lists(EVENTS, max_size=8), st.data())
def test_the_events_of_the_last_hour_are_kept_once_and_in_one_order(
    events: list[InterfaceEvent], data: st.DataObject
) -> None:
    now = 2 * RECENT_SECONDS
    kept = recent(events, now)
    assert all(event in kept for event in events if event.time > now - RECENT_SECONDS)
    assert all(event.time > now - RECENT_SECONDS for event in kept)
    assert len(kept) == len({repr(event) for event in kept})
    again = data.draw(st.permutations([*events, *kept]))
    assert encode_events(recent(again, now)) == encode_events(kept)


def test_an_event_of_an_hour_ago_is_old() -> None:
    events = [InterfaceEvent(SCOPE, "eni-1", time, Deleted()) for time in (1000, 1001)]
    assert recent(events, 1000 + RECENT_SECONDS) == events[1:]


def test_nothing_survives_too() -> None:
    assert decode_events(encode_events([])) == []


def row(change: str = "Deleted", **values: Any) -> dict[str, Any]:
    common = {"account-id": "1", "region": "eu-west-1", "interface-id": "eni-1", "time": 5}
    return {**common, "change": change, "values": values}


GOOD = [
    row(),
    row("Created", facts={}),
    row("Launched", facts={"vpc-id": "vpc-1"}),
    row("Given", column="attached", value=None),
    row("Listed", column="addresses", value="10.0.0.5", there=True),
]


def written(*rows: object) -> bytes:
    return gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def test_each_change_is_read() -> None:
    assert [event.change for event in decode_events(written(*GOOD))] == [
        Deleted(),
        Created({}),
        Launched({"vpc-id": "vpc-1"}),
        Given("attached", None),
        Listed("addresses", "10.0.0.5", there=True),
    ]


BAD: list[Any] = [
    *({name: value for name, value in row().items() if name != gone} for gone in row()),
    *({**good, "values": dict(list(good["values"].items())[1:])} for good in GOOD[1:]),
    *({**good, "values": {**good["values"], "more": 1}} for good in GOOD),
    row() | {"format": 2},
    row() | {"account-id": 1},
    row() | {"region": None},
    row() | {"interface-id": 1},
    row() | {"time": "5"},
    row() | {"time": 5.0},
    row() | {"time": True},
    row() | {"change": "Renamed"},
    row() | {"change": ["Deleted"]},
    row() | {"values": None},
    row("Created", facts=[]),
    row("Launched", facts=None),
    row("Given", column=5, value=None),
    row("Listed", column="addresses", value=5, there=True),
    row("Listed", column="addresses", value="10.0.0.5", there="yes"),
    [],
    None,
    5,
    "text",
]


@pytest.mark.parametrize("bad", BAD, ids=map(str, range(len(BAD))))
def test_what_is_no_event_is_refused_by_the_name_of_its_object_and_its_line(bad: object) -> None:
    with pytest.raises(UnusableInventory, match=rf"^{NAME}: line 2 is no event"):
        decode_events(written(row(), bad), NAME)


@pytest.mark.parametrize(
    "content", [b"", b"{}", written(row())[:-1], written(row()) + b"x", gzip.compress(b"{\n", mtime=0)]
)
def test_what_cannot_be_read_to_its_end_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableInventory, match=f"^{NAME}"):
        decode_events(content, NAME)
