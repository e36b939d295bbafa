"""A list price: dollars a unit by tiers, with its source, the day it was read, and how well it is known."""

from dataclasses import dataclass

Tiers = tuple[tuple[float | None, float], ...]

KNOWN = ("seen", "second-hand", "from memory", "given", "absent")
"""How well a price is known: on AWS's own page or API, as somebody quotes it, as we remember it, from a price file of
yours, not found."""


@dataclass(frozen=True, slots=True)
class Price:
    """One row: dollars a unit, by tiers of how much (None: all the rest); no tiers where it was not found.

    Where the last tier has an end, what more costs is not known.
    """

    item: str
    unit: str
    tiers: Tiers
    known: str
    read: str
    source: str

    def priced(self, quantity: float) -> float:
        """Give how much of a quantity has a price."""
        if not self.tiers:
            return 0.0
        end, _ = self.tiers[-1]
        return quantity if end is None else min(quantity, end)

    def cost(self, quantity: float) -> float | None:
        """Give the dollars for a quantity in a month; None where not all of it has a price."""
        if not self.tiers or self.priced(quantity) < quantity:
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


def _plain(number: float) -> str:
    return f"{number:.10f}".rstrip("0").rstrip(".")  # never 2e-07
