"""The prices that named queries take unasked are those of the price list."""

import pytest

from flowlogs.analyse.named_query import queries, query_named
from flowlogs.costs.prices import load

PRICED = {
    "nat-volume": "nat_gateway_bytes",
    "cross-az-volume": "transfer_between_zones",
    "internet-egress": "transfer_out",
}


@pytest.mark.parametrize(("query", "price"), PRICED.items())
def test_a_query_takes_the_first_tier_of_the_list_where_nobody_says_better(query: str, price: str) -> None:
    (parameter,) = (each for each in query_named(query).parameters if each.name == "price")
    _, dollars = load().price(price).tiers[0]
    assert float(parameter.default or "nan") == dollars


def test_no_other_query_has_a_price() -> None:
    assert {name for name, query in queries().items() if any("price" in each.name for each in query.parameters)} == set(
        PRICED
    )
