"""One operation of AWS's that the inventory asks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowlogs.inventory.answers import Answer, Given
from flowlogs.inventory.follow_ups import everything
from flowlogs.inventory.kinds import KINDS, Rhythm
from flowlogs.inventory.size import Size

Items = Callable[[Size], Iterable[int]]
"""Says how many items each series of pages has: one number for each time that something is asked for."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of a service (by boto3's name), and where its answer has what is wanted.

    `page` is the most items that an answer holds, `limit` the parameter that asks for so many, empty where AWS knows
    none. `asked` gives the parameters, from the answers so far; `extra` has those that are sent where the installed
    botocore knows them. `gone` has the error codes for what was deleted before it could be asked about.
    """

    service: str
    operation: str
    kinds: tuple[str, ...]
    member: str
    page: int
    items: Items
    limit: str = "MaxResults"
    asked: Callable[[Sequence[Answer]], Iterator[Given]] = everything
    extra: Mapping[str, Any] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def action(self) -> str:
        """Give IAM's name of it, which is the operation's for each of these."""
        return f"{self.service}:{self.operation}"

    @property
    def rhythm(self) -> Rhythm:
        """Say how often it is made: as often as its kinds are asked for."""
        return KINDS[self.kinds[0]].rhythm

    def calls(self, size: Size) -> int:
        """Count the calls of one snapshot: one for every page, and one where there is nothing."""
        return sum(max(1, -(-items // self.page)) for items in self.items(size))
