"""A document that a search destination did not take, in Firehose's form."""

import orjson

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.failure_reasons import Reason
from flowlogs.deliver.local.stream_record import StreamRecord

NO_DOCUMENT = Reason(400, "mapper_parsing_exception")
"""What a server says of a record that is not one document."""


def failed_document(
    record: StreamRecord, index: str, id_: str, message: str, *, status: int = NO_DOCUMENT.status, attempts: int = 1
) -> FailedRecord:
    """Keep a record with the index and id it was meant for; `message` is what the server said, as JSON."""
    more = {"esDocumentId": id_, "esIndexName": index, "esTypeName": ""}
    return FailedRecord(record, ErrorOutput.SEARCH, str(status), message, attempts, more)


def no_document(record: StreamRecord, index: str, id_: str, reason: str) -> FailedRecord:
    """Keep a record that is not one document, as if the server had said so."""
    message = orjson.dumps({"type": NO_DOCUMENT.kind, "reason": reason}).decode()
    return failed_document(record, index, id_, message)


@acts_on(Behaviour.SEARCH_ID)
def own_id(record: StreamRecord) -> str:
    """Give the id of a record's document, as Firehose gives ids of its own."""
    return f"{record.record_id}.0"
