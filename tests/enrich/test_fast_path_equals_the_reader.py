"""Whatever lines there are, columns give the documents that the encoder gives, and refuse what it refuses."""

import ipaddress
import json
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import orjson
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowlogs.account import Account
from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.decorate.spelling import COLUMNS, NATIVE, Spelling
from flowlogs.enrich.blocks import BlockEncoder, TableBlock
from flowlogs.enrich.documents import Encoded
from flowlogs.enrich.packing import Packing
from flowlogs.enrich.pieces import Pieces
from flowlogs.errors import MalformedRecord
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.ingest.text_stream import lines_of
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.json_line import line_of
from flowlogs.record.log_format import DEFAULT, LogFormat
from flowlogs.record.networks import Networks
from flowlogs.record.values import packed

T = 1767225600
A, B = "eni-0aaaaaaaaaaaaaaaa", "eni-0bbbbbbbbbbbbbbbb"


def interface(name: str, *addresses: str, **named: Any) -> NetworkInterface:
    about = {"vpc_id": "vpc-1", "subnet_id": "subnet-1", "region": "eu-west-1", "security_group_ids": ("sg-1",)}
    return NetworkInterface(name, tuple(map(packed, addresses)), **{**about, **named})


def networks(*cidrs: str) -> tuple[Any, ...]:
    return tuple(map(ipaddress.ip_network, cidrs))


INVENTORY = Inventory(
    InterfacesInMemory(
        [
            interface(A, "10.0.0.1", until=T + 60, security_group_ids=("sg-1", "sg-2")),
            interface(A, "10.0.0.1", "10.0.0.9", since=T + 60, until=T + 120, subnet_id="subnet-2"),
            interface(A, "10.0.0.1", since=T + 200),
            interface(B, "10.0.0.2", "fd00::1", prefixes=networks("10.0.1.0/28"), instance_id="i-1"),
            interface("eni-0cccccccccccccccc", "10.0.0.3", since=T + 30, until=T + 90, owner="nat-gateway nat-1"),
            interface("eni-0dddddddddddddddd", "10.0.0.3", since=T + 60, vpc_id="vpc-1", security_group_ids=()),
            interface("eni-0eeeeeeeeeeeeeeee", "10.0.0.1", vpc_id="vpc-2", subnet_id="subnet-9"),
            interface("eni-0ffffffffffffffff", vpc_id=None, subnet_id=None, region=None),
        ],
        {"subnet-1": networks("10.0.0.0/28", "fd00::/64"), "subnet-9": networks("10.9.0.0/16")},
    )
)


class City:
    """A City database of a few networks, with what an entry may lack."""

    def get_with_prefix_len(self, ip_address: str) -> tuple[Any, int]:
        if ip_address.startswith("8."):
            return {"country": {"iso_code": "US"}, "location": {"latitude": 37.5, "longitude": -97.8}}, 8
        return ({"city": {"names": {"en": "Zürich"}}} if ip_address.startswith("9.") else None), 8


def knowledge() -> Knowledge:
    return Knowledge(INVENTORY, Places(City()), Networks(["10.0.0.0/24", "fd00::/8"]))


V5 = LogFormat(
    [
        *(field.name for field in DEFAULT.fields),
        "vpc-id",
        "subnet-id",
        "instance-id",
        "tcp-flags",
        "type",
        "pkt-srcaddr",
        "pkt-dstaddr",
        "region",
        "az-id",
        "flow-direction",
        "traffic-path",
    ]
)
FORMATS = [
    DEFAULT,
    V5,
    LogFormat(reversed([field.name for field in V5.fields])),
    LogFormat(["interface-id", "srcaddr", "pkt-dstaddr", "tgw-id", "location", "end"]),
    LogFormat(["srcaddr", "dstaddr", "action"]),
    LogFormat(["tgw-id", "interface-id", "action"]),
    LogFormat(["start"]),
]
ADDRESSES = [
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.9",
    "10.0.1.7",
    "fd00::1",
    "FD00:0::1",
    "8.8.8.8",
    "9.9.9.9",
    "10.9.1.1",
    "255.255.255.255",
    "01.2.3.4",
    "1.2.3.256",
    "::ffff:1.2.3.4",
    "1.2.3",
    "fd00::1::",
]
NUMBERS = [
    "0",
    "6",
    "17",
    "007",
    "18",
    "2",
    "255",
    "9223372036854775807",
    "9223372036854775808",
    "0" * 25 + "1",
    "+5",
    "1_0",
    "0x1f",
    "-5",
    "1.0",
    "1e3",
]
TIMES = [
    *(str(T + offset) for offset in (-1, 0, 30, 59, 60, 61, 89, 90, 120, 199, 200, 5000)),
    "0",
    f"{T}000",
    "100000000000",
    "100000000001",
    "253402300799",
    "253402300800000",
    "99999999999999999",
]
TEXTS = [
    "ACCEPT",
    "REJECT",
    "OK",
    A,
    B,
    "eni-0cccccccccccccccc",
    "eni-0ffffffffffffffff",
    "eni-0",
    "vpc-1",
    "vpc-2",
    "subnet-1",
    "subnet-9",
    "ingress",
    "egress",
    "é",
    "{",
    "#",
    "{}",
    "2026-01-01T00:00:00Z",
    'a"b',
    "\\",
    "start",
    "\x7f",
    "a\x00b",
    "i-9",
    "eu-central-1",
]
VALUES = {"number": NUMBERS, "time": TIMES, "address": ADDRESSES, "text": TEXTS}
GOOD = {"number": 8, "time": 13, "address": 10, "text": 14}
"""How many of them, from the first, are values that columns take."""
BLANKS = [b" "] * 12 + [b"  ", b"\t", b"\r", b"\x0b", b" \x0c", b"\xc2\xa0", b"\x1c"]


