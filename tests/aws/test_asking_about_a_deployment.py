from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from aws_in_moto import AWS, Failing, stubbed
from botocore.exceptions import ClientError, EndpointConnectionError, NoRegionError, ProfileNotFound
from moto import mock_aws

from flowlogs.aws.delivery_streams import DescribeDeliveryStreams
from flowlogs.aws.explained import explained
from flowlogs.aws.flow_logs import DescribeFlowLogs
from flowlogs.aws.lake_objects import S3Buckets
from flowlogs.aws.stacks import CloudFormationStacks
from flowlogs.doctor.refused import Refused

TEMPLATE = """
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
Outputs:
  Source: {Value: cloudwatch}
  LogGroup: {Value: Flowlogs}
"""


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.mark.usefixtures("aws")
def test_a_stack_has_its_outputs_and_tells_account_and_region() -> None:
    client = boto3.client("cloudformation", **AWS)
    client.create_stack(StackName="Flowlogs", TemplateBody=TEMPLATE)
    stack = CloudFormationStacks(client).read("Flowlogs")
    assert stack is not None
    assert stack.outputs == {"Source": "cloudwatch", "LogGroup": "Flowlogs"}
    assert (stack.status, stack.account_id, stack.region) == ("CREATE_COMPLETE", "123456789012", "eu-west-1")


@pytest.mark.usefixtures("aws")
def test_a_stack_that_is_not_there_is_none() -> None:
    assert CloudFormationStacks(boto3.client("cloudformation", **AWS)).read("Flowlogs") is None


def test_another_error_of_validation_is_no_absent_stack() -> None:
    client = stubbed(
        "cloudformation",
        lambda aws: aws.add_client_error("describe_stacks", "ValidationError", "1 validation error detected"),
    )
    with pytest.raises(Refused, match="ValidationError to cloudformation:DescribeStacks"):
        CloudFormationStacks(client).read("*")


FLOW_LOG = {
    "FlowLogId": "fl-1",
    "ResourceId": "vpc-1",
    "DeliverLogsStatus": "FAILED",
    "DeliverLogsErrorMessage": "Access error",
    "LogFormat": "${version}",
    "LogGroupName": "Flowlogs",
}


def test_flow_logs_are_asked_for_by_log_group_over_pages() -> None:
    def tell(aws: Any) -> None:
        asked = {"Filter": [{"Name": "log-group-name", "Values": ["Flowlogs"]}]}
        aws.add_response("describe_flow_logs", {"FlowLogs": [FLOW_LOG], "NextToken": "t"}, asked)
        aws.add_response("describe_flow_logs", {"FlowLogs": [FLOW_LOG]}, {**asked, "NextToken": "t"})

    first, second = DescribeFlowLogs(stubbed("ec2", tell)).into_log_group("Flowlogs")
    assert first == second
    assert (first.flow_log_id, first.delivery, first.error) == ("fl-1", "FAILED", "Access error")
    assert (first.log_format, first.destination) == ("${version}", "Flowlogs")


def test_flow_logs_are_asked_for_by_kind_of_destination() -> None:
    def tell(aws: Any) -> None:
        asked = {"Filter": [{"Name": "log-destination-type", "Values": ["s3"]}]}
        found = {"FlowLogId": "fl-2", "LogDestination": "arn:aws:s3:::b/p", "LogDestinationType": "s3"}
        aws.add_response("describe_flow_logs", {"FlowLogs": [found]}, asked)

    (found,) = DescribeFlowLogs(stubbed("ec2", tell)).into("s3")
    assert (found.destination, found.delivery) == ("arn:aws:s3:::b/p", "")


def test_a_delivery_stream_tells_its_state() -> None:
    with mock_aws():
        s3: Any = boto3.client("s3", **AWS)
        firehose: Any = boto3.client("firehose", **AWS)
        s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        to = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": "arn:aws:s3:::lake"}
        firehose.create_delivery_stream(DeliveryStreamName="search", ExtendedS3DestinationConfiguration=to)
        assert DescribeDeliveryStreams(firehose).state("search") == "ACTIVE"
        with pytest.raises(Refused, match="ResourceNotFoundException") as refused:
            DescribeDeliveryStreams(firehose).state("none")
    assert refused.value.missing


