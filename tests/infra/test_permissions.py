"""Who may do what: golden files to be read line by line, and the list of every wildcard with its reason."""

import re
from collections.abc import Callable, Iterator

import pytest
from deployments import NAMES, Deployments
from permission_text import GOLDEN, READ, Statement, golden_file, policies_of, roles_of, text_of, trusts_of
from template_reading import Deployed, of

DOMAIN = r"arn:\S+:domain/[\w-]+"
OWN_OBJECTS = "names of its own objects say which run wrote them"
LETTERS = "names of dead letters say when they were written"
INTERFACES = "interfaces are made and asked for before they have an id; Describe actions take no resource"
WILDCARDS = {
    ("DecoratorRole", r"\*"): "ec2:DescribeNetworkInterfaces takes no resource",
    ("flowlogsRole", r"\*"): "logs:DescribeLogGroups takes no resource",
    ("flowlogsRole", r"arn:\S+:log-group:[^*]+:\*"): "the group's log streams, one for each interface, named by EC2",
    ("flowlogsRole", r"arn:\S+:log-group:[^*?]+-\?{8}"): "the group of another record format, while both are there",
    ("SetUpRole", r"\*"): INTERFACES,
    ("SearchDeliveryRole", r"\*"): INTERFACES,
    ("IngestorRole", r"<DeadLetters.Arn>/ingest/\*"): LETTERS,
    ("IngestorRole", r"<DeadLetters.Arn>/aws/lambda/async/\*"): "Lambda names the events that it gave up on",
    ("IngestorRole", r"\S+/(network/)?AWSLogs/\*"): "EC2 names flow log files",
    ("DecoratorRole", r"<DeadLetters.Arn>/decorate/\*"): LETTERS,
    ("DecoratorRole", r"<Knowledge.Arn>/(inventory/lookups|geo/files)/\*"): "what it reads has a new name each run",
    ("InventoryRole", r"\*"): "what there is gets known by actions that list and describe; they change nothing",
    ("InventoryRole", r"arn:<AWS::Partition>:iam::\*:role/network-reader"): "accounts of an organization come and go",
    ("InventoryRole", r"<Knowledge.Arn>/inventory/\*"): OWN_OBJECTS,
    ("GeoipRole", r"<Knowledge.Arn>/geo/\*"): OWN_OBJECTS,
    ("DecoratorRole", r"arn:\S+:s3:::their-databases/geo/\*"): "databases change their names with their dates",
    ("SearchDeliveryRole", r"<DeadLetters.Arn>/search/\*"): "Firehose names its objects by the time",
    ("SearchDeliveryRole", rf"{DOMAIN}/\*"): "paths of _bulk and of indexes; fine-grained access control limits them",
    ("SearchDeliveryRole", rf"{DOMAIN}/(cwl|flows\.v1)\*/_(mapping/\*|stats)"): "indexes have dates in their names",
    ("SearchDeliveryRole", rf"{DOMAIN}/_nodes/\*/stats"): "nodes have no names beforehand",
    ("LakeStreamRole", r"<StreamsLake.Arn>/(flows|errors)/\*"): "Firehose names its objects by the time",
}
"""Every wildcard in what a role may do: whose role (the end of its name), the wildcard, the reason."""

OF_POLICIES = {
    ("AccessLogsPolicy", r"<BucketsAccessLogs.Arn>/\w+/\*"): "S3 names the access logs of one bucket",
    ("FilesPolicy", r"\S+/(network/)?AWSLogs/(aws-account-id=)?<AWS::AccountId>/\*"): "EC2 names flow log files",
    ("Domain", r"\S+/_plugins/_ism/(add|change_policy)/[\w.-]+-\*"): "indexes have dates in their names",
    ("Policy", r"s3:(GetBucket|List|DeleteObject)\*"): "CDK's function empties a bucket that goes with its stack",
    ("Policy", r"<\w+.Arn>/\*"): "CDK's function empties a bucket that goes with its stack",
    ("Domain", r"es:ESHttp\*"): "people ask Dashboards by every method, signed in",
    ("Domain", rf"{DOMAIN}/\*"): "every path of the domain, for people who sign in and for our two roles",
}
"""The same for what the policies of resources allow."""


def wildcards(statements: Iterator[Statement]) -> Iterator[tuple[str, str]]:
    for statement in statements:
        if statement.allows:
            yield from (
                (statement.holder, text) for text in (*statement.actions, *statement.resources) if set("*?") & set(text)
            )


