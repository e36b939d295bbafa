"""Parameters of named queries: their kinds, and how a value stands in SQL.

A value is never pasted: it is read as what its kind says, and written as a literal that DuckDB and Athena read alike.
"""

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from flowlogs.errors import SettingsError
from flowlogs.record.values import LARGEST

_DIGITS = 32  # of an address key: 128 bits
_MAPPED = 0xFFFF << 32
"""Where IPv4 addresses lie among those of IPv6. Source: RFC 4291 §2.5.5.2."""


class Kind(StrEnum):
    """What a parameter takes."""

    NUMBER = "number"
    DECIMAL = "decimal"
    NUMBERS = "numbers"
    TEXT = "text"
    TEXTS = "texts"
    ADDRESS = "address"
    NETWORKS = "networks"
    ZONES = "zones"


TAKES: Mapping[Kind, str] = {
    Kind.NUMBER: "a whole number",
    Kind.DECIMAL: "a number such as 0.045",
    Kind.NUMBERS: "whole numbers with commas between",
    Kind.TEXT: "a text",
    Kind.TEXTS: "texts with commas between",
    Kind.ADDRESS: "an IPv4 or IPv6 address",
    Kind.NETWORKS: "CIDRs with commas between",
    Kind.ZONES: "a file with lines `CIDR zone`, or CIDR=zone with commas between",
}
RELATIONS = frozenset({Kind.NETWORKS, Kind.ZONES})
"""Kinds whose parameter is a relation that the query selects from, not a value in it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `default` is None where a value must be given, `example` is one then."""

    name: str
    kind: Kind
    default: str | None
    example: str
    meaning: str

    def literal(self, text: str) -> str:
        """Write a value as SQL; raise SettingsError, naming the parameter, where it is none of its kind."""
        try:
            return _WRITERS[self.kind](text)
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SettingsError(f"{self.name}: {text[:60]!r} is not {TAKES[self.kind]} ({reason})") from error


def quoted(text: str) -> str:
    """Write a text as a literal."""
    if "\0" in text:
        raise ValueError("it has a NUL in it")
    return "'" + text.replace("'", "''") + "'"


def address_key(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Give the 32 hexadecimal digits by which addresses sort; an IPv4 one is ::ffff:a.b.c.d."""
    number = int(address)
    return f"{number | _MAPPED if address.version == 4 else number:0{_DIGITS}X}"


def _number(text: str) -> str:
    bare = text.strip().removeprefix("-")
    if not (bare.isascii() and bare.isdigit() and int(bare) <= LARGEST):
        raise ValueError("it is no whole number")
    return str(int(text))


def _decimal(text: str) -> str:
    if not text.isascii() or "_" in text:  # `float` takes `1_000` and `٣`
        raise ValueError("it is no number")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("it has no end")
    return f"{number!r}e0" if "e" not in repr(number) else repr(number)  # a double to both; 0.1 alone is a decimal


def _listed(write: Callable[[str], str]) -> Callable[[str], str]:
    def write_all(text: str) -> str:
        items = [item.strip() for item in text.split(",") if item.strip()]
        if not items:
            raise ValueError("it is empty")
        return f"({', '.join(map(write, items))})"

    return write_all


def _address(text: str) -> str:
    return quoted(str(ipaddress.ip_address(text.strip())))


def _networks(text: str) -> str:
    rows = [_range(item.strip()) for item in text.split(",") if item.strip()]
    return _relation("network, first_key, last_key", [f"({', '.join(map(quoted, row))})" for row in rows])


def _zones(text: str) -> str:
    pairs = _pairs(text)
    rows = []
    for cidr, zone in pairs:
        network, first, last = _range(cidr)
        bits = ipaddress.ip_network(network).prefixlen + (96 if ":" not in network else 0)
        rows.append(f"({quoted(zone)}, {quoted(network)}, {bits}, {quoted(first)}, {quoted(last)})")
    return _relation("zone, network, bits, first_key, last_key", rows)


def _pairs(text: str) -> list[tuple[str, str]]:
    """Give CIDR and zone, from a file where the text names one."""
    if _is_network(text.partition("=")[0]):
        split = [item.partition("=") for item in text.split(",") if item.strip()]
        pairs = [(cidr.strip(), zone.strip()) for cidr, _, zone in split]
    else:
        lines = [line.split("#")[0].split(maxsplit=1) for line in Path(text).read_text(encoding="utf-8").splitlines()]
        pairs = [(line[0], " ".join(line[1:]).strip()) for line in lines if line]
    if wrong := next((cidr for cidr, zone in pairs if not zone), None):
        raise ValueError(f"{wrong[:40]} has no zone beside it")
    return pairs


def _is_network(text: str) -> bool:
    try:
        return bool(_range(text.strip()))
    except ValueError:
        return False


def _range(cidr: str) -> tuple[str, str, str]:
    network = ipaddress.ip_network(cidr, strict=False)
    return str(network), address_key(network[0]), address_key(network[-1])


def _relation(columns: str, rows: list[str]) -> str:
    if not rows:
        raise ValueError("it names no network")
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS listed ({columns})"


_WRITERS: Mapping[Kind, Callable[[str], str]] = {
    Kind.NUMBER: _number,
    Kind.DECIMAL: _decimal,
    Kind.NUMBERS: _listed(_number),
    Kind.TEXT: quoted,
    Kind.TEXTS: _listed(quoted),
    Kind.ADDRESS: _address,
    Kind.NETWORKS: _networks,
    Kind.ZONES: _zones,
}
