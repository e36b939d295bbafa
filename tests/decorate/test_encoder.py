import json
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_reference import World, as_columns, as_native, decorate

from flowlogs.decorate.document import lake_columns
from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.decorate.spelling import COLUMNS, NATIVE, Spelling
from flowlogs.errors import MalformedRecord
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import DEFAULT, LogFormat
from flowlogs.record.networks import Networks
from flowlogs.record.values import packed

CITY = {
    "8.8.8.8": {"country": {"iso_code": "US"}, "location": {"latitude": 37.5, "longitude": -97}},
    "2a00::1": {"city": {"names": {"en": "Köln"}}},
    "10.0.0.5": {"country": {"iso_code": "XX"}},
}
PLACES = {
    "8.8.8.8": {"country-code": "US", "location": {"lat": 37.5, "lon": -97}},
    "2a00::1": {"city": "Köln"},
}


class Table(dict[str, Any]):
    def get_with_prefix_len(self, ip_address: str) -> tuple[Any, int]:
        return self.get(ip_address), 128 if ":" in ip_address else 32


def knowledge(world: World) -> Knowledge:
    subnets = {name: tuple(map(ip_network, cidrs)) for name, cidrs in world.subnets.items()}
    inventory = Inventory(InterfacesInMemory(world.interfaces, subnets))
    return Knowledge(inventory, Places(Table(CITY)), Networks(world.internal), world.region)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), f"a key stands twice: {keys}"
    return dict(pairs)


def encoded(encoder: Encoder, line: bytes, event_time: int | None = None) -> dict[str, Any]:
    document = encoder.encode(line, event_time)
    assert b"\n" not in document
    return dict(json.loads(document, object_pairs_hook=unique))


IDS = ["eni-1", "eni-2", "eni-3"]
ADDRESSES = ["10.0.0.5", "10.0.0.6", "10.0.1.7", "2001:db8::5", "2001:DB8:0::5", "8.8.8.8", "2a00::1"]
SPANS = st.one_of(
    st.just((BEGINNING, END)),
    st.tuples(st.integers(0, 10), st.integers(0, 10)).map(lambda span: (min(span), max(span) + 1)),
    st.integers(0, 10).map(lambda since: (since, END)),
)
INTERFACES = st.builds(
    lambda name, addresses, prefixes, vpc, subnet, groups, owner, span: NetworkInterface(
        name,
        tuple(map(packed, addresses)),
        tuple(map(ip_network, prefixes)),
        tuple(groups),
        vpc,
        subnet,
        "eu-west-1" if groups else None,
        "i-1" if owner else None,
        owner,
        *span,
    ),
    st.sampled_from(IDS),
    st.lists(st.sampled_from(ADDRESSES[:5]), max_size=2),
    st.lists(st.sampled_from(["10.0.0.0/28", "10.0.1.0/28", "2001:db8::/80"]), max_size=1),
    st.sampled_from(["vpc-1", "vpc-1", "vpc-2", None]),
    st.sampled_from(["subnet-a", "subnet-b", None]),
    st.lists(st.sampled_from(["sg-1", "sg-2", "sg-3"]), unique=True, max_size=3),
    st.sampled_from([None, "eks"]),
    SPANS,
)
WORLDS = st.builds(
    World,
    st.lists(INTERFACES, max_size=5),
    st.sampled_from([{}, {"subnet-a": ["10.0.0.0/24", "2001:db8::/64"]}, {"subnet-b": ["10.0.1.0/24"]}]),
    st.sampled_from([[], ["10.0.0.0/16"], ["10.0.0.0/24", "8.0.0.0/8"]]),
    st.sampled_from([None, "us-east-1"]),
    st.just(PLACES),
    st.sampled_from([None, 1, 10]),
)
VALUES: Mapping[str, list[str]] = {
    "version": ["2", "005"],
    "account-id": ["007", "unknown"],
    "interface-id": [*IDS, "eni-9"],
    "srcaddr": ADDRESSES,
    "dstaddr": ADDRESSES,
    "pkt-srcaddr": ADDRESSES,
    "pkt-dstaddr": ADDRESSES,
    "srcport": ["0", "443"],
    "protocol": ["0", "1", "6", "17", "200"],
    "bytes": ["0", "9223372036854775807"],
    "start": [str(time) for time in range(12)] + ["1700000000123"],
    "end": ["0", "5", "11"],
    "action": ["ACCEPT", "REJECT"],
    "log-status": ["OK", "NODATA"],
    "vpc-id": ["vpc-1", "vpc-2"],
    "subnet-id": ["subnet-a", "subnet-b", "subnet-x"],
    "instance-id": ["i-9"],
    "tcp-flags": ["0", "2", "18", "19", "4"],
    "flow-direction": ["ingress", "egress", "sideways"],
    "region": ["ap-south-1"],
    "instance-tag": ["Grün", '"\\', "\x1b"],
    "tgw-id": ["tgw-1", "0"],
    "brand_new": ["x", "ü"],
}
BAD = {"srcaddr": "10.0.0", "start": "1_0", "tgw-id": "\udcff", "version": "x", "interface-id": "\udcff"}