@st.composite
def record_lines(draw: st.DrawFn, log_format: LogFormat) -> bytes:
    """Draw a line that mostly fits a format; else one of its values, or one of its blanks, is odd."""
    fields = log_format.fields
    values = [draw(st.sampled_from(["-", *VALUES[field.kind][: GOOD[field.kind]]])) for field in fields]
    place = draw(st.integers(0, len(fields) - 1))
    if draw(st.sampled_from([True, False, False])):
        values[place] = draw(st.sampled_from(VALUES[fields[place].kind]))
    blanks = [b" "] * len(fields)
    blanks[place] = draw(st.sampled_from(BLANKS))
    line = b"".join(value.encode() + blank for value, blank in zip(values, blanks, strict=True))
    return line.removesuffix(b" ")


def other_lines(log_format: LogFormat) -> st.SearchStrategy[bytes]:
    return st.sampled_from(
        [
            b"",
            b"  ",
            b"# comment",
            b"{",
            b"{}",
            b'{"message": "x"}',
            b"\xef\xbb\xbf",
            b"\x1f\x8b",
            b"\r",
            b"-",
            b" - ",
            log_format.header,
            b"\xef\xbb\xbf " + log_format.header + b"\r",
            DEFAULT.header,
            V5.header.replace(b" ", b"\t"),
            b"srcaddr dstaddr action",
            b"start",
            b"word",
            b"two words",
            b"tgw-id  interface-id\x1caction",
            json.dumps({"start": T, "srcaddr": "8.8.8.8"}).encode(),
            b"x" * 50,
        ]
    )


@st.composite
def texts(draw: st.DrawFn) -> tuple[LogFormat, bytes]:
    """Draw a format and a text of which most lines fit it, or another that a header names meanwhile."""
    log_format = draw(st.sampled_from(FORMATS))
    other = draw(st.sampled_from(FORMATS))
    stamp = draw(st.sampled_from([b"", b"", b"2026-01-01T00:00:61Z ", b"2026-01-01T00:00:30.5+01:00 "]))
    line = st.one_of(
        record_lines(log_format),
        record_lines(log_format).map(lambda text: stamp + text),
        st.one_of(record_lines(other), other_lines(other), st.just(other.header)),
    )
    lines = draw(st.lists(line, max_size=30))
    ends = draw(st.lists(st.sampled_from([b"\n"] * 5 + [b"\r\n", b" \n"]), min_size=len(lines), max_size=len(lines)))
    text = b"".join(each + end for each, end in zip(lines, ends, strict=True))
    text = text if draw(st.booleans()) else text.rstrip(b"\n")
    return log_format, text.removeprefix(b"\x1f\x8b")  # what begins so is gzip as a whole


LINE = b"2 1 " + B.encode() + b" %b 10.0.0.3 1 2 6 1 %b 1767225600 1767225600 ACCEPT OK\n"

Outcome = tuple[Counter[str], list[tuple[int, str, str, bytes]], Account]


def read_line_by_line(log_format: LogFormat, text: bytes, spelling: Spelling) -> Outcome:
    reader, found = LineReader(log_format), list[Line | Refused]()
    for raw in lines_of(BytesIO(text)):
        found += reader.read(raw.removesuffix(b"\n"))
    return outcome_of(found, reader.ignored, spelling)


