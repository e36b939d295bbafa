"""What the templates say of flow logs, their log group and their bucket."""

import json

from deployments import COMBINATIONS, SUBNETS, TAG_FIELDS, VPC, context_of
from template_reading import Deployed, of, written

from flowlogs.record.log_format import LogFormat
from infra.settings.flow_log import format_hash
from infra.settings.settings import Settings

WITH_A_LOG_GROUP = ("cloudwatch", "cloudwatch search", "cloudwatch beside", "firehose and cloudwatch beside")
WITH_A_NEW_BUCKET = ("s3", "s3 lake", "s3 beside", "cloudwatch beside")
OURS = "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>"


def flow_logs(deployed: Deployed, into: str) -> list[dict[str, object]]:
    return [found for found in deployed.all("EC2::FlowLog").values() if found["LogDestinationType"] == into]


def settings_of(name: str) -> Settings:
    return Settings.read(context_of(COMBINATIONS[name]))


@of("cloudwatch", "s3 lake", "firehose search")
def test_a_flow_log_records_all_traffic_of_the_vpc_a_minute_a_record(deployed: Deployed) -> None:
    (made,) = deployed.all("EC2::FlowLog").values()
    assert made["ResourceType"] == "VPC"
    assert made["ResourceId"] == VPC
    assert made["TrafficType"] == "ALL"
    assert made["MaxAggregationInterval"] == 60


@of("cloudwatch")
def test_the_default_format_begins_with_awss_and_has_what_people_filter_on(deployed: Deployed) -> None:
    (made,) = deployed.all("EC2::FlowLog").values()
    text = made["LogFormat"]
    assert text.startswith(
        "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
        "${bytes} ${start} ${end} ${action} ${log-status} "
    )
    assert {"${tcp-flags}", "${pkt-srcaddr}", "${pkt-dstaddr}", "${flow-direction}"} <= set(text.split())


@of("subnets and interfaces")
def test_subnets_and_interfaces_have_a_flow_log_each_as_the_settings_say(deployed: Deployed) -> None:
    made = list(deployed.all("EC2::FlowLog").values())
    assert {(each["ResourceType"], each["ResourceId"]) for each in made} == {
        ("Subnet", SUBNETS[0]),
        ("Subnet", SUBNETS[1]),
        ("NetworkInterface", "eni-0123456789abcdef0"),
    }
    assert {each["TrafficType"] for each in made} == {"REJECT"}
    assert {each["MaxAggregationInterval"] for each in made} == {600}


@of("defaults", "cloudwatch existing search", "lake raw")
def test_without_ids_no_flow_log_is_made(deployed: Deployed) -> None:
    assert not deployed.all("EC2::FlowLog")


@of("tags in records")
def test_tag_keys_reach_the_flow_log_and_its_format_has_their_fields(deployed: Deployed) -> None:
    assert TAG_FIELDS == ["network-interface:Name", "network-interface:team", "instance:app"]
    made = deployed.one("EC2::FlowLog")
    assert made["TagFieldSpecifications"] == [
        {"ResourceType": "network-interface", "TagKeys": ["Name", "team"]},
        {"ResourceType": "instance", "TagKeys": ["app"]},
    ]
    assert {"${interface-tag}", "${interface-tag-2}", "${instance-tag}"} <= set(made["LogFormat"].split())


@of("cloudwatch", "tags in records")
def test_functions_read_the_format_that_the_flow_log_writes(deployed: Deployed) -> None:
    made = deployed.one("EC2::FlowLog")
    for function in ("ingestor", "search decorator", "lake decorator"):
        assert deployed.environment(function)["FLOWLOGS_FORMAT"] == made["LogFormat"]


@of(*WITH_A_LOG_GROUP)
def test_the_log_group_is_called_as_people_know_it_and_keeps_a_month(deployed: Deployed) -> None:
    group = deployed.one("Logs::LogGroup", "FlowLogGroup")
    assert group["LogGroupName"] == "Flowlogs"
    assert group["RetentionInDays"] == 30


