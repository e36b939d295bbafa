"""What the templates say of the ingestor and of what it reads."""

import json

from deployments import FILES_KEY, QUEUE, TOPIC
from template_reading import Deployed, listed, of, plain, references, written

READS_A_QUEUE = ("s3", "s3 lake", "s3 queue", "s3 topic", "s3 event bus", "cloudwatch beside")
OWN_QUEUE = ("s3", "s3 lake", "s3 topic", "s3 event bus", "cloudwatch beside")
READS_A_GROUP = (
    "defaults",
    "cloudwatch",
    "cloudwatch search",
    "cloudwatch lake",
    "cloudwatch existing",
    "cloudwatch existing group",
    "second stack",
)
INGESTS = (*READS_A_QUEUE, *READS_A_GROUP)


@of(*READS_A_GROUP)
def test_every_record_of_the_log_group_goes_to_the_ingestor(deployed: Deployed) -> None:
    subscription = deployed.one("Logs::SubscriptionFilter")
    assert subscription["FilterPattern"] == ""
    assert written(subscription["DestinationArn"]) == "<SourcesIngestIngestorFunction.Arn>"
    assert subscription["LogGroupName"] == deployed.outputs["LogGroup"]


@of(*READS_A_GROUP)
def test_cloudwatch_logs_may_invoke_the_ingestor_for_this_log_group_only(deployed: Deployed) -> None:
    permission = deployed.one("Lambda::Permission", "LetCloudWatchLogs")
    assert permission["Principal"] == "logs.amazonaws.com"
    assert permission["Action"] == "lambda:InvokeFunction"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert written(permission["SourceArn"]).endswith(f":log-group:{deployed.outputs['LogGroup']}:*")
    (subscription,) = deployed.all("Logs::SubscriptionFilter")
    assert deployed.id_of("Lambda::Permission", "LetCloudWatchLogs") in deployed.waits_for(subscription)


@of(*READS_A_GROUP)
def test_a_new_log_group_is_there_before_its_subscription(deployed: Deployed) -> None:
    (subscription,) = deployed.all("Logs::SubscriptionFilter")
    assert deployed.all("Logs::LogGroup", "FlowLogGroup").keys() <= deployed.waits_for(subscription)


@of("cloudwatch", "cloudwatch search", "s3", "s3 queue")
def test_only_an_ingestor_that_is_invoked_asynchronously_has_events_given_up(deployed: Deployed) -> None:
    subscribed = bool(deployed.all("Logs::SubscriptionFilter"))
    assert bool(deployed.all("Lambda::EventInvokeConfig", "Ingest")) == subscribed


@of(*READS_A_GROUP)
def test_events_that_lambda_gives_up_on_lie_in_the_dead_letter_bucket(deployed: Deployed) -> None:
    config = deployed.one("Lambda::EventInvokeConfig", "Ingest")
    assert written(config["DestinationConfig"]["OnFailure"]["Destination"]) == "<DeadLetters.Arn>"
    assert config["MaximumRetryAttempts"] == 2
    assert config["MaximumEventAgeInSeconds"] == 6 * 3600
    assert written(config["FunctionName"]) == "<SourcesIngestIngestorFunction>"
    (role,) = (id_ for id_ in deployed.all("IAM::Role") if plain(id_) == "SourcesIngestIngestorRole")
    (config_id,) = deployed.all("Lambda::EventInvokeConfig", "Ingest")
    assert role in deployed.waits_for(config_id)


@of(*INGESTS)
def test_the_ingestor_keeps_its_dead_letters_under_a_prefix_of_their_own(deployed: Deployed) -> None:
    assert deployed.environment("ingestor")["FLOWLOGS_DEAD_LETTERS"] == "s3://<DeadLetters>/ingest"


@of(*INGESTS)
def test_the_ingestor_sends_to_the_streams_there_are(deployed: Deployed) -> None:
    environment, outputs = deployed.environment("ingestor"), deployed.outputs
    assert environment["FLOWLOGS_SEARCH_STREAM"].strip() == outputs.get("SearchStream", "")
    assert environment.get("FLOWLOGS_LAKE_STREAM", "") == outputs.get("LakeStream", "")


@of(*READS_A_QUEUE)
def test_only_messages_that_failed_come_back(deployed: Deployed) -> None:
    mapping = deployed.one("Lambda::EventSourceMapping")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert written(mapping["FunctionName"]) == "<SourcesIngestIngestorFunction.Arn>"
    expected = QUEUE if deployed.name == "s3 queue" else "<SourcesNewFilesQueue.Arn>"
    assert written(mapping["EventSourceArn"]) == expected


@of(*OWN_QUEUE)
def test_a_message_stays_hidden_six_times_as_long_as_the_ingestor_may_take(deployed: Deployed) -> None:
    queue = deployed.one("SQS::Queue", "NewFilesQueue")
    assert queue["VisibilityTimeout"] == 6 * deployed.functions()["ingestor"]["Timeout"]


@of(*OWN_QUEUE)
def test_a_message_that_fails_five_times_goes_to_a_dead_letter_queue(deployed: Deployed) -> None:
    queue = deployed.one("SQS::Queue", "NewFilesQueue")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert written(queue["RedrivePolicy"]["deadLetterTargetArn"]) == "<SourcesNewFilesDeadLetters.Arn>"
    assert deployed.one("SQS::Queue", "NewFilesDeadLetters")["MessageRetentionPeriod"] == 14 * 86400
    assert "RedrivePolicy" not in deployed.one("SQS::Queue", "NewFilesDeadLetters")


