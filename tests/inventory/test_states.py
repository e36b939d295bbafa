import gzip
import zlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, World, facts, unhurried, worlds

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import KINDS, Kind
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.inventory.states import decode, encode

WEB = {"vpc-id": "vpc-1", "addresses": ["10.0.0.5", "2001:db8::5"], "attached": 5, "name": "wéb\n"}


@unhurried
@given(worlds())
def test_reading_undoes_writing_whatever_the_order(world: World) -> None:
    truth = world.truth()
    assert decode(encode(truth)) == truth
    assert encode(reversed(truth)) == encode(truth)


@unhurried
@given(st.sampled_from(list(KINDS.values())), st.data())
def test_every_column_of_every_kind_survives(kind: Kind, data: st.DataObject) -> None:
    since, until = data.draw(st.integers(0, 50)), data.draw(st.integers(51, 100) | st.just(END))
    intervals = [Interval(SCOPE, "id-1", data.draw(facts(kind)), since, until)]
    assert decode(encode(intervals)) == intervals


def test_every_value_survives() -> None:
    intervals = [
        Interval(Scope("000000000001", "eu-west-1"), "eni-0", {}, BEGINNING),
        Interval(SCOPE, "eni-1", WEB | {"is-default": True, "id": "x", "from": 3, "to": 4}, -5, 7),
    ]
    assert decode(encode(intervals)) == intervals


def test_the_same_facts_in_another_order_give_the_same_bytes() -> None:
    turned = dict(reversed(WEB.items()))
    assert encode([Interval(SCOPE, "eni-1", turned, 1)]) == encode([Interval(SCOPE, "eni-1", WEB, 1)])


def test_a_state_may_be_empty_and_says_so() -> None:
    assert encode([]) != b""
    assert decode(encode([])) == []


def test_a_line_is_one_interval_and_has_no_time_of_writing() -> None:
    content = encode([Interval(SCOPE, "eni-1", WEB, 5, 9), Interval(SCOPE, "eni-0", WEB, 5)])
    assert content[4:8] == bytes(4), "mtime"
    rows = [orjson.loads(line) for line in gzip.decompress(content).splitlines()]
    common = {"account-id": "123456789012", "region": "eu-west-1", "facts": WEB, "from": 5}
    assert rows == [common | {"id": "eni-0"}, common | {"id": "eni-1", "to": 9}]


SOME = encode(Interval(SCOPE, f"eni-{number}", WEB, number) for number in range(50))


def test_a_state_that_was_cut_off_anywhere_is_refused() -> None:
    for length in range(len(SOME)):
        with pytest.raises(UnusableInventory, match="cut off"):
            decode(SOME[:length])


@unhurried
@given(st.integers(10, len(SOME) - 1), st.integers(1, 255))
def test_a_state_with_a_byte_that_flipped_is_refused_or_the_same(place: int, flip: int) -> None:
    broken = bytearray(SOME)
    broken[place] ^= flip
    try:
        assert decode(bytes(broken)) == decode(SOME)
    except UnusableInventory:
        return


@pytest.mark.parametrize("content", [b"", b"{}\n", b"\x1f\x8b", SOME + b"more", SOME + SOME[:20]])
def test_what_is_no_state_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableInventory):
        decode(content)


ROW = {"account-id": "1", "region": "eu-west-1", "id": "eni-1", "from": 5, "to": 9, "facts": {}}


@pytest.mark.parametrize(
    "row",
    [
        *({name: value for name, value in ROW.items() if name != gone} for gone in ROW if gone != "to"),
        ROW | {"account-id": 1},
        ROW | {"region": None},
        ROW | {"id": ["eni-1"]},
        ROW | {"from": "5"},
        ROW | {"from": True},
        ROW | {"from": 5.0},
        ROW | {"from": 9},
        ROW | {"to": 5},
        ROW | {"to": None},
        ROW | {"facts": []},
        ROW | {"facts": None},
        ROW | {"format": 2},
        {name: value for name, value in ROW.items() if name != "to"} | {"until": 9},
        ROW | {"from": -(2**63) + 1},
        ROW | {"to": 2**63 - 2},
        ROW | {"to": 2**64 - 1},
        ROW | {"to": 253_402_300_800},
        [],
        "eni-1",
        None,
        5,
    ],
)
def test_a_line_that_is_no_interval_is_refused_by_its_number(row: object) -> None:
    lines = orjson.dumps(ROW) + b"\n" + orjson.dumps(row) + b"\n"
    with pytest.raises(UnusableInventory, match="line 2 "):
        decode(gzip.compress(lines))


@pytest.mark.parametrize("lines", [b"\n", b"{\n", b'{"id": "eni-1"', orjson.dumps(ROW), b"\xff\n"])
def test_lines_that_are_no_json_are_refused(lines: bytes) -> None:
    with pytest.raises(UnusableInventory):
        decode(zlib.compress(lines, wbits=31))


@pytest.mark.parametrize(
    "content", [SOME[:-1], b"{}", zlib.compress(b"{}\n", wbits=31), zlib.compress(b"{\n", wbits=31)]
)
def test_an_error_names_the_object(content: bytes) -> None:
    with pytest.raises(UnusableInventory, match=r"^states/vpcs/run-1\.ndjson\.gz\b"):
        decode(content, "states/vpcs/run-1.ndjson.gz")


def test_what_many_resources_have_is_kept_once_in_memory() -> None:
    read = decode(SOME)
    assert len({id(found.scope) for found in read}) == 1
    assert len({id(found.facts["vpc-id"]) for found in read}) == 1
    assert read[0].until == END


def test_the_last_second_of_all_is_a_time() -> None:
    last = [Interval(SCOPE, "eni-1", {}, -253_402_300_799, 253_402_300_799)]
    assert decode(encode(last)) == last
