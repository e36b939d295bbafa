"""Reads one value of a flow record, or refuses it."""

import socket
from collections.abc import Callable

from flowlogs.record.fields import Kind

ABSENT = b"-"
LARGEST = 2**63 - 1
"""Parquet's INT64, Glue's bigint and OpenSearch's long end here."""

MILLISECONDS_FROM = 10**11
"""A time above this is milliseconds: 10^11 s is the year 5138, 10^11 ms is 1973."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which ISO 8601 has no four-digit year."""

_IPV4 = 4  # bytes
_LONGEST = len(str(LARGEST))


def read_number(value: bytes) -> int:
    """Read ASCII digits; raise ValueError for anything else (`int` alone takes `1_000`, `+5` and `٣`)."""
    if not value.isdigit():
        raise ValueError("not a number")
    if len(value) > _LONGEST:
        value = value.lstrip(b"0") or b"0"
        if len(value) > _LONGEST:
            raise ValueError("beyond 2^63-1")
    number = int(value)
    if number > LARGEST:
        raise ValueError("beyond 2^63-1")
    return number


def read_time(value: bytes) -> int:
    """Read a time as Unix seconds; one in milliseconds becomes seconds."""
    number = read_number(value)
    seconds = number // 1000 if number > MILLISECONDS_FROM else number
    if seconds > LAST_SECOND:
        raise ValueError("beyond the year 9999")
    return seconds


def packed(address: str) -> bytes:
    """Give the 4 or 16 bytes of an address, whichever way it was spelt; raise ValueError where it is none."""
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except (OSError, ValueError) as error:  # ValueError: a NUL inside
        raise ValueError("not an address") from error


def spelt(address: bytes) -> str:
    """Write packed bytes as AWS writes an address: dotted, or IPv6 in its short form (RFC 5952)."""
    return socket.inet_ntop(socket.AF_INET if len(address) == _IPV4 else socket.AF_INET6, address)


def read_address(value: bytes) -> str:
    """Read an IPv4 or IPv6 address and leave its spelling as it is."""
    if not value.isascii():
        raise ValueError("not an address")
    address = value.decode("ascii")
    packed(address)
    return address


def read_text(value: bytes) -> str:
    """Read UTF-8 text."""
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error


READERS: dict[Kind, Callable[[bytes], int | str]] = {
    Kind.NUMBER: read_number,
    Kind.TIME: read_time,
    Kind.ADDRESS: read_address,
    Kind.TEXT: read_text,
}
"""How a value of each kind is read; every reader raises ValueError with the reason."""
