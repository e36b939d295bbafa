"""What the page on changing a deployment says, held against templates before and after each change."""

import functools
from collections.abc import Mapping
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]
from written_pages import CODE, INSIDE, STREAMS, VPC, rows, section, settings_of, template

from flowlogs.errors import SettingsError
from flowlogs.search.setup.placement import check_placement
from infra.settings.settings import Settings

IN_PLACE, REPLACED, TWO_STEPS, REFUSED, BY_HAND = (
    settings_of(title)
    for title in ("In place", "Something is replaced, no data is lost", "In two steps", "Refused", "By hand")
)


OTHER_VPC = "vpc-0123456789abcdef1"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:new-files"
THEIRS = {
    "existing_domain_arn": "arn:aws:es:eu-west-1:123456789012:domain/theirs",
    "existing_domain_endpoint": "https://vpc-theirs.eu-west-1.es.amazonaws.com",
    "existing_domain_security_group_id": "sg-0123456789abcdef0",
}
FILES = {"source": "s3", "s3_bucket": "their-bucket", "s3_queue_arn": QUEUE}
HELD = ("AWS::EC2::FlowLog", "AWS::Glue::", "AWS::KinesisFirehose::", "AWS::Logs::LogGroup", "AWS::OpenSearchService::")
"""Types that hold data or let none through while they are replaced. Buckets have no name that could change."""


