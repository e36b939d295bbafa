"""Writes geo databases by hand, byte for byte: sound around one entry that is not.

Source: MaxMind DB File Format Specification, "Data Field Format": three bits of type and five of size, where 29 to 31
say that the size stands in the bytes behind; types from 8 on stand in a byte of their own.
"""

from pathlib import Path

from databases_on_disk import BUILT

TEXT, DOUBLE, UINT16, UINT32, MAP = 2 << 5, 3 << 5, 5 << 5, 6 << 5, 7 << 5
POINTER, TO_FIRST = 1 << 5, b"\x20\x00"
HUGE = 31
"""A size in the low five bits, with three bytes behind that say how much it is more than 65,821."""
_SEPARATOR = bytes(16)
_MARKER = b"\xab\xcd\xefMaxMind.com"


def text(value: str) -> bytes:
    """Write a text of less than 29 bytes."""
    return bytes([TEXT | len(value)]) + value.encode()


def short(value: int) -> bytes:
    """Write a number of two bytes."""
    return bytes([UINT16 | 2]) + value.to_bytes(2)


def number(value: int) -> bytes:
    """Write a number of four bytes."""
    return bytes([UINT32 | 4]) + value.to_bytes(4)


def long(value: int) -> bytes:
    """Write a number of eight bytes, which is of type 9."""
    return bytes([8, 9 - 7]) + value.to_bytes(8)


def holding(key: str, value: bytes) -> bytes:
    """Write a map of one key."""
    return bytes([MAP | 1]) + text(key) + value


COUNTRY = holding("country", holding("iso_code", text("DE")))
ENTRIES = {
    "a map that holds itself": holding("country", TO_FIRST),
    "maps in maps without end": holding("country", b"\xe1Aa" * 100_000 + b"\xe0"),
    "lists in lists without end": holding("subdivisions", b"\x01\x04" * 100_000 + b"\x00\x04"),
    "a map of more than there is": holding("country", bytes([MAP | HUGE]) + b"\xff\xff\xff"),
    "a list of more than there is": holding("subdivisions", bytes([HUGE, 4]) + b"\xff\xff\xff"),
    "a text longer than the file": holding("country", holding("iso_code", bytes([TEXT | HUGE]) + b"\xff\xff\xff")),
    "a text that is none": holding("country", holding("iso_code", bytes([TEXT | 2]) + b"\xff\xfe")),
    "a pointer behind the end": holding("country", bytes([POINTER | 3 << 3]) + b"\x7f\xff\xff\xff"),
    "a double of seven bytes": holding("location", holding("latitude", bytes([DOUBLE | 7]) + bytes(7))),
    "a key that is a number": bytes([MAP | 1]) + number(1) + text("DE"),
    "a type that is not": holding("country", b"\x00\x7f"),
}


def put(path: Path, entry: bytes, kind: str = "GeoLite2-City") -> Path:
    """Write a database that has one entry for all addresses."""
    about = {
        "binary_format_major_version": short(2),
        "binary_format_minor_version": short(0),
        "build_epoch": long(BUILT),
        "database_type": text(kind),
        "description": holding("en", text("by hand")),
        "ip_version": short(6),
        "languages": b"\x00\x04",
        "node_count": number(1),
        "record_size": short(24),
    }
    metadata = bytes([MAP | len(about)]) + b"".join(text(key) + value for key, value in about.items())
    leads_to_entry = (1 + len(_SEPARATOR)).to_bytes(3)
    path.write_bytes(2 * leads_to_entry + _SEPARATOR + entry + _MARKER + metadata)
    return path