@of("tags in records", "subnets and interfaces")
def test_another_record_format_has_a_log_group_of_its_own(deployed: Deployed) -> None:
    group = deployed.one("Logs::LogGroup", "FlowLogGroup")["LogGroupName"]
    made = next(iter(deployed.all("EC2::FlowLog").values()))
    assert group == f"Flowlogs-{format_hash(LogFormat.parse(made['LogFormat']))}"
    assert written(made["LogDestination"]).endswith(f":log-group:{group}")


def test_the_two_other_formats_differ_in_their_log_groups() -> None:
    names = {settings_of(name).log_group_name for name in ("cloudwatch", "tags in records", "subnets and interfaces")}
    assert len(names) == 3


@of("cloudwatch existing group")
def test_an_existing_log_group_is_used_under_its_own_name_and_not_made(deployed: Deployed) -> None:
    names = {group.get("LogGroupName") for group in deployed.all("Logs::LogGroup").values()}
    assert names == {None}
    (made,) = flow_logs(deployed, "cloud-watch-logs")
    assert written(made["LogDestination"]) == f"{OURS}:log-group:/their/flow-logs"
    assert deployed.one("Logs::SubscriptionFilter")["LogGroupName"] == "/their/flow-logs"


@of(*WITH_A_LOG_GROUP)
def test_ec2_writes_into_the_log_group_as_a_role_for_this_accounts_flow_logs_only(deployed: Deployed) -> None:
    (made,) = flow_logs(deployed, "cloud-watch-logs")
    role = deployed.resources[made["DeliverLogsPermissionArn"]["Fn::GetAtt"][0]]["Properties"]  # type: ignore[index]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert (
        written(trust["Condition"]["ArnLike"]["aws:SourceArn"])
        == "arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:vpc-flow-log/*"
    )


