"""The command line that stands beside a panel, run as it stands, answers with the panel's numbers."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from click.testing import CliRunner
from opened_report import Filter, OpenedReport
from test_report_page_and_sql import ordered, shown, told

from flowlogs.cli.main import flowlogs
from flowlogs.record.protocols import PROTOCOL_NAMES

pytestmark = pytest.mark.slow
START, UNTIL = "2026-11-20T10:00:00Z", "2026-11-20T10:30:00Z"
_FROM = 1_795_168_800  # 2026-11-20T10:00Z
_OUTLIERS = [f"outliers-{name}" for name in ("bytes", "packets", "accepts", "rejects", "inbound", "outbound")]
_OF_ACTION = ["map", "interfaces", "protocols", "destinations", "bytes-time", "packets-time", "outliers"]
CHARTS = {
    "overview": [
        *(f"overview-{name}" for name in ("map", "sources", "destinations", "rejects-minute", "actions")),
        *("overview-protocols", "overview-interfaces"),
    ],
    "accepts": [f"accepts-{name}" for name in _OF_ACTION],
    "rejects": [f"rejects-{name}" for name in _OF_ACTION],
    "traffic": [f"traffic-{name}" for name in ("sankey", "bytes-time", "packets-time", "ports")],
    "groups": [f"groups-{name}" for name in ("vpcs", "subnets", "packets", "ports", "directions")],
    "outliers": _OUTLIERS,
}
"""Panels whose numbers stand in a table beside them with the answer's columns."""
Row = Mapping[str, Any]
DASH = "\N{EN DASH}"


def size(number: float) -> str:
    """Write bytes as the page does: in three figures."""
    if number < 999.5:
        return f"{number} B"
    prefixes = iter("kMGT")
    prefix = ""
    while number >= 999.5:
        number, prefix = number / 1_000, next(prefixes)
    places = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{places}f} {prefix}B"


def count(number: int) -> str:
    return f"{number:,}"


def moment(seconds: int | None) -> str:
    return DASH if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def protocol(number: int) -> str:
    return PROTOCOL_NAMES.get(number, str(number))


def lasting(seconds: int) -> str:
    for name, unit in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds and seconds % unit == 0:
            return name if seconds == unit else f"{seconds // unit} {name}s"
    return f"{seconds} seconds" if seconds else DASH


Columns = dict[str, Callable[[Any], str]]
TABLES: dict[tuple[str, str], Columns] = {
    ("rejects", "rejects-sources-ports"): {"address": str, "server_port": str, "flows": count},
    ("traffic", "traffic-pairs"): {
        "client": str,
        "server": str,
        "server_port": str,
        "protocol": protocol,
        "bytes": size,
        "flows": count,
        "packets": count,
    },
    ("groups", "groups-usage"): {
        "security_group": str,
        "flows_in": count,
        "bytes_in": size,
        "sources": count,
        "ports": count,
        "last_seen": moment,
    },
    ("coverage", "coverage-table"): {
        "interface_id": str,
        "ok": count,
        "nodata": count,
        "skipdata": count,
        "gaps": count,
        "gap_seconds": lasting,
        "first_seen": moment,
        "last_seen": moment,
    },
}
"""Tables by section and panel: the answer's columns in the table's order, each as the page writes it."""
FIGURES: dict[tuple[str, str], list[str]] = {
    ("overview", "traffic-accepted"): ["flows"],
    ("overview", "traffic-rejected"): ["flows"],
    ("overview", "traffic-unique-sources"): ["addresses"],
    ("overview", "traffic-unique-destinations"): ["addresses"],
    ("groups", "groups-counts"): ["vpcs", "subnets", "groups"],
    ("coverage", "coverage-unknown"): ["flows", "without_groups", "with_several_groups"],
}
"""Panels of one or a few numbers, and the answer's columns that they are."""


def said(*words: str) -> str:
    """Run a command of ours; give what it says on standard output."""
    done = CliRunner().invoke(flowlogs, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedReport]:
    """Give the report of half an hour out of forty minutes of generated traffic, made by the commands alone."""
    folder = tmp_path_factory.mktemp("somebody's traffic")
    demo, lake, page = (str(folder / name) for name in ("demo", "lake", "report.html"))
    made = ("--seed", "7", "--start", START, "--minutes", "40", "--lines", "4000", "--no-events")
    known = ("--inventory", f"{demo}/inventory", "--geoip", f"{demo}/geoip")
    said("generate", demo, *made)
    said("enrich", f"{demo}/logs", *known, "--format", "v5", "--out", lake)
    said("report", lake, "--out", page, "--to", UNTIL)
    with chromium() as browser, browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield OpenedReport(context.new_page(), Path(page).as_uri())


