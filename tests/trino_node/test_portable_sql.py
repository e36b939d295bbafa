"""What the SQL of our queries rests on: of one text, DuckDB and Trino make the same, also of NULL and at the edges."""

import ipaddress
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from flowlogs.analyse.engines import Engine, in_words_of
from flowlogs.analyse.lake import open_lake
from flowlogs.deliver.local.lake_rows import rows_of
from flowlogs.record.values import read_address
from trino_node.plugin import Trino

FLOWS: list[dict[str, Any]] = [
    {
        "packets": 1,
        "bytes": 10,
        "start": 1795169000,
        "srcaddr": "10.0.0.1",
        "srcport": 0,
        "action": "ACCEPT",
        "security_group_ids": ["sg-2", "sg-1", "sg-2"],
        "source_city": "Zürich",
        "source_location_lat": 2.5,
        "timestamp": 1795169000123,
        "extra": {"ecs-": "a"},
    },
    {
        "packets": 2,
        "bytes": -7,
        "start": -1,
        "srcaddr": "2001:db8::1",
        "srcport": 443,
        "action": "REJECT",
        "security_group_ids": [],
        "source_city": "東京",
        "source_location_lat": -0.5,
        "timestamp": -1,
    },
    {"packets": 3},
    {
        "packets": 4,
        "bytes": 2**62,
        "start": 0,
        "srcaddr": "",
        "srcport": 65535,
        "action": "ACCEPT",
        "security_group_ids": ["ß"],
        "source_city": "a_%'b",
        "source_location_lat": 1e300,
        "timestamp": 951_782_400_000,
    },
]
"""Rows of the lake: ordinary, at the edges, with nothing but its number, and at others."""

