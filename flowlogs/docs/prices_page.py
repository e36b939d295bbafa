"""The page of prices that a month's figure is made of."""

from flowlogs.costs.prices import HEAD, REGION, Prices, price_lists, rows
from flowlogs.docs.markdown import page, table

_OPENING = """\
# Prices

`make synth` works out a month's cost from those of {region}, and `flowlogs estimate --region` from those of any region
here, both with volumes that they assume and say ([costs](costs.md)). They are list prices in US dollars, put together
on {dated}. *Known* says how well: read from AWS itself, second-hand, or from memory. A price that was not found for a
region is left out of its bills, which say so; none is taken from another region. Check them before you budget:
`flowlogs estimate --prices FILE` lays your own over these.
"""
_MISSING = "Not found for {region}: {missing}."


def prices_page() -> str:
    """Write the page from the price file."""
    lists = list(price_lists().regions.values())
    blocks = [block for prices in lists for block in _region(prices)]
    return page(_OPENING.format(region=REGION, dated=lists[0].dated), *blocks)


def _region(prices: Prices) -> list[str]:
    blocks = [f"## {prices.region}", table(HEAD, rows(prices))]
    missing = [item for item in prices.missing() if not item.startswith("OpenSearch node")]
    if any(item.startswith("OpenSearch node") for item in prices.missing()):
        missing.append("nodes of OpenSearch")
    return [*blocks, _MISSING.format(region=prices.region, missing="; ".join(missing))] if missing else blocks
