"""What the inventory names, and the cube that tells more addresses apart than the one for lines over time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from chromium import chromium
from click.testing import CliRunner
from opened_report import OpenedReport, opened
from playwright.sync_api import Browser
from report_lake import NOON, asked_sql, data_of, lake, record, rows, told_apart, totals, written
from report_sample import sample

from flowlogs.analyse.report.names import Names
from flowlogs.cli.main import flowlogs

_INVENTORY = """
INSERT INTO security_groups (security_group_id, group_name, valid_from) VALUES
    ('sg-1', 'old', NULL), ('sg-1', 'web', TIMESTAMP '2026-11-20'), ('sg-1', 'later', TIMESTAMP '2026-12-01'),
    ('sg-2', NULL, NULL);
INSERT INTO network_interfaces (interface_id, name, instance_id, valid_from) VALUES
    ('eni-1', 'front', 'i-1', NULL), ('eni-2', NULL, 'i-1', NULL), ('eni-3', NULL, 'i-2', NULL),
    ('eni-4', NULL, NULL, NULL);
INSERT INTO instances (instance_id, name) VALUES ('i-1', 'host'), ('i-2', NULL);
"""


def test_a_name_is_the_last_before_the_end_and_an_interface_has_its_instances(tmp_path: Path) -> None:
    with lake(tmp_path, [record(security_group_ids=["sg-1", "sg-2"]), record(interface_id=None)]) as connection:
        connection.execute(_INVENTORY)
        names = Names.of(connection, NOON)
        data = data_of(connection)
    assert names.groups == {"sg-1": "web"}
    assert names.interfaces == {"eni-1": "front", "eni-2": "host", "eni-3": "i-2"}
    assert dict(zip(data["groups"], data["names"]["group"], strict=True)) == {
        "(others)": None,
        "sg-1": "web",
        "sg-2": None,
    }
    assert data["names"]["interface"] == [None, None, "front"]
    assert [each["name"] for each in data["coverage"]["interfaces"]] == ["front"]


def test_the_command_reads_an_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def page(data: Any, _vega: object) -> str:
        made.append(data)
        return "page"

    monkeypatch.setattr("flowlogs.analyse.report.page.page", page)
    inventory = tmp_path / "security-groups.json"
    inventory.write_text(
        '{"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web", "OwnerId": "012345678901", "VpcId": "vpc-1"}]}'
    )
    place = written(tmp_path / "lake", [record(security_group_ids=["sg-1"])])
    words = ["report", str(place), "--inventory", str(inventory), "--out", str(tmp_path / "report.html")]
    done = CliRunner().invoke(flowlogs, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert made[0]["names"]["group"] == [None, "web"]
    refused = CliRunner().invoke(flowlogs, [*words[:3], str(tmp_path / "nowhere"), *words[4:]])
    assert refused.exit_code != 0
    assert "nowhere" in refused.output


def _many() -> list[dict[str, Any]]:
    """Give records of 400 clients over two hours, too many for a cube of 300 rows in many slices."""
    return [
        record(
            NOON + number * 37 % 7_200,
            srcaddr=f"203.0.{number % 400 // 200}.{number % 200 + 1}",
            bytes=1_000 + number,
            dstport=(443, 22)[number % 2],
            action=("ACCEPT", "REJECT")[number % 5 == 0],
        )
        for number in range(1_600)
    ]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, Any]]:
    with lake(tmp_path_factory.mktemp("many"), _many()) as connection:
        yield connection, data_of(connection, most_rows=300)


def test_a_second_cube_tells_more_addresses_apart_in_longer_slices(
    many: tuple[duckdb.DuckDBPyConnection, Any],
) -> None:
    _, data = many
    fine, wide = data["cubes"]
    assert len(told_apart(data)) < 100 < 390 < len(told_apart(data, 1))
    assert fine["slices"] > wide["slices"]
    assert totals(rows(data)) == totals(rows(data, 1))
    assert any("longer slices of time" in note for note in data["about"]["notes"])
    text = told_apart(data, 1)[-1]
    ((flows, octets),) = [
        (len(found), sum(row["bytes"] for row in found))
        for found in [[row for row in _many() if text in (row["srcaddr"], row["dstaddr"])]]
    ]
    found = [row for row in rows(data, 1) if text in (row["source"], row["destination"])]
    assert totals(found)[::2] == (flows, octets)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def _numbers(report: OpenedReport, panel: str) -> list[list[float | str]]:
    return [[row[0], *map(float, row[1:])] for row in report.numbers(panel)]


@pytest.mark.slow
def test_the_page_tells_all_addresses_apart_that_any_cube_does(
    browser: Browser, tmp_path: Path, many: tuple[duckdb.DuckDBPyConnection, Any]
) -> None:
    connection, data = many
    rare = told_apart(data, 1)[-1]
    with opened(browser, tmp_path, data) as made:
        known = made.page.locator("#filter-known")
        made.go("overview")
        wanted = [list(row) for row in asked_sql(connection, data, "overview-sources")]
        assert _numbers(made, "overview-sources") == wanted
        assert len(made.numbers("overview-rejects-minute")) == data["cubes"][0]["slices"]
        assert known.inner_text() == ""
        made.go("overview", [("source", rare)])
        ((_, octets, packets, flows),) = asked_sql(connection, data, "overview-sources", f"source = '{rare}'")
        assert _numbers(made, "overview-sources") == [[rare, octets, packets, flows]]
        assert known.inner_text().startswith("What this filter names is known ")
        made.go("traffic", [("source", rare)])
        sums = [float(row[1]) for row in made.numbers("traffic-bytes-time")]
        assert (len(sums), sum(sums)) == (data["cubes"][1]["slices"], octets)
        made.go("traffic", [("source", rare), ("from", str(NOON + 600))])
        assert "is shown" in known.inner_text() or "are shown" in known.inner_text()
        common = told_apart(data)[0]
        made.go("traffic", [("address", common), ("from", str(NOON + 600))])
        assert known.inner_text() == ""
        assert made.said == []


@pytest.mark.slow
def test_names_stand_before_ids_and_filters_are_of_ids(browser: Browser, tmp_path: Path) -> None:
    data = sample(rows=900)
    data["names"] = {
        "group": [None, "web servers", "__proto__", None, "<b>x</b>"],
        "interface": [None] * 2 + ["host"] * 6,
    }
    for each in data["coverage"]["interfaces"]:
        each["name"] = "host"
    with opened(browser, tmp_path, data) as made:
        made.go("groups")
        shown = {row[0] for row in made.table("groups-usage")}
        assert shown == {"web servers (sg-web)", "__proto__ (sg-db)", "sg-admin", "<b>x</b> (sg-batch)"}
        made.panel("groups-usage").locator("tbody tr", has_text="web servers").press("Enter")
        made.after("group=sg-web")
        assert "web servers (sg-web)" in made.page.locator(".chip").inner_text()
        options = made.page.locator("#known-groups option")
        assert options.evaluate_all("all => all.map(one => [one.value, one.label])")[0] == [
            "sg-web",
            "web servers (sg-web)",
        ]
        made.go("overview")
        assert all(str(row[0]).startswith("host (eni-") for row in made.numbers("overview-interfaces"))
        made.go("coverage")
        assert all(row[0].startswith("host (eni-") for row in made.table("coverage-table"))
        assert made.said == []