def fixed(type_: str) -> list[list[str]]:
    """List the paths of properties that CloudFormation can only replace. Source: the types' resource schemas."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema
    names = [*schema.get("createOnlyProperties", []), *schema.get("conditionalCreateOnlyProperties", [])]
    return [name.split("/")[2:] for name in names]


def at(properties: Any, path: list[str]) -> Any:
    return functools.reduce(lambda found, key: found.get(key) if isinstance(found, dict) else None, path, properties)


def replaced(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    old, new = template(before)["Resources"], template({**before, **after})["Resources"]
    return {
        old[name]["Type"]
        for name in old.keys() & new.keys()
        if old[name]["Type"].startswith(HELD)
        for path in fixed(old[name]["Type"])
        if at(old[name]["Properties"], path) != at(new[name]["Properties"], path)
    }


CHANGED_IN_PLACE: list[tuple[dict[str, str], dict[str, str]]] = [
    (
        {},
        {
            "vpc_ids": f"{VPC},{OTHER_VPC}",
            "subnet_ids": "subnet-0123456789abcdef0",
            "interface_ids": "eni-0123456789abcdef0",
            "second_flow_log": "s3",
            **dict.fromkeys(("log_retention_days", "function_log_retention_days", "dead_letter_retention_days"), "7"),
            **dict.fromkeys(("lake_retention_days", "s3_retention_days"), "7"),
            "athena_scan_limit_gb": "0",
            "athena_result_days": "7",
            "search_keep": "rejects",
            **dict.fromkeys(("search_drop_internal", "internal_networks", "search_allowed_ips"), "10.0.0.0/8"),
            "geo_databases": "s3://their-databases/",
            "geo_kms_key_arn": KEY,
            "inventory_accounts": "organization",
            "inventory_regions": "eu-west-1,us-east-1",
            "inventory_role_name": "network-reader",
            "inventory_external_id": "flowlogs-7",
            "inventory_minutes": "15",
            "inventory_memory": "3008",
            "inventory_retention_days": "7",
            "inventory_events": "true",
            "search_retention_days": "60",
            "search_dashboards": "false",
            "search_shape": "ocsf",
            "reserved_concurrency": "5",
            "index_prefix": "flows",
            "index_rotation": "monthly",
            "search_volume_gb": "40",
            "search_instance_type": "r7g.large.search",
            "search_nodes": "4",
            "search_masters": "3",
            "search_master_type": "m7g.large.search",
            "search_version": "3.1",
            "alert_email": "you@example.com",
            "metric_namespace": "other",
            "metric_name": "other",
            "rate_lines_per_second": "7",
            "keep_data": "false",
            "tags": "team=network",
        },
    ),
    ({}, {"inventory": "false"}),
    (
        {},
        {
            "geo_provider": "maxmind",
            "geo_licence": "ssm:/maxmind",
            "geo_licence_kms_key_arn": KEY,
            "aws_ranges": "false",
            "threat_lists": "drop=https://lists.example.com/drop.txt",
            "named_networks": "office=198.51.100.0/24",
        },
    ),
    (FILES, {"s3_queue_arn": QUEUE + "-2", "s3_queue_kms_key_arn": KEY, "s3_kms_key_arn": KEY}),
    (FILES, {"s3_file_format": "text"}),
    (FILES, {"s3_accounts": "123456789012,210987654321", "s3_regions": "eu-west-1"}),
    (FILES, {"s3_queue_arn": "", "s3_topic_arn": "arn:aws:sns:eu-west-1:123456789012:new-files"}),
    (FILES, {"s3_queue_arn": "", "s3_event_bus": "default"}),
    (STREAMS, {"existing_stream_roles": "arn:aws:iam::123456789012:role/theirs"}),
    (INSIDE, {"search_secrets_endpoint": "false"}),
]
GROUP, STREAM = "AWS::Logs::LogGroup", "AWS::KinesisFirehose::DeliveryStream"
FLOW_LOG, DOMAIN = "AWS::EC2::FlowLog", "AWS::OpenSearchService::Domain"
CHANGED: list[tuple[set[str], dict[str, str], dict[str, str], set[str]]] = [
    (REPLACED, {}, {"log_group": "Other"}, {GROUP, FLOW_LOG}),
    (REPLACED, {}, {"record_format": "v5"}, {GROUP, FLOW_LOG}),
    (REPLACED, {}, {"search_stream": "other"}, {STREAM}),
    (REPLACED, {}, {"lake_stream": "other"}, {STREAM}),
    (REPLACED, {}, {"search_domain": "other"}, {DOMAIN}),
    (REPLACED, {}, {"lake_format": "raw"}, set()),
    (REPLACED, {}, {"log_group_exists": "true"}, set()),
    (REPLACED, {"source": "s3"}, {"s3_prefix": "network/"}, {FLOW_LOG}),
    (TWO_STEPS, {"source": "s3"}, {"record_format": "v5"}, {FLOW_LOG}),
    (TWO_STEPS, {"source": "s3"}, {"s3_hive": "true", "s3_hourly": "true"}, {FLOW_LOG}),
    (TWO_STEPS, {}, {"traffic": "REJECT", "aggregation_seconds": "600"}, {FLOW_LOG}),
    (REFUSED, {}, {"kms_key_arn": KEY}, {DOMAIN}),
    (REFUSED, {"destinations": "lake"}, {"kms_key_arn": KEY}, set()),
    (REFUSED, INSIDE, {"search_subnet_ids": "subnet-0123456789abcdef0,subnet-0123456789abcdef2"}, {STREAM}),
    (REFUSED, {**INSIDE, **THEIRS}, {"existing_domain_security_group_id": "sg-0123456789abcdef1"}, {STREAM}),
    (REFUSED, INSIDE, {"search_nodes": "1", "search_subnet_ids": "subnet-0123456789abcdef0"}, {STREAM}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), CHANGED_IN_PLACE, ids=lambda settings: " ".join(settings)[:40])
def test_what_changes_in_place_replaces_nothing_that_holds_data(before: dict[str, str], after: dict[str, str]) -> None:
    assert after.keys() <= IN_PLACE
    assert replaced(before, after) == set()


def test_every_setting_in_place_was_tried() -> None:
    assert {name for _, after in CHANGED_IN_PLACE for name in after} == IN_PLACE


@pytest.mark.slow
@pytest.mark.parametrize(("said", "before", "after", "types"), CHANGED, ids=lambda value: " ".join(sorted(value))[:60])
def test_what_is_replaced_is_in_the_right_table(
    said: set[str], before: dict[str, str], after: dict[str, str], types: set[str]
) -> None:
    assert after.keys() <= said
    assert replaced(before, after) == types


@pytest.mark.slow
def test_what_stays_behind_a_removed_deployment_is_what_the_page_lists() -> None:
    everything = {"second_flow_log": "s3", **INSIDE}
    listed = {type_ for row in rows(section("changing-a-deployment", "Data kept")) for type_ in CODE.findall(row[1])}
    assert kept(everything) == listed
    assert kept({**everything, "keep_data": "false"}) == set()


def kept(settings: Mapping[str, str]) -> set[str]:
    resources = template(settings)["Resources"].values()
    return {one["Type"] for one in resources if str(one.get("DeletionPolicy")).startswith("Retain")}


def test_every_setting_is_said_to_change_somehow() -> None:
    assert set(Settings.model_fields) == IN_PLACE | REPLACED | TWO_STEPS | REFUSED | BY_HAND


def test_the_sentence_of_the_refusal_is_the_one_a_deployer_reads() -> None:
    with pytest.raises(SettingsError) as refusal:
        check_placement({"Placement": "vpc:vpc-0123456789abcdef0"}, "search-placement-public")
    assert str(refusal.value) in " ".join(section("changing-a-deployment", "Refused").split())
