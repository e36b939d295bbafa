"""The two engines that run one SQL text, and the little in which they need other words.

`address_key(a)` gives the 32 hexadecimal digits of an address, by which addresses sort and networks are ranges; NULL
for what is none. `utc_time(s)` gives Unix seconds as a timestamp in UTC, `port_grade(p)` how much a port looks like a
client's (`ports.grade`). DuckDB has them as macros, Athena (Trino) as expressions that stand in their place.
"""

import re
from enum import StrEnum

from flowlogs.analyse.ports import grade


class Engine(StrEnum):
    """Who runs a query."""

    DUCKDB = "duckdb"
    ATHENA = "athena"


_ARGUMENT = r"\(((?:[^()]|\([^()]*\))*)\)"
_IN_ATHENA = {
    re.compile(rf"\baddress_key{_ARGUMENT}"): r"to_hex(CAST(TRY_CAST(\1 AS IPADDRESS) AS VARBINARY))",
    re.compile(rf"\butc_time{_ARGUMENT}"): r"CAST(from_unixtime(\1) AS TIMESTAMP)",
    re.compile(rf"\bport_grade{_ARGUMENT}"): "(" + grade(r"\1") + ")",
}
"""Athena's expression for each; an argument may have calls in it, one deep."""

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = f"{_OCTET}(\\.{_OCTET}){{3}}"
_GROUP = "[0-9a-fA-F]{1,4}"
_SOME_GROUPS = f"({_GROUP}(:{_GROUP})*)?"

MACROS = f"""
CREATE OR REPLACE MACRO utc_time(seconds) AS make_timestamp_ms(CAST(seconds AS BIGINT) * 1000);
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
    """Give a text in the words of an engine."""
    if engine is Engine.ATHENA:
        for call, expression in _IN_ATHENA.items():
            sql = call.sub(expression, sql)
    return sql
