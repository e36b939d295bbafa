import json
from datetime import date
from pathlib import Path

import pytest

from flowlogs.costs.price import KNOWN, Price
from flowlogs.costs.price_file import Item
from flowlogs.costs.prices import HEAD, REGION, Prices, load, price_lists, rows
from flowlogs.errors import SettingsError

LISTS = price_lists().regions
PRICES = load()
ROWS = [(region, name) for region, prices in LISTS.items() for name in prices.rows]


def price(*tiers: tuple[float | None, float]) -> Price:
    return Price("thing", "GB", tiers, "seen", "2026-01-01", "nowhere")


@pytest.mark.parametrize(("region", "name"), ROWS)
def test_every_price_says_where_when_and_how_well_it_is_known(region: str, name: str) -> None:
    row = LISTS[region].rows[name]
    assert row.item
    assert row.unit
    assert row.source
    assert row.known in KNOWN
    assert row.known != "given", "that is for files of a user"
    assert (row.known == "absent") == (not row.tiers)
    assert date.fromisoformat(row.read) <= date.fromisoformat(PRICES.dated)


@pytest.mark.parametrize(("region", "name"), ROWS)
def test_tiers_rise_and_prices_fall(region: str, name: str) -> None:
    tiers = LISTS[region].rows[name].tiers
    ends = [end for end, _ in tiers if end is not None]
    assert ends == sorted(set(ends))
    assert None not in [end for end, _ in tiers[:-1]]
    assert [dollars for _, dollars in tiers] == sorted((dollars for _, dollars in tiers), reverse=True)
    assert all(dollars > 0 for _, dollars in tiers)


def test_the_region_of_a_deployments_month_has_a_price_for_all_but_one_thing() -> None:
    assert PRICES.region == REGION
    assert PRICES.missing() == ["Firehose with flow logs as its source, not rounded"]
    ended = [name for name, price in PRICES.rows.items() if price.tiers and price.tiers[-1][0] is not None]
    assert ended == ["transfer_out"], "which no deployment has"


def test_no_price_of_one_region_stands_in_for_that_of_another() -> None:
    for region, prices in LISTS.items():
        for name in prices.items.keys() - prices.rows.keys():
            assert prices.price(name).tiers == ()
            assert prices.price(name).source == f"not found for {region}"


def test_a_region_of_which_nothing_is_known_is_refused_with_those_that_are() -> None:
    known = "us-east-1, eu-west-1, eu-west-2, ap-northeast-1"
    with pytest.raises(SettingsError, match=f"'mars-north-1' is known, only of {known}"):
        load("mars-north-1")


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


def test_where_the_last_tier_ends_what_more_costs_is_not_known() -> None:
    open_ended = price((10, 0.5), (20, 0.2))
    assert [open_ended.priced(quantity) for quantity in (5, 20, 30)] == [5, 20, 20]
    assert open_ended.cost(20) == pytest.approx(7)
    assert open_ended.cost(20.5) is None
    assert price().priced(3) == 0


def own(folder: Path, regions: object, **more: object) -> Path:
    path = folder / "own.json"
    path.write_text(json.dumps({"dated": "2026-12-31", "regions": regions, **more}))
    return path


def test_your_own_prices_are_laid_over_ours(tmp_path: Path) -> None:
    tiers = [[100, 0.03], [None, 0.01]]
    path = own(
        tmp_path, {REGION: {"s3_get": 1, "s3_put": None, "firehose_put": {"tiers": tiers, "source": "contract"}}}
    )
    prices = price_lists(path).of(REGION)
    assert prices.price("s3_get").cost(3) == 3
    assert (prices.price("s3_get").known, prices.price("s3_get").read) == ("given", "2026-12-31")
    assert prices.price("s3_put").cost(1) is None
    assert prices.price("firehose_put").tiers == ((100, 0.03), (None, 0.01))
    assert prices.price("firehose_put").source == "contract"
    assert prices.price("sqs_requests") == PRICES.price("sqs_requests")
    assert prices.dated == "2026-12-31"


def test_your_own_region_has_your_prices_alone(tmp_path: Path) -> None:
    prices = price_lists(own(tmp_path, {"mars-north-1": {"vended_s3": 2, "x9.huge.search": 0.5}})).of("mars-north-1")
    assert set(prices.rows) == {"vended_s3", "x9.huge.search"}
    assert prices.price("x9.huge.search").item == "OpenSearch node x9.huge.search"
    assert prices.price("vended_cloudwatch").tiers == ()
    assert load() == PRICES


