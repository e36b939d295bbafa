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


def test_a_query_is_stopped() -> None:
    played = PlayedAthena()
    AthenaQueries(played.client()).stop("of-the-query")
    assert played.stopped
