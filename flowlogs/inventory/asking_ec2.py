"""Asks EC2 for interfaces that the inventory lacks: seldom, a few at a time, and not again for those EC2 lacks too."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from flowlogs.inventory.network_interface import NetworkInterface

MOST_IDS = 200
"""Ids a call: the values a filter of DescribeNetworkInterfaces takes."""
FORGET_SECONDS = 600
"""How long an interface that EC2 does not have is not asked for again."""
KEEP_SECONDS = 600
"""How long what EC2 said of an interface is believed: its security groups may have changed since."""
BELIEVED_SECONDS = 3600
"""For how long before it was asked EC2 is believed: it says what is now, and records come late, but not by an hour."""
_MOST_ABSENT = 10_000


class Describe(Protocol):
    """Asks EC2 once: `flowlogs.aws.ec2`."""

    def __call__(self, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        """Give those of the interfaces that exist; raise OSError where EC2 refuses or throttles."""
        ...


class LookUp:
    """At most one call in `pause` seconds; a pause of 0 is never."""

    def __init__(self, describe: Describe | None, pause: float) -> None:
        self._describe = describe if pause else None
        self._pause = pause
        self.asked = float("-inf")  # when EC2 was asked last, Unix seconds
        self._absent: dict[str, float] = {}

    def find(self, interface_ids: Iterable[str], now: float) -> list[NetworkInterface]:
        """Ask for interfaces, if it is time to; give those found, as they are now and as they were in the last hour.

        `now` is Unix seconds. Raise OSError where EC2 refuses or throttles.
        """
        if self._describe is None or now - self.asked < self._pause:
            return []
        wanted = [
            found for found in sorted(interface_ids) if now - self._absent.get(found, float("-inf")) > FORGET_SECONDS
        ]
        if not wanted:
            return []
        self.asked = now
        asked = wanted[:MOST_IDS]
        found = self._describe(asked)
        self._remember(set(asked) - {interface.interface_id for interface in found}, now)
        since = int(now) - BELIEVED_SECONDS
        return [replace(interface, since=max(since, interface.since)) for interface in found]

    def _remember(self, absent: set[str], now: float) -> None:
        self._absent = {found: asked for found, asked in self._absent.items() if now - asked <= FORGET_SECONDS}
        if len(self._absent) >= _MOST_ABSENT:  # never at a pause of 30 s
            self._absent.clear()
        self._absent |= dict.fromkeys(absent, now)
