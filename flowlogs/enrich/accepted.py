"""Says which values of a column are certainly what the Python reader takes them for."""

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.record.fields import Field, Kind
from flowlogs.record.values import MILLISECONDS_FROM, READERS

_DIGITS = {Kind.NUMBER: 18, Kind.TIME: 14}  # 2^63 has 19; a time may be in milliseconds before the year 9999
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
PATTERNS = {
    Kind.NUMBER: f"[0-9]{{1,{_DIGITS[Kind.NUMBER]}}}",
    Kind.TIME: f"[0-9]{{1,{_DIGITS[Kind.TIME]}}}",
    Kind.ADDRESS: rf"{_OCTET}(?:\.{_OCTET}){{3}}",
    Kind.TEXT: "[!-~]+",
}
"""Per kind of field a pattern in ASCII, narrower than the reader: what does not match is not wrong, but read with care.
No pattern takes a blank, a control character or nothing at all."""

LARGEST = {kind: pa.scalar(10**digits - 1, pa.uint64()) for kind, digits in _DIGITS.items()}
"""The same for values that were read as numbers already."""

_FIRST_TEXT = "[A-Za-z][!-~]*|[0-9]+"
"""At the beginning of a line: a text that begins otherwise may be JSON, a comment, a time stamp."""


def accepted(values: pa.Array, field: Field, *, is_first: bool) -> pa.Array:
    """Say of each distinct value (bytes) of a field whether it is accepted."""
    pattern = _FIRST_TEXT if is_first and field.kind is Kind.TEXT else PATTERNS[field.kind]
    matches = matching(values, pattern)
    if field.kind is Kind.ADDRESS and matches.false_count:
        others = values.filter(pc.invert(matches))
        fine = pa.array([_is_address(value) for value in others.to_pylist()], pa.bool_())
        return pc.replace_with_mask(matches, pc.invert(matches), fine)
    return matches


def matching(values: pa.Array, pattern: str) -> pa.Array:
    """Say which values a pattern matches as a whole."""
    return pc.match_substring_regex(values, f"^(?:{pattern})$")


def _is_address(value: bytes) -> bool:
    """Ask the reader: IPv6 is spelt in too many ways for a pattern, and each address is looked up once anyway."""
    try:
        READERS[Kind.ADDRESS](value)
    except ValueError:
        return False
    return True


def numbers(values: pa.Array, kind: Kind) -> pa.Array:
    """Give accepted values as whole numbers; times as seconds, as `flowlogs.record.values.read_time` does."""
    return as_seconds(values.cast(pa.string()).cast(pa.int64()), kind)


def as_seconds(found: pa.Array, kind: Kind) -> pa.Array:
    """Let times in milliseconds be seconds; all else stays."""
    if kind is not Kind.TIME:
        return found
    is_milliseconds = pc.greater(found, MILLISECONDS_FROM)
    if not is_milliseconds.true_count:
        return found
    return pc.if_else(is_milliseconds, pc.divide(found, pa.scalar(1000, pa.int64())), found)