@of(*OWN_QUEUE)
def test_queues_are_encrypted_and_take_tls_alone(deployed: Deployed) -> None:
    policies = deployed.all("SQS::QueuePolicy").values()
    for id_, queue in deployed.all("SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True
        denied = [
            statement
            for policy in policies
            if {"Ref": id_} in policy["Queues"]
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny"
        ]
        assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
        assert [(each["Principal"], each["Action"]) for each in denied] == [({"AWS": "*"}, "sqs:*")]


@of("s3", "s3 lake", "s3 event bus", "cloudwatch beside")
def test_new_flow_log_files_of_the_bucket_and_nothing_else_reach_the_queue(deployed: Deployed) -> None:
    rule = deployed.one("Events::Rule", "NewFiles")
    assert rule["EventBusName"] == "default"
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    bucket = "their-bucket" if deployed.name == "s3 event bus" else "<SourcesFlowLogBucketFiles>"
    assert [written(name) for name in pattern["detail"]["bucket"]["name"]] == [bucket]
    prefix = "network/" if deployed.name == "s3" else ""
    assert pattern["detail"]["object"]["key"] == [{"prefix": f"{prefix}AWSLogs/"}]
    assert [written(target["Arn"]) for target in rule["Targets"]] == ["<SourcesNewFilesQueue.Arn>"]


@of("s3", "s3 lake", "cloudwatch beside")
def test_a_new_bucket_tells_the_event_bus_of_its_files(deployed: Deployed) -> None:
    bucket = deployed.one("S3::Bucket", "FlowLogBucketFiles")
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


@of("s3 topic")
def test_a_topic_is_subscribed_once_its_queue_lets_it_send(deployed: Deployed) -> None:
    subscription = deployed.one("SNS::Subscription", "NewFiles")
    assert (subscription["TopicArn"], subscription["Protocol"]) == (TOPIC, "sqs")
    assert written(subscription["Endpoint"]) == "<SourcesNewFilesQueue.Arn>"
    assert {plain(id_) for id_ in deployed.waits_for(deployed.id_of("SNS::Subscription", "NewFiles"))} >= {
        "SourcesNewFilesQueue",
        "SourcesNewFilesQueuePolicy",
    }


@of("s3 queue")
def test_an_existing_queue_is_read_and_none_is_made(deployed: Deployed) -> None:
    assert not deployed.all("SQS::Queue")
    assert not deployed.all("Events::Rule", "Sources")
    assert FILES_KEY in json.dumps(deployed.all("IAM::Role", "IngestorRole"))


@of()
def test_nothing_that_our_functions_write_is_ever_read_by_the_ingestor(deployed: Deployed) -> None:
    own_groups = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in deployed.functions().values()}
    for subscription in deployed.all("Logs::SubscriptionFilter").values():
        assert not own_groups & set(references(subscription["LogGroupName"]))
        named = {deployed.resources[group]["Properties"].get("LogGroupName") for group in own_groups}
        assert subscription["LogGroupName"] not in named
    sources = {
        name
        for rule in deployed.all("Events::Rule", "Sources").values()
        for name in references(rule["EventPattern"]["detail"]["bucket"]["name"])
    }
    assert sources <= {id_ for id_ in deployed.all("S3::Bucket") if "FlowLogBucketFiles" in id_}
    for bucket_id, bucket in deployed.all("S3::Bucket").items():
        if "FlowLogBucketFiles" not in bucket_id:
            assert "NotificationConfiguration" not in bucket
        logged_into = references(bucket.get("LoggingConfiguration", {}))
        assert not [target for target in logged_into if "FlowLogBucketFiles" in target]


@of()
def test_no_function_may_write_where_flow_logs_lie(deployed: Deployed) -> None:
    files = {id_ for id_ in deployed.all("S3::Bucket") if "FlowLogBucketFiles" in id_}
    group = {id_ for id_ in deployed.all("Logs::LogGroup") if "FlowLogGroup" in id_}
    for function in deployed.functions().values():
        role = deployed.resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                if {"s3:PutObject", "logs:PutLogEvents"} & set(listed(statement["Action"])):
                    assert not (files | group) & set(references(statement["Resource"]))
                    assert "their-bucket" not in written(listed(statement["Resource"])[0])


@of("second stack")
def test_reserved_concurrency_is_each_functions(deployed: Deployed) -> None:
    handling = {name: each.get("ReservedConcurrentExecutions") for name, each in deployed.functions().items()}
    assert handling["ingestor"] == handling["search decorator"] == handling["lake decorator"] == 5


@of("cloudwatch")
def test_no_concurrency_is_reserved_unless_asked_for(deployed: Deployed) -> None:
    assert not [each for each in deployed.functions().values() if "ReservedConcurrentExecutions" in each]


@of()
def test_functions_are_arm64_of_one_runtime_with_a_log_group_that_ends(deployed: Deployed) -> None:
    for function in deployed.functions().values():
        assert function["Architectures"] == ["arm64"]
        assert function["Runtime"] == "python3.14"
        (group,) = references(function["LoggingConfig"]["LogGroup"])
        assert deployed.resources[group]["Properties"]["RetentionInDays"] == 30
