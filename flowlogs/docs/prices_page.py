"""The page of prices that a month's figure is made of."""

from flowlogs.costs.prices import HEAD, load, rows
from flowlogs.docs.markdown import page, table

_OPENING = """\
# Prices

`make synth` works out a month's cost from these, and from volumes that it assumes and says. They are list prices of
{region} in US dollars, put together on {dated}. *Known* says how well: read from AWS itself, second-hand, or from
memory. Where there is no figure, the item is left out of the month, and the month's text says so. Check them before you
budget.
"""


def prices_page() -> str:
    """Write the page from the price file."""
    prices = load()
    return page(_OPENING.format(region=prices.region, dated=prices.dated), table(HEAD, rows(prices)))
