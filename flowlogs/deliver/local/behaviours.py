"""What Amazon Data Firehose does and the local stream does too, each by its row in docs/aws-behaviour.md."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

_Code = TypeVar("_Code", bound=Callable[..., object])


class Behaviour(StrEnum):
    """One row of docs/aws-behaviour.md that the local stream acts on; the value is the id of the row.

    The sentence and its source stand in the document only. A test holds both together: no member without a
    row, no row marked `acts` without a member, no member that no code names.
    """

    PUT_RECORDS = "FH-PUT-500"
    PUT_CALL_BYTES = "FH-PUT-4MIB"
    PUT_RECORD_BYTES = "FH-PUT-1000KIB"
    PUT_NOTHING = "FH-PUT-EMPTY"
    PUT_UNKNOWN_STREAM = "FH-PUT-UNKNOWN-STREAM"
    PUT_PARTIAL = "FH-PUT-PARTIAL"
    PUT_THROTTLED = "FH-PUT-THROTTLED"
    PUT_TIME_OUT = "FH-PUT-TIME-OUT"
    PUT_WIRE = "FH-PUT-WIRE"

    BUFFER = "FH-BUFFER"
    EVENT = "FH-EVENT"
    EVENT_BYTES = "FH-EVENT-6MB"
    ANSWER_BYTES = "FH-ANSWER-6MB"
    ANSWER_SHAPE = "FH-ANSWER-SHAPE"
    ANSWER_RESULT = "FH-ANSWER-RESULT"
    ANSWER_DATA = "FH-ANSWER-DATA"
    ANSWER_MISSING = "FH-ANSWER-MISSING"
    ANSWER_TWICE = "FH-ANSWER-TWICE"
    ANSWER_STRAY = "FH-ANSWER-STRAY"
    RESULT_DROPPED = "FH-RESULT-DROPPED"
    RESULT_FAILED = "FH-RESULT-FAILED"
    INVOCATION_ERROR = "FH-INVOCATION-ERROR"
    INVOCATION_RETRIES = "FH-INVOCATION-RETRIES"
    INVOCATION_AGAIN = "FH-INVOCATION-AGAIN"
    FAILED_KEY = "FH-FAILED-KEY"
    FAILED_LINE = "FH-FAILED-LINE"

    SEARCH_ONE_DOCUMENT = "FH-SEARCH-ONE-DOCUMENT"
    SEARCH_INDEX = "FH-SEARCH-INDEX"
    SEARCH_WEEK = "FH-SEARCH-WEEK"
    SEARCH_ID = "FH-SEARCH-ID"
    SEARCH_RETRY = "FH-SEARCH-RETRY"
    SEARCH_FAILED_LINE = "FH-SEARCH-FAILED-LINE"

    S3_JOINED = "FH-S3-JOINED"
    S3_KEY = "FH-S3-KEY"
    PARQUET_JSON = "FH-PARQUET-JSON"
    PARQUET_EMPTY = "FH-PARQUET-EMPTY"
    PARQUET_TYPES = "FH-PARQUET-TYPES"
    PARQUET_UNKNOWN_KEYS = "FH-PARQUET-UNKNOWN-KEYS"
    PARQUET_WHOLE_RECORD = "FH-PARQUET-WHOLE-RECORD"
    PARQUET_FAILED_LINE = "FH-PARQUET-FAILED-LINE"


def acts_on(*_behaviours: Behaviour) -> Callable[[_Code], _Code]:
    """Say which rows of docs/aws-behaviour.md a function acts on; for readers and a test."""
    return lambda code: code
