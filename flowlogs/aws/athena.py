"""Asks Athena: starts a query, says how it stands, stops it, gives its rows as they are written."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from flowlogs.analyse.athena_query import Column, Execution, Page
from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.doctor.refused import Refused

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 10},  # calls of one kind are throttled by account
)
_MOST_LETTERS = 262_144
"""Letters of a query. Source: Athena API, QueryString."""
_ROWS_A_PAGE = 1000
"""The most that GetQueryResults gives at once. Source: Athena API, MaxQueryResults."""


class AthenaQueries:
    """Queries of an account and region."""

    def __init__(self, client: Any = None) -> None:
        self._given = client

    @property
    def _client(self) -> Any:
        return self._given or client_of("athena", _CONFIG)

    def start(self, sql: str, *, database: str, workgroup: str) -> str:
        """Start a query in a workgroup, which says where its answer goes; give its id; raise Refused."""
        if len(sql) > _MOST_LETTERS:
            raise Refused(f"the query has {len(sql):,} letters; Athena takes {_MOST_LETTERS:,}")
        try:
            answer = self._client.start_query_execution(
                QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=workgroup
            )
        except FAILURES as error:
            raise _refusal(error, "athena:StartQueryExecution", f"workgroup {workgroup}") from error
        return str(answer["QueryExecutionId"])

    def look(self, query_id: str) -> Execution:
        """Say how a query stands; raise Refused."""
        try:
            found = self._client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        except FAILURES as error:
            raise _refusal(error, "athena:GetQueryExecution", f"query {query_id}") from error
        status, statistics = found["Status"], found.get("Statistics", {})
        reason = status.get("StateChangeReason") or status.get("AthenaError", {}).get("ErrorMessage", "")
        return Execution(
            status["State"],
            reason,
            found.get("StatementType", ""),
            statistics.get("DataScannedInBytes", 0),
            statistics.get("TotalExecutionTimeInMillis", 0) / 1000,
        )

    def stop(self, query_id: str) -> None:
        """Cancel a query; nothing happens to one that has ended; raise Refused."""
        try:
            self._client.stop_query_execution(QueryExecutionId=query_id)
        except FAILURES as error:
            raise _refusal(error, "athena:StopQueryExecution", f"query {query_id}") from error

    def pages(self, query_id: str, kind: str) -> Iterator[Page]:
        """Give the answer of a query that succeeded, from its first row on; raise Refused.

        A SELECT's first row holds the names of its columns, that of other statements does not. Source: Athena API,
        GetQueryResults; the names: AWS SDK examples ("Java code samples"), that only DML has them: *assumed*, so that
        a first row is left out only where it is the names.
        """
        token: dict[str, str] = {}
        first = kind == "DML"
        while True:
            answer = self._page(query_id, token)
            page = _page_of(answer["ResultSet"])
            if first and page.rows and list(page.rows[0]) == [column.name for column in page.columns]:
                page = Page(page.columns, page.rows[1:])
            first = False
            yield page
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def _page(self, query_id: str, token: Mapping[str, str]) -> Any:
        try:
            return self._client.get_query_results(QueryExecutionId=query_id, MaxResults=_ROWS_A_PAGE, **token)
        except FAILURES as error:
            raise _refusal(error, "athena:GetQueryResults", f"query {query_id}") from error


def _page_of(found: Mapping[str, Any]) -> Page:
    """Read a page; a value that is NULL lacks its text, and an empty text is one."""
    told = found.get("ResultSetMetadata", {}).get("ColumnInfo", [])
    columns = [Column(each["Name"], each["Type"], each.get("Precision", 0), each.get("Scale", 0)) for each in told]
    rows = [[value.get("VarCharValue") for value in row["Data"]] for row in found.get("Rows", []) if "Data" in row]
    return Page(columns, rows)


def _refusal(error: BotoCoreError | ClientError, action: str, about: str) -> Refused:
    """Say what Athena says of a query that it does not take; the rest is as everywhere."""
    if isinstance(error, ClientError) and code_of(error) == "InvalidRequestException":
        said = error.response.get("Error", {}).get("Message", "")
        return Refused(f"Athena refuses {action.removeprefix('athena:')}: {said}", code="InvalidRequestException")
    return explained(error, action, about)
