"""Checks what a transformation answered, as Firehose does."""

import binascii
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.stream_record import StreamRecord
from flowlogs.deliver.local.verdicts import Fail, Verdicts

_RESULTS = ("Ok", "Dropped", "ProcessingFailed")
_NO_RECORDS = (
    "Lambda.JsonProcessingException",
    (
        "There was an error parsing returned records from the Lambda function. "
        "Ensure that the returned records follow the status model required by Firehose."
    ),
)
_BAD_RECORDS = (
    "Lambda.FunctionError",
    (
        "Check your function and make sure the output is in required format. In addition to that, make sure "
        "the processed records contain valid result status of Dropped, Ok, or ProcessingFailed"
    ),
)
_MISSING = (
    "Lambda.MissingRecordId",
    ("One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids."),
)
_TWICE = (
    "Lambda.DuplicatedRecordId",
    (
        "Multiple records were returned with the same record ID. "
        "Ensure that the Lambda function returns unique record IDs for each record."
    ),
)
_MARKED = ("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")


@acts_on(Behaviour.ANSWER_SHAPE, Behaviour.ANSWER_RESULT)
def judge(records: Sequence[StreamRecord], answer: object, fail: Fail) -> Verdicts:
    """Say what becomes of every record; an answer that cannot be read at all fails the whole batch."""
    answered = answer.get("records") if isinstance(answer, dict) else None
    if not isinstance(answered, list) or not all(isinstance(one, dict) for one in answered):
        return Verdicts.all_failed(records, *_NO_RECORDS, fail)
    if not all(isinstance(one.get("recordId"), str) and one.get("result") in _RESULTS for one in answered):
        return Verdicts.all_failed(records, *_BAD_RECORDS, fail)
    data = [_decoded(one) for one in answered]
    if None in data:
        return Verdicts.all_failed(records, *_BAD_RECORDS, fail)
    return _judge_each(records, answered, [one or b"" for one in data], fail)


@acts_on(Behaviour.ANSWER_DATA)
def _decoded(one: dict[str, Any]) -> bytes | None:
    """Give the data of an answered record; None where it is no base64 or lacks where it is needed."""
    data = one.get("data")
    if data is None:
        return None if one["result"] == "Ok" else b""
    try:
        return b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError):
        return None


@acts_on(Behaviour.ANSWER_MISSING, Behaviour.ANSWER_TWICE, Behaviour.ANSWER_STRAY)
def _judge_each(
    records: Sequence[StreamRecord], answered: list[dict[str, Any]], data: list[bytes], fail: Fail
) -> Verdicts:
    by_id = {one["recordId"]: (one["result"], payload) for one, payload in zip(answered, data, strict=True)}
    times = Counter(one["recordId"] for one in answered)
    ok, dropped, failed = [], 0, []
    for record in records:
        result, payload = by_id.get(record.record_id, (None, b""))
        reason = _why_failed(times[record.record_id], result)
        if reason is not None:
            failed.append(fail(record, *reason))
        elif result == "Ok":
            ok.append(StreamRecord(record.record_id, record.arrived, payload))
        else:
            dropped += 1
    return Verdicts(ok, dropped, failed)


@acts_on(Behaviour.RESULT_DROPPED, Behaviour.RESULT_FAILED)
def _why_failed(times: int, result: str | None) -> tuple[str, str] | None:
    if times == 0:
        return _MISSING
    if times > 1:
        return _TWICE
    return _MARKED if result == "ProcessingFailed" else None
