"""Where Firehose keeps what failed."""

from enum import StrEnum


class ErrorOutput(StrEnum):
    """Firehose's error output types; each is a prefix in the bucket."""

    PROCESSING = "processing-failed"
    SEARCH = "AmazonOpenSearchService-failed"
    CONVERSION = "format-conversion-failed"
