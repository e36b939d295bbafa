"""The pages written by hand about a deployment: every name, command and claim in them is one."""

import re
import shlex
import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import botocore.session
import command_lines
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from written_pages import CODE, INSIDE, PAGES, ROOT, SAML, STREAMS, json_blocks, outputs, rows, template

from flowlogs.analyse.views import views
from flowlogs.cli.main import flowlogs
from flowlogs.decorate.document import FACTS, lake_columns
from flowlogs.inventory.kinds import KINDS
from flowlogs.metrics import METRICS
from flowlogs.record.fields import FIELDS
from flowlogs.search.setup.retention import retention_policy
from flowlogs.search.setup.security import delivery_role, mapping_with
from flowlogs.settings import SETTINGS
from infra.search.access import access_policy
from infra.settings.search import SearchSettings
from infra.settings.settings import Settings, WrongSettings

EACH_PAGE = pytest.mark.parametrize("page", PAGES)
HIGH_LEVEL = {"cp": {"--recursive"}, "rb": {"--force"}, "sync": set[str](), "rm": {"--recursive"}}
"""Commands of `aws s3`, which are the CLI's own. Source: AWS CLI Command Reference, "s3"."""
GLOBAL = {"--query", "--output", "--region", "--profile", "--max-items"}
"""Options of every command. Source: AWS CLI Command Reference, "aws", global options; --max-items, pagination."""


def shell_lines(text: str) -> list[str]:
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def commands(text: str, program: str) -> Iterator[list[str]]:
    """Find the arguments of a program: in shell blocks, also behind `NAME=$(`, and between backticks."""
    for line in (*shell_lines(text), *(code for code in CODE.findall(text) if code.startswith(f"{program} "))):
        found: list[str] | None = None
        for word in [*shlex.split(line, comments=True), "|"]:
            if word.endswith((f"$({program}", "|", ";")) or word == program:
                if found:
                    yield found
                found = [] if word.endswith(program) else None
            elif found is not None:
                found.append(word)


AWS = sorted({tuple(words) for text in PAGES.values() for words in commands(text, "aws") if words})
OURS = sorted({tuple(words) for text in PAGES.values() for words in commands(text, "flowlogs") if words})
IN_CDK_JSON = {"changing-a-deployment": json_blocks("changing-a-deployment")[0]}
"""What a page asks to write into cdk.json first; elsewhere a command says it all."""
DEPLOYMENTS = sorted(
    (page, given)
    for page, text in PAGES.items()
    for given in set(re.findall(r'^ *make \w+ SET="([^"]*)"', text, re.MULTILINE))
)


@pytest.fixture(scope="module")
def botocore_session() -> botocore.session.Session:
    return botocore.session.get_session()


@pytest.mark.parametrize("words", AWS, ids=lambda words: " ".join(words[:2]))
def test_every_aws_command_exists_with_its_options(words: tuple[str, ...], botocore_session: Any) -> None:
    service, command, *rest = words
    given = {word.partition("=")[0] for word in rest if word.startswith("--")}
    if service == "s3":
        assert given <= HIGH_LEVEL[command]
        return
    try:
        model = botocore_session.get_service_model(service)
    except UnknownServiceError:
        pytest.fail(f"there is no service {service}")
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert command in operations, f"{service} has no {command}"
    taken = model.operation_model(operations[command]).input_shape
    assert given - GLOBAL <= {f"--{xform_name(name, '-')}" for name in taken.members}
    assert {f"--{xform_name(name, '-')}" for name in taken.required_members} <= given


@pytest.mark.parametrize("words", OURS, ids=" ".join)
def test_every_command_of_ours_exists_with_its_options(words: tuple[str, ...]) -> None:
    command_lines.read(words)


@pytest.mark.parametrize(("page", "given"), DEPLOYMENTS)
def test_every_deployment_that_is_shown_can_be_deployed_and_opened(
    page: str, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SAML["saml_metadata_file"], tmp_path / "idp.xml")  # what a reader has beside cdk.json by then
    monkeypatch.chdir(tmp_path)
    said = dict(pair.split("=", 1) for pair in shlex.split(given))
    settings = Settings.read({**IN_CDK_JSON.get(page, {}), **said})
    assert settings.search_allowed_ips or not settings.new_domain, "nobody could open Dashboards"


def test_commands_are_found_in_the_pages() -> None:
    assert {"ec2", "logs", "cloudwatch", "s3"} <= {words[0] for words in AWS}
    assert ("generate", "--to", "Flowlogs") in OURS
    assert any("record_format=v2" in given for _, given in DEPLOYMENTS)


def is_setting(code: str) -> bool:
    """Say whether this is a setting, or one with a value that it takes."""
    name, equals, value = code.partition("=")
    if name not in Settings.model_fields or not equals:
        return name in Settings.model_fields
    try:
        Settings.read({name: value})
    except WrongSettings as error:  # what must agree with other settings is said without the setting's name in front
        return not str(error).startswith(f"{name} is {value!r}")
    return True


