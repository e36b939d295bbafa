"""CloudFormation's own rules, by cfn-lint, on every template."""

import json

import pytest
from cfnlint import api  # type: ignore[import-untyped]
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]
from template_reading import Deployed, of

pytestmark = pytest.mark.slow
ACCEPTED = {
    "W3005": "the CDK writes DependsOn also where a reference says the same",
}
"""Warnings that may be there, with the reason. No error may."""
REGIONS = ["eu-west-1", "us-east-1"]


def lint(template: dict[str, object]) -> list[tuple[str, str, str]]:
    """Give rule, message and place of what cfn-lint finds, errors and warnings alike."""
    found = api.lint(json.dumps(template), config=ManualArgs(regions=REGIONS))
    return [(each.rule.id, each.message, "/".join(str(part) for part in each.path or ())) for each in found]


@of()
def test_cfn_lint_finds_no_error_and_no_warning_without_a_reason(deployed: Deployed) -> None:
    assert [each for each in lint(deployed.template) if each[0] not in ACCEPTED] == []


@of("defaults")
def test_cfn_lint_would_find_an_error(deployed: Deployed) -> None:
    template = json.loads(json.dumps(deployed.template))
    bucket = deployed.id_of("S3::Bucket", "DeadLetters")
    template["Resources"][bucket]["Properties"]["NoSuchProperty"] = 1
    template["Outputs"]["DeadLetterBucket"]["Value"] = {"Ref": "Nothing"}
    assert {rule for rule, _, _ in lint(template)} >= {"E3002", "E6101"}
