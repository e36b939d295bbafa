"""A document that a search destination did not take, in Firehose's form."""

import orjson

from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.stream_record import StreamRecord

_BAD_REQUEST = 400


def failed_document(
    record: StreamRecord, index: str, id_: str, message: str, *, status: int = _BAD_REQUEST, attempts: int = 1
) -> FailedRecord:
    """Keep a record with the index and id it was meant for; `message` is what the server said, as JSON."""
    more = {"esDocumentId": id_, "esIndexName": index, "esTypeName": ""}
    return FailedRecord(record, ErrorOutput.SEARCH, str(status), message, attempts, more)


def no_document(record: StreamRecord, index: str, id_: str, reason: str) -> FailedRecord:
    """Keep a record that is not one document, as if the server had said so."""
    message = orjson.dumps({"type": "mapper_parsing_exception", "reason": reason}).decode()
    return failed_document(record, index, id_, message)
