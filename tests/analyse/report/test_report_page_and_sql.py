"""A number of the page and the answer of the SQL beside it are the same, whatever filter is in force."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from chromium import chromium
from opened_report import Filter, OpenedReport, opened
from playwright.sync_api import Browser
from report_lake import NOON, Document, data_of, lake, record

from flowlogs.analyse.report.picked import runnable
from flowlogs.analyse.window import Window

pytestmark = pytest.mark.slow
FILTERS: list[Filter] = [
    [],
    [("group", "sg-b"), ("not.port", "22")],
    [("address", "203.0.113.0/29"), ("not.source", "10.0.0.5")],
    [("not.group", "sg-a"), ("action", "ACCEPT"), ("protocol", "6")],
    [("from", str(NOON + 900)), ("to", str(NOON + 2_400))],
]
CHARTS = {
    "overview": [
        "overview-sources",
        "overview-destinations",
        "overview-interfaces",
        "overview-protocols",
        "overview-rejects-minute",
        "overview-map",
    ],
    "accepts": ["accepts-destinations", "accepts-interfaces", "accepts-bytes-time", "accepts-outliers"],
    "rejects": ["rejects-destinations", "rejects-interfaces", "rejects-outliers"],
    "traffic": ["traffic-ports", "traffic-sankey", "traffic-by-port", "traffic-packets-time"],
    "groups": ["groups-vpcs", "groups-subnets", "groups-packets", "groups-ports", "groups-directions"],
    "outliers": ["outliers-bytes", "outliers-inbound", "outliers-outbound"],
}
"""Panels whose numbers are compared, by section."""
PROTOCOLS = {"6": "tcp", "17": "udp"}


def documents() -> list[Document]:
    """Give an hour of a small network: two interfaces with groups, one without, replies, rejects, a burst."""
    made = []
    for minute in range(60):
        for number in range(1 + minute % 5 + 40 * (minute == 37)):
            client, port = f"203.0.113.{number % 13 + 1}", (443, 22, 53)[(number + minute) % 3]
            inventory: Document = {
                "interface_id": f"eni-{number % 3}",
                "vpc_id": ("vpc-1", "vpc-2", None)[number % 3],
                "subnet_id": ("subnet-1", "subnet-2", None)[number % 3],
                "security_group_ids": (["sg-a"], ["sg-a", "sg-b"], None)[number % 3],
                "protocol": 17 if port == 53 else 6,
                "source_country_code": ("DE", "US", None)[number % 13 % 3],
                "source_location_lat": 50.0,
                "source_location_lon": 10.0,
            }
            action = "REJECT" if number % 7 == 3 else "ACCEPT"
            asked = {"srcaddr": client, "dstaddr": "10.0.0.5", "dstport": port, "action": action}
            start = NOON + minute * 60 + number % 60
            made.append(record(start, **inventory, **asked, bytes=100 + minute * number, packets=1 + number))
            if action == "ACCEPT":
                back = {
                    "srcaddr": "10.0.0.5",
                    "dstaddr": client,
                    "srcport": port,
                    "dstport": 40_000,
                    "bytes": 7_000 + number,
                }
                ends = {"direction": "outbound", "interface_end": "source", "source_country_code": None}
                made.append(record(start, **{**inventory, **back, **ends}))
    return made


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with lake(tmp_path_factory.mktemp("lake"), documents()) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def data(connection: duckdb.DuckDBPyConnection) -> Any:
    return data_of(connection)


@pytest.fixture(scope="module")
def report(browser: Browser, data: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedReport]:
    with opened(browser, tmp_path_factory.mktemp("page"), data) as made:
        yield made


def told(values: dict[str, Any]) -> dict[str, Any]:
    """Give a row of an answer as the page has it: numbers rounded as they may differ in the last bit."""
    return {name: round(float(value), 3) if is_number(value) else value for name, value in values.items()}


def is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)


MEASURES = {"flows", "bytes", "packets", "value"}
NAMES = {
    "Source": "address",
    "Destination": "address",
    "Interface": "interface_id",
    "Protocol": "protocol",
    "Server port": "server_port",
    "Client": "client",
    "Server": "server",
    "Country": "country",
    "VPC": "vpc_id",
    "Subnet": "subnet_id",
    "Security group": "security_group",
    "Direction": "direction",
    "Flow records": "flows",
    "Bytes": "bytes",
    "Packets": "packets",
    "From": "slice",
    "Usual from": "low",
    "Usual to": "high",
    "Outlier": "outlier",
}
"""Columns of the answers by what the page calls them."""


def shown(report: OpenedReport, panel: str, answered: set[str]) -> list[dict[str, Any]]:
    """Read a chart's numbers by the names of the answer's columns; only those that the answer has."""
    titles = [NAMES.get(title, title) for title in report.panel(panel).locator(".numbers th").all_inner_texts()]
    if "value" in answered:
        titles = ["value" if at == 1 else title for at, title in enumerate(titles)]
    rows = [dict(zip(titles, row, strict=True)) for row in report.numbers(panel)]
    read = {"": None, "true": True, "false": False}
    return [told({name: read.get(row[name], row[name]) for name in row if name in answered}) for row in rows]


@pytest.mark.parametrize("conditions", FILTERS, ids=lambda each: "&".join("=".join(pair) for pair in each) or "nothing")
def test_the_page_and_the_sql_beside_it_say_the_same(
    report: OpenedReport, connection: duckdb.DuckDBPyConnection, conditions: Filter
) -> None:
    for section, panels in CHARTS.items():
        report.go(section, conditions)
        for panel in panels:
            answer = connection.execute(runnable(report.sql(panel), Window()))
            names = [column[0] for column in answer.description or []]
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
            report.numbers(panel)
            there = shown(report, panel, set(names))
            for row in rows:
                if "protocol" in row and row["protocol"] is not None:
                    row["protocol"] = PROTOCOLS[str(row["protocol"])]
            if not there:  # a line at nothing all along is not drawn
                assert not any(row[name] for row in rows for name in MEASURES & set(names)), panel
                continue
            columns = set(there[0])
            assert columns >= set(names) - {"country_name"}, panel
            wanted = [told({name: value for name, value in row.items() if name in columns}) for row in rows]
            assert ordered(there) == ordered(wanted), panel
    assert report.said == []


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put rows into an order of their own: charts have another than the answer's."""
    return sorted(rows, key=lambda row: [str(row[name]) for name in sorted(row)])
