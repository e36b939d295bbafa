"""Leaves out of the search stream what we chose not to keep there: not at random, so that each stage chooses alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from zlib import crc32

from flowlogs.record.log_format import LogFormat
from flowlogs.record.networks import Networks
from flowlogs.record.values import ABSENT


class Keep(StrEnum):
    """Which records go to the search stream."""

    ALL = "all"
    REJECTS = "rejects"  # and nothing else
    SAMPLE = "sample"  # everything but accepts, and one accept in so many


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is kept; `one_in` is for Keep.SAMPLE; traffic with both ends inside `internal` is left out."""

    keep: Keep = Keep.ALL
    one_in: int = 1
    internal: Networks = field(default_factory=Networks)

    def __bool__(self) -> bool:
        return self.keep is not Keep.ALL or bool(self.internal)

    @property
    def sample_rate(self) -> int | None:
        """How many accepts one stands for; None where the stream is not sampled."""
        return self.one_in if self.keep is Keep.SAMPLE else None

    def chooser(self, log_format: LogFormat) -> Callable[[bytes], bool]:
        """Make the function that says of a line whether it is kept.

        A line that cannot be judged (too short, no such field) is kept: the decorator refuses what is malformed.
        The sample is chosen by the line itself, so that a line sent twice is chosen twice.
        """
        action = log_format.position("action")
        addresses = [_position(log_format, "pkt_srcaddr", "srcaddr"), _position(log_format, "pkt_dstaddr", "dstaddr")]
        width = len(log_format.fields)

        def is_kept(line: bytes) -> bool:
            values = line.split()
            if len(values) != width:
                return True
            return self._keeps_action(values, action) and not self._is_internal(values, addresses)

        return is_kept

    def _keeps_action(self, values: list[bytes], place: int | None) -> bool:
        if place is None or self.keep is Keep.ALL:
            return True
        if self.keep is Keep.REJECTS:
            return values[place] == b"REJECT"
        return values[place] != b"ACCEPT" or crc32(b" ".join(values)) % self.one_in == 0

    def _is_internal(self, values: list[bytes], ends: list[list[int]]) -> bool:
        if not self.internal:
            return False
        addresses = [next((values[at] for at in places if values[at] != ABSENT), ABSENT) for places in ends]
        return self.internal.have(*(address.decode("ascii", "replace") for address in addresses))


def _position(log_format: LogFormat, *keys: str) -> list[int]:
    return [place for key in keys if (place := log_format.position(key)) is not None]
