"""The one table of alarms, from which they are made and documented."""

from flowlogs.metrics import SSH_REJECTS
from infra.watch.alarm_row import AlarmRow, Of, Where
from infra.watch.knowledge_alarms import KNOWLEDGE_ALARMS

_SILENT = "No flow records came for longer than the flow log may take."
_ASK_FLOW_LOG = (
    "run `aws ec2 describe-flow-logs` and read DeliverLogsStatus and DeliverLogsErrorMessage of the flow log: it, its "
    "role or its destination was changed or removed."
)
ALARMS = (
    AlarmRow(
        name="SSH rejects",
        of=Of.SSH,
        where=Where.SSH,
        metric=SSH_REJECTS,
        compare=">=",
        threshold=1,
        period=60,
        late=True,
        meaning="Somebody was refused on TCP port 22.",
        first="see who it was: filter for REJECT and port 22 in OpenSearch or Athena, or run the saved query on "
        "rejected requests.",
    ),
    # What the functions publish: flowlogs/metrics.py.
    AlarmRow(
        name="lines failed",
        of=Of.LINES,
        where=Where.FUNCTIONS,
        metric="LinesFailed",
        meaning="Lines were refused or could not be passed on; they are kept.",
        first="read the reasons in the newest objects of the bucket of dead letters, and the saved query on warnings "
        "(docs/dead-letters.md).",
    ),
    AlarmRow(
        name="unknown interfaces",
        of=Of.DECORATED,
        where=Where.FUNCTIONS,
        metric="LinesOfUnknownInterface",
        share_of="LinesReceived",
        threshold=20,
        periods=3,
        meaning="More than a fifth of the lines belong to network interfaces that the inventory lacks: their security "
        "groups are missing.",
        first="look at the inventory's problems and refused EC2 calls on the dashboard, and at the saved query on "
        "warnings.",
    ),
    *KNOWLEDGE_ALARMS,
    # Source: Lambda Developer Guide, "Types of metrics for Lambda functions"; dimension FunctionName.
    AlarmRow(
        name="function errors",
        of=Of.FUNCTION,
        where=Where.LAMBDA,
        metric="Errors",
        meaning="Invocations ended in an error or ran out of time; most are tried again.",
        first="run the saved query on warnings and errors of the functions.",
    ),
    AlarmRow(
        name="function throttled",
        of=Of.FUNCTION,
        where=Where.LAMBDA,
        metric="Throttles",
        periods=3,
        meaning="Invocations were refused for 15 minutes, because the concurrency of the function or account is used "
        "up.",
        first="compare ConcurrentExecutions with the account's quota, and with the setting reserved_concurrency.",
    ),
    AlarmRow(
        name="events given up",
        of=Of.ASYNC_INGESTOR,
        where=Where.LAMBDA,
        metric="AsyncEventsDropped",
        meaning="Lambda gave up events of CloudWatch Logs after its retries; they lie below aws/lambda/async/ in the "
        "bucket of dead letters.",
        first="run the saved query on errors of the functions, mend the cause, then send the kept events again.",
    ),
    AlarmRow(
        name="given up events not kept",
        of=Of.ASYNC_INGESTOR,
        where=Where.LAMBDA,
        metric="DestinationDeliveryFailures",
        meaning="Lambda could not write an event it gave up into the bucket of dead letters: its lines are lost.",
        first="check that the ingestor's role may still put objects into that bucket and use its key.",
    ),
    # Source: Firehose Developer Guide, "Monitor with CloudWatch metrics"; dimension DeliveryStreamName.
    AlarmRow(
        name="stream throttled",
        of=Of.STREAM,
        where=Where.FIREHOSE,
        metric="ThrottledRecords",
        periods=3,
        meaning="The stream refused records for 15 minutes: more comes than its quota allows.",
        first="compare IncomingBytes and IncomingRecords on the dashboard with the stream's quotas, and ask AWS for "
        "more or narrow search_keep.",
    ),
    AlarmRow(
        name="search is behind",
        of=Of.SEARCH,
        where=Where.FIREHOSE,
        metric="DeliveryToAmazonOpenSearchService.DataFreshness",
        statistic="Maximum",
        threshold=900,
        periods=3,
        meaning="The oldest record not yet in OpenSearch is older than 15 minutes; what is not taken for two hours "
        "goes to S3, below search/ in the bucket of dead letters.",
        first="look at the domain (red, writes blocked, storage) and at the decorator's errors on the dashboard.",
    ),
    AlarmRow(
        name="lake is behind",
        of=Of.LAKE,
        where=Where.FIREHOSE,
        metric="DeliveryToS3.DataFreshness",
        statistic="Maximum",
        # Two of the longest buffers of 900 s: one is normal age. Source: Firehose API Reference, "BufferingHints".
        threshold=1800,
        periods=3,
        meaning="The oldest record not yet in the lake is older than 30 minutes; after 24 hours records are lost.",
        first="look at the decorator's errors on the dashboard and at the stream's error log; check bucket, key and "
        "Glue table.",
    ),
    AlarmRow(
        name="transformation fails",
        of=Of.TRANSFORMED,
        where=Where.FIREHOSE,
        metric="ExecuteProcessing.Success",
        statistic="Average",
        compare="<",
        threshold=1,
        periods=3,
        meaning="Invocations of the decorator by Firehose failed for 15 minutes; after its retries the records lie "
        "below processing-failed/ under the stream's error prefix.",
        first="run the saved query on errors of the functions, and read the stream's error log.",
    ),
    AlarmRow(
        name="format conversion fails",
        of=Of.PARQUET,
        where=Where.FIREHOSE,
        metric="FailedConversion.Records",
        meaning="Records did not become Parquet; they lie below format-conversion-failed/ under the stream's error "
        "prefix.",
        first="read lastErrorMessage in the newest object there and compare it with the columns of the Glue table.",
    ),
    AlarmRow(
        name="search refuses documents",
        of=Of.SEARCH,
        where=Where.FIREHOSE,
        metric="DeliveryToAmazonOpenSearchService.Success",
        statistic="Average",
        compare="<",
        threshold=1,
        # Small drops are no loss, Firehose tries again: the page above says so. What lasts is not mended by trying.
        periods=3,
        meaning="OpenSearch refused documents for 15 minutes; what it will not take lies below "
        "AmazonOpenSearchService-failed/ under the stream's prefix of failed documents.",
        first="read errorMessage in the newest object there: a mapping that does not fit, or a domain that is full.",
    ),
    AlarmRow(
        name="search refuses Firehose",
        of=Of.SEARCH,
        where=Where.FIREHOSE,
        metric="DeliveryToAmazonOpenSearchService.AuthFailure",
        statistic="Maximum",
        compare=">=",
        threshold=1,
        meaning="The domain does not let Firehose in.",
        first="check the domain's policy, and in OpenSearch the mapping of the stream's role; update the stack to set "
        "it anew.",
    ),
    # Source: OpenSearch Service Developer Guide, "Recommended CloudWatch alarms"; dimensions DomainName, ClientId.
    AlarmRow(
        name="domain red",
        of=Of.DOMAIN,
        where=Where.DOMAIN,
        metric="ClusterStatus.red",
        statistic="Maximum",
        compare=">=",
        threshold=1,
        period=60,
        meaning="A primary shard is allocated to no node: documents are not found, and some cannot be written.",
        first="ask the domain for _cluster/allocation/explain; a full disk and a lost node are the usual causes.",
    ),
    AlarmRow(
        name="domain storage low",
        of=Of.DOMAIN,
        where=Where.DOMAIN,
        metric="FreeStorageSpace",
        statistic="Minimum",
        compare="<=",
        threshold=20480,  # MiB; a quarter of a node's storage where that is known
        period=60,
        meaning="A node has less than a quarter of its storage left, or 20 GiB where its size is not known; soon the "
        "domain blocks writes.",
        first="delete the oldest indexes, or raise the storage, or narrow search_keep.",
    ),
    AlarmRow(
        name="domain memory high",
        of=Of.DOMAIN,
        where=Where.DOMAIN,
        metric="JVMMemoryPressure",
        statistic="Maximum",
        compare=">=",
        threshold=95,
        period=60,
        periods=3,
        meaning="The nodes are short of memory; requests are refused and nodes may stop.",
        first="stop expensive queries, then choose larger nodes or fewer shards.",
    ),
    AlarmRow(
        name="domain blocks writes",
        of=Of.DOMAIN,
        where=Where.DOMAIN,
        metric="ClusterIndexWritesBlocked",
        statistic="Maximum",
        compare=">=",
        threshold=1,
        meaning="The domain takes no documents; Firehose tries again for two hours, then writes them to S3, below "
        "search/ in the bucket of dead letters.",
        first="look at storage and memory of the domain: one of them is used up.",
    ),
    # Source: SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"; dimension QueueName.
    AlarmRow(
        name="queue is behind",
        of=Of.QUEUE,
        where=Where.QUEUE,
        metric="ApproximateAgeOfOldestMessage",
        statistic="Maximum",
        threshold=1800,
        periods=3,
        meaning="A notification of a log file waits for more than 30 minutes.",
        first="look at the ingestor's errors and throttles on the dashboard.",
    ),
    AlarmRow(
        name="notifications given up",
        of=Of.DEAD_LETTER_QUEUE,
        where=Where.QUEUE,
        metric="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        meaning="Log files could not be read after several attempts; their notifications are in the dead-letter queue.",
        first="run the saved query on warnings of the functions, mend the cause, then redrive the dead-letter queue.",
    ),
    AlarmRow(
        name="interface events given up",
        of=Of.EVENT_DEAD_LETTERS,
        where=Where.QUEUE,
        metric="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        meaning="Events on network interfaces were received by a hundred runs that did not succeed, or SQS refused "
        "them from EventBridge; interfaces that lived shorter than the schedule may be missing.",
        first="look at the inventory function's errors, mend the cause, then redrive the dead-letter queue.",
    ),
    # Source: CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics"; dimension LogGroupName.
    AlarmRow(
        name="no flow records",
        of=Of.SILENT_LOG_GROUP,
        where=Where.LOGS,
        metric="IncomingLogEvents",
        compare="<",
        threshold=1,
        silence=True,
        meaning=_SILENT,
        first=_ASK_FLOW_LOG,
    ),
    AlarmRow(
        name="no flow records",
        of=Of.SILENT_OBJECTS,
        where=Where.FUNCTIONS,
        metric="LinesReceived",
        compare="<",
        threshold=1,
        silence=True,
        meaning=_SILENT,
        first=f"{_ASK_FLOW_LOG} Where files do arrive, look at the bucket's notifications and the queue.",
    ),
    AlarmRow(
        name="no flow records",
        of=Of.SILENT_STREAM,
        where=Where.FIREHOSE,
        metric="IncomingRecords",
        compare="<",
        threshold=1,
        silence=True,
        meaning=_SILENT,
        first=_ASK_FLOW_LOG,
    ),
)
