import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowlogs.analyse.engines import MACROS, Engine, in_words_of
from flowlogs.analyse.parameters import BOUNDS, RELATIONS, TAKES, Kind, Parameter, address_key, quoted
from flowlogs.errors import SettingsError

DUCKDB = duckdb.connect()
DUCKDB.execute(MACROS)


def literal(kind: Kind, text: str) -> str:
    return Parameter("it", kind, None, "", "what is asked").literal(text)


def in_duckdb(sql: str, *values: object) -> list[tuple[object, ...]]:
    return DUCKDB.execute(sql, values).fetchall()


def value_of(kind: Kind, text: str) -> object:
    ((value,),) = in_duckdb(f"SELECT {literal(kind, text)}")
    return value


def keys_in_duckdb(addresses: Sequence[str | None]) -> list[object]:
    rows = in_duckdb("SELECT address_key(a) FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS a)", list(addresses))
    return [key for (key,) in rows]


@given(st.text().filter(lambda text: "\0" not in text))
@example("'; DROP TABLE flows; --")
@example("\\' OR 'a'='a")
@example("$limit")
@example("'" * 7)
def test_a_text_is_the_same_text_in_sql(text: str) -> None:
    encodable = text.encode("utf-8", "ignore").decode()
    assert value_of(Kind.TEXT, encodable) == encodable


WHOLE = (Kind.COUNT, Kind.STEPS, Kind.NUMBER)


@given(st.sampled_from(WHOLE).flatmap(lambda kind: st.tuples(st.just(kind), st.integers(*BOUNDS[kind]))))
def test_a_whole_number_is_the_same_number_in_sql(given: tuple[Kind, int]) -> None:
    kind, number = given
    assert value_of(kind, f" {number} ") == number


@pytest.mark.parametrize("kind", BOUNDS)
def test_a_number_is_taken_up_to_its_bounds_and_no_further(kind: Kind) -> None:
    least, largest = BOUNDS[kind]
    for number in (least, largest):
        assert literal(kind, str(number)).strip("()").removesuffix(".0e0") == str(number)
        assert f"{number:,}" in TAKES[kind]
    for number in (least - 1, largest + 1):
        with pytest.raises(SettingsError) as refused:
            literal(kind, str(number))
        assert str(refused.value) == f"it: '{number}' is not {TAKES[kind]}"


def test_every_port_of_a_list_is_one() -> None:
    with pytest.raises(SettingsError, match=r"^it: '22,99999' is not ports from 0 to 65,535 with commas between$"):
        literal(Kind.PORTS, "22,99999")


@given(st.floats(*BOUNDS[Kind.DECIMAL]))
@example(0.045)
@example(1e-300)
@example(5e-324)
def test_a_decimal_is_the_same_double_in_sql(number: float) -> None:
    assert in_duckdb(f"SELECT typeof({literal(Kind.DECIMAL, repr(number))})") == [("DOUBLE",)]
    assert value_of(Kind.DECIMAL, repr(number)) == number


@pytest.mark.parametrize(
    "text", ["", "1.5", "0x10", "1e3", "1_000", "+5", "--5", "- 5", "-0", "٣", "9223372036854775808"]
)
@pytest.mark.parametrize("kind", WHOLE)
def test_what_is_no_whole_number_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(SettingsError, match=rf"^it: {re.escape(repr(text))} is not a whole number [^()]*$"):
        literal(kind, text)


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "-Infinity", "1_000.5", "٣", "1,5", "-0.5", "1e999", ".", "0.1' OR true"]
)
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=rf"^it: {re.escape(repr(text))} is not a number [^()]*$"):
        literal(Kind.DECIMAL, text)


def test_a_list_leaves_blanks_and_empty_items_out() -> None:
    assert literal(Kind.PORTS, " 22, 3389 ,,5985,") == "(22, 3389, 5985)"
    assert literal(Kind.TEXTS, "it's, b") == "('it''s', 'b')"


@pytest.mark.parametrize("kind", [Kind.PORTS, Kind.TEXTS, Kind.NETWORKS, Kind.ZONES])
@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_a_list_of_nothing_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(SettingsError, match=r"^it: "):
        literal(kind, text)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_value_with_a_nul_is_refused(kind: Kind) -> None:
    with pytest.raises(SettingsError, match=r"^it: "):
        literal(kind, "10.0.0.0\0")