OF_A_ROW: dict[str, list[Any]] = {
    # numbers
    "bytes % 4": [2, -3, None, 0],
    '"start" - "start" % 300': [1795168800, 0, None, 0],
    "CAST(bytes AS DOUBLE) / packets": [10.0, -3.5, None, 2.0**60],
    "1e0 * packets / 4": [0.25, 0.5, 0.75, 1.0],
    "abs(bytes)": [10, 7, None, 2**62],
    "sign(bytes)": [1, -1, None, 1],
    "mod(bytes, 4)": [2, -3, None, 0],
    "round(source_location_lat, 1)": [2.5, -0.5, None, 1e300],
    "floor(source_location_lat)": [2.0, -1.0, None, 1e300],
    "ceil(source_location_lat)": [3.0, -0.0, None, 1e300],
    "CAST(floor(CAST(packets AS DOUBLE) / 2) AS BIGINT)": [0, 1, 1, 2],
    "sqrt(CAST(packets AS DOUBLE) * packets)": [1.0, 2.0, 3.0, 4.0],
    "power(2e0, CAST(packets AS DOUBLE))": [2.0, 4.0, 8.0, 16.0],
    "nullif(srcport, 0)": [None, 443, None, 65535],
    "srcport BETWEEN 0 AND 443": [True, True, None, False],
    "srcport IN (0, 65535)": [True, False, None, True],
    "TRY_CAST(srcaddr AS BIGINT)": [None, None, None, None],
    "TRY_CAST('12' AS BIGINT)": [12] * 4,
    "CAST(bytes AS VARCHAR)": ["10", "-7", None, str(2**62)],
    # conditions and NULL
    "coalesce(srcaddr, action, 'none')": ["10.0.0.1", "2001:db8::1", "none", ""],
    "if(action = 'ACCEPT', bytes, 0)": [10, 0, 0, 2**62],
    "CASE WHEN action = 'ACCEPT' THEN 'yes' WHEN action IS NULL THEN 'unknown' ELSE 'no' END": [
        "yes",
        "no",
        "unknown",
        "yes",
    ],
    "action IS DISTINCT FROM 'ACCEPT'": [False, True, True, False],
    "action <> 'ACCEPT'": [False, True, None, False],
    "action = 'ACCEPT' AND srcport > 0": [False, False, None, True],
    "NOT coalesce(action = 'ACCEPT', false)": [False, True, True, False],
    # texts
    "srcaddr || ':' || CAST(srcport AS VARCHAR)": ["10.0.0.1:0", "2001:db8::1:443", None, ":65535"],
    "concat_ws(' ', action, srcaddr)": ["ACCEPT 10.0.0.1", "REJECT 2001:db8::1", "", "ACCEPT "],
    "length(source_city)": [6, 2, None, 5],
    "upper(source_city)": ["ZÜRICH", "東京", None, "A_%'B"],
    "lower(action)": ["accept", "reject", None, "accept"],
    "starts_with(srcaddr, '10.')": [True, False, None, False],
    "source_city LIKE 'Z%ch'": [True, False, None, False],
    "source_city LIKE '_京'": [False, True, None, False],
    "source_city LIKE 'a$_$%%' ESCAPE '$'": [False, False, None, True],
    "source_city = 'a_%''b'": [False, False, None, True],
    "substr(srcaddr, 1, 3)": ["10.", "200", None, ""],
    "strpos(srcaddr, ':')": [0, 5, None, 0],
    "replace(srcaddr, '.', '-')": ["10-0-0-1", "2001:db8::1", None, ""],
    "trim(' ' || action || ' ')": ["ACCEPT", "REJECT", None, "ACCEPT"],
    "lpad(action, 8, '.')": ["..ACCEPT", "..REJECT", None, "..ACCEPT"],
    "reverse(action)": ["TPECCA", "TCEJER", None, "TPECCA"],
    "srcaddr < '2'": [True, False, None, True],
    # lists and maps
    "cardinality(security_group_ids)": [3, 0, None, 1],
    "contains(security_group_ids, 'sg-1')": [True, False, None, False],
    "array_sort(security_group_ids)": [["sg-1", "sg-2", "sg-2"], [], None, ["ß"]],
    "array_sort(array_distinct(security_group_ids))": [["sg-1", "sg-2"], [], None, ["ß"]],
    "security_group_ids = ARRAY['ß']": [False, False, None, True],
    "element_at(extra, 'ecs-') IS NULL": [False, True, True, True],
    # times
    '"timestamp"': [
        datetime(2026, 11, 20, 10, 3, 20, 123_000),
        datetime(1969, 12, 31, 23, 59, 59, 999_000),
        None,
        datetime(2000, 2, 29),
    ],
    'utc_time("start")': [
        datetime(2026, 11, 20, 10, 3, 20),
        datetime(1969, 12, 31, 23, 59, 59),
        None,
        datetime(1970, 1, 1),
    ],
    "date_trunc('hour', \"timestamp\")": [
        datetime(2026, 11, 20, 10),
        datetime(1969, 12, 31, 23),
        None,
        datetime(2000, 2, 29),
    ],
    "CAST(date_trunc('month', \"timestamp\") AS DATE)": [
        datetime(2026, 11, 1).date(),
        datetime(1969, 12, 1).date(),
        None,
        datetime(2000, 2, 1).date(),
    ],
    "\"timestamp\" + INTERVAL '1' HOUR > TIMESTAMP '2000-02-29 01:00:00'": [True, False, None, False],
    'CAST(CAST("timestamp" AS DATE) AS VARCHAR)': ["2026-11-20", "1969-12-31", None, "2000-02-29"],
    'extract(hour FROM "timestamp")': [10, 23, None, 0],
    'extract(year FROM "timestamp")': [2026, 1969, None, 2000],
    "date_diff('day', CAST(\"timestamp\" AS DATE), DATE '2026-11-21')": [1, 20779, None, 9762],
    '"date"': ["2026-11-20"] * 4,
    "CAST(\"date\" AS DATE) - INTERVAL '1' DAY = DATE '2026-11-19'": [True] * 4,
    "\"date\" BETWEEN '2026-11-19' AND '2026-11-22'": [True] * 4,
}
"""Expressions over the columns, and what they are in each row."""

