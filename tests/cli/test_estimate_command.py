"""`flowlogs estimate` on samples, rates and whatever else a user may give it."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from command_line import Ran, line, ran
from rich.console import Console

from flowlogs.cli.estimate_given import read_inputs
from flowlogs.cli.estimate_printed import bars
from flowlogs.cli.inputs import Input
from flowlogs.costs.delivery_paths import PATHS, Kept
from flowlogs.costs.estimate import estimate
from flowlogs.costs.plan import Plan, line_bytes
from flowlogs.costs.prices import load
from flowlogs.record.log_format import DEFAULT
from flowlogs.sample import counting
from infra.settings.settings import Settings

START = 1767225600
HEADER = b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action"
HEADER += b" log-status\n"


def minute(number: int, lines: int = 10, action: str = "ACCEPT") -> bytes:
    """Give lines of one aggregation interval of a minute."""
    start = START + 60 * number
    times = f"{start} {start + 59}".encode()
    return b"".join(
        line(port, action).replace(b"1767225600 1767225659", times) + b"\n" for port in range(1000, 1000 + lines)
    )


DAY = b"".join(minute(number) for number in range(0, 1440, 10))  # 144 minutes, one in ten
HOUR = b"".join(minute(number) for number in range(60))


@pytest.fixture
def hour(tmp_path: Path) -> str:
    (tmp_path / "hour.log").write_bytes(HEADER + HOUR)
    return str(tmp_path / "hour.log")


def estimated(*arguments: str, stdin: bytes = b"", code: int = 0) -> dict[str, Any]:
    done = ran("estimate", *arguments, "--json", stdin=stdin)
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def refused(*arguments: str, stdin: bytes = b"", code: int = 2) -> str:
    done = ran("estimate", *arguments, stdin=stdin)
    assert done.code == code
    assert done.out == ""
    return done.only_line


def test_a_rate_is_worked_out_for_every_path() -> None:
    found = estimated("--rate", "100")
    assert [path["path"] for path in found["paths"]] == [path.name for path in PATHS]
    assert found["lines"]["per_second"] == 100
    expected = estimate(Plan(lines_per_second=100, line_bytes=found["lines"]["bytes"]), Kept(), load())
    assert [path["total"] for path in found["paths"]] == [each.bill.total for each in expected.paths]
    assert [path["complete"] for path in found["paths"]] == [True, True, True, True, False, True]


def test_the_items_of_a_path_are_its_parts_and_these_its_total() -> None:
    for path in estimated("--rate", "7.5k/min")["paths"]:
        parts: dict[str, float] = {}
        for item in path["items"]:
            parts[item["part"]] = parts.get(item["part"], 0) + item["dollars"]
        assert parts == pytest.approx(path["parts"])
        assert sum(parts.values()) == pytest.approx(path["total"])


@pytest.mark.parametrize(
    ("rate", "per_second"),
    [("100", 100), ("0.5", 0.5), ("60/min", 1), ("7200/h", 2), ("864k/day", 10), ("1.5M/s", 1.5e6), ("1G", 1e9)],
)
def test_a_rate_is_read_in_the_time_it_names(rate: str, per_second: float) -> None:
    assert estimated("--rate", rate)["lines"]["per_second"] == pytest.approx(per_second)


@pytest.mark.parametrize("rate", ["", "0", "0/day", "-1", "1e3", "1_000", "٣", "5/week", "5 /s", "nan", "inf", "1/s/s"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    assert "is no rate: it reads like 100, 6000/min or 2.5M/day" in refused("--rate", rate)


def test_a_rate_that_no_network_has_is_refused() -> None:
    assert "999999999999999G is more than 1,000,000,000 lines a second" in refused("--rate", "999999999999999G")


def test_the_size_of_a_line_is_that_of_its_fields_or_what_is_said() -> None:
    assert estimated("--rate", "1", "--line-bytes", "300")["lines"]["bytes"] == 300
    assert estimated("--rate", "1", "--format", "v5")["lines"]["bytes"] > 200
    assert "--line-bytes" in refused("--rate", "1", "--line-bytes", "nan")


def test_a_rate_alone_is_of_lines_as_a_deployment_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = estimated("--rate", "1")
    assert deployed["lines"]["bytes"] == line_bytes(field.name for field in Settings.read({}).log_format.fields)
    assert any("as those of a deployment's default record_format" in note for note in deployed["notes"])
    asked = estimated("--rate", "1", "--format", "v2")
    assert (asked["lines"]["bytes"], asked["notes"]) == (115, [])
    monkeypatch.setenv("FLOWLOGS_FORMAT", "v3")
    assert 115 < estimated("--rate", "1")["lines"]["bytes"] < deployed["lines"]["bytes"]


REGIONS = (
    (
        ["eu-west-1"],
        "the sample is of eu-west-1, priced as us-east-1: --region eu-west-1 takes what prices are known of it",
    ),
    (
        ["mx-central-1"],
        "the sample is of mx-central-1, priced as us-east-1: no price of it is known; give --region or --prices",
    ),
    (
        ["us-east-1", "sa-east-1", "mx-central-1"],
        "the sample is of mx-central-1, sa-east-1, priced as us-east-1: no price of them",
    ),
)


def of_regions(*regions: str) -> bytes:
    rows = [
        f"{START + 60 * number} {START + 60 * number + 59} {region} REJECT\n"
        for region in regions
        for number in range(60)
    ]
    return ("start end region action\n" + "".join(rows)).encode()


@pytest.mark.parametrize(("regions", "said"), REGIONS)
def test_a_sample_of_another_region_than_that_of_the_prices_is_told(regions: list[str], said: str) -> None:
    notes = estimated("-", stdin=of_regions(*regions))["notes"]
    assert [note for note in notes if "priced as" in note and note.startswith(said)]


@pytest.mark.parametrize(
    ("arguments", "regions"),
    [
        ((), ["us-east-1"]),
        ((), ["-", "x" * 40, "2"]),
        (("--region", "us-east-1"), ["eu-west-1"]),
        (("--region", "eu-west-2"), ["eu-west-1"]),
    ],
)
def test_a_region_that_fits_or_was_asked_for_is_not_doubted(arguments: tuple[str, ...], regions: list[str]) -> None:
    notes = estimated("-", *arguments, stdin=of_regions(*regions))["notes"]
    assert not [note for note in notes if "priced as" in note]


@pytest.mark.parametrize(
    "folder",
    [
        "AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/01/01",
        "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026",
    ],
)
def test_the_region_of_a_sample_is_that_of_its_path_where_lines_lack_it(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "hour.log").write_bytes(HEADER + HOUR)
    assert "the sample is of eu-west-1, priced as us-east-1" in " ".join(estimated(str(tmp_path))["notes"])


def test_a_sample_is_counted(hour: str) -> None:
    found = estimated(hour)
    assert found["lines"]["per_second"] == pytest.approx(600 / 3600)
    assert found["lines"]["bytes"] == len(line(1000))
    assert found["lines"]["rejects"] == 0
    assert (
        found["notes"][0]
        == f"counted: 600 lines of {len(line(1000))} bytes over 60 minutes, 0.0% of the flows rejected"
    )
    assert any("says little of a month" in note for note in found["notes"])
    assert any("assumed, not measured" in note for note in found["notes"])


def test_a_sample_is_a_file_a_folder_or_standard_input_packed_or_not(hour: str, tmp_path: Path) -> None:
    (tmp_path / "hour.log.gz").write_bytes(gzip.compress(HEADER + HOUR))
    whole = estimated(hour)["lines"]
    assert estimated(str(tmp_path / "hour.log.gz"))["lines"] == whole
    assert estimated("-", stdin=HOUR)["lines"] == whole
    twice = estimated(str(tmp_path))["lines"]
    assert twice["per_second"] == pytest.approx(2 * whole["per_second"])


def test_a_file_that_is_named_twice_is_counted_once(hour: str) -> None:
    assert estimated(hour, hour)["lines"] == estimated(hour)["lines"]


def test_the_share_of_rejects_is_that_of_the_flows(tmp_path: Path) -> None:
    nodata = b"2 012345678901 eni-1 - - - - - - - 1767225600 1767225659 - NODATA\n"
    (tmp_path / "mixed.log").write_bytes(HOUR + minute(1, 200, "REJECT") + 50 * nodata)
    found = estimated(str(tmp_path / "mixed.log"))
    assert found["lines"]["rejects"] == pytest.approx(200 / 800)
    assert found["lines"]["per_second"] == pytest.approx(850 / 3600)
    less = {keep: path["total"] for keep, path in found["narrowed"].items()}
    assert less["rejects"] < less["sample:10"] < found["paths"][0]["total"]


def test_time_between_samples_is_no_time_of_a_sample(tmp_path: Path) -> None:
    later = HOUR.replace(b"17672", b"17772")  # 1.0e7 seconds, 115 days
    (tmp_path / "two.log").write_bytes(HOUR + later)
    assert estimated(str(tmp_path / "two.log"))["lines"]["per_second"] == pytest.approx(1200 / 7200)
    odd = b"2 012345678901 eni-1 10.0.0.1 10.0.0.2 1 443 6 1 40 0 4102444800 ACCEPT OK\n"
    (tmp_path / "odd.log").write_bytes(HOUR + odd)
    assert estimated(str(tmp_path / "odd.log"))["lines"]["per_second"] == pytest.approx(601 / 3602)


def test_a_day_with_a_minute_in_ten_is_a_day(tmp_path: Path) -> None:
    (tmp_path / "day.log").write_bytes(DAY)
    found = estimated(str(tmp_path / "day.log"))
    assert found["lines"]["per_second"] == pytest.approx(1440 / (143 * 600 + 60))
    assert not any("says little" in note for note in found["notes"])


def test_an_empty_sample_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_bytes(b"")
    assert refused(str(tmp_path / "empty.log"), code=1) == "Error: there is no flow record in the sample"
    assert "no flow record" in refused("-", stdin=HEADER, code=1)
    (tmp_path / "none").mkdir()
    assert "no file in this folder" in refused(str(tmp_path / "none"), code=1)


def test_a_sample_of_a_second_tells_no_rate(tmp_path: Path) -> None:
    second = line(1).replace(b"1767225600 1767225659", b"1767225600 1767225600") + b"\n"
    said = refused("-", stdin=second * 100, code=1)
    assert said == "Error: the sample covers 1 second, too little to tell a rate: say --rate too"
    assert estimated("-", "--rate", "5", stdin=second * 100)["lines"]["per_second"] == 5
    assert estimated("-", stdin=minute(0))["lines"]["per_second"] == pytest.approx(10 / 60)


def test_lines_without_a_time_tell_no_rate() -> None:
    arguments = ("-", "--format", "${srcaddr} ${dstaddr} ${action}")
    assert "no line of the sample has a time" in refused(*arguments, stdin=b"10.0.0.1 10.0.0.2 REJECT\n", code=1)
    found = estimated(*arguments, "--rate", "2", stdin=b"10.0.0.1 10.0.0.2 REJECT\n")
    assert found["lines"]["rejects"] == 1
    assert "the rate is yours, not that of the sample" in found["notes"]


def test_nodata_alone_is_a_network_that_does_nothing() -> None:
    rows = [
        f"2 012345678901 eni-{number} - - - - - - - {START + 60 * number} {START + 60 * number + 59} - NODATA\n"
        for number in range(60)
    ]
    found = estimated("-", stdin="".join(rows).encode())
    assert found["lines"]["rejects"] == 0.05
    assert "no line says ACCEPT or REJECT (NODATA alone?): 5% rejects are assumed" in found["notes"]


def test_lines_of_two_formats_are_one_sample(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(HEADER + HOUR)
    rows = [f"{START + 60 * number} {START + 60 * number + 59} REJECT\n" for number in range(60)]
    (tmp_path / "b.log").write_bytes(b"start end action\n" + "".join(rows).encode())
    found = estimated(str(tmp_path))
    assert found["lines"]["per_second"] == pytest.approx(660 / 3600)
    assert found["lines"]["rejects"] == pytest.approx(60 / 660)
    assert "the lines are of 2 formats; their sizes are averages" in found["notes"]


def test_a_few_lines_that_are_no_records_cost_like_others_and_most_are_an_error(hour: str) -> None:
    some = HOUR + b"2 too few\n" * 30
    found = estimated("-", stdin=some)
    assert "30 of the lines are no flow records; they cost like the others" in found["notes"]
    assert found["lines"]["per_second"] == pytest.approx(630 / 3600)
    said = refused(hour, "-", stdin=b"x y\n" * 601, code=1)
    assert "601 of 1,201 lines of the sample are no flow records of the format" in said
    assert "of the sample are no flow records" in refused("-", "--format", "v5", stdin=HOUR, code=1)
    assert "601 of 1,201 lines of the sample" in refused("-", stdin=HOUR + b"{no json\n" * 601, code=1)


def parquet(rows: list[dict[str, object]]) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), written)
    return written.getvalue()


def test_parquet_of_aws_is_counted_as_its_lines(tmp_path: Path) -> None:
    rows = [DEFAULT.read(row) for row in HOUR.splitlines()]
    (tmp_path / "hour.parquet").write_bytes(parquet([dict(row) for row in rows]))
    found = estimated(str(tmp_path / "hour.parquet"))
    assert found["lines"]["per_second"] == pytest.approx(600 / 3600)
    assert found["lines"]["bytes"] == len(line(1000))


def test_a_lake_is_no_sample_of_flow_logs(tmp_path: Path) -> None:
    row = {**DEFAULT.read(line(1)), "timestamp": 1, "interface_end": "source", "security_group_ids": ["sg-1"]}
    (tmp_path / "lake.parquet").write_bytes(parquet([row] * 10))
    (tmp_path / "list.ndjson").write_text('{"files": []}\n')
    said = refused(str(tmp_path), code=1)
    assert said.endswith("lake.parquet is a lake of documents, not a flow log: name the logs that it was made of")


def test_what_cannot_be_read_is_named_and_the_rest_is_worked_out(hour: str, tmp_path: Path) -> None:
    (tmp_path / "cut.log.gz").write_bytes(gzip.compress(HOUR)[:-20])
    done = ran("estimate", hour, str(tmp_path / "cut.log.gz"), "--json")
    assert done.code == 1
    assert "cut.log.gz: after line" in done.only_line
    assert "part of the sample could not be read, and is not counted" in json.loads(done.out)["notes"]


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert "no such file or folder" in refused(str(tmp_path / "none.log"), code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what there is: a SAMPLE of log files, or --rate"),
        (("-", "--line-bytes", "100"), "--line-bytes goes with --rate alone"),
        (("--rate", "1", "--inventory", "."), "--inventory and --geoip measure a SAMPLE: name one"),
        (("--rate", "1", "--geoip", "."), "--inventory and --geoip measure a SAMPLE: name one"),
        (("--rate", "1", "--line-bytes", "0"), "0 is not in the range"),
        (("--rate", "1", "--region", "mars"), "no price of the region 'mars' is known, only of us-east-1, eu-west-1"),
        (("--rate", "1", "--search-keep", "some"), "'some' is none of all, rejects and sample:N"),
        (("--rate", "1", "--days-kept", "0"), "'0' is no number of days, from 1 to 36,500"),
        (("--rate", "1", "--days-kept", "search=x"), "'x' is no number of days"),
        (("--rate", "1", "--days-kept", "disk=3"), "say each of search, lake, logs once, or one number"),
        (("--rate", "1", "--days-kept", "lake=3,lake=4"), "say each of search, lake, logs once, or one number"),
        (("--rate", "1", "--prices", "/dev/null"), "is not JSON"),
        (("--rate", "1", "--prices", "/no/such"), "does not exist"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)


def test_days_are_one_number_or_one_for_each_place() -> None:
    assert estimated("--rate", "1")["days_kept"] == {"search": 8, "lake": 365, "logs": 30}
    assert estimated("--rate", "1", "--days-kept", "90")["days_kept"] == {"search": 90, "lake": 90, "logs": 90}
    assert estimated("--rate", "1", "--days-kept", "lake=7,search=2")["days_kept"] == {
        "search": 2,
        "lake": 7,
        "logs": 30,
    }


def test_a_region_of_few_prices_has_a_bill_that_names_what_it_lacks() -> None:
    found = estimated("--rate", "100", "--region", "ap-northeast-1")
    cheap, files = found["paths"][1], found["paths"][-1]
    assert not cheap["complete"]
    assert {item["item"] for item in cheap["items"]} <= {price.item for price in load("ap-northeast-1").rows.values()}
    assert any(text.startswith("Lambda time") for text in cheap["not_priced"])
    assert files["total"] > 0
    assert [text.partition(" (")[0] for text in files["not_priced"]] == ["S3 GET"]
    assert found["looks"][0]["dollars"] is None


def test_own_prices_are_laid_over_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(
        '{"dated": "2027-01-01", "regions": {"us-east-1": {"firehose_vended": 0.1}, "mars": {"vended_s3": 1}}}'
    )
    found = estimated("--rate", "100", "--prices", str(own))
    direct, plain = found["paths"][4], estimated("--rate", "100")["paths"][4]
    plain_bytes = found["lines"]["bytes"]
    assert direct["complete"]
    assert direct["total"] == pytest.approx(plain["total"] + 100 * plain_bytes * 730 * 3600 / 1e9 * 0.1)
    assert found["prices_dated"] == "2027-01-01"
    mars = estimated("--rate", "100", "--format", "v2", "--prices", str(own), "--region", "mars")
    assert mars["paths"][-1]["total"] == pytest.approx(30.222)


def shown(*arguments: str) -> Ran:
    done = ran("estimate", *arguments)
    assert done.code == 0, done.err
    return done


def test_people_read_a_row_a_path_and_what_is_not_in_it() -> None:
    out = shown("--rate", "100", "--format", "v2").out
    rows = {
        row[:30].strip(): row.split() for row in out.splitlines() if row.startswith(tuple(path.title for path in PATHS))
    }
    assert len(rows) == len(PATHS)
    totals = [path["total"] for path in estimated("--rate", "100", "--format", "v2")["paths"]]
    assert rows["S3 to lake"][-1] == f"{totals[3]:,.2f}"
    assert rows["Firehose to lake"][-2:] == [f"{totals[4]:,.2f}+", "1"]
    assert "100 flow records a second of 115 bytes: 30.2 GB a month." in out
    assert "list prices of us-east-1, 2026-11-21" in out
    for said in (
        "Not in the totals:",
        "left out of: Firehose to lake",
        "Packing:",
        "$38.14 saved",
        "Athena",
        "Assumed:",
    ):
        assert said in out
    assert max(map(len, out.splitlines())) <= 120


def test_a_lake_alone_can_be_told_from_one_with_rejects_only() -> None:
    assert "with search_keep=rejects instead" in shown("--rate", "100").out
    assert "with search_keep=rejects instead" not in shown("--rate", "100", "--search-keep", "rejects").out


def test_more_nodes_than_aws_allows_are_said() -> None:
    assert "more nodes than AWS allows unasked" in " ".join(shown("--rate", "5M").out.split())


def test_totals_are_drawn_on_one_scale() -> None:
    paths = estimate(Plan(lines_per_second=100), Kept(), load()).paths
    drawn = io.StringIO()
    Console(file=drawn, width=120, color_system=None).print(bars(paths))
    lengths = [row.count("━") for row in drawn.getvalue().splitlines()]
    totals = [priced.bill.total for priced in paths]
    assert lengths[0] == max(lengths) == 40
    assert [length > 0 for length in lengths] == [total > max(totals) / 40 for total in totals]
    assert f"${totals[0]:,.2f}" in drawn.getvalue().splitlines()[0]


def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"dated": "2027-01-01", "regions": {"x\x07": {"vended_s3": 1}}}))
    out = shown("--rate", "1", "--prices", str(own), "--region", "x\x07").out
    assert "\x07" not in out
    assert "list prices of x\\x07," in out


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estimate") / "demo"
    assert ran("generate", str(folder), "--lines", "3000", "--no-events", "--format", "v2").code == 0
    return folder


def test_what_lines_become_is_measured_with_the_real_encoder(demo: Path) -> None:
    arguments = [str(demo / "logs"), "--inventory", str(demo / "inventory")]
    with_groups = estimated(*arguments)["lines"]
    with_places = estimated(*arguments, "--geoip", str(demo / "geoip"))
    sizes = with_places["lines"]
    assert 200 < with_groups["indexed_bytes"] < sizes["indexed_bytes"] < 1000
    assert 0 < with_groups["parquet_bytes"] < sizes["parquet_bytes"] < 120
    assert 0.05 < sizes["gzipped"] < 0.5
    (said,) = [note for note in with_places["notes"] if note.startswith("measured on ")]
    assert "bytes, " in said


def test_too_few_lines_are_not_measured(hour: str, demo: Path) -> None:
    found = estimated(hour, "--inventory", str(demo / "inventory"))
    assert found["lines"]["indexed_bytes"] == 1000
    assert "what lines become is assumed: fewer than 1,000 were there to be measured" in found["notes"]


def test_a_folder_without_a_database_or_an_inventory_is_an_error(hour: str, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert "there is no usable database" in refused(hour, "--geoip", str(tmp_path / "nothing"), code=1)
    assert "holds no network interfaces" in refused(hour, "--inventory", str(tmp_path / "nothing"), code=1)


def test_of_a_huge_sample_only_so_much_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MEASURED_LINES", 100)
    inputs = []
    for number in range(4):
        path = tmp_path / f"{number}.log"
        path.write_bytes(b"2 " + b"x" * 100_000 + b"\n" + HOUR)
        inputs.append(Input(path.name, str(path)))
    seen: list[int] = []
    sample = read_inputs(inputs, DEFAULT, seen.append)
    assert sample.lines == 4 * 601
    assert [len(sample.first_lines), max(len(line.text) for line in sample.first_lines)] == [100, len(line(1000))]
    assert sum(seen) == sum(path.stat().st_size for path in tmp_path.iterdir())