def test_the_date_of_a_list_is_that_of_its_newest_part(tmp_path: Path) -> None:
    path = own(tmp_path, {REGION: {}, "mars-north-1": {}}, dated="2020-01-01")
    assert price_lists(path).of(REGION).dated == PRICES.dated
    assert price_lists(path).of("mars-north-1").dated == "2020-01-01"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON: line 1"),
        ("[]", "the file is no object"),
        ('{"regions": {}}', "dated is missing"),
        ('{"dated": "yesterday", "regions": {}}', "dated is 'yesterday'; it is a day like 2026-01-31"),
        ('{"dated": 20260131, "regions": {}}', "dated is no text"),
        ('{"dated": "2026-01-31"}', "regions is missing"),
        ('{"dated": "2026-01-31", "regions": {"r": 1}}', "r is no object"),
        (
            '{"dated": "2026-01-31", "regions": {}, "region": "r"}',
            "'region' is not known there; it has dated and regions",
        ),
        ('{"dated": "2026-01-31", "regions": {}, "regions": {}}', "'regions' stands twice"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_file_that_is_no_price_file_is_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(content)
    with pytest.raises(SettingsError) as raised:
        price_lists(tmp_path / "own.json")
    assert str(raised.value).startswith(str(tmp_path / "own.json"))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"vended_s4": 1}, "r: vended_s4 is no price that is asked for; those are vended_cloudwatch, vended_s3"),
        ({"s3_get": -1}, "r: s3_get: '-1' is no number from 0 on"),
        ({"s3_get": True}, "r: s3_get: 'True' is no number from 0 on"),
        ({"s3_get": "0.1"}, "r: s3_get: '0.1' is no number from 0 on"),
        ({"s3_get": []}, "r: s3_get: tiers read like [[500000, 0.029], [null, 0.025]]"),
        ({"s3_get": [1, 2]}, "r: s3_get: tiers read like"),
        ({"s3_get": [[1, 2, 3]]}, "r: s3_get: tiers read like"),
        ({"s3_get": ["12"]}, "r: s3_get: tiers read like"),
        ({"s3_get": [[10, 1], [10, 2]]}, "r: s3_get: the ends of tiers rise"),
        ({"s3_get": [[0, 1], [None, 2]]}, "r: s3_get: the ends of tiers rise"),
        ({"s3_get": [[None, 1], [None, 2]]}, "only the last may be null"),
        ({"s3_get": [[10, None]]}, "r: s3_get: 'None' is no number"),
        (
            {"s3_get": {"dollars": 1}},
            "r: s3_get: 'dollars' is not known there; it has known, note, read, source, tiers",
        ),
        ({"s3_get": {"tiers": 1, "known": "surely"}}, "r: s3_get: known is 'surely'; it is one of seen, second-hand"),
        ({"s3_get": {"tiers": 1, "known": "absent"}}, "absent where tiers lack"),
        ({"s3_get": {"tiers": None, "known": "seen"}}, "absent where tiers lack"),
        ({"s3_get": {"tiers": 1, "source": ""}}, "r: s3_get: source is no text"),
        ({"s3_get": {"tiers": 1, "read": "2026-13-01"}}, "r: s3_get: read is '2026-13-01'"),
    ],
)
def test_a_wrong_price_is_refused_with_its_place(row: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        price_lists(own(tmp_path, {"r": row}))
    assert said in str(raised.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_json_has_no_number_for_is_no_price(number: str, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(f'{{"dated": "2026-01-31", "regions": {{"r": {{"s3_get": {number}}}}}}}')
    with pytest.raises(SettingsError, match="is no number"):
        price_lists(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json: No such file"):
        price_lists(tmp_path / "none.json")
    (tmp_path / "own.json").write_bytes(b'{"dated": "\xff"}')
    with pytest.raises(SettingsError, match="is no text"):
        price_lists(tmp_path / "own.json")


def test_a_price_that_was_not_found_keeps_its_name_and_unit() -> None:
    prices = Prices("r", "2026-01-01", {"a": Item("thing", "GB")}, {})
    assert (prices.price("a").item, prices.price("a").unit) == ("thing", "GB")
    assert (prices.price("x9.huge.search").unit, prices.missing()) == ("hour", ["thing"])