OF_ALL_ROWS: dict[str, list[tuple[Any, ...]]] = {
    "SELECT count(*), count(bytes), count(DISTINCT action), count_if(bytes > 0) FROM flows": [(4, 3, 2, 2)],
    "SELECT count(*) FILTER (WHERE action = 'ACCEPT'), CAST(sum(bytes) FILTER (WHERE packets < 3) AS BIGINT)"
    " FROM flows": [(2, 3)],
    "SELECT min(source_city), max(source_city), min(bytes), max(srcport) FROM flows": [("Zürich", "東京", -7, 65535)],
    "SELECT sum(bytes), avg(bytes), max(bytes), count(*) FROM flows WHERE false": [(None, None, None, 0)],
    "SELECT avg(CAST(srcport AS DOUBLE)), stddev_pop(CAST(packets AS DOUBLE)), stddev(CAST(packets AS DOUBLE))"
    " FROM flows": [(65978 / 3, 1.25**0.5, (5 / 3) ** 0.5)],
    "SELECT stddev_pop(CAST(packets AS DOUBLE)), stddev(CAST(packets AS DOUBLE)) FROM flows WHERE packets = 1": [
        (0.0, None)
    ],
    "SELECT max_by(srcaddr, packets), min_by(srcaddr, packets) FROM flows WHERE srcaddr IS NOT NULL": [
        ("", "10.0.0.1")
    ],
    "SELECT array_agg(DISTINCT action ORDER BY action) FROM flows WHERE action IS NOT NULL": [(["ACCEPT", "REJECT"],)],
    "SELECT array_agg(srcaddr ORDER BY packets DESC) FROM flows": [(["", None, "2001:db8::1", "10.0.0.1"],)],
    "SELECT array_agg(srcaddr ORDER BY packets) FROM flows WHERE false": [(None,)],
    "SELECT bool_or(srcport = 0), bool_and(srcport >= 0), bool_or(srcport IS NULL) FROM flows": [(True, True, True)],
    "SELECT any_value(action) FROM flows WHERE packets <= 1": [("ACCEPT",)],
    "SELECT action, count(*) FROM flows GROUP BY action ORDER BY count(*) DESC, action": [
        ("ACCEPT", 2),
        ("REJECT", 1),
        (None, 1),
    ],
    "SELECT packets FROM flows ORDER BY source_city": [(1,), (4,), (2,), (3,)],
    "SELECT packets FROM flows ORDER BY bytes NULLS FIRST LIMIT 2": [(3,), (2,)],
    "SELECT packets FROM flows ORDER BY bytes DESC": [(4,), (1,), (2,), (3,)],
    "SELECT packets FROM flows ORDER BY packets OFFSET 1 LIMIT 2": [(2,), (3,)],
    "SELECT f.packets, u.id FROM flows AS f CROSS JOIN UNNEST(f.security_group_ids) AS u(id) ORDER BY 1, 2": [
        (1, "sg-1"),
        (1, "sg-2"),
        (1, "sg-2"),
        (4, "ß"),
    ],
    "SELECT f.packets, u.id FROM flows AS f LEFT JOIN UNNEST(f.security_group_ids) AS u(id) ON true"
    " ORDER BY 1, 2 NULLS FIRST": [(1, "sg-1"), (1, "sg-2"), (1, "sg-2"), (2, None), (3, None), (4, "ß")],
    "SELECT n, t FROM (VALUES (1, 'a'), (2, CAST(NULL AS VARCHAR))) AS v(n, t) ORDER BY n": [(1, "a"), (2, None)],
    "SELECT packets, row_number() OVER (ORDER BY bytes DESC NULLS LAST, packets), lag(bytes) OVER (ORDER BY packets),"
    " sum(packets) OVER w - packets FROM flows WINDOW w AS (ORDER BY packets ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    " ORDER BY packets": [(1, 2, None, 0), (2, 3, 10, 1), (3, 4, -7, 2), (4, 1, None, 3)],
    "SELECT packets, first_value(bytes) OVER (ORDER BY packets), rank() OVER (ORDER BY action),"
    " CAST(count(*) OVER () AS BIGINT) FROM flows ORDER BY packets": [
        (1, 10, 1, 4),
        (2, 10, 3, 4),
        (3, 10, 4, 4),
        (4, 10, 1, 4),
    ],
    "SELECT packets, sum(packets) OVER (ORDER BY packets RANGE BETWEEN 2 PRECEDING AND 1 PRECEDING) FROM flows"
    " ORDER BY packets": [(1, None), (2, 1), (3, 3), (4, 5)],
    "SELECT action, grouping(action), count(*) FROM flows GROUP BY GROUPING SETS ((action), ()) ORDER BY 2, 1": [
        ("ACCEPT", 0, 2),
        ("REJECT", 0, 1),
        (None, 0, 1),
        (None, 1, 4),
    ],
    "WITH RECURSIVE days(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM days WHERE n < 4) SELECT n FROM days ORDER BY n": [
        (1,),
        (2,),
        (3,),
        (4,),
    ],
    "SELECT a.packets, b.packets FROM flows AS a FULL JOIN flows AS b ON a.srcaddr = b.srcaddr AND a.packets < 3"
    " ORDER BY a.packets, b.packets": [(1, 1), (2, 2), (3, None), (4, None), (None, 3), (None, 4)],
    "SELECT packets FROM flows AS f WHERE NOT EXISTS (SELECT 1 FROM flows AS g WHERE g.bytes > f.bytes) ORDER BY 1": [
        (3,),
        (4,),
    ],
    "SELECT packets FROM flows WHERE srcaddr NOT IN (SELECT srcaddr FROM flows WHERE packets = 1) ORDER BY 1": [
        (2,),
        (4,),
    ],
    "SELECT packets FROM flows EXCEPT SELECT 2 ORDER BY 1": [(1,), (3,), (4,)],
    "SELECT s.one, s.two FROM (SELECT max(packets) AS one, min(packets) AS two FROM flows) AS s": [(4, 1)],
    "SELECT CAST(sum(bytes) AS BIGINT) FROM flows WHERE packets > 3 AND \"date\" >= '2026-11-20'": [(2**62,)],
}
"""Queries, and their rows."""

