"""What the templates say of the functions that gather knowledge, of what they keep, and of who reads it."""

import re
from datetime import date
from typing import Any

from deployments import FILES_KEY, KEY, LICENCE
from template_reading import Deployed, listed, of, plain, references, written

from flowlogs.inventory.history import columns_of, history_key
from flowlogs.inventory.interface_events import EVENT_NAMES
from flowlogs.inventory.kinds import KINDS
from infra.knowledge.inventory import timeout
from infra.settings.settings import Settings

WITH_INVENTORY = ("defaults", "cloudwatch", "s3", "firehose", "narrowed", "organization", "some accounts")
WITH_EVENTS = ("organization",)
FETCHING = ("defaults", "organization", "licence in a parameter", "geo alone", "some accounts")
PARQUET = ("defaults", "cloudwatch lake", "organization", "some accounts")


def granted(deployed: Deployed, role: str) -> dict[str, set[str]]:
    """Give the resources that the role of a function of ours may use, by action."""
    found: dict[str, set[str]] = {}
    (properties,) = (each for id_, each in deployed.all("IAM::Role").items() if plain(id_) == role)
    for policy in properties["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            for action in listed(statement["Action"]):
                found.setdefault(action, set()).update(written(each) for each in listed(statement["Resource"]))
    return found


def decorator_roles(deployed: Deployed) -> list[str]:
    return [plain(id_) for id_ in deployed.all("IAM::Role", "DecoratorRole")]


def rules(deployed: Deployed, function: str) -> list[dict[str, Any]]:
    """Give the rules that invoke a function."""
    arn = f"<Knowledge{function}Function.Arn>"
    return [
        rule
        for rule in deployed.all("Events::Rule").values()
        if [written(target["Arn"]) for target in rule["Targets"]] == [arn]
    ]


@of(*WITH_INVENTORY)
def test_the_inventory_runs_on_its_schedule_and_ends_before_the_next_run(deployed: Deployed) -> None:
    minutes = {"organization": 15, "some accounts": 1}.get(deployed.name, 5)
    (clock,) = (rule for rule in rules(deployed, "Inventory") if "ScheduleExpression" in rule)
    assert clock["ScheduleExpression"] == f"rate({minutes} minute{'' if minutes == 1 else 's'})"
    assert deployed.functions()["inventory"]["Timeout"] < 60 * minutes
    assert deployed.functions()["inventory"]["Timeout"] == {5: 290, 15: 890, 1: 50}[minutes]


def test_a_run_ends_before_the_next_and_within_what_lambda_allows() -> None:
    for minutes in range(1, 61):
        assert 0 < timeout(minutes) < min(60 * minutes, 900)


@of(*WITH_INVENTORY)
def test_a_run_that_fails_is_not_repeated_since_the_next_one_comes(deployed: Deployed) -> None:
    config = deployed.one("Lambda::EventInvokeConfig", "Inventory")
    assert (config["MaximumRetryAttempts"], config["Qualifier"]) == (0, "$LATEST")
    assert written(config["FunctionName"]) == "<KnowledgeInventoryFunction>"
    assert 60 <= config["MaximumEventAgeInSeconds"] <= 21_600


@of(*FETCHING)
def test_geo_databases_are_looked_for_daily_and_tried_again_when_that_fails(deployed: Deployed) -> None:
    (clock,) = (rule for rule in rules(deployed, "Geoip") if "ScheduleExpression" in rule)
    assert clock["ScheduleExpression"] == "rate(1 day)"  # more would be against the terms of many a list
    assert not deployed.all("Lambda::EventInvokeConfig", "Geoip")
    assert deployed.functions()["geoip"]["Timeout"] == 600


@of(*WITH_INVENTORY, "geo alone")
def test_both_run_once_the_deployment_is_complete_and_cannot_make_it_fail(deployed: Deployed) -> None:
    for function in ("Inventory", "Geoip"):
        found = [rule for rule in rules(deployed, function) if "EventPattern" in rule]
        assert len(found) == (f"Knowledge{function}Function" in {plain(id_) for id_ in deployed.resources})
        for rule in found:
            pattern = rule["EventPattern"]
            assert pattern["source"] == ["aws.cloudformation"]
            assert pattern["detail-type"] == ["CloudFormation Stack Status Change"]
            assert pattern["detail"] == {
                "stack-id": [{"Ref": "AWS::StackId"}],
                "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
            }
    assert not [id_ for id_ in deployed.resources if "Trigger" in id_]


@of()
def test_the_clock_starts_when_everything_that_may_fail_is_there(deployed: Deployed) -> None:
    """A first deployment that fails is undone with its buckets, and a bucket that is not empty cannot be removed."""
    last = {*deployed.all("KinesisFirehose::DeliveryStream"), *deployed.all("EC2::FlowLog")}
    for id_, rule in deployed.all("Events::Rule", "Knowledge").items():
        if "ScheduleExpression" in rule:
            assert last <= deployed.waits_for(id_)
        else:
            assert not last & deployed.waits_for(id_), "a rule that is made last misses the event it is made for"


@of("second stack", "second stack from s3", "defaults", "geo alone")
def test_who_writes_into_the_bucket_is_gone_before_it_is_emptied(deployed: Deployed) -> None:
    """What is made first is removed last; a bucket that was written into again cannot be removed."""
    emptying = set(deployed.all("Custom::S3AutoDeleteObjects", "Knowledge"))
    assert bool(emptying) == (deployed.name == "second stack")
    writing = {*deployed.all("Lambda::Function", "Knowledge"), *deployed.all("IAM::Role", "Knowledge")}
    assert len(writing) == (2 if deployed.name == "geo alone" else 4)
    for id_ in writing:
        assert emptying | set(deployed.all("S3::BucketPolicy", "Knowledge")) <= deployed.waits_for(id_)


@of(*WITH_INVENTORY, "second stack", "geo alone")
def test_no_concurrency_is_reserved_for_functions_that_two_runs_do_not_harm(deployed: Deployed) -> None:
    for function in {"inventory", "geoip"} & deployed.functions().keys():
        assert "ReservedConcurrentExecutions" not in deployed.functions()[function]


@of()
def test_every_rule_may_invoke_its_function_and_nobody_else_may(deployed: Deployed) -> None:
    allowed = {
        (written(each["FunctionName"]), written(each["SourceArn"]))
        for each in deployed.all("Lambda::Permission", "Knowledge").values()
        if each["Principal"] == "events.amazonaws.com"
    }
    invoking = {
        (written(target["Arn"]), f"<{plain(id_)}.Arn>")
        for id_, rule in deployed.all("Events::Rule", "Schedule").items()
        for target in rule["Targets"]
    }
    assert allowed == invoking
    assert len(deployed.all("Lambda::Permission", "Knowledge")) == len(allowed)


@of(*WITH_INVENTORY)
def test_the_inventory_reads_and_writes_below_its_own_prefix_alone(deployed: Deployed) -> None:
    environment = deployed.environment("inventory")
    assert environment["FLOWLOGS_INVENTORY_STORE"] == "s3://<Knowledge>/inventory"
    actions = granted(deployed, "KnowledgeInventoryRole")
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        assert actions[action] == {"<Knowledge.Arn>/inventory/*"}
    assert actions["s3:ListBucket"] == {"<Knowledge.Arn>"}


@of(*FETCHING)
def test_geoip_reads_and_writes_below_its_own_prefix_alone(deployed: Deployed) -> None:
    assert deployed.environment("geoip")["FLOWLOGS_GEOIP_STORE"] == "s3://<Knowledge>/geo"
    actions = granted(deployed, "KnowledgeGeoipRole")
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        assert actions[action] == {"<Knowledge.Arn>/geo/*"}
    assert actions["s3:ListBucket"] == {"<Knowledge.Arn>"}


@of("defaults", "organization", "s3", "cloudwatch existing")
def test_decorators_read_what_is_published_and_write_none_of_it(deployed: Deployed) -> None:
    for function in ("search decorator", "lake decorator"):
        environment = deployed.environment(function)
        assert environment["FLOWLOGS_INVENTORY"] == "s3://<Knowledge>/inventory/pointer.json"
        assert environment["FLOWLOGS_GEOIP"] == "s3://<Knowledge>/geo/pointer.json"
    for role in decorator_roles(deployed):
        actions = granted(deployed, role)
        assert actions["s3:GetObject"] == {
            "<Knowledge.Arn>/inventory/pointer.json",
            "<Knowledge.Arn>/inventory/lookups/*",
            "<Knowledge.Arn>/geo/pointer.json",
            "<Knowledge.Arn>/geo/files/*",
        }
        assert actions["s3:ListBucket"] == {"<Knowledge.Arn>"}  # without it a missing pointer is 403, not 404
        assert not [each for each in actions["s3:PutObject"] if "Knowledge" in each]
        assert "s3:DeleteObject" not in actions


@of("some accounts", "second stack")
def test_with_a_key_of_your_own_writers_and_readers_may_use_it(deployed: Deployed) -> None:
    for role in ("KnowledgeInventoryRole", *decorator_roles(deployed)):
        assert granted(deployed, role)["kms:Decrypt"] == {KEY}
    assert granted(deployed, "KnowledgeInventoryRole")["kms:GenerateDataKey"] == {KEY}


@of("defaults", "organization")
def test_decorators_have_room_for_a_look_up_file_and_databases(deployed: Deployed) -> None:
    for function in ("search decorator", "lake decorator", "inventory", "geoip"):
        assert deployed.functions()[function]["EphemeralStorage"] == {"Size": 1024}
    assert "EphemeralStorage" not in deployed.functions()["ingestor"]


@of("defaults", "organization", "licence in a parameter", "narrowed")
def test_databases_older_than_their_licence_allows_are_not_used(deployed: Deployed) -> None:
    maxmind = deployed.name in ("organization", "licence in a parameter")
    for function in ("search decorator", "lake decorator"):
        if function in deployed.functions():
            found = deployed.environment(function).get("FLOWLOGS_GEOIP_MAX_AGE_DAYS")
            assert found == ("30" if maxmind else None)


@of("organization", "licence in a parameter", "defaults")
def test_the_licence_key_is_read_from_the_one_place_that_is_named(deployed: Deployed) -> None:
    actions = granted(deployed, "KnowledgeGeoipRole")
    keys = {name: actions[name] for name in actions if name.startswith(("secretsmanager", "ssm", "kms"))}
    parameter = "arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/flowlogs/maxmind"
    expected = {
        "organization": {"secretsmanager:GetSecretValue": {LICENCE}, "kms:Decrypt": {FILES_KEY}},
        "licence in a parameter": {"ssm:GetParameter": {parameter}},
    }
    assert keys == expected.get(deployed.name, {})


@of("organization")
def test_lists_of_a_setting_reach_the_function_with_blanks_between(deployed: Deployed) -> None:
    geoip, inventory = deployed.environment("geoip"), deployed.environment("inventory")
    assert geoip["FLOWLOGS_NAMED_NETWORKS"] == "office=198.51.100.0/24 office=2001:db8::/32 vpn=10.8.0.0/16"
    assert geoip["FLOWLOGS_THREAT_LISTS"].split() == [
        "drop=https://lists.example.com/drop.txt",
        "feodo=https://lists.example.com/f.csv?days=7",
    ]
    assert inventory["FLOWLOGS_REGIONS"] == "eu-west-1 us-east-1"
    assert inventory["FLOWLOGS_ACCOUNTS"] == "organization"
    assert inventory["FLOWLOGS_ACCOUNT_ROLE"] == "network-reader"
    assert inventory["FLOWLOGS_EXTERNAL_ID"] == "flowlogs-7"
    assert deployed.functions()["inventory"]["MemorySize"] == 3008


@of("organization", "some accounts", "defaults")
def test_accounts_are_listed_only_where_the_whole_organization_is_taken(deployed: Deployed) -> None:
    actions = granted(deployed, "KnowledgeInventoryRole")
    assert ("organizations:ListAccounts" in actions) == (deployed.name == "organization")
    assert ("sts:AssumeRole" in actions) == (deployed.name != "defaults")


@of(*WITH_INVENTORY)
def test_nothing_of_what_is_asked_changes_anything(deployed: Deployed) -> None:
    own = ("logs:", "s3:", "sqs:", "kms:", "sts:")
    asked = [name for name in granted(deployed, "KnowledgeInventoryRole") if not name.startswith(own)]
    assert len(asked) > 10
    assert not [name for name in asked if not re.fullmatch(r"[a-z0-9]+:(Describe|List|Get|BatchGet)[A-Za-z]+", name)]


@of("geo alone", "nothing known", "narrowed")
def test_what_is_not_wanted_is_not_made(deployed: Deployed) -> None:
    functions = deployed.functions()
    assert ("inventory" in functions) == (deployed.name == "narrowed")
    assert ("geoip" in functions) == (deployed.name == "geo alone")
    assert bool(deployed.all("S3::Bucket", "Knowledge")) == (deployed.name != "nothing known")
    environment = deployed.environment("lake decorator")
    assert ("FLOWLOGS_INVENTORY" in environment) == (deployed.name == "narrowed")
    assert ("FLOWLOGS_GEOIP" in environment) == (deployed.name != "nothing known")
    named = {"KnowledgeBucket", "InventoryFunction", "InventoryRoleArn", "GeoipFunction", "InventoryEventQueue"}
    assert named & deployed.outputs.keys() == {
        "geo alone": {"KnowledgeBucket", "GeoipFunction"},
        "nothing known": set(),
        "narrowed": {"KnowledgeBucket", "InventoryFunction", "InventoryRoleArn"},
    }.get(deployed.name)


@of("organization")
def test_outputs_name_what_other_accounts_and_people_need(deployed: Deployed) -> None:
    outputs = deployed.outputs
    assert outputs["KnowledgeBucket"] == "<Knowledge>"
    assert outputs["InventoryRoleArn"] == "<KnowledgeInventoryRole.Arn>"
    assert outputs["InventoryFunction"] == "<KnowledgeInventoryFunction>"
    assert outputs["GeoipFunction"] == "<KnowledgeGeoipFunction>"
    assert outputs["InventoryEventQueue"] == "<KnowledgeInventoryEventsQueue.QueueName>"
    assert "CollectorRoleArn" in deployed.template["Outputs"]["InventoryRoleArn"]["Description"]


@of(*WITH_EVENTS)
def test_events_on_interfaces_and_nothing_else_reach_the_queue(deployed: Deployed) -> None:
    rule = deployed.one("Events::Rule", "Events")
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.ec2"], ["AWS API Call via CloudTrail"])
    assert set(pattern["detail"]["eventName"]) == set(EVENT_NAMES)
    assert pattern["detail"]["errorCode"] == [{"exists": False}]
    assert not {"account", "region"} & pattern.keys(), "what other accounts forward is taken too"
    assert [written(target["Arn"]) for target in rule["Targets"]] == ["<KnowledgeInventoryEventsQueue.Arn>"]
    dead_letters = "<KnowledgeInventoryEventsDeadLetters.Arn>"
    (what_sqs_refuses,) = (written(target["DeadLetterConfig"]["Arn"]) for target in rule["Targets"])
    assert what_sqs_refuses == dead_letters, "the queue that an alarm looks at"
    allowed = {
        written(each["Resource"]): each
        for policy in deployed.all("SQS::QueuePolicy", "Events").values()
        for each in policy["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    }
    assert allowed.keys() == {"<KnowledgeInventoryEventsQueue.Arn>", dead_letters}
    for each in allowed.values():
        assert (each["Principal"], each["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
        assert [plain(name) for name in references(each["Condition"])] == ["KnowledgeInventoryEventsRule"]


@of(*WITH_EVENTS)
def test_events_wait_four_days_and_a_failed_run_leaves_them_to_the_next(deployed: Deployed) -> None:
    queue = deployed.one("SQS::Queue", "EventsQueue")
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 4 * 86_400
    assert queue["VisibilityTimeout"] == deployed.functions()["inventory"]["Timeout"]
    assert written(queue["RedrivePolicy"]["deadLetterTargetArn"]) == "<KnowledgeInventoryEventsDeadLetters.Arn>"
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 12, "an hour of failing runs must lose nothing"
    assert deployed.environment("inventory")["FLOWLOGS_INVENTORY_EVENTS"] == "<KnowledgeInventoryEventsQueue>"
    actions = granted(deployed, "KnowledgeInventoryRole")
    assert actions["sqs:ReceiveMessage"] == actions["sqs:DeleteMessage"] == {"<KnowledgeInventoryEventsQueue.Arn>"}


@of("defaults", "some accounts")
def test_without_events_there_is_no_queue(deployed: Deployed) -> None:
    assert not deployed.all("SQS::Queue", "Knowledge")
    assert "FLOWLOGS_INVENTORY_EVENTS" not in deployed.environment("inventory")


@of(*PARQUET)
def test_the_history_has_a_table_for_each_kind_where_its_parquet_lies(deployed: Deployed) -> None:
    tables = {each["TableInput"]["Name"]: each for each in deployed.all("Glue::Table", "History").values()}
    assert tables.keys() == {kind.table for kind in KINDS.values()}
    database = deployed.one("Glue::Database")["DatabaseInput"]["Name"]
    days = 30 if deployed.name == "some accounts" else 365
    for kind in KINDS.values():
        table = tables[kind.table]
        assert table["DatabaseName"] == database
        columns = {each["Name"]: each["Type"] for each in table["TableInput"]["StorageDescriptor"]["Columns"]}
        assert columns == columns_of(kind)
        assert "date" not in columns
        parameters = {name: written(value) for name, value in table["TableInput"]["Parameters"].items()}
        assert parameters["projection.date.range"] == f"NOW-{days}DAYS,NOW+1DAYS"
        folder = parameters["storage.location.template"].replace("${date}", "2026-01-31")
        assert f"s3://<Knowledge>/inventory/{history_key(kind, date(2026, 1, 31))}".startswith(folder)
    (end,) = (
        rule
        for rule in deployed.one("S3::Bucket", "Knowledge")["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    )
    assert (end["ExpirationInDays"], end["Prefix"]) == (days, "inventory/history/")


@of("licence in a parameter", "nothing known", "cloudwatch existing", "cloudwatch search")
def test_without_a_table_of_the_lake_or_without_an_inventory_there_is_no_table_of_history(deployed: Deployed) -> None:
    assert not deployed.all("Glue::Table", "History")


def test_a_hundred_accounts_fit_into_a_policy_and_an_environment() -> None:
    accounts = [f"{number:012}" for number in range(100)]
    settings = Settings.read({"inventory_accounts": accounts, "inventory_role_name": "a" * 40})
    arns = [f'"arn:aws-us-gov:iam::{account}:role/{settings.inventory_role_name}",' for account in accounts]
    assert sum(map(len, arns)) < 10_240 - 2_000
    assert len(" ".join(settings.inventory_accounts)) < 1_400
