from collections.abc import Callable

import pytest
from aws_in_moto import stubbed
from played_athena import PlayedAthena

from flowlogs.analyse.athena_query import Column, Page
from flowlogs.aws.athena import AthenaQueries
from flowlogs.doctor.refused import Refused


def test_a_query_is_started_in_the_workgroup_and_database_it_is_for() -> None:
    played = PlayedAthena()
    assert AthenaQueries(played.client()).start("SELECT 1", database="flowlogs", workgroup="b-flowlogs")
    ((_, asked),) = played.calls
    assert asked.pop("ClientRequestToken")
    assert asked == {
        "QueryString": "SELECT 1",
        "QueryExecutionContext": {"Database": "flowlogs"},
        "WorkGroup": "b-flowlogs",
    }


def test_a_query_that_athena_does_not_take_is_refused_in_its_words() -> None:
    played = PlayedAthena(refuses={"StartQueryExecution": "line 1:8: mismatched input 'FORM'"})
    with pytest.raises(Refused, match=r"Athena refuses StartQueryExecution: line 1:8: mismatched input 'FORM'"):
        AthenaQueries(played.client()).start("SELECT 1 FORM x", database="d", workgroup="w")


def test_a_query_that_is_too_long_is_not_sent() -> None:
    played = PlayedAthena()
    with pytest.raises(Refused, match="262,145 letters"):
        AthenaQueries(played.client()).start("x" * 262_145, database="d", workgroup="w")
    assert played.calls == []


ASKED: dict[str, Callable[[AthenaQueries], object]] = {
    "StartQueryExecution": lambda queries: queries.start("SELECT 1", database="d", workgroup="w"),
    "GetQueryExecution": lambda queries: queries.look("of-the-query"),
    "GetQueryResults": lambda queries: list(queries.pages("of-the-query", "DML")),
    "StopQueryExecution": lambda queries: queries.stop("of-the-query"),
}


@pytest.mark.parametrize("operation", ASKED)
def test_a_call_that_is_not_allowed_names_its_permission(operation: str) -> None:
    queries = AthenaQueries(PlayedAthena(denied=frozenset({operation})).client())
    with pytest.raises(Refused, match=f"lack the permission athena:{operation}"):
        ASKED[operation](queries)


def test_a_query_is_seen_to_go_on_and_to_end() -> None:
    queries = AthenaQueries(PlayedAthena(looks=2, state="FAILED", reason="Bytes scanned limit was exceeded").client())
    seen = [queries.look("of-the-query") for _ in range(3)]
    assert [each.state for each in seen] == ["QUEUED", "RUNNING", "FAILED"]
    assert [each.ended for each in seen] == [False, False, True]
    assert [each.reason for each in seen] == ["", "", "Bytes scanned limit was exceeded"]
    assert [(each.scanned, each.seconds) for each in seen] == [(0, 0), (123_456_789, 2.345), (123_456_789, 2.345)]


def test_the_error_of_a_query_is_its_reason_where_there_is_no_other() -> None:
    status = {"State": "FAILED", "AthenaError": {"ErrorCategory": 2, "ErrorMessage": "no such column"}}
    client = stubbed(
        "athena", lambda aws: aws.add_response("get_query_execution", {"QueryExecution": {"Status": status}})
    )
    assert AthenaQueries(client).look("q").reason == "no such column"


def test_rows_come_page_by_page_without_the_names_and_with_what_is_null_told_from_what_is_empty() -> None:
    rows = [[str(number), "", None] for number in range(5)]
    played = PlayedAthena((("a", "bigint"), ("b", "varchar"), ("c", "varchar")), rows, page=2)
    pages = list(AthenaQueries(played.client()).pages("of-the-query", "DML"))
    assert [len(page.rows) for page in pages] == [1, 2, 2]
    assert [row for page in pages for row in page.rows] == rows
    assert pages[0].columns == [
        Column("a", "bigint", 0, 0),
        Column("b", "varchar", 0, 0),
        Column("c", "varchar", 0, 0),
    ]


@pytest.mark.parametrize("kind", ["DDL", "UTILITY"])
def test_the_first_row_of_a_statement_without_names_is_a_row(kind: str) -> None:
    played = PlayedAthena((("tab_name", "string"),), [["flows"]], kind=kind)
    (page,) = AthenaQueries(played.client()).pages("of-the-query", kind)
    assert page.rows == [["flows"]]


