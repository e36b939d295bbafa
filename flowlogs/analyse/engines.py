"""The two engines that run one SQL text, and the little in which they need other words.

`address_key(a)` gives the 32 hexadecimal digits of an address, by which addresses sort and networks are ranges; NULL
for what is none. `utc_time(s)` gives Unix seconds as a timestamp in UTC, `port_grade(p)` how much a port looks like a
client's (`ports.grade`). DuckDB has them as macros, Athena (Trino) as expressions that stand in their place. Where a
function is the same but for its name, Athena's name is written, and a macro of that name is DuckDB's.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from flowlogs.analyse.ports import grade
from flowlogs.analyse.sql_words import Piece, pieces
from flowlogs.errors import SettingsError


class Engine(StrEnum):
    """Who runs a query."""

    DUCKDB = "duckdb"
    ATHENA = "athena"


_IN_ATHENA: Mapping[str, Callable[[str], str]] = {
    "address_key": lambda address: f"to_hex(CAST(TRY_CAST({address} AS IPADDRESS) AS VARBINARY))",
    "utc_time": lambda seconds: f"CAST(from_unixtime({seconds}) AS TIMESTAMP)",
    "port_grade": lambda port: f"({grade(port)})",
}
"""Athena's expression for each call, by its argument."""

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = f"{_OCTET}(\\.{_OCTET}){{3}}"
_GROUP = "[0-9a-fA-F]{1,4}"
_SOME_GROUPS = f"({_GROUP}(:{_GROUP})*)?"

DUCKDB_TYPES = {
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP_MS",
    "array<string>": "VARCHAR[]",
    "map<string,string>": "MAP(VARCHAR, VARCHAR)",
}
"""DuckDB's type of each Glue type."""

MACROS = f"""
CREATE OR REPLACE MACRO utc_time(seconds) AS make_timestamp_ms(CAST(seconds AS BIGINT) * 1000);
CREATE OR REPLACE MACRO bitwise_and(one, other) AS one & other;
CREATE OR REPLACE MACRO bitwise_or_agg(bits) AS bit_or(bits);
CREATE OR REPLACE MACRO port_grade(port) AS {grade("port")};
CREATE OR REPLACE MACRO ipv4_octet(a, place) AS CAST(split_part(a, '.', place) AS UTINYINT);
CREATE OR REPLACE MACRO ipv4_digits(a, between) AS
    format('{{:02X}}{{:02X}}{{}}{{:02X}}{{:02X}}',
        ipv4_octet(a, 1), ipv4_octet(a, 2), between, ipv4_octet(a, 3), ipv4_octet(a, 4));
CREATE OR REPLACE MACRO ipv6_in_groups(a) AS
    CASE WHEN regexp_full_match(a, '.*:{_IPV4}')
    THEN regexp_replace(a, '[^:]*$', '') || ipv4_digits(regexp_extract(a, '[^:]*$'), ':') ELSE a END;
CREATE OR REPLACE MACRO ipv6_groups(part) AS
    CASE WHEN part = '' THEN [] ELSE list_transform(string_split(part, ':'), lambda g: lpad(upper(g), 4, '0')) END;
CREATE OR REPLACE MACRO ipv6_zeros(before, behind) AS
    CASE WHEN len(before) + len(behind) < 8
    THEN concat(array_to_string(before, ''), repeat('0000', 8 - len(before) - len(behind)),
        array_to_string(behind, '')) END;
CREATE OR REPLACE MACRO ipv6_digits(a) AS
    CASE WHEN regexp_full_match(a, '({_GROUP}:){{7}}{_GROUP}') THEN array_to_string(ipv6_groups(a), '')
    WHEN regexp_full_match(a, '{_SOME_GROUPS}::{_SOME_GROUPS}')
    THEN ipv6_zeros(ipv6_groups(split_part(a, '::', 1)), ipv6_groups(split_part(a, '::', 2))) END;
CREATE OR REPLACE MACRO address_key(a) AS
    CASE WHEN regexp_full_match(a, '{_IPV4}') THEN '00000000000000000000FFFF' || ipv4_digits(a, '')
    WHEN contains(a, ':') THEN list_transform([ipv6_in_groups(a)], lambda in_groups: ipv6_digits(in_groups))[1] END;
"""
"""What a DuckDB connection is told first."""


def in_words_of(engine: Engine, sql: str) -> str:
    """Give a text in the words of an engine; raise SettingsError where a call to be replaced has no end."""
    return sql if engine is Engine.DUCKDB else _in_athena(list(pieces(sql)))


def _in_athena(found: Sequence[Piece]) -> str:
    written: list[str] = []
    place = 0
    while place < len(found):
        call = _called(found, place)
        if call is None:
            written.append(found[place].text)
            place += 1
        else:
            opening, closing = call
            argument = _in_athena(found[opening + 1 : closing])
            written.append(_IN_ATHENA[found[place].text.lower()](argument))
            place = closing + 1
    return "".join(written)


def _called(found: Sequence[Piece], place: int) -> tuple[int, int] | None:
    """Give where the parentheses of a call are that Athena lacks; None where none begins here."""
    if found[place].text.lower() not in _IN_ATHENA:
        return None
    opening = next((n for n in range(place + 1, len(found)) if found[n].is_said), None)
    if opening is None or found[opening].text != "(":  # a column of that name
        return None
    depth = 0
    for n in range(opening, len(found)):
        depth += {"(": 1, ")": -1}.get(found[n].text, 0)
        if not depth:
            return opening, n
    raise SettingsError(f"the parenthesis behind {found[place].text} is not closed")