def test_a_value_that_is_refused_is_not_repeated_at_length() -> None:
    with pytest.raises(SettingsError) as refused:
        literal(Kind.NUMBER, "9" * 100_000)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("text", "written"), [("10.0.0.1", "10.0.0.1"), (" 2001:DB8:0::1 ", "2001:db8::1"), ("::", "::")]
)
def test_an_address_is_written_as_aws_writes_it(text: str, written: str) -> None:
    assert value_of(Kind.ADDRESS, text) == written


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@given(st.lists(st.ip_addresses(), max_size=60))
@example([ipaddress.ip_address(text) for text in ("::ffff:10.0.0.1", "::", "1:2:3:4:5:6:7:0", "0:2::8")])
def test_the_key_of_an_address_is_the_same_in_duckdb_however_it_is_spelt(addresses: list[Address]) -> None:
    expected = list(map(address_key, addresses))
    assert keys_in_duckdb([str(address) for address in addresses]) == expected
    assert keys_in_duckdb([address.exploded.upper() for address in addresses]) == expected


def key_in_python(text: str) -> str | None:
    try:
        return address_key(ipaddress.ip_address(text))
    except ValueError:
        return None


NEAR_ADDRESSES = """
    64:ff9b::192.0.2.33  1::2::3  :::  ::  1:2:3:4:5:6:7::  1::2:3:4:5:6:7:8  12345::  01.2.3.4  1.2.3.256  1.2.3.4::
    1.2.3  1.2.3.4.5  :1:2:3:4:5:6:7  1:2:3:4:5:6:7:8:9  ::1.2.3.4:5  g::  1.2.3.4/32  -  0x1.2.3.4
"""


@given(st.lists(st.text("0123456789abF.:", max_size=24), max_size=60))
@example(["", *NEAR_ADDRESSES.split()])
def test_what_is_an_address_to_python_and_only_that_has_a_key_in_duckdb(texts: list[str]) -> None:
    assert keys_in_duckdb(texts) == list(map(key_in_python, texts))


def test_nothing_has_no_key() -> None:
    assert keys_in_duckdb([None]) == [None]