def test_a_first_row_that_is_not_the_names_is_kept() -> None:
    answer = {
        "ResultSet": {
            "Rows": [{"Data": [{"VarCharValue": "7"}]}],
            "ResultSetMetadata": {"ColumnInfo": [{"Name": "a", "Type": "bigint"}]},
        }
    }
    client = stubbed("athena", lambda aws: aws.add_response("get_query_results", answer))
    assert list(AthenaQueries(client).pages("q", "DML")) == [Page([Column("a", "bigint", 0, 0)], [["7"]])]


GARBAGE = {
    "half a character": b"\xff\xfe",
    "a page": b"<html><body>Sign in to the network</body></html>",
    "nothing": b"",
    "an empty answer": b"{}",
    "a list": b"[]",
    "null": b"null",
    "depth": b"[" * 100_000,
    "lists for parts": b'{"QueryExecution": [], "ResultSet": [], "QueryExecutionId": []}',
    "an execution of nothing": b'{"QueryExecution": {}, "ResultSet": {"Rows": 7}}',
    "no state": b'{"QueryExecution": {"Status": {}}, "ResultSet": {"Rows": [{"Data": [{"VarCharValue": "a"}]}]}}',
    "a state of tomorrow": b'{"QueryExecution": {"Status": {"State": "PAUSED"}}, "ResultSet": {"Rows": [{"Data": 7}]}}',
    "a number for a state": b'{"QueryExecution": {"Status": {"State": 7}}, "QueryExecutionId": 7, "ResultSet": 7}',
    "bytes without a number": b"""{
        "QueryExecution": {"Status": {"State": "RUNNING"}, "Statistics": {"DataScannedInBytes": "many"}},
        "ResultSet": {"ResultSetMetadata": {"ColumnInfo": [{"Name": "a"}]}}, "QueryExecutionId": "\\ud800"
    }""",
}
READING = [operation for operation in ASKED if operation != "StopQueryExecution"]
"""Operations whose answer says something."""


@pytest.mark.parametrize("operation", READING)
@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_an_answer_that_is_not_athenas_is_refused_in_one_sentence(operation: str, body: bytes) -> None:
    played = PlayedAthena(bodies={operation: body})
    with played.serving() as url, pytest.raises(Refused) as refused:
        ASKED[operation](AthenaQueries(played.client(url)))
    said = str(refused.value)
    assert said.startswith(f"the answer to athena:{operation} on ")
    assert len(said) < 400
    assert "\n" not in said
    assert ("may have been started" in said) == (operation == "StartQueryExecution")


def test_what_an_answer_lacks_is_named() -> None:
    with pytest.raises(Refused, match=r"cannot be read \(it lacks 'QueryExecution'\): was it Athena's, or a proxy's\?"):
        AthenaQueries(PlayedAthena(bodies={"GetQueryExecution": b"{}"}).client()).look("q")
    unknown = b'{"QueryExecution": {"Status": {"State": "PAUSED"}}}'
    with pytest.raises(Refused, match=r"cannot be read \(no state is called 'PAUSED'\)"):
        AthenaQueries(PlayedAthena(bodies={"GetQueryExecution": unknown}).client()).look("q")


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    played = PlayedAthena((("a", "bigint"), ("b", "bigint")), [["1", "2"], ["3"]])
    with pytest.raises(Refused, match=r"1 values for 2 columns"):
        list(AthenaQueries(played.client()).pages("of-the-query", "DML"))


@pytest.mark.parametrize("length", [1, 2])
def test_pages_that_lead_back_are_read_once(length: int) -> None:
    """A token is followed to the first that has come before, whether it is the last or an older one."""
    played = PlayedAthena(rows=[["1"]] * 9, page=1, next_tokens=lambda number: str(number % length))
    with played.serving() as url, pytest.raises(Refused, match="it leads back to a page that was read"):
        list(AthenaQueries(played.client(url)).pages("of-the-query", "DML"))
    assert len(played.calls) == length + 1


def test_a_start_that_is_not_answered_says_that_the_query_may_go_on() -> None:
    played = PlayedAthena(hangs=frozenset({"StartQueryExecution"}))
    with played.serving() as url, pytest.raises(Refused) as refused:
        AthenaQueries(played.client(url, read_timeout=0.2)).start("SELECT 1", database="d", workgroup="w")
    assert "AWS cannot be reached for athena:StartQueryExecution on workgroup w (ReadTimeoutError)" in str(
        refused.value
    )
    assert "may have been started: `aws athena list-query-executions --work-group w`" in str(refused.value)
    assert refused.value.temporary


def test_a_query_is_stopped() -> None:
    played = PlayedAthena()
    AthenaQueries(played.client()).stop("of-the-query")
    assert played.stopped
