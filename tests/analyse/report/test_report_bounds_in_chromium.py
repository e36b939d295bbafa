"""Filters by what a page does not tell apart: no figure is wrong, by the SQL that stands beside it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from chromium import chromium
from opened_report import Filter, OpenedReport, opened
from playwright.sync_api import Browser
from report_lake import NOON, Document, data_of, lake, record, told_apart

from flowlogs.analyse.report.contents import MOST_ROWS
from flowlogs.analyse.report.picked import runnable
from flowlogs.analyse.window import Window

pytestmark = pytest.mark.slow
FEW_ROWS = 60
TOLD, FOLDED = "198.51.100.1", "198.51.100.200"
TOLD_SIX, FOLDED_SIX = "2001:db8::1", "2001:db8::99"


def documents() -> Iterator[Document]:
    """Give records of a few busy addresses and of many others, inbound and outbound, of two countries."""
    for number in range(1, 201):
        busy = 400 if number <= 4 else 1
        for peer in (f"198.51.100.{number}", f"2001:db8::{number:x}" if number < 0x99 else "2001:db8::99"):
            ends: Document = {"srcaddr": peer, "source_country_code": "DE" if number % 2 else "US"}
            action = "ACCEPT" if number % 3 else "REJECT"
            for minute in range(3 if busy > 1 else 1):
                ends["security_group_ids"] = ["sg-a", "sg-b"]
                yield record(
                    NOON + 60 * minute,
                    **ends,
                    vpc_id="vpc-1",
                    subnet_id="subnet-1",
                    bytes=100 * busy,
                    action=action,
                    dstport=443 + number % 4,
                )
    for number in range(5):
        yield record(NOON + 60 * number, srcaddr="10.0.0.5", dstaddr=TOLD, bytes=90_000, srcport=443, dstport=50_000)


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, what it says, and the lake that it is of."""

    report: OpenedReport
    data: Any
    connection: duckdb.DuckDBPyConnection

    def figure(self, panel: str) -> tuple[str, int, int]:
        """Give the bound of a tile, what it shows, and what the SQL beside it gives."""
        shown = self.report.panel(panel).locator(".figure").inner_text()
        found = re.fullmatch(r"(at least|at most|) ?([0-9,]+)", shown)
        assert found, shown
        (true, *_), *_ = self.connection.execute(runnable(self.report.sql(panel), Window())).fetchall()
        return found[1], int(found[2].replace(",", "")), int(true or 0)

    def accepted(self, conditions: Filter) -> tuple[str, int, int]:
        """Give the same of all accepted records under a filter."""
        self.report.go("overview", conditions)
        return self.figure("traffic-accepted")

    def said(self) -> str:
        """Give what the page says of the filter's bounds."""
        return self.report.page.locator("#filter-bound").inner_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def of_rows(browser: Browser, folder: Path, most_rows: int) -> Iterator[Asked]:
    connection = lake(folder / "lake", list(documents()))
    data = data_of(connection, most_rows=most_rows)
    with opened(browser, folder, data) as report:
        yield Asked(report, data, connection)


@pytest.fixture(scope="module")
def folded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with of_rows(browser, tmp_path_factory.mktemp("folded"), FEW_ROWS) as asked:
        assert asked.data["about"]["folded"]
        assert FOLDED not in told_apart(asked.data, -1)
        yield asked


