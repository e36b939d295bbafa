"""Spoils lines so that their log format refuses them."""

from collections.abc import Callable
from random import Random

from flowlogs.record.fields import Kind
from flowlogs.record.log_format import LogFormat

Values = list[bytes]

_NO_NUMBERS = (b"12a4", b"1_000", b"+5", b"-7", b"9223372036854775808")
_NO_ADDRESSES = (b"10.0.0.256", b"10.0.0", b"fe80:::1", b"host-7")


class Spoiler:
    """Makes malformed lines out of good ones; the reason says what is wrong with a line."""

    def __init__(self, log_format: LogFormat, rng: Random) -> None:
        self._rng = rng
        self._numbers = _places(log_format, Kind.NUMBER, Kind.TIME)
        self._addresses = _places(log_format, Kind.ADDRESS)
        ways: dict[str, Callable[[Values], Values]] = {"too many values": self._lengthen}
        if len(log_format.fields) > 1:
            ways["too few values"] = self._shorten
        if self._numbers:
            ways["not a number"] = self._no_number
        if self._addresses:
            ways["not an address"] = self._no_address
        self._ways = list(ways.items())

    def spoil(self, line: bytes) -> tuple[bytes, str]:
        """Give a malformed line like this one, and why it is malformed."""
        reason, way = self._rng.choice(self._ways)
        return b" ".join(way(line.split())), reason

    def _lengthen(self, values: Values) -> Values:
        return [*values, b"surplus"]

    def _shorten(self, values: Values) -> Values:
        return values[: 1 + int(self._rng.random() * (len(values) - 1))]

    def _no_number(self, values: Values) -> Values:
        values[self._rng.choice(self._numbers)] = self._rng.choice(_NO_NUMBERS)
        return values

    def _no_address(self, values: Values) -> Values:
        values[self._rng.choice(self._addresses)] = self._rng.choice(_NO_ADDRESSES)
        return values


def _places(log_format: LogFormat, *kinds: Kind) -> list[int]:
    return [place for place, field in enumerate(log_format.fields) if field.kind in kinds]