def reasons(holder: str, text: str, table: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    return [(end, pattern) for end, pattern in table if holder.endswith(end) and re.fullmatch(pattern, text)]


@of(*READ)
def test_permissions_are_those_that_were_read_line_by_line(deployed: Deployed) -> None:
    expected = golden_file(deployed.name).read_text()
    assert text_of(deployed) == expected, "read the difference; then run: python tests/infra/permission_text.py"


def test_every_golden_file_is_of_a_deployment() -> None:
    assert {path.name for path in GOLDEN.glob("permissions-*")} == {golden_file(name).name for name in READ}


@of()
def test_every_kind_of_role_is_in_a_golden_file(deployed: Deployed) -> None:
    read = "".join(golden_file(name).read_text() for name in READ)
    for statement in trusts_of(deployed):
        assert f"\n{statement.holder}\n" in read


@of()
def test_every_wildcard_of_a_role_has_its_reason(deployed: Deployed) -> None:
    for holder, text in wildcards(roles_of(deployed)):
        assert reasons(holder, text, WILDCARDS), f"{holder}: {text}"


@of()
def test_every_wildcard_that_a_resources_policy_allows_has_its_reason(deployed: Deployed) -> None:
    for holder, text in wildcards(policies_of(deployed)):
        assert reasons(holder, text, OF_POLICIES), f"{holder}: {text}"


@pytest.mark.parametrize(
    ("table", "list_them"), [(WILDCARDS, roles_of), (OF_POLICIES, policies_of)], ids=["roles", "resources"]
)
def test_no_reason_is_for_a_wildcard_that_is_gone(
    deployments: Deployments, table: dict[tuple[str, str], str], list_them: Callable[[Deployed], Iterator[Statement]]
) -> None:
    found = {pair for name in NAMES for pair in wildcards(list_them(Deployed(deployments.named(name))))}
    used = {key for holder, text in found for key in reasons(holder, text, table)}
    assert used == table.keys()


@of()
def test_no_role_may_do_every_action_of_a_service(deployed: Deployed) -> None:
    for statement in roles_of(deployed):
        assert statement.allows
        for action in statement.actions:
            managed = action == "all of arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
            assert "*" not in action
            assert managed or re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action)


@of()
def test_managed_policies_are_on_cdks_own_functions_only(deployed: Deployed) -> None:
    for statement in roles_of(deployed):
        if statement.actions[0].startswith("all of"):
            assert statement.holder.startswith("CustomS3AutoDeleteObjects")


@of()
def test_no_role_may_pass_a_role_or_change_what_roles_may_do(deployed: Deployed) -> None:
    for statement in roles_of(deployed):
        found = [action for action in statement.actions if action.startswith(("iam:", "sts:"))]
        assert not found or (statement.holder == "KnowledgeInventoryRole" and found == ["sts:AssumeRole"])


@of()
def test_the_inventory_takes_the_role_of_one_name_in_the_accounts_that_are_named_and_no_other(
    deployed: Deployed,
) -> None:
    taken = [
        resource
        for statement in roles_of(deployed)
        if "sts:AssumeRole" in statement.actions
        for resource in statement.resources
    ]
    expected = {
        "organization": ["arn:<AWS::Partition>:iam::*:role/network-reader"],
        "some accounts": [
            f"arn:<AWS::Partition>:iam::{account}:role/flowlogs-inventory" for account in (210987654321, 345678901234)
        ],
    }
    assert taken == expected.get(deployed.name, [])


@of()
def test_roles_are_for_services_and_only_for_this_account_where_the_service_can_say_so(deployed: Deployed) -> None:
    for statement in trusts_of(deployed):
        assert statement.actions == ("sts:AssumeRole",)
        assert statement.who in {"lambda.amazonaws.com", "firehose.amazonaws.com", "vpc-flow-logs.amazonaws.com"}
        if statement.who != "lambda.amazonaws.com":
            assert any("<AWS::AccountId>" in condition for condition in statement.conditions)


@of()
def test_anybody_is_let_in_by_the_domain_alone(deployed: Deployed) -> None:
    for statement in policies_of(deployed):
        if statement.allows and statement.who == "*":
            assert statement.holder == "StreamsSearchDomain"


@of()
def test_services_are_let_in_for_our_own_resources_only(deployed: Deployed) -> None:
    for statement in policies_of(deployed):
        if statement.allows and statement.who.endswith(".amazonaws.com"):
            assert [each for each in statement.conditions if "Source" in each], statement
