"""A month's bill, worked out by hand for a thousand million lines and held to what must hold for any plan."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_store import MemoryStore

from flowlogs.costs.bill import Bill
from flowlogs.costs.month import month, saved
from flowlogs.costs.plan import Lake, Plan, kept_share, line_bytes
from flowlogs.costs.prices import load
from flowlogs.costs.volumes import HOURLY_REQUESTS, PACKED_BYTES, RUN_REQUESTS, SECONDS, Volumes
from flowlogs.errors import SettingsError
from flowlogs.ingest import packing
from flowlogs.inventory.daily_tables import MARKER
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import KINDS, Kind
from flowlogs.inventory.publication import Publication
from flowlogs.inventory.taking import Taken
from flowlogs.inventory.updating import Sources, Update
from flowlogs.metrics import METRICS
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import fields_up_to

PRICES = load()
BILLION = 1e9 / SECONDS  # lines a second that make 10^9 a month
SEARCH = Plan(lines_per_second=BILLION, lake=None)
LAKE = Plan(lines_per_second=BILLION, search=False)


def dollars(bill: Bill, item: str) -> float:
    return sum(each.dollars for each in bill.items if item in each.item)


def of(plan: Plan, item: str) -> float:
    return dollars(month(plan, PRICES), item)


# By hand, for 10^9 lines of 115 bytes, which are 115 GB.


def test_a_billion_lines_into_cloudwatch_logs() -> None:
    assert of(SEARCH, "into CloudWatch Logs") == pytest.approx(115 * 0.50)


def test_a_billion_lines_into_s3_or_firehose_cost_half_of_that() -> None:
    assert of(replace(LAKE, source="s3"), "logs into S3") == pytest.approx(115 * 0.25)
    assert of(replace(LAKE, source="firehose"), "logs into Firehose") == pytest.approx(115 * 0.25)


def test_each_stream_that_takes_flow_logs_itself_has_a_flow_log_of_its_own() -> None:
    both = Plan(lines_per_second=BILLION, source="firehose")
    assert of(both, "logs into Firehose") == pytest.approx(2 * 115 * 0.25)


def test_a_billion_single_lines_are_put_as_five_kilobytes_each() -> None:
    assert of(SEARCH, "Direct PUT") == pytest.approx(1e9 * 5120 / 1e9 * 0.029)  # 148.48


def test_a_line_above_five_kilobytes_takes_two_steps() -> None:
    long = replace(SEARCH, line_bytes=5121)
    assert of(long, "Direct PUT") == pytest.approx(2 * of(SEARCH, "Direct PUT"))


def test_packed_lines_are_put_nearly_as_they_are() -> None:
    steps = math.ceil(882 * 116 / 5120)  # 102,400 // 116 lines a record, 20 steps
    assert steps == 20
    assert of(LAKE, "Direct PUT") == pytest.approx(1e9 / 882 * steps * 5120 / 1e9 * 0.029)  # 3.37


def test_what_parquet_costs_is_what_went_in() -> None:
    assert of(LAKE, "format conversion") == pytest.approx(1e9 / 882 * 20 * 5120 / 1e9 * 0.018)
    assert of(replace(LAKE, lake="json"), "format conversion") == 0


def test_the_functions_time_is_lines_and_invocations() -> None:
    invocations = 1e9 / 100 + 115e9 / 200_000
    seconds = 1e9 / 10_000 + 1e9 / 20_000 + invocations * 0.02
    assert of(LAKE, "Lambda time") == pytest.approx(seconds * 1769 / 1024 * 0.0000133334)
    assert of(LAKE, "Lambda requests") == pytest.approx(invocations * 0.20 / 1e6)
    assert of(LAKE, "our own functions") == pytest.approx(invocations * 3000 / 1e9 * 0.5)


def test_the_domain_costs_its_hours_and_its_volumes() -> None:
    plan = replace(SEARCH, search_instance="r6g.large.search", search_nodes=4, search_volume_gb=100, search_masters=3)
    assert of(plan, "node r6g.large") == pytest.approx(4 * 730 * 0.167)
    assert of(plan, "node t3.small") == pytest.approx(3 * 730 * 0.036)
    assert of(plan, "gp3") == pytest.approx(400 * 0.122)


def test_storage_is_what_is_there_at_the_end_of_the_retention() -> None:
    year = replace(LAKE, lake_retention_days=365, log_retention_days=0)
    assert of(year, "S3 Standard") == pytest.approx(45 * 12 * 0.023)  # 45 GB of Parquet a month
    assert of(year, "Logs storage") == 0


def test_metrics_are_those_that_the_functions_publish() -> None:
    every = [name for metric in METRICS.values() for name in metric.functions]
    both = every.count("decorator") + every.count("ingestor")
    assert of(SEARCH, "custom metric") == pytest.approx(both * 0.3)
    assert of(replace(SEARCH, source="firehose"), "custom metric") == pytest.approx(every.count("decorator") * 0.3)
    assert of(replace(SEARCH, metrics=7), "custom metric") == pytest.approx(2.1)
    with_inventory = replace(SEARCH, inventory_minutes=5)
    assert of(with_inventory, "custom metric") == pytest.approx((both + every.count("inventory")) * 0.3)


def test_an_inventory_costs_its_runs_and_what_they_write() -> None:
    plan = replace(SEARCH, inventory_minutes=5)
    without, costs = month(SEARCH, PRICES), month(plan, PRICES)
    runs = 730 * 12
    expected = runs * (3 * 1769 / 1024 * 0.0000133334 + 0.20 / 1e6 + 3000 / 1e9 * 0.5)
    expected += (8 * runs + 30 * 730) * 0.005 / 1000
    assert costs.parts()["inventory"] == pytest.approx(expected)  # 1.08
    assert "inventory" not in without.parts()
    assert month(replace(SEARCH, inventory_minutes=10), PRICES).total < costs.total
    assert any("every 5 minutes" in text for text in costs.assumptions)


def test_a_run_of_the_inventory_asks_s3_for_what_its_bill_says() -> None:
    """S3 bills a list as it bills a PUT."""
    noon, scope, store = 1_772_625_600, Scope("123456789012", "eu-west-1"), MemoryStore()
    store.write(MARKER, b'{"unfinished": "2026-03-03"}')  # yesterday
    asked = []
    for minute in (0, 5, 61):
        now = noon + 60 * minute

        def take(
            scopes: Sequence[Scope], kinds: Sequence[Kind], time_left: Callable[[], float], now: int = now
        ) -> Taken:
            things = {kind.name: Snapshot(scope, now, {f"{kind.name}-{now}": {}}) for kind in kinds}
            return Taken(dict.fromkeys(scopes, things), {})

        store.log.clear()
        Update(Publication(store, f"run-{now}"), Sources(lambda: [scope], take), now, lambda: 60.0).run()
        asked.append(sum(verb in ("write", "swap", "keys") for verb, _ in store.log))
    first, each, hourly = asked
    assert each == RUN_REQUESTS
    assert first == hourly == RUN_REQUESTS + 3 * len(KINDS) == RUN_REQUESTS + HOURLY_REQUESTS


def test_a_second_tier_begins_where_the_first_ends() -> None:
    plan = replace(LAKE, line_bytes=20_000)  # 20,000 GB
    assert of(plan, "into CloudWatch Logs") == pytest.approx(10_000 * 0.5 + 10_000 * 0.25)


def test_the_total_is_the_sum_of_its_parts() -> None:
    plan = Plan(lines_per_second=100, kms_keys=1, endpoints=2, search_zones_in_vpc=2, inventory_minutes=5)
    bill = month(plan, PRICES)
    assert bill.total == pytest.approx(sum(item.dollars for item in bill.items)) == sum(bill.parts().values())
    assert list(bill.parts()) == ["source", "functions", "streams", "search", "lake", "inventory", "watch"]
    assert {"KMS key of your own", "interface endpoint, each zone"} <= {item.item for item in bill.items}


def test_what_has_no_price_is_named_and_not_counted() -> None:
    bill = month(replace(SEARCH, source="firehose", search_instance="x9.huge.search"), PRICES)
    assert any("x9.huge.search (1,460 hours): its price was not found" in text for text in bill.left_out)
    assert any("Firehose with flow logs as its source" in text for text in bill.left_out)
    assert not any("x9" in item.item for item in bill.items)


def test_one_in_ten_accepts_costs_a_tenth_of_their_records() -> None:
    narrowed = replace(SEARCH, search_keep=kept_share("sample:10", 0.1))  # 10 % rejects, 9 % of all accepted
    assert of(narrowed, "Direct PUT") == pytest.approx(0.19 * of(SEARCH, "Direct PUT"))
    less = saved(SEARCH, narrowed, PRICES)
    assert less == pytest.approx(month(SEARCH, PRICES).total - month(narrowed, PRICES).total)
    assert less > 0.81 * 148.48


PLANS = st.builds(
    Plan,
    lines_per_second=st.floats(0, 1e6),
    line_bytes=st.integers(1, 8000),
    source=st.sampled_from(["cloudwatch", "s3", "firehose"]),
    search_keep=st.floats(0, 1),
    lake=st.sampled_from([None, *get_args(Lake)]),
    search_zones_in_vpc=st.integers(0, 3),
    log_retention_days=st.floats(0, 4000),
    lake_retention_days=st.floats(0, 4000),
    inventory_minutes=st.sampled_from([0, 1, 5, 60]),
)


@given(PLANS, st.floats(1, 10))
def test_more_lines_never_cost_less(plan: Plan, times: float) -> None:
    more = replace(plan, lines_per_second=plan.lines_per_second * times)
    assert month(more, PRICES).total >= month(plan, PRICES).total * (1 - 1e-9)


@given(PLANS, st.floats(0, 1))
def test_narrowing_never_costs_more(plan: Plan, share: float) -> None:
    narrowed = replace(plan, search_keep=plan.search_keep * share)
    assert saved(plan, narrowed, PRICES) >= -1e-9 * month(plan, PRICES).total


@given(PLANS)
def test_every_figure_is_finite_and_none_is_negative(plan: Plan) -> None:
    assert all(math.isfinite(item.dollars) and item.dollars >= 0 for item in month(plan, PRICES).items)


def test_the_default_line_is_that_of_the_default_format() -> None:
    assert line_bytes(fields_up_to(2)) == Plan(lines_per_second=1).line_bytes == 115
    assert line_bytes(fields_up_to(5)) > 200
    assert set(fields_up_to(5)) <= set(FIELDS)


def test_records_are_packed_as_the_ingestor_packs_them() -> None:
    assert PACKED_BYTES == packing.PACKED_BYTES
    assert PACKED_BYTES // 116 <= packing.PACKED_LINES


@pytest.mark.parametrize(
    ("keep", "share"), [("all", 1.0), ("rejects", 0.2), ("sample:1", 1.0), ("sample:4", 0.2 + 0.8 / 4)]
)
def test_a_setting_keeps_a_share(keep: str, share: float) -> None:
    assert kept_share(keep, 0.2) == pytest.approx(share)


@pytest.mark.parametrize("keep", ["", "some", "sample", "sample:0", "sample:x", "rejects:2"])
def test_what_is_no_setting_is_refused(keep: str) -> None:
    with pytest.raises(SettingsError, match="none of all, rejects and sample:N"):
        kept_share(keep)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("search_keep", lambda: replace(SEARCH, search_keep=1.1)),
        ("rejects", lambda: replace(SEARCH, rejects=-0.1)),
        ("lines_per_second", lambda: replace(SEARCH, lines_per_second=-1)),
        ("line_bytes", lambda: replace(SEARCH, line_bytes=-1)),
        ("inventory_minutes", lambda: replace(SEARCH, inventory_minutes=-5)),
    ],
)
def test_a_plan_that_cannot_be_is_refused(name: str, make: Callable[[], Plan]) -> None:
    with pytest.raises(SettingsError, match=name):
        make()


def test_a_plan_without_a_destination_is_refused() -> None:
    with pytest.raises(SettingsError, match="search, a lake or both"):
        Plan(lines_per_second=1, search=False, lake=None)


def test_a_file_in_s3_is_written_put_on_the_queue_and_read_once() -> None:
    plan = replace(LAKE, source="s3")
    files = 1e9 / 5000
    parts = month(plan, PRICES)
    source = {item.item: item.dollars for item in parts.items if item.part == "source"}
    assert source["S3 PUT"] == pytest.approx(files * 0.005 / 1000)
    assert source["S3 GET"] == pytest.approx(files * 0.0004 / 1000)
    assert source["SQS requests"] == pytest.approx(3 * files * 0.4 / 1e6)
    assert source["S3 Standard storage"] == pytest.approx(115 * 0.25 * 30 / (730 / 24) * 0.023)


def test_a_flow_log_writes_a_file_every_five_minutes_at_least() -> None:
    assert Volumes(Plan(lines_per_second=0.001, source="s3")).files == 730 * 12
    assert Volumes(Plan(lines_per_second=0, source="s3")).files == 0


def test_files_alone_cost_what_aws_takes_for_them_and_nothing_of_ours() -> None:
    plan = Plan(lines_per_second=BILLION, source="files", search=False, lake=None, alarms=0, dashboards=0, metrics=0)
    bill = month(plan, PRICES)
    assert list(bill.parts()) == ["source"]
    stored = 115 * 0.25 * 30 / (730 / 24) * 0.023
    fetched = 115 * 0.25 * 0.09  # compressed, over the internet
    assert bill.total == pytest.approx(115 * 0.25 + stored + 2e5 * (0.005 + 0.0004) / 1000 + fetched)
    with pytest.raises(SettingsError, match="files go nowhere by themselves"):
        replace(plan, lake="parquet")


def test_what_has_a_price_up_to_some_amount_is_priced_up_to_there() -> None:
    tokyo = month(replace(LAKE, line_bytes=20_000, log_retention_days=0), load("ap-northeast-1"))
    assert dollars(tokyo, "into CloudWatch Logs") == pytest.approx(10_000 * 0.76)
    (said,) = [text for text in tokyo.unpriced if "into CloudWatch Logs" in text]
    assert said == "flow logs into CloudWatch Logs, Standard (10,000 GB more): its price was not found"


def test_sizes_that_were_measured_are_taken() -> None:
    measured = replace(LAKE, gzipped=0.5, parquet_bytes=90)
    assert of(measured, "Logs storage") == pytest.approx(2 * of(LAKE, "Logs storage"))
    assert of(measured, "S3 Standard") == pytest.approx(2 * of(LAKE, "S3 Standard"))
    assert Volumes(replace(SEARCH, indexed_bytes=500)).index_a_day == pytest.approx(Volumes(SEARCH).index_a_day / 2)


def test_a_vended_stream_is_narrowed_only_by_the_decorator() -> None:
    narrowed = Plan(lines_per_second=BILLION, source="firehose", search_keep=0)
    assert Volumes(narrowed).to_search == pytest.approx(1e9)
    assert Volumes(replace(narrowed, source="s3")).to_search == 0
