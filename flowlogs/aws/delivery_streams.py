"""Asks Amazon Data Firehose what state a delivery stream is in, and CloudWatch what it has delivered."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_firehose import FirehoseClient

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 6})


class DescribeDeliveryStreams:
    """Delivery streams of an account and region (`flowlogs.doctor.asked.DeliveryStreams`)."""

    def __init__(self, client: "FirehoseClient | None" = None, metrics: "CloudWatchClient | None" = None) -> None:
        self._given = client
        self._given_metrics = metrics

    @property
    def _client(self) -> "FirehoseClient":
        return self._given or cast("FirehoseClient", client_of("firehose", _CONFIG))

    @property
    def _metrics(self) -> "CloudWatchClient":
        return self._given_metrics or cast("CloudWatchClient", client_of("cloudwatch", _CONFIG))

    def state(self, name: str) -> str:
        """Give a stream's DeliveryStreamStatus; raise Refused."""
        try:
            answer = self._client.describe_delivery_stream(DeliveryStreamName=name)
        except FAILURES as error:
            raise explained(error, "firehose:DescribeDeliveryStream", name) from error
        return str(answer["DeliveryStreamDescription"]["DeliveryStreamStatus"])

    def into_search(self, name: str, since: float, until: float) -> int:
        """Give the records that a stream brought into its search domain, minute by minute; raise Refused.

        Source: Firehose Developer Guide, "Monitor Amazon Data Firehose using CloudWatch metrics".
        """
        begin = datetime.fromtimestamp(since, UTC).replace(second=0, microsecond=0)
        end = datetime.fromtimestamp(until, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        try:
            answer = self._metrics.get_metric_statistics(
                Namespace="AWS/Firehose",
                MetricName="DeliveryToAmazonOpenSearchService.Records",
                Dimensions=[{"Name": "DeliveryStreamName", "Value": name}],
                StartTime=begin,
                EndTime=end,
                Period=60,
                Statistics=["Sum"],
            )
        except FAILURES as error:
            raise explained(error, "cloudwatch:GetMetricStatistics") from error
        return round(sum(point["Sum"] for point in answer["Datapoints"]))
