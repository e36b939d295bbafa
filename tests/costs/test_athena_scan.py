from dataclasses import replace

import pytest

from flowlogs.costs.athena_scan import billed_bytes, scan_cost
from flowlogs.costs.prices import load

PRICES = load()


@pytest.mark.parametrize(("scanned", "billed"), [(0, 10e6), (9_999_999, 10e6), (10_000_001, 10_000_001), (3e12, 3e12)])
def test_ten_megabytes_are_paid_for_at_least(scanned: float, billed: float) -> None:
    assert billed_bytes(scanned) == billed
    assert scan_cost(scanned, PRICES) == pytest.approx(billed / 1e12 * 5)


def test_a_price_that_was_not_found_makes_no_cost() -> None:
    rows = {name: row for name, row in PRICES.rows.items() if name != "athena_scan"}
    assert scan_cost(1e12, replace(PRICES, rows=rows)) is None
