"""A record that Firehose could not transform or deliver, as the line it keeps in S3."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.stream_record import StreamRecord


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record kept with the reason; `more` are the keys that only its kind of line has."""

    record: StreamRecord
    output: ErrorOutput
    code: str
    message: str
    attempts: int = 1
    more: Mapping[str, object] = field(default_factory=dict)

    @acts_on(Behaviour.FAILED_LINE, Behaviour.SEARCH_FAILED_LINE, Behaviour.PARQUET_FAILED_LINE)
    def line(self, ended: int) -> dict[str, object]:
        """Give the line as Firehose writes it; `ended` is when it gave up, in milliseconds since 1970."""
        code, message = ("errorCode", "errorMessage")
        if self.output is ErrorOutput.CONVERSION:
            code, message = ("lastErrorCode", "lastErrorMessage")
        return {
            "attemptsMade": self.attempts,
            "arrivalTimestamp": self.record.arrived,
            code: self.code,
            message: self.message,
            "attemptEndingTimestamp": ended,
            "rawData": b64encode(self.record.data).decode(),
            **self.more,
        }
