"""The price file: list prices of one region, each with its source, the day it was read, and how well it is known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRICE_FILE = Path(__file__).with_name("prices.json")
KNOWN = ("seen", "second-hand", "from memory", "absent")
"""How well a price is known: on AWS's own page or API, as somebody quotes it, as we remember it, not found."""
HEAD = ("item", "unit", "dollars", "known", "read", "source")
"""Columns of the table of prices."""


@dataclass(frozen=True, slots=True)
class Price:
    """One row: dollars a unit, by tiers of how much (None: all the rest); no tiers where it was not found."""

    item: str
    unit: str
    tiers: tuple[tuple[float | None, float], ...]
    known: str
    read: str
    source: str

    def cost(self, quantity: float) -> float | None:
        """Give the dollars for a quantity in a month; None where the price was not found."""
        if not self.tiers:
            return None
        dollars, below = 0.0, 0.0
        for end, price in self.tiers:
            top = quantity if end is None else min(quantity, end)
            dollars += max(0.0, top - below) * price
            below = top
        return dollars

    def text(self) -> str:
        """Write the dollars, tier by tier."""
        tiers = [f"{_plain(price)}" + (f" to {end:,.0f}" if end else "") for end, price in self.tiers]
        return ", then ".join(tiers) or "not found"


@dataclass(frozen=True, slots=True)
class Prices:
    """All rows of the file by name; `dated` is when it was put together (ISO)."""

    region: str
    dated: str
    rows: Mapping[str, Price]

    def price(self, name: str) -> Price:
        """Give a row; a name that the file lacks, like that of a new instance type, is one that was not found."""
        unit = "hour" if name.endswith(".search") else ""  # a node
        return self.rows.get(name) or Price(name, unit, (), "absent", self.dated, "not in the price file")


def load(path: Path = PRICE_FILE) -> Prices:
    """Read a price file: ours, unless another is given."""
    content = json.loads(path.read_text())
    return Prices(content["region"], content["dated"], {row["name"]: _price(row) for row in content["prices"]})


def rows(prices: Prices) -> list[tuple[str, ...]]:
    """Give the rows of the table of prices, in the order of HEAD."""
    return [
        (price.item, price.unit, price.text(), price.known, price.read, price.source) for price in prices.rows.values()
    ]


def _price(row: Mapping[str, str | list[tuple[float | None, float]] | None]) -> Price:
    tiers = row["tiers"]
    note = f"; {row['note']}" if "note" in row else ""
    found = tuple((end, price) for end, price in tiers) if isinstance(tiers, list) else ()
    return Price(
        str(row["item"]), str(row["unit"]), found, str(row["known"]), str(row["read"]), f"{row['source']}{note}"
    )


def _plain(number: float) -> str:
    return f"{number:.10f}".rstrip("0").rstrip(".")  # never 2e-07