@given(st.ip_addresses(), st.ip_addresses())
def test_keys_sort_as_addresses_do(one: Address, other: Address) -> None:
    if one.version == other.version:
        assert (address_key(one) < address_key(other)) == (int(one) < int(other))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("10.0.0.0/8", [("10.0.0.0/8", "::ffff:10.0.0.0", "::ffff:10.255.255.255")]),
        ("0.0.0.0/0", [("0.0.0.0/0", "::ffff:0.0.0.0", "::ffff:255.255.255.255")]),
        ("fc00::/7", [("fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]),
        (
            "::/0",
            [
                ("::/0", "::", "::fffe:ffff:ffff"),
                ("::/0", "::1:0:0:0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ],
        ),
        ("::/80", [("::/80", "::", "::fffe:ffff:ffff")]),
        ("::fffe:0:0/95", [("::fffe:0:0/95", "::fffe:0:0", "::fffe:ffff:ffff")]),
        ("::ffff:0:0/96", [("0.0.0.0/0", "::ffff:0.0.0.0", "::ffff:255.255.255.255")]),
        ("::ffff:10.0.0.0/104", [("10.0.0.0/8", "::ffff:10.0.0.0", "::ffff:10.255.255.255")]),
        ("::ffff:192.0.2.7", [("192.0.2.7/32", "::ffff:192.0.2.7", "::ffff:192.0.2.7")]),
        ("::1:0:0:0/96", [("::1:0:0:0/96", "::1:0:0:0", "::1:0:ffff:ffff")]),
    ],
)
def test_a_network_is_the_ranges_of_its_addresses_and_none_of_the_other_version(
    text: str, rows: list[tuple[str, str, str]]
) -> None:
    expected = [(name, *(f"{int(ipaddress.IPv6Address(end)):032X}" for end in ends)) for name, *ends in rows]
    assert in_duckdb(literal(Kind.NETWORKS, text)) == expected
    zones = in_duckdb(literal(Kind.ZONES, f"{text}=z"))
    assert [(row[0], row[1], *row[3:]) for row in zones] == [("z", *row) for row in expected]


MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
EDGES = [int(MAPPED[0]) - 1, int(MAPPED[0]), int(MAPPED[-1]), int(MAPPED[-1]) + 1, 0, 2**128 - 1]
addresses = st.ip_addresses() | st.sampled_from(EDGES).map(ipaddress.IPv6Address) | st.ip_addresses(network=MAPPED)


def plain(address: Address) -> Address:
    """Give the address of IPv4 where it is one, written as mapped."""
    return address.ipv4_mapped or address if address.version == 6 else address


def holds(cidr: str, address: Address) -> bool:
    """Say in the words of `ipaddress` whether a network holds an address."""
    network, address = ipaddress.ip_network(cidr), plain(address)
    if network.version == 6 and network.subnet_of(MAPPED):
        return address.version == 4 and ipaddress.IPv6Address(f"::ffff:{address}") in network
    return address in network


@given(
    st.lists(st.tuples(addresses, st.integers(0, 128)), min_size=1, max_size=5),
    st.lists(addresses, min_size=1, max_size=9),
)
@example([(ipaddress.ip_address("::"), 0)], [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("2001:db8::1")])
def test_a_network_holds_what_it_holds_to_python(networks: list[tuple[Address, int]], others: list[Address]) -> None:
    cidrs = {
        str(ipaddress.ip_network((address, min(bits, address.max_prefixlen)), strict=False))
        for address, bits in networks
    }
    ends = [ipaddress.ip_network(cidr)[place] for cidr in cidrs for place in (0, -1)]
    for cidr in cidrs:
        rows = in_duckdb(literal(Kind.NETWORKS, cidr))
        for address in [*others, *ends]:
            found = [row for row in rows if str(row[1]) <= address_key(address) <= str(row[2])]
            assert len(found) == holds(cidr, address), (cidr, address)


@given(addresses)
def test_an_address_written_as_mapped_is_the_one_of_ipv4(address: Address) -> None:
    assert value_of(Kind.ADDRESS, str(address)) == str(plain(address))


@given(addresses, st.integers(0, 128))
def test_of_zones_that_hold_an_address_the_narrowest_has_most_bits(address: Address, bits: int) -> None:
    network = ipaddress.ip_network((address, min(bits, address.max_prefixlen)), strict=False)
    sizes = {row[2] for row in in_duckdb(literal(Kind.ZONES, f"{network}=z"))}
    assert sizes == {128 - (network.num_addresses.bit_length() - 1)}


def test_an_address_with_host_bits_names_its_network() -> None:
    assert [row[0] for row in in_duckdb(literal(Kind.NETWORKS, "10.1.2.3/8, 192.0.2.7"))] == [
        "10.0.0.0/8",
        "192.0.2.7/32",
    ]


def test_zones_come_from_a_file_with_comments_and_names_of_several_words(tmp_path: Path) -> None:
    zones = tmp_path / "zones.txt"
    zones.write_text("# ours\n10.0.0.0/8  head office # all of it\n\n2001:db8::/32\tlab\n")
    assert [row[:3] for row in in_duckdb(literal(Kind.ZONES, str(zones)))] == [
        ("head office", "10.0.0.0/8", 104),
        ("lab", "2001:db8::/32", 32),
    ]


def test_the_path_of_a_file_of_zones_may_have_an_equals_sign(tmp_path: Path) -> None:
    zones = tmp_path / "stage=prod"
    zones.write_text("10.0.0.0/8 inside\n")
    assert len(in_duckdb(literal(Kind.ZONES, str(zones)))) == 1


def test_zones_may_be_given_where_they_are_asked_for() -> None:
    assert [row[:2] for row in in_duckdb(literal(Kind.ZONES, "10.0.0.0/8=inside, 0.0.0.0/0=out'side"))] == [
        ("inside", "10.0.0.0/8"),
        ("out'side", "0.0.0.0/0"),
    ]


@pytest.mark.parametrize("content", ["10.0.0.0/8\n", "10.0.0.0/8 # inside\n", "inside 10.0.0.0/8\n", "\n", "# none\n"])
def test_a_file_that_does_not_name_zones_is_refused(tmp_path: Path, content: str) -> None:
    zones = tmp_path / "zones.txt"
    zones.write_text(content)
    with pytest.raises(SettingsError, match=r"^it: "):
        literal(Kind.ZONES, str(zones))


@pytest.mark.parametrize("text", ["10.0.0.0/8=", "10.0.0.0/8", "=inside", "/no/such/file", ""])
def test_zones_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^it: "):
        literal(Kind.ZONES, text)


def test_a_folder_or_a_binary_file_for_zones_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "zones.gz"
    binary.write_bytes(b"\x1f\x8b\xff\xfe")
    for place in (tmp_path, binary):
        with pytest.raises(SettingsError, match=r"^it: "):
            literal(Kind.ZONES, str(place))


def test_every_kind_says_what_it_takes_and_can_be_written() -> None:
    assert set(TAKES) == set(Kind)
    assert set(Kind) > RELATIONS


def test_a_quote_is_doubled() -> None:
    assert quoted("o'clock") == "'o''clock'"


def test_athena_has_an_expression_where_duckdb_has_the_macro() -> None:
    sql = 'SELECT address_key(t.address), my_address_key(x), address_key("a"), utc_time(min("start")) FROM t'
    assert in_words_of(Engine.DUCKDB, sql) == sql
    assert in_words_of(Engine.ATHENA, sql) == (
        "SELECT to_hex(CAST(TRY_CAST(t.address AS IPADDRESS) AS VARBINARY)), my_address_key(x), "
        'to_hex(CAST(TRY_CAST("a" AS IPADDRESS) AS VARBINARY)), CAST(from_unixtime(min("start")) AS TIMESTAMP) FROM t'
    )


def test_seconds_are_a_time_in_utc() -> None:
    assert in_duckdb("SELECT utc_time(1763632800), utc_time(NULL)") == [(datetime(2025, 11, 20, 10), None)]