@EACH_PAGE
def test_what_looks_like_a_setting_or_a_column_is_one(page: str) -> None:
    named = {code for code in CODE.findall(PAGES[page]) if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+(=\S*)?|\w+=\S*", code)}
    tables = {"flow_log_files", *(kind.table for kind in KINDS.values()), *(view.name for view in views())}
    parts = {"file_account", "file_region", "file_time", "array_join"}
    others = {*lake_columns(), *tables, *parts, "search_setup", "team_flowlogs"}
    assert [code for code in sorted(named - others) if not is_setting(code)] == []


@EACH_PAGE
def test_every_link_within_the_pages_leads_to_a_heading(page: str) -> None:
    for target, anchor in re.findall(r"\]\(([\w-]*)(?:\.md)?#([\w-]+)\)", PAGES[page]):
        text = (ROOT / "docs" / f"{target or page}.md").read_text()
        headings = re.findall(r"^#+ (.*)", text, re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@EACH_PAGE
def test_lines_are_no_longer_than_the_screen(page: str) -> None:
    in_code = False
    for line in PAGES[page].splitlines():
        in_code ^= line.lstrip().startswith("```")
        assert in_code or len(line) <= 120 or line.lstrip().startswith("|") or "](http" in line


@pytest.mark.slow
def test_what_coming_from_calls_ours_is_ours() -> None:
    known = {*SETTINGS, *FIELDS, *FACTS, *METRICS, *outputs(), "make deploy", "SELECT", "lake/"}
    ours = [code for row in rows(PAGES["coming-from"]) if len(row) == 3 for code in CODE.findall(row[1])]
    assert len(ours) > 80
    options = {option for command in flowlogs.commands.values() for each in command.params for option in each.opts}
    strange = [code for code in ours if code not in known | options and not is_setting(code)]
    assert [code for code in strange if not (code.startswith("flowlogs ") or (ROOT / code).exists())] == []


@pytest.mark.slow
@EACH_PAGE
def test_every_output_that_is_named_is_one(page: str) -> None:
    assert set(re.findall(r"output `(\w+)`", PAGES[page])) <= outputs()
    assert set(re.findall(r"OutputKey=='(\w+)'", PAGES[page])) <= outputs()


def test_every_feature_not_there_yet_is_marked() -> None:
    missing = {"unused groups": False, "inbound rules": False, "Python rules": False}
    for row in rows(PAGES["coming-from"]):
        for word in missing:
            missing[word] |= word.lower() in row[0].lower() and "**not yet**" in " ".join(row)
    assert all(missing.values())


BY_HAND = json_blocks("by-hand")


def test_what_is_put_by_hand_is_what_search_setup_puts() -> None:
    mapping = next(block for block in BY_HAND if "backend_roles" in block)
    role = {key: value for key, value in delivery_role("cwl").items() if key != "description"}
    days = SearchSettings.model_fields["search_retention_days"].default
    assert [role, retention_policy("cwl", days), mapping_with(None, mapping["backend_roles"][0])] == [
        next(block for block in BY_HAND if key in block) for key in ("cluster_permissions", "policy", "backend_roles")
    ]


@pytest.mark.slow
def test_what_is_put_by_hand_goes_where_search_setup_puts_it() -> None:
    put = re.findall(r'--request PUT .*"\$DOMAIN(\S+)"', PAGES["by-hand"])
    assert len(put) == 4
    assert {("PUT", path) for path in put} <= set(requests_of_setup())


def requests_of_setup() -> list[tuple[str, str]]:
    from infra.search.setup import setup_requests  # it starts a process, which most tests do without

    return setup_requests("cwl", "flowlogs-cwl")


@pytest.mark.slow
def test_the_policy_by_hand_has_the_statements_of_a_domain_of_ours() -> None:
    by_hand = {block["Sid"]: block for block in BY_HAND if "Sid" in block}
    ours = access_policy(
        domain_arn="arn:aws:es:eu-west-1:123456789012:domain/their-domain",
        allowed_ips=(),
        roles=by_hand["Roles"]["Principal"]["AWS"],
        setup_requests=requests_of_setup(),
    )
    assert ours["Statement"] == list(by_hand.values())


NARROWED = {one["Sid"]: one for block in BY_HAND for one in block.get("Statement", []) if "Sid" in one}


@pytest.mark.slow
def test_the_narrowed_role_may_use_every_service_of_the_templates() -> None:
    deployed = ({"second_flow_log": "s3"}, {"source": "s3"}, {"source": "firehose"}, STREAMS, INSIDE, SAML)
    types = {one["Type"] for settings in deployed for one in template(settings)["Resources"].values()}
    used = {type_.split("::")[1] for type_ in types if type_.startswith("AWS::")}
    prefixes = {"OpenSearchService": "es", "KinesisFirehose": "firehose"}
    allowed = {action.split(":")[0] for statement in NARROWED.values() for action in statement["Action"]}
    assert {prefixes.get(service, service.lower()) for service in used} <= allowed


@pytest.mark.slow
def test_the_narrowed_role_may_make_the_roles_of_a_stack_with_or_without_a_prefix() -> None:
    roles = [one for one in template(INSIDE)["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    assert not [one for one in roles if {"RoleName", "Path"} & one["Properties"].keys()]  # so the stack's name is first
    pattern = NARROWED["RolesOfTheStack"]["Resource"].rpartition("/")[2]
    stacks = [Settings.read({"prefix": prefix}).stack_name for prefix in ("", "team-")]
    assert [stack for stack in stacks if not fnmatchcase(f"{stack}-SomeRole", pattern)] == []
