"""What the decorator knows at the moment, and what it notices that it does not."""

from dataclasses import dataclass, field

from flowlogs.decorate.attribution import Attributor
from flowlogs.decorate.places import Places
from flowlogs.inventory.inventory import Inventory
from flowlogs.record.networks import Networks


@dataclass(slots=True)
class Noticed:
    """What could not be told of the records of a batch."""

    unknown_records: int = 0  # their interface is not in the inventory at their time
    ambiguous_records: int = 0  # they have an address that two interfaces had at their time
    unknown_interfaces: set[tuple[str | None, str]] = field(default_factory=set)  # (account id, interface id)
    geo_misses: int = 0  # public addresses of which no database knows anything
    corrupt_look_ups: int = 0  # look-ups that failed inside a database


class Knowledge:
    """An inventory, geo databases, the networks called internal. Fixed once made: news make a new one."""

    def __init__(
        self, inventory: Inventory, places: Places, internal: Networks | None = None, region: str | None = None
    ) -> None:
        self.inventory = inventory
        self.places = places
        self.attributor = Attributor(inventory, internal or Networks(), region)
        self.noticed = Noticed()

    def note(self, ambiguous: bool, unknown: tuple[str | None, str] | None) -> None:
        """Take notice of a record of which an address is ambiguous or whose interface (account, id) is unknown."""
        self.noticed.ambiguous_records += ambiguous
        if unknown is not None:
            self.noticed.unknown_records += 1
            self.noticed.unknown_interfaces.add(unknown)

    def take_notices(self) -> Noticed:
        """Give what was noticed since the last call, and begin anew."""
        noticed, self.noticed = self.noticed, Noticed()
        noticed.geo_misses, self.places.misses = self.places.misses, 0
        noticed.corrupt_look_ups, self.places.corrupt = self.places.corrupt, 0
        return noticed