def answer(report: OpenedReport, panel: str) -> list[Row]:
    """Run the command line that stands beside a panel, as a shell would read it."""
    report.sql(panel)
    words = shlex.split(report.panel(panel).locator(".command").inner_text())
    assert words[0] == "flowlogs"
    return [json.loads(line) for line in said(*words[1:], "--format", "json").splitlines()]


def named(row: Row) -> dict[str, Any]:
    return {name: protocol(value) if name == "protocol" else value for name, value in row.items()}


def same_numbers(report: OpenedReport, panel: str) -> None:
    rows = [named(row) for row in answer(report, panel)]
    assert rows, panel
    report.numbers(panel)
    there = shown(report, panel, set(rows[0]))
    if not there:  # a line at nothing all along is not drawn
        assert not any(row.get("value", row.get("flows")) for row in rows), panel
        return
    wanted = [told({name: row.get(name) for name in there[0]}) for row in rows]
    assert ordered(there) == ordered(wanted), panel


def in_table(report: OpenedReport, panel: str, columns: Columns) -> None:
    rows = answer(report, panel)
    wanted = [[write(row.get(name)) for name, write in columns.items()] for row in rows[:10]]
    assert wanted, panel
    assert report.table(panel) == wanted, panel


FILTERS: list[Filter] = [[], [("not.port", "443"), ("protocol", "6"), ("from", str(_FROM + 600))]]


@pytest.mark.parametrize("conditions", FILTERS, ids=["all", "filtered"])
def test_the_command_line_beside_a_panel_gives_its_numbers(report: OpenedReport, conditions: Filter) -> None:
    for section, panels in CHARTS.items():
        report.go(section, conditions)
        for panel in panels[:2] if conditions else panels:
            same_numbers(report, panel)
    for (section, panel), columns in TABLES.items():
        report.go(section, conditions)
        in_table(report, panel, columns)
    for (section, panel), names in FIGURES.items():
        report.go(section, conditions)
        (row,) = answer(report, panel)
        figures = report.panel(panel).locator(".picture strong").all_inner_texts()
        assert figures == [count(row[name]) for name in names], panel
    assert report.said == []


@pytest.mark.parametrize("conditions", FILTERS, ids=["all", "filtered"])
def test_the_command_line_beside_parts_over_time_gives_them(report: OpenedReport, conditions: Filter) -> None:
    report.go("traffic", conditions)
    for panel, key in (("traffic-by-port", "server_port"), ("traffic-by-protocol", "protocol")):
        wanted = {(row["slice"], str(named(row)[key])): row["bytes"] for row in answer(report, panel)}
        there = {(int(at), part): int(bytes_) for at, part, bytes_ in report.numbers(panel) if part != "others"}
        assert there == {key: bytes_ for key, bytes_ in wanted.items() if bytes_}, panel
        assert len(there) > 3


def test_the_command_line_beside_the_coverage_gives_its_strips(report: OpenedReport) -> None:
    states = {1: "records", 2: "no traffic (NODATA)", 3: "lost by AWS (SKIPDATA)"}
    report.go("coverage")
    worst = [row[0] for row in report.table("coverage-table")[:3]]
    report.go("coverage", [("interface", id_) for id_ in worst])
    rows = answer(report, "coverage-strip")
    runs = [run for run in report.numbers("coverage-strip") if run[3] != "nothing"]
    there = {(run[0], at, run[3]) for run in runs for at in range(int(run[1]), int(run[2]), 60)}
    assert there == {(row["interface_id"], row["slice"], states[row["state"]]) for row in rows}
    assert {row["interface_id"] for row in rows} == set(worst)


def test_the_command_line_beside_the_raw_records_gives_them(report: OpenedReport) -> None:
    report.go("raw")
    titles = report.panel("records").locator("table.living > thead th").all_inner_texts()
    at = [titles.index(name) for name in ("srcaddr", "dstaddr", "bytes")]
    there = [[row[each] for each in at] for row in report.table("records")]
    rows = answer(report, "records")[:10]
    assert there == [[row["srcaddr"], row["dstaddr"], size(row["bytes"])] for row in rows]
