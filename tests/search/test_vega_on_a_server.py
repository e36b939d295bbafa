"""The Vega panels over a real server: what is drawn is what was indexed."""

import json
import random
import urllib.request
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opensearch_node.plugin import OpenSearch
from vega.rendering import Rendered, rendered

from flowlogs.search.dashboards.vega.comparison import comparison
from flowlogs.search.dashboards.vega.outlier_band import outlier_band
from flowlogs.search.dashboards.vega.sankey import sankey
from flowlogs.search.dashboards.vega.sankey_picture import OTHER
from flowlogs.search.dashboards.vega.trend import trend
from flowlogs.search.index_template import index_template

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MINUTES = 90
END = START + timedelta(minutes=MINUTES - 1, seconds=59)
GROUPS = ["sg-web", "sg-api", "sg-db", "sg-batch", "sg-ops", "sg-rare"]
Document = dict[str, Any]


def documents() -> list[Document]:
    """Give the records of the selected range, of a day and of a week before, and some that are in none of them."""
    chance = random.Random(6)

    def record(days: int, minute: int) -> Document:
        at = START - timedelta(days=days) + timedelta(minutes=minute, seconds=chance.randrange(60))
        return {
            "@timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "minute": minute if 0 <= minute < MINUTES else None,
            "days": days,
            "bytes": chance.randrange(40, 9_000) * (80 if (days, minute) == (0, 60) else 1),
            "action": chance.choice(["ACCEPT", "ACCEPT", "REJECT"]),
            "srcaddr": f"10.0.0.{min(chance.randrange(12), chance.randrange(12))}",
            "dstaddr": f"10.0.1.{min(chance.randrange(9), chance.randrange(9))}",
            "security-group-ids": chance.sample(GROUPS, chance.choice([1, 1, 2])),
        }

    inside = [record(days, minute) for days in (0, 1, 7) for minute in range(MINUTES) for _ in range(4)]
    silent = [each for each in inside if not (each["days"] == 0 and 30 <= each["minute"] < 35)]
    beside = [record(days, minute) for days in (0, 1, 2, 7) for minute in (-5, MINUTES + 5)]
    return [*silent, *beside]


DOCUMENTS = documents()
SELECTED = [each for each in DOCUMENTS if each["days"] == 0 and each["minute"] is not None]


@pytest.fixture(scope="module")
def prefix(opensearch: OpenSearch) -> str:
    """Give a prefix whose index, made by the template, has the documents."""
    prefix = opensearch.prefix()
    posted(opensearch.url, f"_index_template/{prefix}", json.dumps(index_template(prefix, replicas=0)), "PUT")
    lines = [line for each in DOCUMENTS for line in ('{"create": {}}', json.dumps(kept(each)))]
    answer = posted(opensearch.url, f"{prefix}-2026-03-02/_bulk?refresh=true", "\n".join([*lines, ""]))
    assert not answer["errors"]
    return prefix


def kept(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in ("minute", "days")}


