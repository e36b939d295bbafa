"""A resource as it was for a span of time, and the account and region in which it was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flowlogs.inventory.kinds import Facts
from flowlogs.inventory.network_interface import END


class Scope(NamedTuple):
    """An account and a region: what is asked as one, and fails as one."""

    account_id: str
    region: str

    def __str__(self) -> str:
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class Interval:
    """A resource with the facts that held from `since` to before `until` (Unix seconds; END: it still is so)."""

    scope: Scope
    id: str
    facts: Facts
    since: int
    until: int = END

    @property
    def is_open(self) -> bool:
        """Say whether it was so when its scope was last seen."""
        return self.until == END


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What EC2 said of one kind in one scope: every resource by id, at a time (Unix seconds).

    `taken` is the moment before the first page was asked for: what changes while pages come is seen the next time.
    """

    scope: Scope
    taken: int
    resources: Mapping[str, Facts]
