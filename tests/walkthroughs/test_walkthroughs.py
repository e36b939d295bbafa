"""The walkthroughs: what they say a command prints and a panel shows is what it prints and shows."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import chdir
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from asked_panels import Panels, refreshed
from click.testing import CliRunner
from kql import as_search
from not_installed import cannot_run
from opensearch_node.plugin import OpenSearch
from panel_answers import Question, Row, fits, in_plain_python, on_server, panel_named
from real_index import Server
from time_slices import Span
from walkthrough_page import DOCS, Shown, Step, shown, steps
from week_of_records import Record, Week

from flowlogs.cli.main import flowlogs
from flowlogs.search.dashboards.all import DASHBOARDS

NAMES = ("walkthrough-unused-group", "walkthrough-unused-rule", "walkthrough-wide-source")
PAGES = {name: (DOCS / f"{name}.md").read_text() for name in NAMES}
PANELS = [one for page in PAGES.values() for one in shown(page)]
STEPS = [step for page in PAGES.values() for step in steps(page) if step.prints]
MAKES_THE_WEEK, LOADS_IT = (each.commands.splitlines() for each in list(steps(PAGES[NAMES[0]]))[:2])
WEEK = Span(datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
EACH_PANEL = pytest.mark.parametrize("one", PANELS, ids=str)
ENDPOINT, APP, FUNCTIONS = "sg-0faf3b02d80644bfb", "sg-0bfe0e243a8f415b2", "sg-04dc0ec5e65ed6d9e"
DESKTOP = "sg-075c11439a884cfd2"


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
def panels(opensearch: OpenSearch, week: Week) -> Panels:
    """Give the panels with the documents loaded, as the third command does it."""
    prefix = opensearch.prefix()
    (load,) = LOADS_IT
    assert load.endswith("--url http://localhost:9200")
    run(week.folder, f"{load.replace('http://localhost:9200', opensearch.url)} --index {prefix} --strict")
    return refreshed(opensearch.url, prefix)


def question(one: Shown) -> Question:
    return Question(panel_named(one.dashboard, one.title), one.typed, WEEK)


def on_the_page(one: Shown, rows: list[Row]) -> list[Row]:
    """Give those of all rows that a page has."""
    return [row for row in rows if one.only in ("", row[0])]


@EACH_PANEL
def test_a_panel_shows_what_is_counted_in_the_raw_lines(one: Shown, records: list[Record]) -> None:
    unasked = Panels(Server(""), "cwl")
    assert on_the_page(one, in_plain_python(question(one), records, unasked)) == list(one.rows)


@EACH_PANEL
def test_a_panel_shows_it_on_a_real_server(one: Shown, panels: Panels) -> None:
    assert on_the_page(one, on_server(question(one), panels)) == list(one.rows)


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ('security-group-ids: "sg-2" AND dstport: 80', True),
        ('security-group-ids: "sg-3" AND dstport: 80', False),
        ('security-group-ids: "sg-2" AND dstport: 8', False),
        ("dstport: 443 or dstport: 80", True),
        ("dstport: 443 or srcport: 80", False),
        ("not dstport: 80", False),
        ('not action: "REJECT"', True),
        ("dstport >= 80 and dstport <= 80", True),
        ("dstport > 80 or dstport < 80", False),
        ("dstport > 79 and not srcport < 1", True),
    ],
)
def test_what_is_typed_is_found_in_plain_python_too(typed: str, is_found: bool) -> None:
    types = {"security-group-ids": "string", "action": "string", "dstport": "number", "srcport": "number"}
    record = {"security-group-ids": ["sg-1", "sg-2"], "dstport": 80, "action": "ACCEPT"}
    assert fits(as_search(typed, types), record) is is_found


def test_panels_and_commands_are_found_in_the_pages() -> None:
    assert [len(list(shown(page))) for page in PAGES.values()] == [3, 8, 2]
    assert len(STEPS) >= 14
    unused = [f'security-group-ids: "{group}" AND dstport: {port}' for group, port in ((DESKTOP, 80), (APP, 9200))]
    assert [one.typed for one in PANELS if not one.rows] == unused


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


@pytest.fixture(scope="module")
def planted(generated: Week) -> dict[str, dict[str, Any]]:
    """Give what is to be found, by name."""
    truth = json.loads((generated.folder / "week" / "truth.json").read_text())
    return {each["name"]: each for each in truth["incidents"]}


@pytest.mark.parametrize(("name", "group", "port"), [("unused-http-rule", DESKTOP, 80), ("unused-rule", APP, 9200)])
def test_the_planted_rules_are_those_that_the_page_finds_unused(
    name: str, group: str, port: int, planted: dict[str, dict[str, Any]], records: list[Record]
) -> None:
    assert (planted[name]["security_group_id"], planted[name]["dstport"]) == (group, port)
    of_group = [record for record in records if group in record["security-group-ids"]]
    assert of_group
    assert not [record for record in of_group if port in (record.get("srcport"), record.get("dstport"))]


def test_the_other_ports_of_the_desktop_are_those_of_replies(records: list[Record]) -> None:
    of_group = [record for record in records if DESKTOP in record["security-group-ids"]]
    others = [record["dstport"] for record in of_group if record["dstport"] != 3389]
    assert others
    assert min(others) > 49151


def test_the_rule_that_the_page_removes_is_the_planted_one(planted: dict[str, dict[str, Any]]) -> None:
    page, truth = PAGES["walkthrough-unused-rule"], planted["unused-http-rule"]
    removed = f"--group-id {DESKTOP} --security-group-rule-ids {truth['security_group_rule_id']}\n"
    assert removed in page
    used = truth["used_beside_it"]
    assert f"{used['security_group_rule_id']} tcp 3389 {used['peer']}" in page
    assert all(f"| {source} |" in page for source in used["sources"])
    users = page.partition("**Security Groups \u203a From which addresses is each group used?**")[2].partition("## 3")[
        0
    ]
    assert users.count("| 192.168.40.") == len(used["sources"]) == 5


def test_the_groups_without_traffic_are_the_planted_ones(planted: dict[str, dict[str, Any]]) -> None:
    idle, unattached = planted["idle-group"], planted["unattached-group"]
    page = PAGES["walkthrough-unused-group"]
    assert f"\n{idle['security_group_id']}\n{unattached['security_group_id']}\n```" in page
    assert f"{idle['security_group_id']} recovery {idle['interface_ids'][0]} spare-1\n```" in page
    assert f"delete-security-group --group-id {unattached['security_group_id']}\n" in page
    assert unattached["interface_ids"] == []


def test_the_week_is_whole_for_the_groups_that_are_called_unused(records: list[Record]) -> None:
    lost = [record for record in records if record["log-status"] == "SKIPDATA"]
    assert len(lost) == 10
    assert not [record for record in lost if {APP, ENDPOINT, DESKTOP} & set(record["security-group-ids"])]


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


@pytest.mark.parametrize("name", [*NAMES, "walkthrough-ssh", "opensearch"])
def test_every_question_in_italics_is_a_panel(name: str) -> None:
    titles = {each.title for dashboard in DASHBOARDS for row in dashboard.rows for each in row.panels}
    text = " ".join((DOCS / f"{name}.md").read_text().split())
    asked = re.findall(r"(?<!\*)\*([^*]+\?)\*(?!\*)", text)
    assert asked
    assert [question for question in asked if question not in titles] == []