def posted(url: str, path: str, body: str, method: str = "POST") -> Any:
    request = urllib.request.Request(  # noqa: S310 (the test's own server)
        f"{url}/{path}", body.encode(), {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def picture(spec: dict[str, Any], opensearch: OpenSearch, **options: Any) -> Rendered:
    found = rendered(spec, opensearch.url, START, END, **options)
    assert found.warnings == []
    assert "NaN" not in found.svg
    return found


def by_minute(records: Iterable[Document]) -> list[int]:
    """Give the bytes of each minute from the first with a record to the last."""
    sums = Counter[int]()
    for each in records:
        sums[each["minute"]] += each["bytes"]
    return [sums[minute] for minute in range(min(sums), max(sums) + 1)]


def values(rows: Iterable[dict[str, Any]], field: str = "value") -> list[float]:
    return [row[field] for row in sorted(rows, key=lambda row: row["slot"])]


def test_the_band_has_every_byte_of_the_range(opensearch: OpenSearch, prefix: str) -> None:
    spec = outlier_band(index=f"{prefix}-*", field="bytes", unit="bytes")
    found = picture(spec, opensearch, data=["band"])
    assert values(found.data["band"]) == by_minute(SELECTED)
    assert any(row["marked"] for row in found.data["band"] if row["value"] > 100_000)


def test_the_panels_own_filter_and_the_dashboards_both_hold(opensearch: OpenSearch, prefix: str) -> None:
    rejected = {"term": {"action": "REJECT"}}
    spec = outlier_band(index=f"{prefix}-*", field=None, query=[rejected], unit="rejected records")
    found = picture(spec, opensearch, filters=[{"term": {"srcaddr": "10.0.0.0/29"}}], data=["band"])
    addresses = {f"10.0.0.{number}" for number in range(8)}
    wanted = [each for each in SELECTED if each["action"] == "REJECT" and each["srcaddr"] in addresses]
    assert sum(values(found.data["band"])) == len(wanted) > 0


def test_a_split_has_the_five_largest_groups(opensearch: OpenSearch, prefix: str) -> None:
    spec = outlier_band(index=f"{prefix}-*", field="bytes", unit="bytes", split="security-group-ids")
    sums = Counter[str]()
    for each in SELECTED:
        for group in each["security-group-ids"]:
            sums[group] += each["bytes"]
    found = Counter[str]()
    for row in picture(spec, opensearch, data=["band"]).data["band"]:
        found[row["series"]] += row["value"]
    assert found == Counter(dict(sums.most_common(5)))


def test_the_comparison_has_each_of_its_three_ranges(opensearch: OpenSearch, prefix: str) -> None:
    spec = comparison(index=f"{prefix}-*", field="bytes", unit="bytes")
    rows = picture(spec, opensearch, data=["lines"]).data["lines"]
    for series, days in {"selected": 0, "day before": 1, "week before": 7}.items():
        own = [each for each in DOCUMENTS if each["days"] == days and each["minute"] is not None]
        assert values((row for row in rows if row["series"] == series), "rate") == by_minute(own)


def test_the_trend_has_every_byte_and_goes_on(opensearch: OpenSearch, prefix: str) -> None:
    spec = trend(index=f"{prefix}-*", field="bytes", unit="bytes")
    found = picture(spec, opensearch, data=["values", "forecast"])
    assert values(found.data["values"], "rate") == by_minute(SELECTED)
    assert min(values(found.data["forecast"], "slot")) == max(values(found.data["values"], "slot"))
    assert len(found.data["forecast"]) > 20


@pytest.mark.parametrize("size", [3, 10, 200])
def test_the_largest_pairs_and_the_rest_are_all_that_was_sent(opensearch: OpenSearch, prefix: str, size: int) -> None:
    spec = sankey(index=f"{prefix}-*", source="srcaddr", target="dstaddr", field="bytes", size=size)
    rows = picture(spec, opensearch, data=["links"]).data["links"]
    sums, senders = Counter[tuple[str, str]](), Counter[str]()
    for each in SELECTED:
        sums[each["srcaddr"], each["dstaddr"]] += each["bytes"]
        senders[each["srcaddr"]] += each["bytes"]
    largest = {source for source, _ in senders.most_common(size)}
    among = Counter({pair: value for pair, value in sums.items() if pair[0] in largest})
    shown = {(row["source"], row["target"]): row["value"] for row in rows if row["target"] != OTHER}
    assert Counter(shown) == Counter(dict(among.most_common(size)))
    assert sum(row["value"] for row in rows) == sum(sums.values())
    assert any(row["target"] == OTHER for row in rows) == (size < len(sums))


def test_a_range_without_records_is_said_to_have_none(opensearch: OpenSearch, prefix: str) -> None:
    empty = START - timedelta(days=30)
    for spec in (
        outlier_band(index=f"{prefix}-*", field="bytes", unit="bytes", split="security-group-ids"),
        comparison(index=f"{prefix}-*", field=None, unit="flow records"),
        trend(index=f"{prefix}-*", field="bytes", unit="bytes"),
        sankey(index=f"{prefix}-*", source="srcaddr", target="dstaddr", field="bytes"),
    ):
        found = rendered(spec, opensearch.url, empty, empty + timedelta(hours=1))
        assert found.texts == ["No flow records in this time range"]
        assert found.warnings == []


def test_before_the_first_index_exists_there_are_no_records_either(opensearch: OpenSearch) -> None:
    index = f"{opensearch.prefix()}-*"  # an answer without an index has no aggregations at all
    for spec in (
        outlier_band(index=index, field="bytes", unit="bytes", split="security-group-ids"),
        comparison(index=index, field=None, unit="flow records"),
        trend(index=index, field="bytes", unit="bytes"),
        sankey(index=index, source="srcaddr", target="dstaddr", field="bytes"),
    ):
        found = picture(spec, opensearch)
        assert found.texts == ["No flow records in this time range"]


def test_a_server_takes_a_search_as_it_is_saved_and_answers_with_its_meta(opensearch: OpenSearch, prefix: str) -> None:
    """Whoever does not put in the ends of the range, as Dashboards does, sends the objects that stand for them."""
    spec = outlier_band(index=f"{prefix}-*", field="bytes", unit="bytes")
    body = spec["data"][0]["url"]["body"]
    wanted = posted(opensearch.url, f"{prefix}-*/_search", json.dumps(body))["aggregations"]["wanted"]
    assert wanted["meta"] == {"since": {"%timefilter%": "min"}, "until": {"%timefilter%": "max"}}
    assert wanted["minutes"]["buckets"]


def test_the_ends_of_the_range_come_back(opensearch: OpenSearch, prefix: str) -> None:
    for split in (None, "security-group-ids"):
        spec = outlier_band(index=f"{prefix}-*", field="bytes", unit="bytes", split=split)
        found = rendered(spec, opensearch.url, START - timedelta(hours=1), END + timedelta(hours=1))
        assert found.signals["shown"] == [1000 * (START - timedelta(hours=1)).timestamp(), found.signals["to"]]
        assert found.signals["to"] == 1000 * (END + timedelta(hours=1)).timestamp()
        assert found.signals["silent"] is True


DAYS, MANY = 8, 24
LONG = datetime(2026, 3, 9, tzinfo=UTC)


def of_days(prefix: str, *, indexes: int) -> dict[str, list[str]]:
    """Give lines for `_bulk` by index: eight days of minutes, each with every group, and more for the first ones."""
    lines: dict[str, list[str]] = {}
    for minute in range(DAYS * 1440):
        at = (LONG + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
        groups = [f"sg-{number:02}" for number in range(MANY)]
        own: Document = {"@timestamp": at, "bytes": 100, "security-group-ids": groups}
        documents = [own]
        if minute % 30 == 0:
            documents += [{**own, "bytes": 9, "security-group-ids": groups[: minute // 30 % MANY + 1]}]
        target = lines.setdefault(f"{prefix}-{minute * indexes // (DAYS * 1440)}", [])
        target += [line for each in documents for line in ('{"create": {}}', json.dumps(each))]
    return lines


@pytest.mark.parametrize("indexes", [1, 8])
def test_a_split_of_eight_days_among_many_groups_is_answered(opensearch: OpenSearch, indexes: int) -> None:
    prefix = opensearch.prefix()
    posted(opensearch.url, f"_index_template/{prefix}", json.dumps(index_template(prefix, replicas=0)), "PUT")
    for index, lines in of_days(prefix, indexes=indexes).items():
        assert not posted(opensearch.url, f"{index}/_bulk?refresh=true", "\n".join([*lines, ""]))["errors"]
    spec = outlier_band(index=f"{prefix}-*", field="bytes", unit="bytes", split="security-group-ids")
    until = LONG + timedelta(days=DAYS, milliseconds=-1)
    found = rendered(spec, opensearch.url, LONG, until, data=["timeslices"])
    sums = Counter[str]()
    for row in found.data["timeslices"]:
        sums[row["series"]] += row["value"]
    assert sorted(sums) == [f"sg-{number:02}" for number in range(5)]
    assert len(found.data["timeslices"]) == 5 * DAYS * 1440
    extra = {number: sum(9 for half in range(DAYS * 48) if half % MANY >= number) for number in range(5)}
    assert sums == {f"sg-{number:02}": 100 * DAYS * 1440 + extra[number] for number in range(5)}
