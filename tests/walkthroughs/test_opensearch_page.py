"""The page on OpenSearch and the compose file beside the dashboards."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from walkthrough_page import DOCS

from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.drawings import Amount, OutlierBand
from flowlogs.search.dashboards.export import as_ndjson, saved_objects
from flowlogs.search.dashboards.navigation import TITLES
from flowlogs.search.dashboards.panel import Place
from infra.settings.search import SearchSettings

PAGE = (DOCS / "opensearch.md").read_text()
EXPORTS = DOCS.parent / "dashboards"
COMPOSE: dict[str, Any] = yaml.safe_load((EXPORTS / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

OURS_ALONE = (
    "From which addresses is each group used?",
    "How fresh is it?",
    "How much traffic is there?",
    "Is the pipeline itself well?",
    "When was each VPC last heard of?",
    "Which share has each protocol?",
)
"""Panels that stand for none of theirs."""


def rows(head: str) -> list[list[str]]:
    """Give the cells of the table with this first column."""
    table = re.search(rf"^ *\| {head} \|.*\n *\|[-:| ]+\n((?: *\|.*\n)+)", PAGE, re.MULTILINE)
    assert table
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in table[1].splitlines()]


def test_every_dashboard_has_its_row_in_the_order_of_the_links() -> None:
    named = [re.sub(r"\[(.*)\].*", r"\1", row[0]) for row in rows("dashboard")]
    assert named == [TITLES[each.name].removeprefix("Amazon VPC Flow Logs - ") for each in DASHBOARDS]


@pytest.mark.parametrize("row", rows("dashboard"), ids=lambda row: row[0])
def test_a_dashboard_has_the_panels_that_its_row_names(row: list[str]) -> None:
    (dashboard,) = (each for each in DASHBOARDS if TITLES[each.name].endswith(row[0].strip("[").partition("]")[0]))
    titles = {panel.title for each in dashboard.rows for panel in each.panels}
    assert set(re.findall(r"\*([^*]+\?)\*", row[2])) <= titles


def test_whoever_comes_from_another_system_is_told_of_every_panel() -> None:
    told = set(re.findall(r"\*([^*\n]+\?)\*", (DOCS / "coming-from.md").read_text()))
    titles = {panel.title for dashboard in DASHBOARDS for each in dashboard.rows for panel in each.panels}
    assert told <= titles
    assert {title for title in titles - told if title} == set(OURS_ALONE)


def test_the_parameters_of_outliers_are_those_of_the_panel() -> None:
    spec = OutlierBand(title="", name="", of=Amount(unit="bytes")).saved(Place("cwl")).params["spec"]
    signals = {each["name"]: each for each in yaml.safe_load(spec)["signals"] if "bind" in each}
    assert {row[0].strip("`"): row[1] for row in rows("parameter")} == {
        signal["bind"].get("name", name): str(signal["value"]) for name, signal in signals.items()
    }


def test_the_export_of_another_prefix_is_made_as_the_page_says() -> None:
    assert "sed 's/cwl/team/g' dashboards/all.ndjson" in PAGE
    assert as_ndjson(saved_objects()).replace("cwl", "team") == as_ndjson(saved_objects("team"))


def test_the_week_before_is_kept_unless_told_otherwise() -> None:
    days = SearchSettings.model_fields["search_retention_days"].default
    assert f"`search_retention_days` ({days}," in PAGE
    assert days > 7


def test_the_laptops_ports_are_open_to_the_laptop_only() -> None:
    ports = [port for service in SERVICES.values() for port in service["ports"]]
    assert sorted(ports) == ["127.0.0.1:5601:5601", "127.0.0.1:9200:9200"]
    off = [name for service in SERVICES.values() for name in service["environment"] if name.startswith("DISABLE_SEC")]
    assert off == ["DISABLE_SECURITY_PLUGIN", "DISABLE_SECURITY_DASHBOARDS_PLUGIN"]
    assert "ONLY FOR A LAPTOP" in (EXPORTS / "compose.yaml").read_text()


def test_the_laptop_has_the_version_that_a_deployment_has() -> None:
    versions = {service["image"].rpartition(":")[2] for service in SERVICES.values()}
    assert len(versions) == 1
    assert versions.pop().rpartition(".")[0] == SearchSettings.model_fields["search_version"].default


def test_the_laptops_services_wait_for_each_other_and_keep_their_documents() -> None:
    server, dashboards = SERVICES["opensearch"], SERVICES["dashboards"]
    assert dashboards["depends_on"] == {"opensearch": {"condition": "service_healthy"}}
    assert all("curl" in service["healthcheck"]["test"] for service in (server, dashboards))
    assert server["volumes"] == [f"{next(iter(COMPOSE['volumes']))}:/usr/share/opensearch/data"]
    heap = re.findall(r"-Xm[sx](\w+)", server["environment"]["OPENSEARCH_JAVA_OPTS"])
    assert heap == ["1g", "1g"]


def test_files_and_pages_that_are_named_are_there() -> None:
    for name in re.findall(r"\]\(([\w-]+\.md)", PAGE):
        assert (DOCS / name).exists()
    for name in re.findall(r"`(dashboards/[\w.]+)`", PAGE):
        assert Path(DOCS.parent, name).exists()
