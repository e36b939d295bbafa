"""Knows the rejected lines to the port of SSH, which the decorator counts where no metric filter can."""

from collections.abc import Callable
from operator import itemgetter
from typing import TypeAlias

from flowlogs.record.log_format import LogFormat

NEEDED = ("action", "dstport", "protocol")
"""Keys of the fields that say it."""
MARK = b"REJECT"
"""What every such line holds: cheap to look for, and few lines have it."""
_SSH_REJECT = (MARK, b"22", b"6")  # IANA: port and protocol number

Test: TypeAlias = Callable[[bytes], bool]
"""Says whether a line is one to count that holds MARK and fits its format."""


def ssh_reject_test(log_format: LogFormat) -> Test:
    """Make the test for lines of a format; where the format lacks a field of it, no line passes."""
    places = [place for key in NEEDED if (place := log_format.position(key)) is not None]
    if len(places) < len(NEEDED):
        return lambda _: False
    pick = itemgetter(*places)

    def is_ssh_reject(line: bytes) -> bool:
        return bool(pick(line.split()) == _SSH_REJECT)

    return is_ssh_reject