DIFFERENT: dict[str, tuple[Any, Any]] = {
    "7 / 2": (3.5, 3),
    "CAST(2.5e0 AS BIGINT)": (2, 3),
    "regexp_extract('a', 'b')": ("", None),
    "split_part('a', '-', 2)": ("", None),
    "regexp_replace('aa', 'a', 'b')": ("ba", "bb"),
    "greatest(1, CAST(NULL AS INTEGER))": (1, None),
    "concat('a', CAST(NULL AS VARCHAR))": ("a", None),
    "(1, 2) = (1, CAST(NULL AS INTEGER))": (False, None),
    "array_position(ARRAY['a'], 'b')": (None, 0),
}
"""What none of our queries may have: it runs on both, and is one thing in DuckDB and another in Trino."""

ADDRESSES = [
    "0.0.0.0",  # noqa: S104 (nothing is bound)
    "10.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "2001:DB8::A",
    "2001:0db8:0000:0000:0000:0000:0000:0001",
    "1:2:3:4:5:6:7:8",
    "fe80::1:0:0:2",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4",
    "::1.2.3.4",
    "::ffff:10.0.0.1",
    "::FFFF:0a00:0001",
    "64:ff9b::192.0.2.33",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
]
NONE = [
    "",
    "-",
    "10.0.0.256",
    "10.0.0",
    "10.0.0.1.2",
    "10.0.0.1/8",
    "10.0.0.0x1",
    "1.2.3.4\n",
    " 10.0.0.1",
    "010.0.0.1",
    "::1.2.3",
    "1.2.3.4::",
    "::ffff:10.0.0.256",
    "[::1]",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7:8::",
    "1:2:3:4::5:6:7:8",
    ":1:2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:8:9",
    "host.example",
    "東京",
]


