"""The page in a real browser: what it shows is what the cube says, under every filter, and no text of data acts."""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from opened_report import Filter, OpenedReport, opened
from playwright.sync_api import Browser
from report_lake import rows
from report_sample import FROM, STEP, sample

pytestmark = pytest.mark.slow
SECTIONS = ["overview", "accepts", "rejects", "traffic", "groups", "outliers", "coverage", "raw"]
LATER = FROM + 20 * STEP
UNTIL = FROM + 60 * STEP
FILTERS: list[Filter] = [
    [],
    [("group", "sg-db")],
    [("not.group", "sg-db"), ("not.group", "sg-admin")],
    [("address", "198.51.0.2")],
    [("address", "198.51.0.0/29"), ("not.address", "10.0.0.3")],
    [("port", "443"), ("port", "22")],
    [("not.port", "443")],
    [("from", str(LATER)), ("to", str(UNTIL))],
    [("group", "sg-web"), ("port", "5432"), ("protocol", "6"), ("from", str(LATER))],
    [("client", "10.0.0.2"), ("not.action", "REJECT")],
    [("vpc", "vpc-1"), ("direction", "inbound")],
]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return sample()


@pytest.fixture(scope="module")
def report(browser: Browser, data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedReport]:
    with opened(browser, tmp_path_factory.mktemp("report"), data) as made:
        yield made


def is_met(row: Row, field: str, value: str) -> bool:
    """Say by the row of a cube what a condition of the page says."""
    if field == "group":
        return value in row["groups"]
    if field == "vpc":
        return bool(row["vpc_id"] == value)
    if field in ("port", "protocol"):
        return bool(row["server_port" if field == "port" else "protocol"] == int(value))
    if field in ("action", "direction"):
        return bool(row[field] == value)
    ends = ("source", "destination") if field == "address" else (field,)
    if value == "198.51.0.0/29":
        return any(re.fullmatch(r"198\.51\.0\.[0-7]", row[end] or "") for end in ends)
    return any(row[end] == value for end in ends)


