"""The pages written by hand about a deployment, and the templates that they speak of."""

import functools
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.settings.settings import Settings

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "16,18,20,22,24")

ROOT = Path(__file__).parent.parent
PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text()
    for name in (
        "geo",
        "coming-from",
        "walkthrough-ssh",
        "walkthrough-unused-group",
        "walkthrough-unused-rule",
        "walkthrough-wide-source",
        "opensearch",
        "changing-a-deployment",
        "by-hand",
        "athena",
        "limits",
    )
}
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
VPC = "vpc-0123456789abcdef0"
STREAMS = {"destinations": "existing", "existing_search_stream": "theirs"}
INSIDE = {"search_vpc_id": VPC, "search_subnet_ids": "subnet-0123456789abcdef0,subnet-0123456789abcdef1"}
SAML = {
    "search_sign_in": "saml",
    "saml_metadata_file": str(ROOT / "tests" / "infra" / "saml_metadata.xml"),
    "saml_entity_id": "https://idp.example.com/metadata",
    "saml_master_role": "opensearch-admins",
}


def section(page: str, title: str) -> str:
    """Give what stands under a heading, up to the next one of its level or above."""
    heading = re.search(rf"^(#+) {re.escape(title)}\n", PAGES[page], re.MULTILINE)
    assert heading, f"{page} has no section {title}"
    return re.split(rf"^#{{1,{len(heading[1])}}} ", PAGES[page][heading.end() :], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Give the cells of the rows of tables, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row, below in zip(cells, [*cells[1:], [""]], strict=True) if not _rule(row) and not _rule(below)]


def _rule(row: list[str]) -> bool:
    return set("".join(row)) == {"-"}


def json_blocks(page: str) -> list[Any]:
    """Give what stands in a page as JSON; raise JSONDecodeError where a block is none."""
    return [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGES[page], re.MULTILINE | re.DOTALL)]


def settings_of(title: str) -> set[str]:
    """Give the settings in the first column of a section of the page on changes."""
    return {code for row in rows(section("changing-a-deployment", title)) for code in CODE.findall(row[0])} & set(
        Settings.model_fields
    )


@functools.cache
def _template(settings: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    from aws_cdk import App  # it starts a process, which most tests do without

    from infra.stack import FlowLogsStack

    app = App(context={"aws:cdk:bundling-stacks": [], "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True})
    stack = FlowLogsStack(app, settings=Settings.read({"vpc_ids": VPC, **dict(settings)}))
    template: Mapping[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
    return template


def template(settings: Mapping[str, str]) -> Mapping[str, Any]:
    return _template(tuple(sorted(settings.items())))


@functools.cache
def outputs() -> frozenset[str]:
    some = (template({"second_flow_log": "s3"}), template(STREAMS), template({**SAML, **INSIDE}))
    return frozenset(name for deployed in some for name in deployed["Outputs"])
