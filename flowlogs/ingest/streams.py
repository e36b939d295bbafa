"""What a delivery stream takes: its limits, and the one call that puts records onto it."""

from collections.abc import Sequence
from typing import Protocol

# Source: Amazon Data Firehose API, PutRecordBatch.
MAX_RECORDS = 500
"""Records a call."""
MAX_CALL_BYTES = 4 * 1024 * 1024
"""Bytes a call, before base64."""
MAX_RECORD_BYTES = 1000 * 1024
"""Bytes a record, before base64."""


class Streams(Protocol):
    """Puts records onto delivery streams; Amazon Data Firehose and the local stream stand in for each other."""

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        """Put at most MAX_RECORDS records of at most MAX_CALL_BYTES together.

        Give, in their order, None for each record taken and AWS's error code for each that was not. Raise
        StreamError when the call as a whole failed; after a time-out its records may have been taken all the same.
        """
        ...
