"""The page on what flow logs do not show: what queries say of it is there, and it says what the fields say."""

import re

import pytest
from written_pages import PAGES, rows, section

from flowlogs.analyse.named_query import queries
from flowlogs.record.fields import FIELDS

HEADINGS = re.findall(r"^#{2,3} (.*)", PAGES["limits"], re.MULTILINE)
ANCHORS = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in HEADINGS]


def test_every_heading_has_an_anchor_of_its_own() -> None:
    assert len(set(ANCHORS)) == len(ANCHORS) > 20


@pytest.mark.parametrize("name", queries())
def test_what_a_query_cannot_show_is_a_section(name: str) -> None:
    assert set(queries()[name].limits) <= set(ANCHORS)


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_section_says_something(heading: str) -> None:
    assert len(section("limits", heading).split()) > 30


def test_versions_of_fields_are_those_of_the_table() -> None:
    said = re.findall(r"`(\w+)`(?: is \w+)? \((?:version (\d+))", PAGES["limits"])
    assert {name for name, _ in said} >= {"tcp_flags", "flow_direction", "resource_id", "reject_reason"}
    known = {field.key: field.since for field in FIELDS.values()}
    assert {name: int(version) for name, version in said} == {name: known[name] for name, _ in said}


def test_groups_and_network_acls_are_told_apart_by_state_and_by_place() -> None:
    table = {row[0]: row[1:] for row in rows(section("limits", "Groups and network ACLs"))}
    assert table["state"][0].startswith("stateful")
    assert table["state"][1].startswith("stateless")
    assert table["between hosts of one subnet"] == ["applies", "does not"]