@dataclass(frozen=True, slots=True)
class Engines:
    """DuckDB and Trino, each with the table `flows` over the same files."""

    duckdb: duckdb.DuckDBPyConnection
    trino: Trino
    schema: str

    def answers(self, sql: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Run one text on both."""
        here = self.duckdb.execute(in_words_of(Engine.DUCKDB, sql)).fetchall()
        return here, self.trino.rows(in_words_of(Engine.ATHENA, sql), self.schema)

    def keys(self, texts: Sequence[str]) -> list[dict[str, str | None]]:
        """Give the key of each text, as either engine has it."""
        values = ", ".join(f"('{text}')" for text in texts)
        return [dict(rows) for rows in self.answers(f"SELECT a, address_key(a) FROM (VALUES {values}) AS v(a)")]


@pytest.fixture(scope="module")
def engines(trino: Trino, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("lake")
    (folder / "date=2026-11-20").mkdir()
    pq.write_table(rows_of(FLOWS), folder / "date=2026-11-20" / "part-0.parquet")
    with open_lake([str(folder)]) as connection:
        yield Engines(connection, trino, trino.table_of(folder).partition(".")[0])


def same(rows: Sequence[Sequence[Any]], expected: Sequence[Sequence[Any]]) -> bool:
    """Compare values of rows: of the same type, and fractions but for their last digits."""
    return [list(map(approximate, row)) for row in rows] == [list(map(approximate, row)) for row in expected]


def approximate(value: Any) -> Any:
    return (type(value), f"{value:.12g}" if isinstance(value, float) else value)


def key_of(address: str) -> str:
    number = ipaddress.ip_address(address)
    return f"{int(number) if number.version == 6 else 0xFFFF << 32 | int(number):032X}"


def test_expressions_are_the_same_of_every_row(engines: Engines) -> None:
    for rows in engines.answers(f"SELECT {', '.join(OF_A_ROW)} FROM flows ORDER BY packets"):
        found = dict(zip(OF_A_ROW, zip(*rows, strict=True), strict=True))
        assert {one: list(map(approximate, found[one])) for one in found} == {
            one: list(map(approximate, values)) for one, values in OF_A_ROW.items()
        }


@pytest.mark.parametrize("query", OF_ALL_ROWS)
def test_a_query_has_the_same_rows(query: str, engines: Engines) -> None:
    here, there = engines.answers(query)
    assert same(here, OF_ALL_ROWS[query]), f"DuckDB says {here}"
    assert same(there, OF_ALL_ROWS[query]), f"Trino says {there}"


def test_what_our_queries_go_without_differs_indeed(engines: Engines) -> None:
    here, there = engines.answers(f"SELECT {', '.join(DIFFERENT)}")
    assert dict(zip(DIFFERENT, zip(here[0], there[0], strict=True), strict=True)) == DIFFERENT


def test_the_key_of_an_address_is_its_sixteen_bytes(engines: Engines) -> None:
    assert engines.keys(ADDRESSES) == [{address: key_of(address) for address in ADDRESSES}] * 2


def test_what_is_no_address_has_no_key(engines: Engines) -> None:
    assert engines.keys(NONE) == [dict.fromkeys(NONE)] * 2


@pytest.mark.parametrize("text", ["\u0661.2.3.4", "fe80::1%eth0"])
def test_what_trino_alone_takes_for_an_address_is_never_in_the_lake(text: str, engines: Engines) -> None:
    here, there = engines.keys([text])
    assert here == {text: None} != there
    with pytest.raises((ValueError, OSError)):
        read_address(text.encode())


def test_keys_of_many_addresses_are_the_same_in_whatever_spelling(engines: Engines) -> None:
    chosen = random.Random(7)
    sparse = [chosen.getrandbits(128) & chosen.getrandbits(128) << chosen.randrange(128) for _ in range(200)]
    addresses = [
        *(str(ipaddress.IPv4Address(chosen.getrandbits(32))) for _ in range(100)),
        *(str(ipaddress.IPv6Address(number % 2**128)) for number in sparse),
        *(ipaddress.IPv6Address(number % 2**128).exploded for number in sparse),
    ]
    assert engines.keys(addresses) == [{address: key_of(address) for address in addresses}] * 2


def test_no_address_has_no_key_and_keys_sort_as_addresses(engines: Engines) -> None:
    here, there = engines.answers(
        "SELECT srcaddr, address_key(srcaddr) IS NULL FROM flows WHERE address_key(srcaddr) IS NULL"
        " OR address_key(srcaddr) BETWEEN address_key('10.0.0.0') AND address_key('10.255.255.255')"
        " ORDER BY packets"
    )
    assert here == there == [("10.0.0.1", False), (None, True), ("", True)]
