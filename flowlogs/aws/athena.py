"""Asks Athena: starts a query, says how it stands, stops it, gives its rows as they are written."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from flowlogs.analyse.athena_query import STATES, Column, Execution, Page
from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.doctor.refused import Refused

Read = TypeVar("Read")

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 10},  # calls of one kind are throttled by account
)
_MOST_LETTERS = 262_144
"""Letters of a query. Source: Athena API, QueryString."""
_ROWS_A_PAGE = 1000
"""The most that GetQueryResults gives at once. Source: Athena API, MaxQueryResults."""
_NO_ANSWER = (ResponseParserError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What botocore or a reader below raises for an answer that is not what the API says: botocore checks no answer."""
_UNREADABLE = "Unreadable"
_MAY_HAVE_ARRIVED = frozenset({_UNREADABLE, "ConnectionClosedError", "IncompleteReadError", "ReadTimeoutError"})
"""Codes of calls that Athena may have taken, although no answer came back."""


class AthenaQueries:
    """Queries of an account and region."""

    def __init__(self, client: Any = None) -> None:
        self._given = client

    def start(self, sql: str, *, database: str, workgroup: str) -> str:
        """Start a query in a workgroup, which says where its answer goes; give its id; raise Refused."""
        if len(sql) > _MOST_LETTERS:
            raise Refused(f"the query has {len(sql):,} letters; Athena takes {_MOST_LETTERS:,}")
        asked = {"QueryString": sql, "QueryExecutionContext": {"Database": database}, "WorkGroup": workgroup}
        try:
            return self._ask("StartQueryExecution", _id_of, f"workgroup {workgroup}", asked)
        except Refused as error:
            if error.code not in _MAY_HAVE_ARRIVED:
                raise
            also = f"the query may have been started: `aws athena list-query-executions --work-group {workgroup}`"
            raise Refused(f"{error}; {also}", code=error.code, temporary=error.temporary) from error

    def look(self, query_id: str) -> Execution:
        """Say how a query stands; raise Refused."""
        return self._ask("GetQueryExecution", _execution_of, f"query {query_id}", {"QueryExecutionId": query_id})

    def stop(self, query_id: str) -> None:
        """Cancel a query; nothing happens to one that has ended; raise Refused."""
        self._ask("StopQueryExecution", lambda _: None, f"query {query_id}", {"QueryExecutionId": query_id})

    def pages(self, query_id: str, kind: str) -> Iterator[Page]:
        """Give the answer of a query that succeeded, from its first row on; raise Refused.

        A SELECT's first row holds the names of its columns, that of other statements does not. Source: Athena API,
        GetQueryResults; the names: AWS SDK examples ("Java code samples"), that only DML has them: *assumed*, so that
        a first row is left out only where it is the names.
        """
        asked = {"QueryExecutionId": query_id, "MaxResults": _ROWS_A_PAGE}
        about = f"query {query_id}"
        tokens: set[str] = set()
        while True:
            page, token = self._ask("GetQueryResults", _page_of, about, asked)
            if kind == "DML" and not tokens and page.rows[:1] == [[column.name for column in page.columns]]:
                page = Page(page.columns, page.rows[1:])
            yield page
            if not token:
                return
            if token in tokens:  # or its rows would come again and again
                raise _unreadable("GetQueryResults", about, "it leads back to a page that was read")
            tokens.add(token)
            asked["NextToken"] = token

    def _ask(self, operation: str, read: Callable[[Any], Read], about: str, asked: Mapping[str, Any]) -> Read:
        """Make a call and read its answer; raise Refused where there is none, or one that cannot be read."""
        try:
            client = self._given or client_of("athena", _CONFIG)
            return read(getattr(client, xform_name(operation))(**asked))
        except FAILURES as error:
            raise _refusal(error, operation, about) from error
        except _NO_ANSWER as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
            raise _unreadable(operation, about, reason) from error


def _id_of(answer: Any) -> str:
    return _text(answer["QueryExecutionId"])


def _execution_of(answer: Any) -> Execution:
    found = answer["QueryExecution"]
    status, statistics = found["Status"], found.get("Statistics", {})
    if status["State"] not in STATES:  # it would be looked at for ever
        raise ValueError(f"no state is called {status['State']!r:.40}")
    reason = status.get("StateChangeReason") or status.get("AthenaError", {}).get("ErrorMessage", "")
    return Execution(
        status["State"],
        str(reason),
        str(found.get("StatementType", "")),
        int(statistics.get("DataScannedInBytes", 0)),
        int(statistics.get("TotalExecutionTimeInMillis", 0)) / 1000,
    )


def _page_of(answer: Any) -> tuple[Page, str]:
    """Read a page, and the token of the next or nothing; a value that is NULL lacks its text, an empty text is one."""
    found = answer["ResultSet"]
    told = found.get("ResultSetMetadata", {}).get("ColumnInfo", [])
    columns = [
        Column(_text(each["Name"]), _text(each["Type"]), int(each.get("Precision", 0)), int(each.get("Scale", 0)))
        for each in told
    ]
    rows = [[_value(each) for each in row["Data"]] for row in found.get("Rows", []) if "Data" in row]
    if wrong := next((row for row in rows if len(row) != len(columns)), None):
        raise ValueError(f"{len(wrong)} values for {len(columns)} columns")
    return Page(columns, rows), _text(answer.get("NextToken") or "")


def _value(told: Mapping[str, Any]) -> str | None:
    return None if (text := told.get("VarCharValue")) is None else _text(text)


def _text(found: object) -> str:
    """Give a text that is one; raise TypeError where it is something else, ValueError for half a character."""
    if not isinstance(found, str):
        raise TypeError(f"{found!r:.40} is no text")
    found.encode()
    return found


def _unreadable(operation: str, about: str, reason: str) -> Refused:
    return Refused(
        f"the answer to athena:{operation} on {about} cannot be read ({reason:.80}): was it Athena's, or a proxy's?",
        code=_UNREADABLE,
    )


def _refusal(error: BotoCoreError | ClientError, operation: str, about: str) -> Refused:
    """Say what Athena says of a query that it does not take; the rest is as everywhere."""
    if isinstance(error, ClientError) and code_of(error) == "InvalidRequestException":
        said = error.response.get("Error", {}).get("Message", "")
        return Refused(f"Athena refuses {operation}: {said}", code="InvalidRequestException")
    return explained(error, f"athena:{operation}", about)
