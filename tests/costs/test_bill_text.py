from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.costs.bill_text import bill_text
from flowlogs.costs.month import month, saved
from flowlogs.costs.plan import Plan
from flowlogs.costs.prices import load

PRICES = load()
PLAN = Plan(lines_per_second=1000)


def written(plan: Plan) -> str:
    return bill_text(month(plan, PRICES))


def test_a_terminal_reads_the_month_its_parts_and_what_narrowing_saves() -> None:
    lines = written(PLAN).splitlines()
    assert f"${month(PLAN, PRICES).total:,.0f} a month for 1,000 flow records a second" in lines[0]
    assert PRICES.dated in lines[0]
    assert [line.split()[0] for line in lines[1:7]] == ["source", "functions", "streams", "search", "lake", "watch"]
    rejects = saved(PLAN, replace(PLAN, search_keep=0.05), PRICES)
    assert f"rejects saves ${rejects:,.0f}, sample:10 saves $" in lines[7]
    assert "5% are rejects" in lines[7]


def test_it_says_when_the_domain_is_small_for_the_rate() -> None:
    assert "A day of documents needs about 86.4 GB of index; the domain has 40 GB." in written(PLAN)


@pytest.mark.parametrize("plan", [replace(PLAN, search=False), replace(PLAN, search_keep=0.5)])
def test_it_offers_no_narrowing_where_there_is_none_to_make(plan: Plan) -> None:
    assert "saves" not in written(plan)


def test_it_says_what_it_left_out() -> None:
    shown = written(replace(PLAN, source="firehose"))
    assert "Left out: Firehose with flow logs as its source" in shown
    assert "Narrowing saves little here" in shown
    assert ", and 1 more." in written(replace(PLAN, source="firehose", search_instance="x9.huge.search"))
    assert "Left out" not in written(PLAN)


@given(
    st.builds(
        Plan,
        lines_per_second=st.floats(0, 1e6),
        source=st.sampled_from(["cloudwatch", "s3", "firehose"]),
        search_instance=st.sampled_from(["t3.medium.search", "x9.huge.search"]),
        kms_keys=st.integers(0, 2),
        inventory_minutes=st.sampled_from([0, 5]),
    )
)
def test_it_fits_a_terminal(plan: Plan) -> None:
    lines = written(plan).splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 120