@of(*WITH_A_NEW_BUCKET)
def test_files_are_text_and_go_where_the_bucket_lets_ec2_write(deployed: Deployed) -> None:
    settings = settings_of(deployed.name)
    (made,) = flow_logs(deployed, "s3")
    bucket = deployed.id_of("S3::Bucket", "FlowLogBucketFiles")
    end = f"/{settings.s3_prefix}" if settings.s3_prefix else ""
    assert written(made["LogDestination"]) == f"<SourcesFlowLogBucketFiles.Arn>{end}"
    assert made["DestinationOptions"] == {
        "FileFormat": "plain-text",
        "HiveCompatiblePartitions": settings.s3_hive,
        "PerHourPartition": settings.s3_hourly,
    }
    assert "DeliverLogsPermissionArn" not in made
    policy = deployed.one("S3::BucketPolicy", "FlowLogBucketFiles")
    assert policy["Bucket"] == {"Ref": bucket}
    write = next(each for each in policy["PolicyDocument"]["Statement"] if each.get("Sid") == "AWSLogDeliveryWrite")
    assert write["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert write["Action"] == "s3:PutObject"
    account = "aws-account-id=<AWS::AccountId>" if settings.s3_hive else "<AWS::AccountId>"
    assert written(write["Resource"]) == f"<SourcesFlowLogBucketFiles.Arn>/{settings.s3_prefix}AWSLogs/{account}/*"
    assert write["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"},
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    assert written(write["Condition"]["ArnLike"]["aws:SourceArn"]) == f"{OURS}:*"


@of("s3", "s3 beside")
def test_the_buckets_policy_is_there_before_the_flow_log(deployed: Deployed) -> None:
    for id_, flow_log in deployed.all("EC2::FlowLog").items():
        if flow_log["LogDestinationType"] == "s3":
            assert deployed.id_of("S3::BucketPolicy", "FlowLogBucketFiles") in deployed.waits_for(id_)


@of("s3 queue", "s3 topic", "s3 event bus")
def test_nothing_of_a_bucket_that_is_there_already_is_written(deployed: Deployed) -> None:
    assert "their-bucket" not in json.dumps([*deployed.all("S3::Bucket").values()])
    assert "their-bucket" not in json.dumps([*deployed.all("S3::BucketPolicy").values()])
    assert not [kind for kind in (each["Type"] for each in deployed.resources.values()) if "BucketNotif" in kind]


@of("s3 beside", "cloudwatch beside", "firehose and cloudwatch beside")
def test_two_flow_logs_of_one_vpc_differ_in_their_destination_only(deployed: Deployed) -> None:
    made = list(deployed.all("EC2::FlowLog").values())
    assert len({each["LogDestinationType"] for each in made}) == 2
    for key in ("ResourceId", "TrafficType", "MaxAggregationInterval", "LogFormat"):
        assert len({each[key] for each in made}) == 1


@of("s3 beside")
def test_what_lies_beside_is_read_by_nobody(deployed: Deployed) -> None:
    assert not deployed.all("Lambda::EventSourceMapping")
    assert not deployed.all("SQS::Queue")
    assert "s3:GetObject" not in json.dumps(
        [role for id_, role in deployed.all("IAM::Role").items() if "Ingestor" in id_]
    )


@of("firehose", "firehose search", "firehose lake json", "firehose existing", "firehose and cloudwatch beside")
def test_a_flow_log_writes_onto_each_delivery_stream_and_there_is_no_ingestor(deployed: Deployed) -> None:
    into = {written(made["LogDestination"]) for made in flow_logs(deployed, "kinesis-data-firehose")}
    outputs = deployed.outputs
    names = {outputs[f"{each}Stream"] for each in ("Search", "Lake") if f"{each}Stream" in outputs}
    made = {
        f"<{'StreamsSearchStream' if 'Search' in id_ else 'StreamsLakeStream'}.Arn>"
        for id_ in deployed.all("KinesisFirehose::DeliveryStream")
    }
    theirs = {f"arn:<AWS::Partition>:firehose:<AWS::Region>:<AWS::AccountId>:deliverystream/{name}" for name in names}
    assert into == (made or theirs)
    assert "ingestor" not in deployed.functions()
    assert not deployed.all("Logs::SubscriptionFilter")


@of("firehose", "firehose lake json")
def test_streams_of_ours_let_flow_logs_write_onto_them(deployed: Deployed) -> None:
    for stream in deployed.all("KinesisFirehose::DeliveryStream").values():
        assert {"Key": "LogDeliveryEnabled", "Value": "true"} in stream["Tags"]


@of("cloudwatch", "s3")
def test_the_first_record_finds_everything_that_stands_behind_its_source(deployed: Deployed) -> None:
    behind = {
        *deployed.all("KinesisFirehose::DeliveryStream"),
        *deployed.all("Custom::SearchSetup"),
        *deployed.all("Glue::Table", "Catalog"),
    }
    assert behind
    for flow_log in deployed.all("EC2::FlowLog"):
        assert behind <= deployed.waits_for(flow_log)
    for reader in ("Logs::SubscriptionFilter", "Lambda::EventSourceMapping"):
        for id_ in deployed.all(reader):
            assert behind <= deployed.waits_for(id_)


@of("firehose")
def test_a_flow_log_onto_a_stream_waits_for_what_stands_behind_that_stream(deployed: Deployed) -> None:
    for id_, flow_log in deployed.all("EC2::FlowLog").items():
        lake = "LakeStream" in written(flow_log["LogDestination"])
        behind = deployed.all("Glue::Table", "Catalog") if lake else deployed.all("Custom::SearchSetup")
        assert behind
        assert behind.keys() <= deployed.waits_for(id_)


@of("cloudwatch", "s3")
def test_a_flow_log_waits_for_whoever_reads_it(deployed: Deployed) -> None:
    readers = {*deployed.all("Logs::SubscriptionFilter"), *deployed.all("Lambda::EventSourceMapping")}
    (flow_log,) = deployed.all("EC2::FlowLog")
    assert readers
    assert readers <= deployed.waits_for(flow_log)
