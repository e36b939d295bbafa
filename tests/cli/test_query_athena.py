import io
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran, ran
from played_athena import PlayedAthena
from rich.console import Console
from small_lake import write_lake

from flowlogs.analyse.athena_query import Execution, Where
from flowlogs.analyse.one_select import REFUSED
from flowlogs.aws.athena import AthenaQueries
from flowlogs.cli import aws_account, query_athena
from flowlogs.cli.query_athena import execute_interruptibly, said_of, where_of
from flowlogs.doctor.asked import Stack
from flowlogs.doctor.deployment import NoDeployment

WHERE = Where("eu-west-1", "b_flowlogs", "b-flowlogs")
OUTPUTS = {"AthenaDatabase": "b_flowlogs", "AthenaWorkgroup": "b-flowlogs"}


class Stacks:
    """A stack with these outputs, whatever its name."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self._outputs = outputs

    def read(self, name: str) -> Stack | None:
        arn = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/1"
        return Stack(name, arn, "UPDATE_COMPLETE", "", self._outputs)


Asking = Callable[..., Ran]


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> Asking:
    """Give what runs `flowlogs query … --athena` with an Athena that is played."""

    class Outside:
        stacks = Stacks(OUTPUTS)
        sleep = slept.append

    def ask(played: PlayedAthena, *arguments: str) -> Ran:
        queries = AthenaQueries(played.client())
        monkeypatch.setattr(query_athena, "AthenaQueries", lambda: queries)
        monkeypatch.setattr(aws_account, "outside", Outside)
        return ran("query", *arguments, "--athena")

    return ask


def test_a_named_query_is_asked_in_athenas_words_of_a_week_and_answered_in_rows(asking: Asking) -> None:
    played = PlayedAthena((("source", "varchar"), ("total_bytes", "bigint")), [["10.0.0.1", "12"], [None, "3"]])
    answered = asking(played, "top-talkers", "--set", "limit=2", "--format", "json")
    assert (answered.code, answered.rows()) == (
        0,
        [{"source": "10.0.0.1", "total_bytes": 12}, {"source": None, "total_bytes": 3}],
    )
    assert answered.err.endswith("\nNote: the first 2 rows, as `limit` says; --set limit=… gives more if there are\n")
    sql = played.calls[0][1]["QueryString"]
    assert '"date" >= ' in sql
    assert "LIMIT 2" in sql
    assert played.calls[0][1]["QueryExecutionContext"] == {"Database": "b_flowlogs"}
    assert played.calls[0][1]["WorkGroup"] == "b-flowlogs"
    assert played.names() == ["StartQueryExecution", "GetQueryExecution", "GetQueryResults"]


def test_it_says_what_was_read_and_about_what_it_costs(asking: Asking) -> None:
    answered = asking(PlayedAthena(scanned=2_000_000_000_000), "--sql", "SELECT 1 AS answer", "--format", "json")
    assert answered.err == "Athena: 2.0 TB scanned, about $10.00, 2.3 s\n"
    assert answered.rows() == [{"answer": 42}]


def test_it_is_waited_ever_longer_and_never_more_than_some_seconds(asking: Asking, slept: list[float]) -> None:
    assert asking(PlayedAthena(looks=12), "--sql", "SELECT 1").code == 0
    assert len(slept) == 12
    assert slept == sorted(slept)
    assert (slept[0], slept[-1]) == (0.25, 5.0)


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_fails_says_athenas_reason(asking: Asking, state: str) -> None:
    reason = "Bytes scanned limit was exceeded\x1b[31m"
    answered = asking(PlayedAthena(state=state, reason=reason), "--sql", "SELECT 1")
    assert answered.code == 1
    assert answered.only_line.startswith("Error: Athena: Bytes scanned limit was exceeded")
    assert "of-the-query" in answered.only_line
    assert "\x1b" not in answered.err


def test_a_query_that_cannot_be_read_was_never_there_to_be_cancelled(asking: Asking) -> None:
    played = PlayedAthena(refuses={"StartQueryExecution": "line 1:8: mismatched input 'FORM'"})
    answered = asking(played, "--sql", "SELECT FORM")
    assert answered.code == 1
    assert answered.only_line == "Error: Athena refuses StartQueryExecution: line 1:8: mismatched input 'FORM'"
    assert not played.stopped


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE flows",
        "INSERT INTO flows SELECT * FROM seen",
        "WITH a AS (SELECT 1) INSERT INTO flows SELECT * FROM a",
        "UNLOAD (SELECT * FROM flows) TO 's3://elsewhere/' WITH (format = 'PARQUET')",
        "SELECT 1; DROP TABLE flows",
        "-- SELECT\nDELETE FROM flows",
        "-- nothing",
    ],
)
def test_what_does_not_only_read_is_refused_as_on_this_machine_and_nothing_is_sent(asking: Asking, sql: str) -> None:
    played = PlayedAthena()
    refused = asking(played, "--sql", sql)
    assert (refused.code, refused.only_line) == (1, "Error: this SQL does not give rows: write one SELECT")
    assert played.calls == []


def test_it_is_refused_in_the_same_words_on_this_machine(tmp_path: Path) -> None:
    write_lake(tmp_path, [{"flow": "10.0.0.1:40000 > 10.0.0.2:443"}])
    assert ran("query", "--sql", "SELECT 1; SELECT 2", str(tmp_path)).only_line == f"Error: {REFUSED}"


def test_garbage_for_an_answer_cancels_the_query(asking: Asking) -> None:
    played = PlayedAthena(bodies={"GetQueryExecution": b'{"QueryExecution": {"Status": {"State": "PAUSED"}}}'})
    answered = asking(played, "--sql", "SELECT 1")
    assert (answered.code, played.stopped) == (1, True)
    assert "the query was cancelled" in answered.err
    assert "no state is called 'PAUSED'" in answered.err


def test_a_terminal_shows_how_the_query_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(query_athena, "Console", lambda **_: Console(file=shown, force_terminal=True))
    execute_interruptibly(AthenaQueries(PlayedAthena().client()), "SELECT 1", WHERE, lambda _: None)
    assert "Athena: running, 123.5 MB scanned" in shown.getvalue()


def interrupt(looked: int) -> None:
    if looked == 2:
        os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_cancels_the_query(asking: Asking) -> None:
    played = PlayedAthena(on_look=interrupt, looks=99)
    answered = asking(played, "--sql", "SELECT 1")
    assert answered.code == 130
    assert played.stopped
    assert "the query was cancelled in Athena" in answered.err


def test_an_interrupt_while_the_query_is_started_waits_for_its_id_and_cancels_it() -> None:
    played = PlayedAthena(looks=99)
    queries = AthenaQueries(played.client())
    start = queries.start

    def start_slowly(sql: str, *, database: str, workgroup: str) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return start(sql, database=database, workgroup=workgroup)

    queries.start = start_slowly  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        execute_interruptibly(queries, "SELECT 1", WHERE, lambda _: None)
    assert played.stopped


def test_a_query_that_cannot_be_cancelled_is_named(asking: Asking) -> None:
    played = PlayedAthena(on_look=interrupt, looks=99, denied=frozenset({"StopQueryExecution"}))
    answered = asking(played, "--sql", "SELECT 1")
    assert answered.code == 130
    assert "lack the permission athena:StopQueryExecution" in answered.err
    assert "aws athena stop-query-execution --query-execution-id of-the-query --region us-east-1" in answered.err


def test_a_query_that_can_no_longer_be_looked_at_is_cancelled(asking: Asking) -> None:
    played = PlayedAthena(denied=frozenset({"GetQueryExecution"}))
    answered = asking(played, "--sql", "SELECT 1")
    assert (answered.code, played.stopped) == (1, True)
    assert "lack the permission athena:GetQueryExecution" in answered.only_line


def test_a_long_answer_comes_whole_and_in_its_order(asking: Asking) -> None:
    rows = [[str(number)] for number in range(2_345)]
    answered = asking(PlayedAthena(rows=rows), "--sql", "SELECT 1", "--format", "json")
    assert [row["answer"] for row in answered.rows()] == list(range(2_345))


def test_an_answer_without_rows_has_its_columns(monkeypatch: pytest.MonkeyPatch, asking: Asking) -> None:
    played = PlayedAthena((("a", "bigint"), ("b", "varchar")), [])
    answered = asking(played, "--sql", "SELECT 1", "--format", "csv")
    assert answered.out == "a,b\r\n"


def test_a_statement_that_answers_nothing_is_no_error(asking: Asking) -> None:
    assert asking(PlayedAthena((), [], kind="DDL"), "--sql", "SHOW TABLES", "--format", "json").out == ""


@pytest.mark.parametrize(
    "outputs", [{}, {"AthenaDatabase": "flowlogs"}, {"AthenaDatabase": "f", "AthenaWorkgroup": ""}]
)
def test_a_deployment_without_athena_is_told_from_no_deployment(outputs: dict[str, str]) -> None:
    with pytest.raises(NoDeployment, match=r"the stack Flowlogs lacks the outputs AthenaDatabase and AthenaWorkgroup"):
        where_of(Stacks(outputs), "Flowlogs")


def test_where_a_query_runs_is_read_from_the_stack() -> None:
    assert where_of(Stacks(OUTPUTS), "b-Flowlogs") == Where("us-east-1", "b_flowlogs", "b-flowlogs")


@pytest.mark.parametrize(
    ("kind", "scanned", "said"),
    [
        ("DML", 0, "0 bytes scanned, about $0.0001"),  # 10 MB at least: $0.00005
        ("DML", 123_456_789, "123.5 MB scanned, about $0.0006"),
        ("DML", 3_000_000_000_000, "3.0 TB scanned, about $15.00"),
        ("DDL", 0, "0 bytes scanned, free"),
    ],
)
def test_the_cost_is_that_of_the_price_list(kind: str, scanned: int, said: str) -> None:
    assert said_of(Execution("SUCCEEDED", "", kind, scanned, 1.5), "us-east-1") == f"Athena: {said}, 1.5 s"


def test_a_region_without_a_known_price_has_no_invented_cost() -> None:
    said = said_of(Execution("SUCCEEDED", "", "DML", 10**9, 1.5), "xx-nowhere-1")
    assert said == "Athena: 1.0 GB scanned; its price in xx-nowhere-1 is not known, 1.5 s"


def test_data_beside_athena_is_a_wrong_use(asking: Asking) -> None:
    played = PlayedAthena()
    assert asking(played, "top-talkers", "enriched").code == 2
    assert played.calls == []
