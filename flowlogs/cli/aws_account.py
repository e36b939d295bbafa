"""The AWS account that commands write to and look at: every way to it, and the clock."""

import os
import time

from flowlogs.aws.delivery_streams import DescribeDeliveryStreams
from flowlogs.aws.firehose import FirehoseStreams
from flowlogs.aws.flow_logs import DescribeFlowLogs
from flowlogs.aws.lake_objects import S3Buckets
from flowlogs.aws.log_groups import CloudWatchLogGroups
from flowlogs.aws.marked_documents import marked_documents
from flowlogs.aws.stacks import CloudFormationStacks
from flowlogs.doctor.asked import Outside


def outside() -> Outside:
    """Give the account and region of the environment; nothing is asked before it is needed."""
    take_region()
    return Outside(
        stacks=CloudFormationStacks(),
        flow_logs=DescribeFlowLogs(),
        log_groups=CloudWatchLogGroups(),
        delivery_streams=DescribeDeliveryStreams(),
        buckets=S3Buckets(),
        streams=FirehoseStreams(),
        search=marked_documents,
        now=time.time,
        sleep=time.sleep,
    )


def take_region() -> None:
    """Let AWS_REGION name the region, as for other SDKs: botocore reads AWS_DEFAULT_REGION only."""
    if region := os.environ.get("AWS_REGION"):
        os.environ.setdefault("AWS_DEFAULT_REGION", region)