def test_what_a_stream_brought_into_search_is_added_up_by_minutes() -> None:
    def tell(aws: Any) -> None:
        asked = {
            "Namespace": "AWS/Firehose",
            "MetricName": "DeliveryToAmazonOpenSearchService.Records",
            "Dimensions": [{"Name": "DeliveryStreamName", "Value": "search"}],
            "StartTime": datetime(2026, 1, 1, 0, 15, tzinfo=UTC),
            "EndTime": datetime(2026, 1, 1, 0, 18, tzinfo=UTC),
            "Period": 60,
            "Statistics": ["Sum"],
        }
        points = [{"Sum": 40.0}, {"Sum": 60.0}]
        aws.add_response("get_metric_statistics", {"Label": "x", "Datapoints": points}, asked)

    streams = DescribeDeliveryStreams(metrics=stubbed("cloudwatch", tell))
    assert streams.into_search("search", 1_767_226_530, 1_767_226_620) == 100


@pytest.mark.usefixtures("aws")
def test_objects_are_listed_by_prefix_read_and_written() -> None:
    client = boto3.client("s3", **AWS)
    client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    buckets = S3Buckets(client)
    buckets.put("lake", "flows/date=2026-01-01/a", b"abc")
    buckets.put("lake", "other", b"x")
    (found,) = buckets.list("lake", "flows/")
    assert (found.key, found.size) == ("flows/date=2026-01-01/a", 3)
    assert abs((datetime.now(UTC) - found.modified).total_seconds()) < 60
    assert buckets.read("lake", found.key) == b"abc"
    for call in (lambda: list(buckets.list("none", "")), lambda: buckets.put("none", "k", b"")):
        with pytest.raises(Refused, match="NoSuchBucket") as refused:
            call()
        assert refused.value.missing


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "secret things"}}, "Call")


@pytest.mark.parametrize(
    ("error", "says", "for_everything", "temporary"),
    [
        (client_error("AccessDenied"), "lack the permission s3:GetObject on b/k", False, False),
        (client_error("UnauthorizedOperation"), "lack the permission", False, False),
        (client_error("ExpiredTokenException"), "have expired", True, False),
        (client_error("RequestExpired"), "have expired", True, False),
        (client_error("InvalidClientTokenId"), "does not accept these credentials", True, False),
        (client_error("ThrottlingException"), "throttles s3:GetObject", False, True),
        (client_error("SlowDown"), "throttles", False, True),
        (client_error("InternalFailure"), "answered InternalFailure", False, True),
        (client_error("SomethingNew"), "answered SomethingNew to s3:GetObject", False, False),
        (NoRegionError(), "no AWS region is set: set AWS_REGION", True, False),
        (ProfileNotFound(profile="x"), "no such profile", True, False),
        (EndpointConnectionError(endpoint_url="https://x"), "cannot be reached", False, True),
    ],
)
def test_a_failure_says_what_to_do(error: Any, says: str, for_everything: bool, temporary: bool) -> None:
    refused = explained(error, "s3:GetObject", "b/k")
    assert says in str(refused)
    assert "secret things" not in str(refused)
    assert (refused.for_everything, refused.temporary) == (for_everything, temporary)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: CloudFormationStacks(client).read("x"),
        lambda client: DescribeFlowLogs(client).into("s3"),
        lambda client: DescribeDeliveryStreams(client).state("x"),
        lambda client: DescribeDeliveryStreams(metrics=client).into_search("x", 0, 1),
        lambda client: list(S3Buckets(client).list("b", "")),
        lambda client: S3Buckets(client).read("b", "k"),
        lambda client: S3Buckets(client).put("b", "k", b""),
    ],
)
def test_every_call_that_fails_is_refused_in_words(call: Any) -> None:
    with pytest.raises(Refused, match=r"lack the permission [a-z0-9]+:[A-Z]"):
        call(Failing(client_error("AccessDenied")))
