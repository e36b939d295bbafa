import json
from datetime import date
from pathlib import Path

import pytest

from flowlogs.costs.prices import HEAD, KNOWN, PRICE_FILE, Price, load, rows

PRICES = load()


def price(*tiers: tuple[float | None, float]) -> Price:
    return Price("thing", "GB", tiers, "seen", "2026-01-01", "nowhere")


@pytest.mark.parametrize("name", PRICES.rows)
def test_every_price_says_where_when_and_how_well_it_is_known(name: str) -> None:
    row = PRICES.rows[name]
    assert row.item
    assert row.unit
    assert row.source
    assert row.known in KNOWN
    assert (row.known == "absent") == (not row.tiers)
    assert date.fromisoformat(row.read) <= date.fromisoformat(PRICES.dated)


@pytest.mark.parametrize("name", PRICES.rows)
def test_tiers_rise_prices_fall_and_the_last_tier_has_no_end(name: str) -> None:
    tiers = PRICES.rows[name].tiers
    ends = [end for end, _ in tiers if end is not None]
    assert ends == sorted(set(ends))
    assert [end for end, _ in tiers[-1:]] == [None] * len(tiers[-1:])
    assert len(ends) == max(0, len(tiers) - 1)
    assert [dollars for _, dollars in tiers] == sorted((dollars for _, dollars in tiers), reverse=True)
    assert all(dollars > 0 for _, dollars in tiers)


def test_no_name_stands_twice_in_the_file() -> None:
    names = [row["name"] for row in json.loads(PRICE_FILE.read_text())["prices"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("quantity", "dollars"), [(0, 0), (10, 5), (100, 50), (101, 50.2), (300, 90), (310, 90.5)])
def test_each_tier_costs_what_it_says_and_only_its_own_part(quantity: float, dollars: float) -> None:
    assert price((100, 0.5), (300, 0.2), (None, 0.05)).cost(quantity) == pytest.approx(dollars)


def test_a_price_that_was_not_found_is_no_price() -> None:
    assert price().cost(5) is None
    assert PRICES.price("x9.huge.search").cost(1) is None


def test_the_table_has_a_row_a_price_and_writes_small_ones_out() -> None:
    table = rows(PRICES)
    assert {len(row) for row in table} == {len(HEAD)}
    assert len(table) == len(PRICES.rows)
    dollars = {row[0]: row[HEAD.index("dollars")] for row in table}
    assert dollars["Lambda requests"] == "0.0000002"
    assert dollars["flow logs into S3"] == "0.25 to 10,000, then 0.15 to 30,000, then 0.075 to 50,000, then 0.05"
    assert dollars["Firehose with flow logs as its source, not rounded"] == "not found"


def test_another_price_file_can_be_given(tmp_path: Path) -> None:
    row = {"name": "a", "item": "A", "unit": "GB", "tiers": [[None, 2]], "known": "seen", "read": "2026-01-01"}
    content = {"region": "eu-west-1", "dated": "2026-01-02", "prices": [row | {"source": "s", "note": "n"}]}
    (tmp_path / "prices.json").write_text(json.dumps(content))
    prices = load(tmp_path / "prices.json")
    assert (prices.region, prices.price("a").cost(3), prices.price("a").source) == ("eu-west-1", 6, "s; n")