def left(found: list[Row], conditions: Filter, *, timed: bool = True) -> list[Row]:
    """Give the rows that a filter leaves."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for name, value in conditions:
        wanted[name].append(value)
    since, until = (int(wanted.pop(name, [edge])[0]) for name, edge in (("from", "0"), ("to", "9999999999")))

    def kept(row: Row) -> bool:
        if timed and not since <= row["start"] < until:
            return False
        for name, values in wanted.items():
            met = [is_met(row, name.removeprefix("not."), value) for value in values]
            if any(met) == name.startswith("not."):
                return False
        return True

    return [row for row in found if kept(row)]


def summed(found: list[Row], key: str, *measures: str) -> list[list[str]]:
    """Give the ten largest values of a column by the first measure, as the page writes numbers."""
    sums: dict[Any, list[float]] = defaultdict(lambda: [0.0] * len(measures))
    for row in found:
        for at, measure in enumerate(measures):
            sums[row[key]][at] += row[measure]
    told = [(key, each) for key, each in sums.items() if key not in (None, "(others)", -1)]
    told.sort(key=lambda each: (-each[1][0], str(each[0])))
    return [[str(key), *map(number, each)] for key, each in told[:10] if each[0] > 0]


def number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def of(action: str) -> Callable[[Row], bool]:
    return lambda row: bool(row["action"] == action)


BARS = [
    ("overview", "overview-sources", "source", ("bytes", "packets", "flows"), None),
    ("overview", "overview-destinations", "destination", ("bytes", "packets", "flows"), None),
    ("overview", "overview-interfaces", "interface_id", ("flows", "bytes"), None),
    ("accepts", "accepts-destinations", "destination", ("flows", "bytes"), "ACCEPT"),
    ("rejects", "rejects-interfaces", "interface_id", ("flows", "bytes"), "REJECT"),
    ("traffic", "traffic-ports", "server_port", ("flows", "bytes"), None),
    ("groups", "groups-vpcs", "vpc_id", ("bytes", "packets", "flows"), None),
]


@pytest.mark.parametrize("conditions", FILTERS, ids=lambda each: "&".join("=".join(pair) for pair in each) or "nothing")
def test_what_the_page_shows_is_what_the_cube_says(
    report: OpenedReport, data: dict[str, Any], conditions: Filter
) -> None:
    all_rows = rows(data)
    found = left(all_rows, conditions)
    assert found
    for section, panel, key, measures, action in BARS:
        report.go(section, conditions)
        some = [row for row in found if action is None or row["action"] == action]
        assert report.numbers(panel) == summed(some, key, *measures), panel

    report.go("overview", conditions)
    for action, panel in (("ACCEPT", "traffic-accepted"), ("REJECT", "traffic-rejected")):
        flows = sum(row["flows"] for row in found if row["action"] == action)
        assert report.panel(panel).locator(".figure").inner_text() == f"{int(flows):,}"
    sources = {row["source"] for row in found} - {None}
    least = "at least " if "(others)" in sources else ""
    told = f"{least}{len(sources - {'(others)'})}"
    assert report.panel("traffic-unique-sources").locator(".figure").inner_text() == told

    begins = [FROM + STEP * each for each in range(data["about"]["slices"])]
    since, until = (int(dict(conditions).get(name, edge)) for name, edge in (("from", "0"), ("to", "9999999999")))
    rejects: dict[int, float] = defaultdict(float)
    for row in left(all_rows, conditions, timed=False):
        rejects[row["start"]] += row["flows"] * of("REJECT")(row)
    shown = [[str(begin), number(rejects[begin])] for begin in begins if since <= begin < until]
    if any(flows != "0" for _, flows in shown):
        assert [row[:2] for row in report.numbers("overview-rejects-minute")] == shown

    report.go("outliers", conditions)
    values = [rejects[begin] for begin in begins]
    marked = [str(begin) for at, begin in enumerate(begins) if is_outlier(values, at) and since <= begin < until]
    assert [row[0] for row in report.numbers("outliers-rejects") if row[4] == "true"] == marked
    assert report.said == []


def is_outlier(values: list[float], at: int) -> bool:
    """Say it once more, in other words than the page: the ten before, three standard deviations."""
    before = values[at - 10 : at] if at >= 10 else []
    if not before:
        return False
    mean = sum(before) / 10
    return (values[at] - mean) ** 2 > 9 * sum((value - mean) ** 2 for value in before) / 10


def test_every_panel_is_drawn_and_nothing_is_asked_of_a_network(report: OpenedReport) -> None:
    for section in SECTIONS:
        report.go(section)
        panels = report.page.locator("section.shown [data-panel]")
        for at in range(panels.count()):
            panel = panels.nth(at)
            assert "is-empty" not in (panel.get_attribute("class") or ""), panel.get_attribute("data-panel")
            inside = panel.locator(".picture svg, .picture td, .picture strong")
            assert inside.count() > 0, panel.get_attribute("data-panel")
    assert report.said == []
    assert {address.partition(":")[0] for address in report.asked} <= {"file", "data"}


def test_a_filter_by_one_group_changes_every_panel_but_coverage(report: OpenedReport) -> None:
    seen = "panels => panels.map(each => [each.dataset.panel, each.querySelector('.picture').innerHTML])"
    for section in SECTIONS[:-2]:
        report.go(section)
        before = report.page.locator("section.shown [data-panel]").evaluate_all(seen)
        report.go(section, [("group", "sg-batch")])
        after = report.page.locator("section.shown [data-panel]").evaluate_all(seen)
        assert [name for (name, old), (_, new) in zip(before, after, strict=True) if old == new] == []


def test_what_is_written_into_the_bar_filters_and_can_be_turned_and_dropped(report: OpenedReport) -> None:
    report.go("traffic")
    bar = report.page.locator("#filter")
    bar.locator("[name=port]").fill("443")
    bar.locator("[name=address]").fill("10.0.0.0/30")
    bar.locator("[name=address]").press("Enter")
    report.after("address=10.0.0.0%2F30&port=443")
    assert [row[0] for row in report.numbers("traffic-ports")] == ["443"]

    chip = report.page.locator(".chip", has_text="server port is")
    chip.get_by_role("button", name="server port is", exact=True).click()
    report.after("address=10.0.0.0%2F30&not.port=443")
    assert "443" not in [row[0] for row in report.numbers("traffic-ports")]

    report.page.get_by_role("button", name="Drop the filter: address is 10.0.0.0/30").click()
    report.after("not.port=443")
    report.page.reload()
    report.drawn("not.port=443")
    report.page.get_by_role("button", name="Reset").click()
    report.page.wait_for_function("() => !location.hash.includes('?')")
    report.drawn("")
    assert report.page.locator(".chip").count() == 0


@pytest.mark.parametrize(
    ("field", "text"),
    [("address", "10.0.0"), ("address", "10.0.0.0/33"), ("address", "1.2.3.4.5"), ("port", "http"), ("port", "65536")],
)
def test_what_is_no_address_or_port_is_refused_with_words(report: OpenedReport, field: str, text: str) -> None:
    report.go("traffic")
    entry = report.page.locator(f"#filter [name={field}]")
    entry.fill(text)
    entry.press("Enter")
    assert entry.evaluate("field => field.validationMessage").startswith("Write a")
    assert report.filter == ""
    entry.fill("")


def test_a_click_on_a_bar_filters_by_it_and_with_shift_leaves_it_out(report: OpenedReport) -> None:
    report.go("overview")
    (largest, *_), *_ = report.numbers("overview-sources")
    report.panel("overview-sources").locator("svg text", has_text=largest).first.click()
    report.after(f"source={largest}")
    assert [row[0] for row in report.numbers("overview-sources")] == [largest]
    report.go("overview")
    report.panel("overview-sources").locator("svg text", has_text=largest).first.click(modifiers=["Shift"])
    report.after(f"not.source={largest}")
    assert largest not in [row[0] for row in report.numbers("overview-sources")]


def test_a_row_of_a_table_and_a_number_are_chosen_by_the_keyboard(report: OpenedReport) -> None:
    report.go("traffic")
    client, server, port, *_ = report.table("traffic-pairs")[0]
    report.panel("traffic-pairs").locator("tbody tr").first.press("Enter")
    report.after(f"client={client}&server={server}&port={port}&protocol=6")
    assert {tuple(row[:3]) for row in report.table("traffic-pairs")} == {(client, server, port)}
    report.go("traffic")
    report.numbers("traffic-ports")
    report.panel("traffic-ports").locator(".numbers td button").first.press("Enter")
    report.after("port=443")


def test_drawing_over_a_time_line_takes_that_time(report: OpenedReport) -> None:
    report.go("overview")
    chart = report.panel("overview-rejects-minute").locator("svg")
    chart.evaluate("svg => svg.scrollIntoView({block: 'center'})")
    box = chart.bounding_box()
    assert box
    mouse, middle = report.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 3, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, middle, steps=6)
    mouse.up()
    report.page.wait_for_function("() => /from=.*to=/.test(location.hash)")
    report.drawn()
    since, until = (int(each) for each in re.findall(r"\d{6,}", report.filter))
    assert (since - FROM) % STEP == (until - FROM) % STEP == 0
    assert FROM < since < until < FROM + 2 * 86_400
    begins = [int(row[0]) for row in report.numbers("overview-rejects-minute")]
    assert (begins[0], begins[-1]) == (since, until - STEP)
    assert report.page.locator(".chip.time").count() == 1


def test_the_sql_beside_a_panel_has_the_filter_in_force(report: OpenedReport) -> None:
    report.go("traffic", [("group", "sg'; x"), ("not.address", "198.51.0.0/24"), ("port", "22"), ("from", str(LATER))])
    assert report.sql("traffic-ports").split("'OK' ")[1].split("\n")[0] == (
        "AND (contains(security_group_ids, 'sg''; x') AND NOT coalesce((address_key(source) BETWEEN "
        "'00000000000000000000FFFFC6330000' AND '00000000000000000000FFFFC63300FF' OR address_key(destination) BETWEEN "
        "'00000000000000000000FFFFC6330000' AND '00000000000000000000FFFFC63300FF'), false) AND server_port = 22 "
        f"AND start >= {LATER}))"
    )
    command = report.panel("traffic-ports").locator(".command").inner_text()
    assert command.startswith("flowlogs query --sql '")
    assert command.endswith("' lake/")
    assert "'\\''sg'\\'''\\''; x'\\''" in command


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_light_or_dark_as_the_system_is_and_can_be_switched(
    browser: Browser, data: dict[str, Any], tmp_path: Path, theme: str
) -> None:
    background = "() => getComputedStyle(document.body).backgroundColor"
    with opened(browser, tmp_path, data, color_scheme=theme) as made:
        made.go()
        at_first = made.page.evaluate(background)
        dark = max(int(part) for part in re.findall(r"\d+", at_first)[:3]) < 60
        assert dark == (theme == "dark")
        made.page.locator("#theme").click()
        assert made.page.evaluate(background) != at_first
        made.page.emulate_media(media="print")
        assert made.page.evaluate(background) == "rgb(255, 255, 255)"
        assert made.said == []


def test_in_print_all_sections_stand_and_no_control(report: OpenedReport) -> None:
    report.go("raw", [("port", "22")])
    report.page.emulate_media(media="print")
    for section in SECTIONS:
        assert report.page.locator(f"#{section} .panel").first.is_visible()
    assert not report.page.locator("#filter").is_visible()
    assert not report.page.locator(".behind").first.is_visible()
    assert report.page.locator("#filter-now").inner_text() == "Filter: server port is 22"
    report.page.emulate_media(media="screen")
    assert not report.page.locator("#accepts .panel").first.is_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, data: dict[str, Any], tmp_path: Path) -> None:
    with opened(browser, tmp_path, data, viewport={"width": 360, "height": 740}) as made:
        for section in SECTIONS:
            made.go(section)
            assert made.page.evaluate("() => document.documentElement.scrollWidth") <= 360, section
        assert made.said == []


def test_columns_that_few_people_need_are_hidden_at_first_and_can_be_shown(report: OpenedReport) -> None:
    report.go("raw")
    heads = report.panel("records").locator("thead th")
    hidden = {"version", "account_id", "interface_id", "packets", "start", "end"}
    assert not hidden & set(heads.all_inner_texts())
    report.panel("records").get_by_role("button", name="Columns").click()
    report.page.get_by_role("button", name="packets", exact=True).click()
    report.page.keyboard.press("Escape")
    assert "packets" in heads.all_inner_texts()


def test_a_table_sorts_by_number_and_is_written_as_csv(report: OpenedReport, tmp_path: Path) -> None:
    report.go("traffic")
    panel = report.panel("traffic-pairs")
    panel.locator("thead th", has_text="Flow records").click()
    panel.locator("thead th[aria-sort=ascending]").wait_for()
    flows = [int(row[5].replace(",", "")) for row in report.table("traffic-pairs")]
    assert flows == sorted(flows)
    with report.page.expect_download() as download:
        panel.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "pairs.csv")
    head, *lines = csv.reader((tmp_path / "pairs.csv").read_text("utf-8-sig").splitlines())
    assert head[:3] == ["Client", "Server", "Server port"]
    assert len([line for line in lines if line]) == 100


HOSTILE = [
    "<img src=x onerror=window.harmed=1>",
    "</script><script>window.harmed=1</script>",
    "\"'`${window.harmed=1}<svg onload=window.harmed=1>",
    "\u202etxet desrever\u202c \u0634\u0628\u0643\u0629",
    "<b>" + "long " * 2_000,
    "[x](javascript:window.harmed=1) {{7*7}} &lt;b&gt;",
    "&lt;b&gt; & <img src=x onerror=window.harmed=1>",
]


@pytest.mark.parametrize("shift", range(3))
def test_no_text_of_the_data_acts(browser: Browser, tmp_path: Path, shift: int) -> None:
    texts = HOSTILE[shift:] + HOSTILE[:shift]
    with opened(browser, tmp_path, sample(rows=900, hostile=texts)) as made:
        for section in SECTIONS:
            made.go(section, [("group", texts[2]), ("address", texts[0])] if section == "groups" else [])
            made.page.locator("section.shown details").evaluate_all("each => each.forEach(one => (one.open = true))")
            made.page.locator("section.shown .sql:not(:empty)").first.wait_for()
            for bars in made.page.locator("section.shown [data-kind=bars]:not(.is-empty) .mark-rect").all():
                bars.locator("path").first.hover(force=True)
                assert made.page.locator("#vg-tooltip-element td").count() > 0
            assert made.page.evaluate("() => document.documentElement.scrollWidth") <= 1280, section
        assert made.page.evaluate("() => window.harmed") is None
        assert made.page.locator("main b, main img, main script, [onload], [onerror]").count() == 0
        assert made.said == []
        assert {address.partition(":")[0] for address in made.asked} <= {"file", "data"}


def test_names_that_every_object_has_are_names_like_others(browser: Browser, tmp_path: Path) -> None:
    taken = ["__proto__", "constructor", "toString", "title", "image"]
    data = sample(rows=900, hostile=taken)
    data["groups"] = ["(others)", *taken[:4]]
    data["protocols"][3]["name"] = "__proto__"
    data["addresses"]["country"][2:7] = ["__proto__", "constructor", "toString", "XX", "valueOf"]
    data["interfaces"]["id"][2:7] = taken
    data["addresses"]["text"][2:7] = taken
    for each, name in zip(data["coverage"]["interfaces"], taken, strict=False):
        each["id"] = name
    with opened(browser, tmp_path, data) as made:
        for section in SECTIONS:
            made.go(section)
            assert made.page.locator("section.shown .is-empty").count() == 0, section
            assert made.said == [], section
        for section, panel in (("groups", "groups-ports"), ("coverage", "coverage-strip")):
            made.go(section)
            assert set(taken[:4]) <= set(made.panel(panel).locator("svg text").all_text_contents()), panel
        made.go("overview")
        colours = "paths => new Set(paths.map(path => path.getAttribute('fill'))).size"
        bars = made.panel("overview-interfaces").locator(".mark-rect path")
        assert bars.count() == len(data["interfaces"]["id"]) - 2
        assert bars.evaluate_all(colours) == 1
        made.go("groups", [("group", "__proto__")])
        assert "__proto__" in [row[0] for row in made.table("groups-usage")]
        assert made.said == []


def test_a_table_finds_text_as_it_stands_and_writes_it_whole(browser: Browser, tmp_path: Path) -> None:
    text = HOSTILE[-1]
    with opened(browser, tmp_path, sample(rows=900, hostile=[text, "other"])) as made:
        made.go("raw")
        search = made.panel("records").locator("input[type=search]")
        search.fill("&lt;b&gt; & <img")
        assert all(text in row for row in made.table("records"))
        assert len(made.table("records")) == 10
        search.fill("&#60;")
        made.panel("records").get_by_text("No matching records found").wait_for()
        assert made.said == []


def test_a_filter_that_leaves_no_group_is_not_called_a_lack_of_inventory(report: OpenedReport) -> None:
    report.go("groups", [("group", "sg-nope")])
    for panel in ("groups-packets", "groups-ports", "groups-usage", "groups-vpcs"):
        assert report.panel(panel).locator(".empty").inner_text() == "The filter leaves nothing here.", panel


def test_what_is_counted_twice_is_said_over_the_traffic(report: OpenedReport, data: dict[str, Any]) -> None:
    report.go("traffic")
    assert report.page.locator("section.shown .notes li").all_inner_texts() == data["about"]["counted_twice"]


def test_data_without_inventory_or_places_say_so(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, sample(known=False)) as made:
        made.go("overview")
        assert "without geo databases" in made.panel("overview-map").locator(".empty").inner_text()
        made.go("groups")
        for panel in ("groups-packets", "groups-ports", "groups-usage", "groups-vpcs"):
            assert "without an inventory" in made.panel(panel).locator(".empty").inner_text(), panel
        assert made.said == []


def test_a_report_without_records_and_a_filter_that_leaves_none_say_so(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, sample(rows=0)) as made:
        for section in SECTIONS:
            made.go(section)
        made.go("overview")
        assert made.panel("overview-sources").locator(".empty").inner_text() == "There is nothing of this in the data."
        made.go("overview", [("port", "9")])
        assert made.panel("overview-sources").locator(".empty").inner_text() == "The filter leaves nothing here."
        assert made.said == []


def test_an_address_that_makes_no_sense_shows_the_whole_report(report: OpenedReport) -> None:
    for hash_text in ("#nowhere?nothing=1&from=x", "#traffic?&&=&%E0%A4%A", "#?", "#%"):
        report.page.goto(report.url + hash_text)
        report.drawn("")
        assert report.page.locator("section.shown").count() == 1
        assert report.page.locator(".chip").count() == 0
    assert report.said == []
