"""What each source of flow records offers to watch it by."""

from typing import NamedTuple

SOURCES = ("`cloudwatch`", "`s3`", "`s3` with a log group", "`firehose`", "`firehose` with a log group")


class Offer(NamedTuple):
    """One row: what, and how each source has it, in the order of SOURCES."""

    what: str
    by_source: tuple[str, str, str, str, str]


NO = "no"
FILTER = "metric filter"
DECORATOR = "a decorator"
YES = "yes"
OFFERS = (
    Offer("Rejected SSH is counted by", (FILTER, DECORATOR, FILTER, DECORATOR, FILTER)),
    Offer("Alarm *SSH rejects*", (YES, YES, YES, YES, YES)),
    Offer("Saved queries on flow records", (YES, NO, YES, NO, YES)),
    Offer("Saved queries on the functions' logs", (YES, YES, YES, YES, YES)),
    Offer(
        "*No flow records* looks at",
        (
            "the log group",
            "the ingestor",
            "the ingestor, the log group",
            "the stream",
            "the stream, the log group",
        ),
    ),
    Offer("Alarms on the ingestor", (YES, YES, YES, NO, NO)),
    Offer("Alarms on events given up (`AsyncEventsDropped`)", (YES, NO, NO, NO, NO)),
    Offer("Alarms on the queue and its dead-letter queue", (NO, YES, YES, NO, NO)),
)
"""The table. Tests hold it to what the constructs make."""
