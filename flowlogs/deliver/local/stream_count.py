"""What happened on one local delivery stream."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamCount:
    """Counts of one stream so far; a record in neither `ok`, `dropped` nor `failed` is still queued."""

    records: int = 0
    """Records taken."""
    record_bytes: int = 0
    """Bytes of the records taken."""
    refused_records: int = 0
    """Records answered with an error code in a call that was taken."""
    refused_calls: int = 0
    """Calls refused as a whole."""
    lost_answers: int = 0
    """Calls that were taken and whose answer never reached the caller."""
    invocations: int = 0
    """Invocations of the transformation, retries included."""
    retries: int = 0
    """Invocations after an invocation that failed."""
    ok: int = 0
    """Records delivered to the destination."""
    dropped: int = 0
    """Records the transformation dropped."""
    failed: int = 0
    """Records kept in an object of failed records, by the transformation or the destination."""
    documents: int = 0
    """Lines in the records delivered."""
    document_bytes: int = 0
    """Bytes of the records delivered."""
