"""The pages about a deployment say what its settings, templates and prices say."""

import re
from pathlib import Path
from typing import Any

import pytest

from flowlogs.costs.month import month
from flowlogs.costs.prices import load
from flowlogs.search.__main__ import index_template_page
from infra.docs.deployment_page import deployment_page
from infra.docs.permissions_page import EXAMPLES, permissions_page
from infra.docs.synthesis import template_of
from infra.notes import plan_of
from infra.settings.settings import Settings
from infra.watch.page import watch_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def templates() -> dict[str, dict[str, Any]]:
    return {name: template_of(given) for name, given in EXAMPLES.items()}


def test_every_setting_is_documented() -> None:
    page = (DOCS / "deployment.md").read_text()
    assert page == deployment_page(), "run `make docs`"
    assert [name for name in Settings.model_fields if f"| `{name}` |" not in page] == []


def test_the_page_of_alarms_is_the_tables() -> None:
    assert (DOCS / "watch.md").read_text() == watch_page(), "run `make docs`"


def test_the_index_template_is_that_which_is_put() -> None:
    assert (ROOT / "dashboards" / "index-template.json").read_text() == index_template_page(), "run `make docs`"


@pytest.mark.slow
def test_every_permission_is_documented(templates: dict[str, dict[str, Any]]) -> None:
    page = (DOCS / "permissions.md").read_text()
    assert page == permissions_page(templates), "run `make docs`"
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::IAM::Policy":
                raise AssertionError("a policy beside the roles would not stand on the page")


@pytest.mark.slow
def test_the_readme_states_the_months_figure(templates: dict[str, dict[str, Any]]) -> None:
    resources = templates["A log group, search and lake (the default)"]["Resources"].values()
    alarms = sum(resource["Type"] == "AWS::CloudWatch::Alarm" for resource in resources)
    bill = month(plan_of(Settings.read({}), alarms), load())
    said = re.search(r"about \$(\d+), of which the\s+domain is \$(\d+)", (ROOT / "README.md").read_text())
    assert said
    assert [int(figure) for figure in said.groups()] == [round(bill.total), round(bill.parts()["search"])]
