"""A month's bill: what is paid for what, what was assumed, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flowlogs.costs.plan import Plan
from flowlogs.costs.prices import Prices


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the bill; `part` is what of the deployment it is paid for."""

    part: str
    item: str
    quantity: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Bill:
    """A month (730 hours) at list prices, in dollars before taxes and free tiers.

    `unpriced` is what the plan has and the price file has no price for; `never_counted` what no bill here has.
    """

    plan: Plan
    prices: Prices
    items: Sequence[Item]
    assumptions: Sequence[str]
    unpriced: Sequence[str]
    never_counted: str

    @property
    def left_out(self) -> list[str]:
        """Say all that is not in the total."""
        return [*self.unpriced, self.never_counted]

    @property
    def total(self) -> float:
        """Dollars a month."""
        return sum(item.dollars for item in self.items)

    def parts(self) -> dict[str, float]:
        """Give the dollars of each part, in the order of the bill."""
        dollars: dict[str, float] = {}
        for item in self.items:
            dollars[item.part] = dollars.get(item.part, 0.0) + item.dollars
        return dollars


@dataclass(slots=True)
class Writing:
    """A bill in the making: takes quantities, looks their prices up, notes those that have none."""

    prices: Prices
    items: list[Item] = field(default_factory=list)
    unpriced: list[str] = field(default_factory=list)

    def add(self, part: str, name: str, quantity: float) -> None:
        """Add so much of a priced thing; nothing where there is none of it."""
        price = self.prices.price(name)
        priced = price.priced(quantity)
        if priced > 0 and (dollars := price.cost(priced)) is not None:
            self.items.append(Item(part, price.item, amount(priced, price.unit), dollars))
        if quantity > priced:
            more = " more" if priced else ""
            self.unpriced.append(
                f"{price.item} ({amount(quantity - priced, price.unit)}{more}): its price was not found"
            )


def amount(quantity: float, unit: str) -> str:
    """Write so much of a unit."""
    number = f"{quantity:,.0f}" if quantity >= 10 or quantity == int(quantity) else f"{quantity:.2f}"
    return f"{number} {unit if quantity == 1 or unit in _NO_PLURAL else unit + 's'}".rstrip()


_NO_PLURAL = ("", "GB", "GB-month")
