"""The bill of each delivery path, worked out by hand for a thousand million lines, and what holds for any."""

import math
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.costs.bill import Bill
from flowlogs.costs.delivery_paths import PATHS, DeliveryPath, Kept
from flowlogs.costs.domain import NODES
from flowlogs.costs.estimate import estimate
from flowlogs.costs.plan import DOCUMENT_BYTES, INDEXED_BYTES, Plan, indexed_bytes
from flowlogs.costs.prices import Prices, load
from flowlogs.costs.volumes import SECONDS
from flowlogs.errors import SettingsError
from flowlogs.metrics import METRICS

PRICES = load()
BILLION = Plan(lines_per_second=1e9 / SECONDS)  # 10^9 lines of 115 bytes a month, which are 115 GB
MONTHS = 30 / (730 / 24)  # in 30 days


def bills(lines: Plan = BILLION, kept: Kept | None = None, prices: Prices = PRICES) -> dict[str, Bill]:
    found = estimate(lines, kept or Kept(), prices)
    return {priced.path.name: priced.bill for priced in found.paths}


# By hand: what each part of each path costs.

FROM_CLOUDWATCH = 115 * 0.50 + 115 * 0.25 * MONTHS * 0.03  # delivered, and kept compressed
FROM_S3 = 115 * 0.25 + 115 * 0.25 * MONTHS * 0.023 + 2e5 * (0.005 + 0.0004) / 1000 + 3 * 2e5 * 0.4 / 1e6
PACKED = 1e9 / 882 * 20 * 5120 / 1e9  # GB: 102,400 // 116 lines a record, 20 steps of 5 KB
SINGLE = 5120  # GB: each line is a record
INTO_LAKE = 45 * 12 * 0.023 + 730 * 12 * 0.005 / 1000  # a year of 45 GB a month; a file every five minutes
# 1000 GB of index a month; eight days and one, filled to 80 %
STORED = 1000 / (730 / 24) * 9 / 0.8
DOMAIN = 4 * 730 * 0.073 + STORED * 0.122 + 0.40  # 4 t3.medium hold 480 GB; a secret
INVENTORY = 730 * 12 * (3 * 1769 / 1024 * 0.0000133334 + 0.20 / 1e6 + 3000 / 1e9 * 0.5)
INVENTORY += (8 * 730 * 12 + 30 * 730) * 0.005 / 1000


def functions(forwarded: float, events: float, decorated: float) -> float:
    """Dollars of lambdas: an ingestor forwards 10,000 lines a second, a decorator answers 20,000."""
    invocations = events + decorated * 115 / 200_000
    seconds = forwarded / 10_000 + decorated / 20_000 + invocations * 0.02
    return seconds * 1769 / 1024 * 0.0000133334 + invocations * (0.20 / 1e6 + 3000 / 1e9 * 0.5)


def watch(streams: int, alarms: int, *, ingestor: bool = True) -> float:
    published = [name for metric in METRICS.values() for name in metric.functions]
    metrics = streams * (published.count("decorator") + ingestor * published.count("ingestor"))
    return (metrics + published.count("inventory")) * 0.3 + alarms * 0.1 + 3


EXPECTED = {
    "cloudwatch-search-lake": {
        "source": FROM_CLOUDWATCH,
        "functions": functions(1e9, 1e7, 2e9),
        "streams": (SINGLE + PACKED) * 0.029 + PACKED * 0.018,
        "search": DOMAIN,
        "lake": INTO_LAKE,
        "inventory": INVENTORY,
        "watch": watch(2, 42),
    },
    "cloudwatch-lake": {
        "source": FROM_CLOUDWATCH,
        "functions": functions(1e9, 1e7, 1e9),
        "streams": PACKED * (0.029 + 0.018),
        "lake": INTO_LAKE,
        "inventory": INVENTORY,
        "watch": watch(1, 23),
    },
    "s3-search-lake": {
        "source": FROM_S3,
        "functions": functions(1e9, 2e5, 2e9),
        "streams": (SINGLE + PACKED) * 0.029 + PACKED * 0.018,
        "search": DOMAIN,
        "lake": INTO_LAKE,
        "inventory": INVENTORY,
        "watch": watch(2, 42),
    },
    "s3-lake": {
        "source": FROM_S3,
        "functions": functions(1e9, 2e5, 1e9),
        "streams": PACKED * (0.029 + 0.018),
        "lake": INTO_LAKE,
        "inventory": INVENTORY,
        "watch": watch(1, 23),
    },
    "firehose-lake": {
        "source": 115 * 0.25,
        "functions": functions(0, 0, 1e9),
        "streams": 115 * 0.018,  # and what Firehose takes for it, whose price was not found
        "lake": INTO_LAKE,
        "inventory": INVENTORY,
        "watch": watch(1, 18, ingestor=False),
    },
    "files": {
        "source": 115 * 0.25 + 115 * 0.25 * (12 * 0.023 + 0.09) + 2e5 * (0.005 + 0.0004) / 1000,
    },
}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_each_part_of_each_path_is_what_it_is_by_hand(path: DeliveryPath) -> None:
    assert bills()[path.name].parts() == pytest.approx(EXPECTED[path.name])


