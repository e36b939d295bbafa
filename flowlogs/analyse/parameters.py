"""Parameters of named queries: their kinds, and how a value stands in SQL.

A value is never pasted: it is read as what its kind says, and written as a literal that DuckDB and Athena read alike.
A network holds the addresses of its own version alone: `0.0.0.0/0` all of IPv4, `::/0` all of IPv6. One that is written
as mapped, such as `::ffff:10.0.0.0/104`, is the network of IPv4 that it names (`10.0.0.0/8`), as an address is.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from flowlogs.errors import SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DIGITS = 32  # of an address key: 128 bits
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
"""Where IPv4 addresses lie among those of IPv6. Source: RFC 4291 §2.5.5.2."""
_BEFORE, _BEHIND = _MAPPED[0] - 1, _MAPPED[-1] + 1
_WHOLE = re.compile(r"[0-9]{1,30}")
_DECIMAL = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
"""`int` and `float` take `1_000`, `٣` and `nan` too."""


class Kind(StrEnum):
    """What a parameter takes."""

    COUNT = "count"
    STEPS = "steps"
    """A count of what a query multiplies by a length of time."""
    NUMBER = "number"
    DECIMAL = "decimal"
    PORTS = "ports"
    TEXT = "text"
    TEXTS = "texts"
    ADDRESS = "address"
    NETWORKS = "networks"
    ZONES = "zones"


BOUNDS: Mapping[Kind, tuple[int, int]] = {
    Kind.COUNT: (1, 1_000_000),
    Kind.STEPS: (1, 2_000),
    Kind.NUMBER: (0, 1_000_000_000),
    Kind.DECIMAL: (0, 1_000_000),
    Kind.PORTS: (0, 65_535),
}
"""The least and the largest value of kinds of numbers.

A whole number that is written in SQL has 32 bits to both engines, and so has a product: the largest count of steps
times the largest count, or an hour, and twice the largest number are below 2^31.
"""


def _bounds(kind: Kind) -> str:
    least, largest = BOUNDS[kind]
    return f"from {least:,} to {largest:,}"


TAKES: Mapping[Kind, str] = {
    Kind.COUNT: f"a whole number {_bounds(Kind.COUNT)}",
    Kind.STEPS: f"a whole number {_bounds(Kind.STEPS)}",
    Kind.NUMBER: f"a whole number {_bounds(Kind.NUMBER)}",
    Kind.DECIMAL: f"a number {_bounds(Kind.DECIMAL)}, such as 0.045",
    Kind.PORTS: f"ports {_bounds(Kind.PORTS)} with commas between",
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
            because = f" ({reason})" if reason else ""
            raise SettingsError(f"{self.name}: {text[:60]!r} is not {TAKES[self.kind]}{because}") from error


def quoted(text: str) -> str:
    """Write a text as a literal."""
    if "\0" in text:
        raise ValueError("it has a NUL in it")
    return "'" + text.replace("'", "''") + "'"


def address_key(address: Address) -> str:
    """Give the 32 hexadecimal digits by which addresses sort; an IPv4 one is ::ffff:a.b.c.d."""
    number = int(address) + (int(_MAPPED[0]) if address.version == 4 else 0)
    return f"{number:0{_DIGITS}X}"


def _whole(kind: Kind) -> Callable[[str], str]:
    least, largest = BOUNDS[kind]

    def write(text: str) -> str:
        bare = text.strip()
        if not (_WHOLE.fullmatch(bare) and least <= int(bare) <= largest):
            raise ValueError
        return str(int(bare))

    return write


def _decimal(text: str) -> str:
    least, largest = BOUNDS[Kind.DECIMAL]
    bare = text.strip()
    if not (_DECIMAL.fullmatch(bare) and least <= float(bare) <= largest):
        raise ValueError
    number = float(bare)
    return f"{number!r}e0" if "e" not in repr(number) else repr(number)  # a double to both; 0.1 alone is a decimal


def _listed(write: Callable[[str], str]) -> Callable[[str], str]:
    def write_all(text: str) -> str:
        items = [item.strip() for item in text.split(",") if item.strip()]
        if not items:
            raise ValueError("it is empty")
        return f"({', '.join(map(write, items))})"

    return write_all


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError as error:
        raise ValueError from error  # whose reason says again what an address is not
    return quoted(str(address.ipv4_mapped or address if address.version == 6 else address))


def _networks(text: str) -> str:
    networks = [_network(item) for item in text.split(",") if item.strip()]
    rows = [_row(str(network), *keys) for network in networks for keys in _ranges(network)]
    return _relation("network, first_key, last_key", rows)


def _zones(text: str) -> str:
    rows = []
    for cidr, zone in _pairs(text):
        network = _network(cidr)
        bits = network.prefixlen + (_MAPPED.prefixlen if network.version == 4 else 0)
        rows += [_row(zone, str(network), bits, *keys) for keys in _ranges(network)]
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
        _network(text)
    except ValueError:
        return False
    return True


def _network(cidr: str) -> Network:
    network = ipaddress.ip_network(cidr.strip(), strict=False)
    if network.version == 4 or not network.subnet_of(_MAPPED):
        return network
    return ipaddress.IPv4Network((int(network[0]) - int(_MAPPED[0]), network.prefixlen - _MAPPED.prefixlen))


def _ranges(network: Network) -> list[tuple[str, str]]:
    """Give the keys of a network's addresses, from the first to the last: without IPv4 where it is of IPv6."""
    ends = [(network[0], network[-1])]
    if network.version == 6 and network.supernet_of(_MAPPED):
        ends = [(network[0], _BEFORE), (_BEHIND, network[-1])]
    return [(address_key(first), address_key(last)) for first, last in ends if int(first) <= int(last)]


def _row(*values: str | int) -> str:
    return f"({', '.join(quoted(value) if isinstance(value, str) else str(value) for value in values)})"


def _relation(columns: str, rows: list[str]) -> str:
    if not rows:
        raise ValueError("it names no network")
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS listed ({columns})"


_WRITERS: Mapping[Kind, Callable[[str], str]] = {
    Kind.COUNT: _whole(Kind.COUNT),
    Kind.STEPS: _whole(Kind.STEPS),
    Kind.NUMBER: _whole(Kind.NUMBER),
    Kind.DECIMAL: _decimal,
    Kind.PORTS: _listed(_whole(Kind.PORTS)),
    Kind.TEXT: quoted,
    Kind.TEXTS: _listed(quoted),
    Kind.ADDRESS: _address,
    Kind.NETWORKS: _networks,
    Kind.ZONES: _zones,
}
