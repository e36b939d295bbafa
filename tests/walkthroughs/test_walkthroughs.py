"""The walkthroughs: what they say a command prints and a panel shows is what it prints and shows."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from not_installed import cannot_run
from opensearch_node.plugin import OpenSearch
from panel_answers import Asked, Row, Server, counted, panel
from walkthrough_page import DOCS, Shown, Step, shown, steps
from week_of_records import Record, Week

from flowlogs.cli.main import flowlogs
from flowlogs.search.dashboards.all import DASHBOARDS

NAMES = ("walkthrough-unused-group", "walkthrough-unused-rule", "walkthrough-wide-source")
PAGES = {name: (DOCS / f"{name}.md").read_text() for name in NAMES}
PANELS = [one for page in PAGES.values() for one in shown(page)]
STEPS = [step for page in PAGES.values() for step in steps(page) if step.prints]
MAKES_THE_WEEK = [line for line in next(steps(PAGES[NAMES[0]])).commands.splitlines() if line]
SINCE, UNTIL = "2026-01-05 00:00:00", "2026-01-12 00:00:00"
EACH_PANEL = pytest.mark.parametrize("one", PANELS, ids=str)
ENDPOINT, APP, FUNCTIONS = "sg-0faf3b02d80644bfb", "sg-0bfe0e243a8f415b2", "sg-04dc0ec5e65ed6d9e"


def run(folder: Path, line: str) -> None:
    with chdir(folder):
        result = CliRunner().invoke(flowlogs, shlex.split(line)[1:], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Give the week as the first command of the pages makes it."""
    folder = tmp_path_factory.mktemp("walkthrough")
    run(folder, MAKES_THE_WEEK[0])
    return Week(folder)


@pytest.fixture(scope="module")
def records(generated: Week) -> list[Record]:
    return generated.records()


@pytest.fixture(scope="module")
def week(generated: Week) -> Week:
    """Give the week with its documents, as the second command makes them."""
    run(generated.folder, MAKES_THE_WEEK[1])
    return generated


@pytest.fixture(scope="module")
def server(opensearch: OpenSearch, week: Week) -> Server:
    loaded = Server(opensearch.url, opensearch.prefix())
    loaded.load(week.documents)
    return loaded


def check(one: Shown, answer: Callable[[Asked], list[Row]]) -> None:
    """Hold the rows of a page against an answer."""
    rows = answer(Asked(panel(one.dashboard, one.title), one.typed, SINCE, UNTIL))
    texts = [tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in row) for row in rows]
    chosen = [row for row in texts if row[0] == one.only][: len(one.rows)] if one.only else texts
    assert chosen == list(one.rows)


@EACH_PANEL
def test_a_panel_shows_what_is_counted_in_the_raw_lines(one: Shown, records: list[Record]) -> None:
    check(one, lambda asked: counted(asked, records))


@EACH_PANEL
def test_a_panel_shows_it_on_a_real_server(one: Shown, server: Server) -> None:
    check(one, server.answer)


def test_panels_and_commands_are_found_in_the_pages() -> None:
    assert [len(list(shown(page))) for page in PAGES.values()] == [3, 4, 2]
    assert len(STEPS) >= 11
    assert [one for one in PANELS if not one.rows] == [one for one in PANELS if "9200" in one.typed]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_every_page_makes_the_same_week(page: str) -> None:
    assert next(steps(page)).commands.splitlines() == MAKES_THE_WEEK


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: str(number + 1))
def test_a_command_prints_what_the_page_says(number: int, week: Week) -> None:
    if shutil.which("jq") is None:
        cannot_run("the commands of the walkthroughs take jq: install it")
    assert printed(STEPS[number], week.folder) == STEPS[number].prints


def printed(step: Step, folder: Path) -> str:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environ = os.environ | {"PATH": path, "LC_ALL": "C"}
    ran = subprocess.run(  # noqa: S603 (the pages' own commands)
        ["/bin/sh", "-c", step.commands], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return "\n".join(line.strip() for line in ran.stdout.splitlines()) + "\n"


def rules(week: Week, group: str) -> list[dict[str, Any]]:
    described = week.described("security-group-rules.json", "SecurityGroupRules")
    return [rule for rule in described if rule["GroupId"] == group and not rule["IsEgress"]]


def test_the_planted_rule_is_the_one_that_the_page_finds_unused(generated: Week, records: list[Record]) -> None:
    truth = json.loads((generated.folder / "week" / "truth.json").read_text())
    (planted,) = (each for each in truth["incidents"] if each["name"] == "unused-rule")
    assert f"{planted['security_group_rule_id']} tcp 9200 10.0.0.0/8" in PAGES["walkthrough-unused-rule"]
    assert planted["security_group_id"] == APP
    assert not [record for record in records if 9200 in (record.get("srcport"), record.get("dstport"))]


def test_the_week_is_whole_for_the_groups_that_are_called_unused(records: list[Record]) -> None:
    lost = [record for record in records if record["log-status"] == "SKIPDATA"]
    assert len(lost) == 10
    assert not [record for record in lost if {APP, ENDPOINT} & set(record["security-group-ids"])]


def test_the_groups_that_are_called_unused_have_no_rule_and_no_interface_of_their_own(generated: Week) -> None:
    unused = re.findall(r"^(?:backup|audit|vendor) (sg-\w+) 0$", PAGES["walkthrough-unused-group"], re.MULTILINE)
    assert len(unused) == 3
    assert [rules(generated, group) for group in unused] == [[], [], []]
    interfaces = generated.described("network-interfaces.json", "NetworkInterfaces")
    having = [{group["GroupId"] for group in each["Groups"]} for each in interfaces]
    assert [groups >= {APP, *unused} for groups in having if groups & set(unused)] == [True]


def test_what_would_be_enough_for_the_wide_rule_is_counted(records: list[Record]) -> None:
    used = [
        record
        for record in records
        if ENDPOINT in record["security-group-ids"]
        and (record.get("dstport"), record.get("action"), record.get("interface-end")) == (443, "ACCEPT", "destination")
    ]
    by_group = [record for record in used if {APP, FUNCTIONS} & set(record["peer-security-group-ids"])]
    subnets = ip_network("10.0.64.0/19")
    by_subnet = [record for record in used if ip_address(record["srcaddr"]) in subnets]
    page = PAGES["walkthrough-wide-source"]
    for said, chosen, addresses in (
        ("the groups *app* and *lambda*", by_group, 10),
        ("their two subnets, as 10.0.64.0/19", by_subnet, subnets.num_addresses),
        ("the rule as it is", used, ip_network("10.0.0.0/8").num_addresses),
    ):
        sources = {record["srcaddr"] for record in chosen}
        assert f"| {said} | {addresses:,} | {len(sources)} | {len(chosen)} |" in page
    unknown = [record for record in used if not record["peer-security-group-ids"]]
    assert f"{len(unknown)} records from two" in page
    assert {record["srcaddr"] for record in unknown} == {"10.0.64.10", "10.0.80.10"}


@pytest.mark.parametrize("name", [*NAMES, "opensearch"])
def test_every_question_in_italics_is_a_panel(name: str) -> None:
    titles = {each.title for dashboard in DASHBOARDS for row in dashboard.rows for each in row.panels}
    text = " ".join((DOCS / f"{name}.md").read_text().split())
    asked = re.findall(r"(?<!\*)\*([^*]+\?)\*(?!\*)", text)
    assert asked
    assert [question for question in asked if question not in titles] == []
