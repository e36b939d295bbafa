"""The price lists of all regions, and that of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flowlogs.costs.price import Price
from flowlogs.costs.price_file import Item, read_price_file
from flowlogs.errors import SettingsError

PRICE_FILE = Path(__file__).with_name("prices.json")
REGION = "us-east-1"
"""The region whose prices are taken where none is named."""
HEAD = ("item", "unit", "dollars", "known", "read", "source")
"""Columns of the table of prices."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one region by name; `items` are all that is asked for, `dated` the newest list (ISO)."""

    region: str
    dated: str
    items: Mapping[str, Item]
    rows: Mapping[str, Price]

    def price(self, name: str) -> Price:
        """Give a price; one that the region lacks, like that of a new instance type, is one that was not found."""
        if (found := self.rows.get(name)) is not None:
            return found
        item = self.items.get(name) or Item.of_node(name)
        return Price(item.item, item.unit, (), "absent", self.dated, f"not found for {self.region}")

    def missing(self) -> list[str]:
        """Name what has no price in this region."""
        return [self.items[name].item for name in self.items if not self.price(name).tiers]


@dataclass(frozen=True, slots=True)
class PriceLists:
    """The prices of every region that some are known of."""

    regions: Mapping[str, Prices]

    def of(self, region: str) -> Prices:
        """Give the prices of a region; raise SettingsError, which lists those there are, for another."""
        if region not in self.regions:
            raise SettingsError(
                f"no price of the region {region[:40]!r} is known, only of {', '.join(self.regions)}: "
                "give a price file of your own"
            )
        return self.regions[region]


def price_lists(own: Path | None = None, ours: Path = PRICE_FILE) -> PriceLists:
    """Read our price file, and lay your own over it where you have one: its prices win, region by region.

    Raise SettingsError where a file cannot be read.
    """
    file = read_price_file(ours)
    lists = {name: Prices(name, file.dated, file.items, rows) for name, rows in file.regions.items()}
    if own is not None:
        yours = read_price_file(own, file.items)
        for name, rows in yours.regions.items():
            below = lists[name].rows if name in lists else {}
            lists[name] = Prices(name, max(yours.dated, file.dated if below else ""), file.items, {**below, **rows})
    return PriceLists(lists)


def load(region: str = REGION) -> Prices:
    """Read our prices of a region; raise SettingsError for one of which we know none."""
    return price_lists().of(region)


def rows(prices: Prices) -> list[tuple[str, ...]]:
    """Give the rows of the table of prices, in the order of HEAD."""
    return [
        (price.item, price.unit, price.text(), price.known, price.read, price.source) for price in prices.rows.values()
    ]
