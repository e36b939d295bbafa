"""Firehose's call to a function: the event, the retries, the limits."""

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flowlogs.deliver.local.answer import judge
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.dice import Dice
from flowlogs.deliver.local.error_output import ErrorOutput
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.invocation_error import InvocationError
from flowlogs.deliver.local.stream_place import StreamPlace
from flowlogs.deliver.local.stream_record import StreamRecord
from flowlogs.deliver.local.tally import Tally
from flowlogs.deliver.local.verdicts import Verdicts

Transform = Callable[[dict[str, Any]], dict[str, Any]]
"""A transformation function: takes Firehose's event, gives its answer."""

RETRIES = 3
"""Invocations after the first, where one fails as a whole."""
MAX_EVENT_BYTES = 6_000_000
"""Serialized; Lambda itself takes a little more."""
MAX_ANSWER_BYTES = 6_291_556
"""Serialized; what Lambda's synchronous answer may be."""

_log = logging.getLogger(__name__)
_ROUND_A_RECORD = len('{"recordId":"","approximateArrivalTimestamp":0000000000000,"data":""},')
_FUNCTION_ERROR = "The Lambda function was successfully invoked but it returned an error result."


@acts_on(Behaviour.EVENT_BYTES)
def event_bytes(record: StreamRecord) -> int:
    """Say how many bytes a record takes in the event, serialized without blanks."""
    return _ROUND_A_RECORD + len(record.record_id) + (len(record.data) + 2) // 3 * 4


class Transformation:
    """Runs the transformation function of one stream over batches of records."""

    def __init__(self, transform: Transform, place: StreamPlace, dice: Dice, tally: Tally) -> None:
        self._transform = transform
        self._place = place
        self._dice = dice
        self._tally = tally
        self._invocations = count()

    @acts_on(Behaviour.INVOCATION_RETRIES, Behaviour.INVOCATION_AGAIN)
    def run(self, records: Sequence[StreamRecord]) -> Verdicts:
        """Say what becomes of every record of a batch."""
        attempts = 1 + RETRIES
        error = InvocationError("", "")
        for attempt in range(1, attempts + 1):
            self._tally.add(invocations=1, retries=int(attempt > 1))
            try:
                answer = self._invoke(self.event(records))
            except InvocationError as failure:
                error = failure
            else:
                return judge(records, answer, partial(self._failed, attempt))
        return Verdicts.all_failed(records, error.code, str(error), partial(self._failed, attempts))

    @acts_on(Behaviour.EVENT)
    def event(self, records: Sequence[StreamRecord]) -> dict[str, Any]:
        """Shape the event; every call has its own, with an invocation id of its own."""
        arn = self._place.stream_arn
        return {
            "invocationId": str(uuid5(NAMESPACE_URL, f"{arn}/{next(self._invocations)}")),
            "deliveryStreamArn": arn,
            "region": self._place.region,
            "records": [
                {
                    "recordId": record.record_id,
                    "approximateArrivalTimestamp": record.arrived,
                    "data": b64encode(record.data).decode(),
                }
                for record in records
            ],
        }

    @acts_on(Behaviour.INVOCATION_ERROR)
    def _invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        if self._dice.throw("fail_transforms"):
            raise InvocationError("Lambda.FunctionError", _FUNCTION_ERROR)
        try:
            answer = self._transform(event)
            check_size(answer)
        except InvocationError:
            raise
        except TimeoutError as error:
            raise InvocationError("Lambda.FunctionTimedOut", "The Lambda function timed out.") from error
        # Lambda reports whatever a function raises as a function error, and Firehose knows no more than that.
        except Exception as error:
            _log.warning("the transformation of %s failed", self._place.name, exc_info=True)
            message = f"{_FUNCTION_ERROR} ({type(error).__name__})"
            raise InvocationError("Lambda.FunctionError", message) from error
        if self._dice.throw("kill_transforms"):
            raise InvocationError("Lambda.FunctionError", _FUNCTION_ERROR)
        return answer

    def _failed(self, attempts: int, record: StreamRecord, code: str, message: str) -> FailedRecord:
        more = {"lambdaArn": self._place.function_arn}
        return FailedRecord(record, ErrorOutput.PROCESSING, code, message, attempts, more)


@acts_on(Behaviour.ANSWER_BYTES)
def check_size(answer: object) -> None:
    """Raise InvocationError where an answer is larger than Lambda lets pass; TypeError where it is no JSON.

    Serialized as Lambda's Python runtime does it: blanks after `:` and `,`, UTF-8 as it is.
    """
    size = len(json.dumps(answer, ensure_ascii=False).encode())
    if size > MAX_ANSWER_BYTES:
        message = f"Response payload size ({size} bytes) exceeded {MAX_ANSWER_BYTES} bytes."
        raise InvocationError("Lambda.FunctionError", message)