def outcome_of(found: Sequence[Line | Refused], ignored: int, spelling: Spelling) -> Outcome:
    encoders: dict[LogFormat, Encoder] = {}
    about, documents, refused = knowledge(), list[dict[str, Any]](), []
    for line in found:
        if isinstance(line, Refused):
            refused.append((line.number, line.field, line.reason, line.text))
            continue
        encoder = encoders.setdefault(line.log_format, Encoder(line.log_format, spelling, about))
        try:
            documents.append(orjson.loads(encoder.encode(line.text, line.event_time)))
        except MalformedRecord as error:
            refused.append((line.number, error.field, error.reason, line.text))
    account = Account(len(found), len(documents), failed=len(refused), ignored=ignored)
    return Counter(map(written, documents)), sorted(refused), account


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def outcome_of_all(encoded: Sequence[Encoded], ignored: int) -> Outcome:
    documents = Counter(written(row) for each in encoded for found in each.documents for row in rows(found.rows))
    refused = sorted((row.number, row.field, row.reason, row.text) for each in encoded for row in each.refused)
    account = sum((each.account for each in encoded), Account(ignored=ignored))
    return documents, refused, account


def rows(found: pa.Table | pa.Array) -> list[dict[str, Any]]:
    if isinstance(found, pa.Array):
        return [orjson.loads(line) for line in b"".join(found.to_pylist()).splitlines()]
    timestamps = found.column("timestamp").cast(pa.int64())
    table = found.set_column(found.schema.get_field_index("timestamp"), "timestamp", timestamps)
    present = ({name: value for name, value in row.items() if value is not None} for row in table.to_pylist())
    return [{**row, "extra": dict(row["extra"])} if "extra" in row else row for row in present]


@pytest.mark.parametrize("spelling", [COLUMNS, NATIVE], ids=["columns", "native"])
@settings(max_examples=200, deadline=None)
@given(texts(), st.integers(1, 2000), st.integers(1, 1500))
@example((DEFAULT, b"\xef\xbb\xbf" + DEFAULT.header + b"\n2"), 7, 7)
@example((FORMATS[4], b"2026-01-01T00:00:00Z 10.0.0.1\n" * 2), 1000, 1000)
@example((FORMATS[5], b"2026-01-01T00:00:00Z a b\n{a b c\n# b c\n9 9 9"), 1000, 1000)
@example((FORMATS[5], b"x a b\n2026-01-01T00:00:00Z a b\n{a b c\n# b c\n9 9 9\n"), 1000, 1000)
@example((DEFAULT, LINE % (b"10.0.1.7", b"40") + LINE % (b"8.8.8.8", b"9223372036854775808")), 999, 999)
@example((DEFAULT, LINE % (b"8.8.8.8", b"0x1f") + LINE % (b"8.8.8.8", b"31")), 999, 999)  # Arrow takes it for 31
@example((DEFAULT, LINE % (b"8.8.8.8", b"0X1F") + LINE % (b"8.8.8.8", b"31")), 999, 999)
@example((DEFAULT, LINE % (b"8.8.8.8", b"7\t") + LINE % (b"8.8.8.8", b"\t7")), 999, 999)  # both take it for 7
@example((DEFAULT, LINE % (b"8.8.8.8", b"007") + LINE % (b"8.8.8.8", b"0" * 25 + b"1")), 999, 999)
@example(
    (DEFAULT, LINE % (b"8.8.8.8", b"9223372036854775807") + LINE % (b"8.8.8.8", b"18446744073709551615")), 999, 999
)
@example((DEFAULT, LINE % (b"8.8.8.8", b"-5") + LINE % (b"8.8.8.8", b"-")), 999, 999)
def test_text_becomes_the_same_wherever_it_is_cut(
    spelling: Spelling, given_text: tuple[LogFormat, bytes], cut: int, size: int
) -> None:
    log_format, text = given_text
    encoder, packing, pieces = BlockEncoder(spelling, knowledge()), Packing(size), Pieces("a.log", log_format)
    blocks = [*packing.add(pieces.read(BytesIO(text), cut)), *packing.rest()]
    found = outcome_of_all([encoder.encode(block) for block in blocks], pieces.ignored)
    expected = read_line_by_line(log_format, text, spelling)
    assert found == expected
    assert found[2].adds_up()