@st.composite
def lines(draw: st.DrawFn) -> tuple[LogFormat, list[tuple[bytes, int | None]]]:
    names = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=len(VALUES), unique=True))
    most = draw(st.sampled_from([names, names, list(draw(st.permutations(list(VALUES))))]))
    found = []
    for _ in range(draw(st.integers(1, 8))):
        values = [draw(st.sampled_from([*VALUES[name], "-"])) for name in most]
        if draw(st.integers(0, 15)) == 0:
            place = draw(st.integers(0, len(most) - 1))
            values[place] = BAD.get(most[place], "-")
        found.append((" ".join(values).encode(errors="surrogateescape"), draw(st.sampled_from([None, 3, 9]))))
    return LogFormat(most), found


@settings(deadline=None, max_examples=300)
@given(WORLDS, lines(), st.sampled_from([NATIVE, COLUMNS]))
def test_the_encoder_gives_what_plain_code_gives(
    world: World, given_lines: tuple[LogFormat, list[tuple[bytes, int | None]]], spelling: Spelling
) -> None:
    log_format, found = given_lines
    known = knowledge(world)
    encoder = Encoder(log_format, spelling, known, world.sample_rate)
    unknown = ambiguous = refused = 0
    for line, event_time in found:
        try:
            expected = decorate(world, log_format, line, event_time)
        except MalformedRecord:
            refused += 1
            with pytest.raises(MalformedRecord):
                encoder.encode(line, event_time)
            continue
        spelt = as_columns(expected) if spelling is COLUMNS else as_native(expected)
        assert encoded(encoder, line, event_time) == spelt
        assert spelling is NATIVE or spelt.keys() <= lake_columns().keys()
        unknown += expected.is_unknown
        ambiguous += expected.is_ambiguous
    if not refused:
        assert known.noticed.unknown_records == unknown
        assert known.noticed.ambiguous_records == ambiguous


GOOD = b"2 007 eni-1 10.0.0.5 8.8.8.8 0 443 6 1 2 1700000000 1700000060 ACCEPT OK"


@pytest.mark.parametrize("place", range(14))
def test_a_bad_value_is_refused_by_the_name_of_its_field(place: int) -> None:
    encoder = Encoder(DEFAULT, NATIVE, knowledge(World()))
    values = GOOD.split()
    values[place] = b"\xff"
    with pytest.raises(MalformedRecord) as refused:
        encoder.encode(b" ".join(values))
    assert refused.value.field == DEFAULT.fields[place].name
    assert encoded(encoder, GOOD)["account-id"] == "007"


@pytest.mark.parametrize("line", [b"", b"2", GOOD + b" more"])
def test_a_line_of_another_width_is_refused_as_a_line(line: bytes) -> None:
    with pytest.raises(MalformedRecord) as refused:
        Encoder(DEFAULT, NATIVE, knowledge(World())).encode(line)
    assert refused.value.field == "line"


def test_zeros_are_values_and_absent_is_no_key() -> None:
    line = b"2 007 - 10.0.0.5 - 0 0 0 0 0 0 - - -"
    assert encoded(Encoder(DEFAULT, NATIVE, knowledge(World())), line) == {
        "version": 2,
        "account-id": "007",
        "srcaddr": "10.0.0.5",
        "srcport": 0,
        "dstport": 0,
        "protocol": 0,
        "protocol-name": "hopopt",
        "packets": 0,
        "bytes": 0,
        "start": 0,
        "@timestamp": "1970-01-01T00:00:00Z",
    }


def test_the_last_end_is_that_of_the_line_encoded_last() -> None:
    encoder = Encoder(DEFAULT, NATIVE, knowledge(World()))
    assert encoder.last_end() is None
    encoder.encode(GOOD)
    assert encoder.last_end() == 1_700_000_060
    with pytest.raises(MalformedRecord):
        encoder.encode(b"junk")
    assert encoder.last_end() == 1_700_000_060


def test_forgetting_changes_no_document() -> None:
    encoder = Encoder(DEFAULT, NATIVE, knowledge(World([NetworkInterface("eni-1", (packed("10.0.0.5"),))])))
    before = encoder.encode(GOOD)
    for number in range(70_000):
        encoder.encode(GOOD.replace(b" 443 ", b" %d " % number))
    encoder.trim()
    assert encoder.encode(GOOD) == before


def test_every_field_of_every_version_is_a_column_of_the_lake() -> None:
    every = LogFormat(FIELDS)
    line = b" ".join(b"10.0.0.5" if field.kind == "address" else b"1" for field in every.fields)
    document = encoded(Encoder(every, COLUMNS, knowledge(World())), line)
    assert document.keys() >= {field.key for field in every.fields}
    assert document.keys() <= lake_columns().keys()
    assert "timestamp" in document


def test_an_ambiguous_record_is_counted_once_however_many_of_its_ends_are() -> None:
    twins = [NetworkInterface(name, tuple(map(packed, ADDRESSES[:2])), vpc_id="vpc-1") for name in ("eni-1", "eni-2")]
    known = knowledge(World(twins))
    encoder = Encoder(LogFormat(["interface-id", "srcaddr", "dstaddr"]), NATIVE, known)
    encoder.encode(b"eni-1 10.0.0.5 10.0.0.6")
    encoder.encode(b"eni-1 10.0.0.6 10.0.0.5")
    assert known.take_notices().ambiguous_records == 2