def test_every_path_has_been_worked_out_by_hand() -> None:
    assert list(EXPECTED) == [path.name for path in PATHS]


def test_only_what_firehose_takes_for_flow_logs_has_no_price() -> None:
    unpriced = {name: bill.unpriced for name, bill in bills().items() if bill.unpriced}
    assert list(unpriced) == ["firehose-lake"]
    assert "Firehose with flow logs as its source, not rounded (115 GB)" in unpriced["firehose-lake"][0]


def test_packing_saves_what_a_line_a_record_costs_more() -> None:
    packing = estimate(BILLION, Kept(), PRICES).packing
    assert (packing.packed_gb, packing.single_gb) == pytest.approx((PACKED, SINGLE))
    assert (packing.packed, packing.single) == pytest.approx((PACKED * 0.029, 148.48))
    unknown = estimate(BILLION, Kept(), load("ap-northeast-1")).packing
    assert (unknown.packed, unknown.single) == (None, None)
    assert unknown.packed_gb == packing.packed_gb


def test_a_look_scans_a_day_or_a_month_of_parquet_or_of_lines() -> None:
    day, logs_day, month, logs_month = estimate(BILLION, Kept(), PRICES).looks
    assert [look.name for look in (day, logs_day)] == ["athena", "logs-insights"]
    assert (day.gigabytes, month.gigabytes) == pytest.approx((45 / (730 / 24), 45))
    assert (day.dollars, month.dollars) == pytest.approx((45 / (730 / 24) / 1000 * 5, 0.225))
    assert (logs_day.gigabytes, logs_month.dollars) == pytest.approx((115 / (730 / 24), 115 * 0.005))


def test_athena_counts_ten_megabytes_at_least() -> None:
    day, *_ = estimate(Plan(lines_per_second=0.001), Kept(), PRICES).looks
    assert (day.gigabytes, day.dollars) == pytest.approx((0.01, 0.01 / 1000 * 5))


def test_days_that_are_kept_are_those_of_each_place() -> None:
    longer = bills(kept=Kept(search=17, lake=730, logs=60))
    assert longer["s3-lake"].parts()["lake"] == pytest.approx(INTO_LAKE + 45 * 12 * 0.023)
    assert longer["s3-lake"].parts()["source"] == pytest.approx(FROM_S3 + 115 * 0.25 * MONTHS * 0.023)
    assert longer["files"].total == pytest.approx(EXPECTED["files"]["source"] + 115 * 0.25 * 12 * 0.023)
    domain = estimate(BILLION, Kept(search=17), PRICES).paths[0].domain
    assert domain is not None
    assert domain.gigabytes == pytest.approx(2 * STORED)


@pytest.mark.parametrize("times", [1, 300])
def test_search_costs_its_domain_and_a_secret(times: int) -> None:
    priced = estimate(replace(BILLION, lines_per_second=times * BILLION.lines_per_second), Kept(), PRICES).paths[0]
    assert priced.domain is not None
    assert (priced.domain.masters > 0) == (times > 1)
    assert priced.bill.parts()["search"] == pytest.approx((priced.domain.cost(PRICES) or 0) + 0.40)


def test_rejects_alone_cost_their_share_of_the_stream_and_a_smaller_domain() -> None:
    found = estimate(replace(BILLION, rejects=0.1), Kept(), PRICES)
    rejects, whole = found.narrowed["rejects"].bill, found.paths[0].bill
    assert rejects.parts()["streams"] == pytest.approx((0.1 * SINGLE + PACKED) * 0.029 + PACKED * 0.018)
    assert rejects.parts()["search"] == pytest.approx(2 * 730 * 0.073 + STORED * 0.1 * 0.122 + 0.40)
    assert rejects.total < whole.total


