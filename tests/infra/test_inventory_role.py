"""The template of the role in other accounts: what cfn-lint says, and what a stack of it makes (moto)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint import api  # type: ignore[import-untyped]
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]
from moto import mock_aws

from flowlogs.aws.accounts import BEFORE_EXPIRY, SESSION_NAME
from flowlogs.inventory.calls import CALLS, actions
from flowlogs.settings import SETTINGS
from infra.docs.__main__ import main as write_pages
from infra.docs.inventory_role import inventory_role
from infra.docs.pages import PAGES
from infra.settings.settings import Settings, WrongSettings

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = (ROOT / "accounts" / "inventory-role.yaml").read_text()
COLLECTOR = "arn:aws:iam::111111111111:role/Flowlogs-KnowledgeInventoryRole-EXAMPLE"
ROLE_NAME = str(Settings.model_fields["inventory_role_name"].default)
AWS: dict[str, Any] = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        yield


def stack(**parameters: str) -> dict[str, str]:
    """Make a stack of the template; give its outputs."""
    cloudformation = boto3.client("cloudformation", **AWS)
    cloudformation.create_stack(
        StackName="inventory-role",
        TemplateBody=TEMPLATE,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    (made,) = cloudformation.describe_stacks(StackName="inventory-role")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}


def role(name: str = ROLE_NAME) -> Any:
    return boto3.client("iam", **AWS).get_role(RoleName=name)["Role"]


def statements(name: str = ROLE_NAME) -> list[Any]:
    iam = boto3.client("iam", **AWS)
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document: Any = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    found: list[Any] = ast.literal_eval(document)["Statement"]  # moto gives it as Python writes it, not as JSON
    return found


def test_the_template_is_that_of_the_table_of_calls() -> None:
    assert inventory_role() == TEMPLATE, "run `make docs`"


def test_make_docs_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "../accounts/inventory-role.yaml"
    monkeypatch.setattr("infra.docs.__main__.PAGES", {name: PAGES[name]})
    for folder in ("docs", "accounts"):
        (tmp_path / folder).mkdir()
    write_pages(tmp_path / "docs")
    assert (tmp_path / "accounts" / "inventory-role.yaml").read_text() == TEMPLATE


@pytest.mark.slow
def test_cfn_lint_finds_nothing() -> None:
    assert [str(found) for found in api.lint(TEMPLATE, config=ManualArgs(regions=["eu-west-1", "us-east-1"]))] == []


def test_a_stack_of_it_may_do_what_the_table_asks_and_nothing_else(account: None) -> None:
    stack(CollectorRoleArn=COLLECTOR)
    found = statements()
    assert sorted(action for statement in found for action in statement["Action"]) == actions()
    assert {statement["Resource"] for statement in found} == {"*"}
    assert {statement["Effect"] for statement in found} == {"Allow"}


def test_what_tells_of_uses_of_groups_stands_apart_so_that_it_may_be_left_out(account: None) -> None:
    stack(CollectorRoleArn=COLLECTOR)
    (uses,) = (statement["Action"] for statement in statements() if statement["Sid"] == "SecurityGroupUses")
    assert set(uses) == {call.action for call in CALLS if "security-group-uses" in call.kinds}
    assert not set(uses) & {call.action for call in CALLS if call.kinds != ("security-group-uses",)}


def test_it_trusts_the_collectors_role_alone(account: None) -> None:
    assert stack(CollectorRoleArn=COLLECTOR) == {"RoleArn": role()["Arn"]}
    assert role()["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"AWS": COLLECTOR}, "Action": "sts:AssumeRole"}
    ]


def test_with_an_external_id_it_asks_for_it(account: None) -> None:
    stack(CollectorRoleArn=COLLECTOR, ExternalId="of-ours")
    (trust,) = role()["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "of-ours"}}
    assert trust["Principal"] == {"AWS": COLLECTOR}


def test_its_name_is_the_one_that_the_function_takes(account: None) -> None:
    stack(CollectorRoleArn=COLLECTOR)
    assert role()["RoleName"] == ROLE_NAME
    assert SETTINGS["FLOWLOGS_ACCOUNT_ROLE"].default == ROLE_NAME


def test_another_name_is_taken(account: None) -> None:
    stack(CollectorRoleArn=COLLECTOR, RoleName="network-reader")
    assert role("network-reader")["Arn"].endswith(":role/network-reader")
    with pytest.raises(ClientError):
        role()


def test_its_credentials_hold_for_longer_than_the_function_keeps_a_rest_of_them(account: None) -> None:
    stack(CollectorRoleArn=COLLECTOR)
    assert role()["MaxSessionDuration"] == 3600 > BEFORE_EXPIRY


PATTERNS = dict(re.findall(r'^  (\w+):\n(?:    .*\n)*?    AllowedPattern: "(.*)"$', TEMPLATE, re.MULTILINE))
NAMES = ["flowlogs-inventory", "a", "a" * 64, "a+=,.@-_1", "", "a" * 65, "path/name", "has blank"]
IDS = ["", "ab", "a" * 1224, "a+=,.@:/-_", "a", "a" * 1225, "has blank", "ümlaut"]


@pytest.mark.parametrize(
    ("parameter", "setting", "text"),
    [
        *(("RoleName", "inventory_role_name", text) for text in NAMES if text),
        *(("ExternalId", "inventory_external_id", text) for text in IDS),
    ],
)
def test_parameters_take_what_the_settings_take(parameter: str, setting: str, text: str) -> None:
    try:
        Settings.read({"inventory_accounts": "organization", setting: text})
        taken = True
    except WrongSettings:
        taken = False
    assert bool(re.search(PATTERNS[parameter], text)) == taken


@pytest.mark.parametrize(
    ("arn", "taken"),
    [
        (COLLECTOR, True),
        ("arn:aws-us-gov:iam::111111111111:role/path/name", True),
        ("arn:aws:iam::111111111111:root", False),
        ("arn:aws:iam::111111111111:user/me", False),
        ("*", False),
        ("arn:aws:sts::111111111111:assumed-role/name/session", False),
    ],
)
def test_whom_it_trusts_is_a_role_and_never_everybody(arn: str, taken: bool) -> None:
    assert bool(re.search(PATTERNS["CollectorRoleArn"], arn)) is taken


def test_no_line_of_it_is_longer_than_the_code() -> None:
    assert [line for line in TEMPLATE.splitlines() if len(line) > 120] == []


def test_the_session_is_one_that_sts_takes() -> None:
    assert re.fullmatch(r"[\w+=,.@-]{2,64}", SESSION_NAME)