@pytest.mark.parametrize("lines", [3, 20])
@pytest.mark.parametrize("kept", [0, 3, 1000])
def test_what_is_forgotten_between_blocks_is_found_again(
    kept: int, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowlogs.enrich.seen_ends.MOST_SEEN", kept)
    monkeypatch.setattr("flowlogs.decorate.surroundings.MOST_KNOWN", kept)
    line = b"2 1 %b %b %b 1 2 6 1 9 %d 1767225600 ACCEPT OK\n"
    ends = [
        (A, "10.0.0.1", "8.8.8.8"),
        (B, "10.0.0.2", "10.0.0.3"),
        (A, "10.0.0.9", "10.0.0.3"),
        (B, "9.9.9.9", "-"),
        (B, "fd00::1", "FD00:0::1"),  # one address
        (A, "FD00:0::1", "10.0.0.1"),
        ("eni-0", "10.0.0.2", "10.0.0.3"),  # not in the inventory
        ("eni-0eeeeeeeeeeeeeeee", "10.0.0.1", "10.0.0.2"),  # in another VPC
    ]
    times = [T, T + 30, T + 60, T + 90, T + 59, T - 1, T + 5000]
    text = b"".join(line % (*map(str.encode, end), time) for time in times for end in ends)
    encoder = BlockEncoder(COLUMNS, knowledge())
    for _ in range(2):  # the second time all was seen
        blocks = [*Packing(1).add(Pieces("a.log", DEFAULT).read(BytesIO(text), lines * len(line)))]
        assert len(blocks) > 1
        found = outcome_of_all([encoder.encode(block) for block in blocks], 0)
        assert found == read_line_by_line(DEFAULT, text, COLUMNS)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    log_format = draw(st.sampled_from(FORMATS[:6]))
    length = draw(st.integers(0, 20))
    columns = {}
    for field in log_format.fields:
        if field.kind in ("number", "time") and draw(st.booleans()):
            kind: pa.DataType = draw(st.sampled_from([pa.int32(), pa.int64(), pa.float64()]))
            values: list[Any] = draw(
                st.lists(st.sampled_from([None, 0, 6, T, T + 60, -1]), min_size=length, max_size=length)
            )
        else:
            kind = pa.string()
            some = [None, "", "-", " ", "a b", *VALUES[field.kind]]
            values = draw(st.lists(st.sampled_from(some), min_size=length, max_size=length))
        columns[draw(st.sampled_from([field.key, field.name]))] = pa.array(values, kind)
    return pa.table(columns)


@pytest.mark.parametrize("spelling", [COLUMNS, NATIVE], ids=["columns", "native"])
@settings(max_examples=100, deadline=None)
@given(tables())
def test_parquet_becomes_the_same(spelling: Spelling, table: pa.Table) -> None:
    block = TableBlock("a.parquet", LogFormat(table.schema.names), 1, table)
    found = outcome_of_all([BlockEncoder(spelling, knowledge()).encode(block)], 0)
    lines: list[Line | Refused] = []
    for number, row in enumerate(table.to_pylist(), 1):
        try:
            log_format, text = line_of(row)
            lines.append(Line(log_format, text, None, number))
        except MalformedRecord as error:
            lines.append(Refused(b"", error.field, error.reason, b"", number))
    assert found == outcome_of(lines, 0, spelling)


def test_the_lines_of_several_inputs_keep_their_own_numbers() -> None:
    packing = Packing(10**6)
    good = b"2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1767225600 1767225600 ACCEPT OK\n"
    for name, text in {"a": good * 2 + b"odd\n", "b": b"odd\n" + good, "c": good + b"\nodd\n"}.items():
        assert list(packing.add(Pieces(name, DEFAULT).read(BytesIO(text), 10**6))) == []
    (block,) = packing.rest()
    encoded = BlockEncoder(COLUMNS, knowledge()).encode(block)
    assert [(row.source, row.number) for row in encoded.refused] == [("a", 3), ("b", 1), ("c", 3)]
    assert encoded.account == Account(received=7, delivered=4, failed=3, ignored=1)


@pytest.mark.parametrize("length", [1024 * 1024 - 1, 1024 * 1024, 3 * 1024 * 1024 + 7])
@pytest.mark.parametrize("cut", [1 << 16, 1 << 20, 1 << 24])
def test_a_line_without_end_is_cut_as_the_reader_cuts_it(length: int, cut: int) -> None:
    good = b"2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1767225600 1767225600 ACCEPT OK\n"
    for text in (good + b"x" * length + b"\n" + good, good + b"x" * length, b" " * length + good):
        pieces = Pieces("a", DEFAULT)
        lines = b"".join(piece.text for piece in pieces.read(BytesIO(text), cut)).splitlines()
        assert lines == [raw.removesuffix(b"\n") for raw in lines_of(BytesIO(text))]