@pytest.fixture(scope="module")
def whole(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with of_rows(browser, tmp_path_factory.mktemp("whole"), MOST_ROWS) as asked:
        assert not asked.data["about"]["folded"]
        yield asked


FILTERS: list[Filter] = [
    [("address", TOLD)],
    [("address", FOLDED)],
    [("not.address", FOLDED)],
    [("source", FOLDED_SIX)],
    [("not.client", FOLDED_SIX)],
    [("address", "198.51.100.0/24")],
    [("not.address", "198.51.100.0/24")],
    [("address", "198.51.0.0/16"), ("address", TOLD_SIX)],
    [("address", "::/0")],
    [("not.address", "::/0")],
    [("address", "0.0.0.0/0")],
    [("destination", "0.0.0.0/1"), ("not.address", FOLDED)],
    [("source", "2001:db8::/32"), ("not.port", "444")],
    [("address", "10.0.0.0/8")],
    [("address", "172.16.0.0/12")],
    [("address", "99.99.99.99")],
    [("port", "444")],
    [("not.port", "446"), ("not.source", FOLDED)],
]


PANELS = ["traffic-accepted", "traffic-rejected", "traffic-unique-sources"]
of_filters = pytest.mark.parametrize("conditions", FILTERS, ids=lambda each: "&".join("=".join(pair) for pair in each))


@of_filters
def test_a_figure_is_exact_or_says_on_which_side_of_the_truth_it_is(folded: Asked, conditions: Filter) -> None:
    folded.report.go("overview", conditions)
    for panel in PANELS:
        bound, shown, true = folded.figure(panel)
        on_its_side = {"at least": shown <= true, "at most": shown >= true, "": shown == true}
        assert on_its_side[bound], (panel, bound, shown, true)
    assert folded.report.said == []


@of_filters
def test_where_all_is_told_apart_every_figure_is_exact(whole: Asked, conditions: Filter) -> None:
    whole.report.go("overview", conditions)
    for panel in PANELS:
        bound, shown, true = whole.figure(panel)
        assert (bound, shown) == ("", true), panel
    assert whole.said() == ""


@pytest.mark.parametrize(
    ("name", "bound", "done"),
    [
        ("address", "at least", "figures leave it out and are at least so much"),
        ("not.address", "at most", "it may still be in the figures and are at most so much"),
    ],
)
def test_an_address_that_is_not_told_apart_is_named_below_the_bar(
    folded: Asked, name: str, bound: str, done: str
) -> None:
    said, shown, true = folded.accepted([(name, FOLDED)])
    assert said == bound
    assert shown != true
    assert folded.said().startswith(f"{FOLDED} is not told apart on this page, or not in the data: {done}.")
    remark = folded.report.panel("traffic-rejected").locator(".remark").inner_text()
    assert f"sums are {bound} so much" in remark
    assert bound in folded.report.panel("traffic-accepted").locator(".caption").inner_text()


def test_a_network_that_is_partly_told_apart_is_a_bound(folded: Asked) -> None:
    bound, shown, true = folded.accepted([("address", "198.51.100.0/24")])
    assert bound == "at least"
    assert 0 < shown < true
    assert folded.said().startswith("Of 198.51.100.0/24 some addresses may not be told apart on this page: figures")


@pytest.mark.parametrize("value", [TOLD, "172.16.0.0/12", "99.99.99.99", f"{TOLD}/32"])
def test_where_no_folded_address_can_be_meant_figures_are_exact(folded: Asked, value: str) -> None:
    for name in ("address", "not.address"):
        bound, shown, true = folded.accepted([(name, value)])
        assert (bound, shown) == ("", true)
        assert folded.said() == ""


def test_tables_and_tips_say_the_bound_too(folded: Asked) -> None:
    folded.report.go("traffic", [("not.address", FOLDED)])
    assert all(cell.startswith("at most ") for row in folded.report.table("traffic-pairs") for cell in row[4:7])
    bars = folded.report.panel("traffic-ports").locator("svg text").all_text_contents()
    assert [text for text in bars if text.startswith("≤ ")]
    folded.report.go("groups", [("address", "198.51.100.0/24")])
    figures = folded.report.panel("groups-counts").locator("strong").all_inner_texts()
    assert figures == ["at least 1", "at least 1", "at least 2"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (f"::ffff:{TOLD}", TOLD),
        ("::FFFF:c633:6401", TOLD),
        ("2001:DB8:0:0::1", TOLD_SIX),
        ("::ffff:198.51.100.0/120", "198.51.100.0/24"),
        ("2001:0db8::/32", "2001:db8::/32"),
    ],
)
def test_an_address_is_spelled_as_the_data_spell_it_in_the_bar_and_in_the_address(
    whole: Asked, written: str, meant: str
) -> None:
    _, wanted, true = whole.accepted([("address", meant)])
    assert wanted == true > 0
    report = whole.report
    report.page.goto(f"{report.url}#overview?address={written}")
    for way in ("address", "bar"):
        if way == "bar":
            report.go("overview")
            report.page.locator("#filter [name=address]").fill(written)
            report.page.locator("#filter [name=address]").press("Enter")
        report.page.locator(".chip bdi", has_text=re.compile(f"^{re.escape(meant)}$")).wait_for()
        report.page.wait_for_function("() => document.documentElement.dataset.allDrawn?.startsWith('address=')")
        shown = report.panel("traffic-accepted").locator(".figure").inner_text()
        assert shown == f"{wanted:,}", way


def test_a_network_of_ipv6_holds_no_ipv4(whole: Asked) -> None:
    whole.report.go("overview", [("source", "::/0")])
    shown = [row[0] for row in whole.report.numbers("overview-sources")]
    assert shown
    assert all(":" in source for source in shown)
    assert whole.report.sql("overview-sources").split("start <")[1].count("address_key(source) BETWEEN") == 2
    _, all_of_it, _ = whole.accepted([])
    _, of_six, _ = whole.accepted([("source", "::/0")])
    _, of_four, _ = whole.accepted([("source", "0.0.0.0/0")])
    assert of_six + of_four == all_of_it
