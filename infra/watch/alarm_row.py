"""A row of the table of alarms: what is compared with what, what it means and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Of(StrEnum):
    """What a row's alarms are about: one alarm for each such thing that a deployment has."""

    SSH = "rejected SSH"
    LINES = "each function and stream"
    FUNCTION = "each function"
    ASYNC_INGESTOR = "the ingestor, source `cloudwatch`"
    DECORATED = "each decorator"
    STREAM = "each stream"
    TRANSFORMED = "each stream with a decorator"
    SEARCH = "the search stream, made here"
    LAKE = "the lake stream, made here"
    PARQUET = "the lake stream, made here, in Parquet"
    DOMAIN = "the domain"
    QUEUE = "the queue, source `s3`"
    DEAD_LETTER_QUEUE = "the queue's dead-letter queue, source `s3`"
    READS_INVENTORY = "each decorator, with an inventory"
    INVENTORY = "the inventory function"
    EVENT_DEAD_LETTERS = "the dead-letter queue of events, `inventory_events`"
    READS_GEO = "each decorator, with geo databases"
    GEOIP = "the geoip function"
    SILENT_LOG_GROUP = "the log group of the flow log"
    SILENT_OBJECTS = "the ingestor, source `s3`"
    SILENT_STREAM = "each stream, source `firehose`"


class Where(StrEnum):
    """Namespaces; the first two stand for what settings say, with their defaults, the rest is AWS's."""

    SSH = "vpcflowlogs"
    FUNCTIONS = "flowlogs"
    LAMBDA = "AWS/Lambda"
    FIREHOSE = "AWS/Firehose"
    LOGS = "AWS/Logs"
    DOMAIN = "AWS/ES"
    QUEUE = "AWS/SQS"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """One row: `statistic` of `metric` in each `period` (seconds), compared with `threshold`, `periods` in a row.

    With `share_of` it is the metric's percentage of another one. `silence` marks the rows where missing data breaches.
    `late` marks those whose data are dated when the traffic was and come minutes later: any one period suffices.
    """

    name: str
    of: Of
    where: Where
    metric: str
    statistic: str = "Sum"
    compare: str = ">"
    threshold: float = 0
    period: int = 300
    periods: int = 1
    share_of: str | None = None
    silence: bool = False
    late: bool = False
    meaning: str
    first: str