def test_a_default_document_needs_the_index_that_is_assumed_for_it() -> None:
    assert indexed_bytes(DOCUMENT_BYTES) == INDEXED_BYTES
    assert indexed_bytes(DOCUMENT_BYTES / 2) == INDEXED_BYTES / 2


def test_days_that_cannot_be_are_refused() -> None:
    with pytest.raises(SettingsError, match="lake_retention_days is -1"):
        estimate(BILLION, Kept(lake=-1), PRICES)


def test_all_assumptions_of_all_paths_are_said_once() -> None:
    assumptions = estimate(BILLION, Kept(), PRICES).assumptions
    assert len(assumptions) == len(set(assumptions))
    assert {"an event of the ingestor brings 100 lines"} < set(assumptions)
    assert any("a file of flow logs holds 5,000 lines" in said for said in assumptions)


LINES = st.builds(
    Plan,
    lines_per_second=st.floats(0, 1e6),
    line_bytes=st.floats(1, 6000),
    gzipped=st.floats(0, 1),
    indexed_bytes=st.floats(0, 5000),
    parquet_bytes=st.floats(0, 500),
    search_keep=st.floats(0, 1),
    rejects=st.floats(0, 1),
)
REGIONS = st.sampled_from(["us-east-1", "eu-west-1", "eu-west-2", "ap-northeast-1"]).map(cache(load))


@settings(deadline=None)
@given(LINES, st.floats(1, 10))
def test_more_lines_never_cost_less(lines: Plan, times: float) -> None:
    less, more = bills(lines), bills(replace(lines, lines_per_second=lines.lines_per_second * times))
    assert all(more[name].total >= less[name].total * (1 - 1e-9) for name in less)


@settings(deadline=None)
@given(LINES, REGIONS)
def test_the_parts_are_the_total_and_every_figure_is_finite(lines: Plan, prices: Prices) -> None:
    for bill in bills(lines, prices=prices).values():
        assert sum(bill.parts().values()) == pytest.approx(bill.total)
        assert all(math.isfinite(item.dollars) and item.dollars >= 0 for item in bill.items)


@settings(deadline=None)
@given(LINES, st.floats(1, 5119))
def test_packing_is_never_dearer(lines: Plan, line_bytes: float) -> None:
    """Of lines that fit with their newline into one step of 5 KB; no real one is a tenth of that."""
    packing = estimate(replace(lines, line_bytes=line_bytes), Kept(), PRICES).packing
    assert packing.packed_gb <= packing.single_gb * (1 + 1e-9)


@settings(deadline=None)
@given(LINES, st.sets(st.sampled_from(sorted(PRICES.rows.keys() - {node.instance for node in NODES}))))
def test_what_has_no_price_is_named_and_never_counted(lines: Plan, unknown: set[str]) -> None:
    """Where the domain is the same: a node is chosen by its price."""
    fewer = replace(PRICES, rows={name: row for name, row in PRICES.rows.items() if name not in unknown})
    names = {PRICES.items[name].item for name in unknown}
    whole, without = bills(lines), bills(lines, prices=fewer)
    for name in ("cloudwatch-lake", "s3-lake", "firehose-lake", "files"):
        lost = [item for item in whole[name].items if item.item in names]
        kept = [item for item in whole[name].items if item.item not in names]
        assert [item.dollars for item in without[name].items] == [item.dollars for item in kept]
        assert {item.item for item in lost} <= {text.partition(" (")[0] for text in without[name].unpriced}
    assert not {item.item for item in without["s3-search-lake"].items} & names


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in PATHS if path.is_deployed], ids=lambda path: path.name)
def test_the_alarms_are_those_that_the_deployment_makes(path: DeliveryPath) -> None:
    from infra.docs.synthesis import template_of

    destinations = ["search"] * path.search + ["lake"] * path.lake
    template = template_of({"source": path.source, "destinations": ",".join(destinations)})
    types = [resource["Type"] for resource in template["Resources"].values()]
    assert types.count("AWS::CloudWatch::Alarm") == path.alarms
    assert types.count("AWS::CloudWatch::Dashboard") == 1
