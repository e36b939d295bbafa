"""`flowlogs query` on files of this machine."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from command_line import Ran, ran
from small_lake import write_lake

from flowlogs.analyse.named_query import queries

FLOW = {"flow": "10.0.0.1:40000 > 10.0.0.2:443", "source_as_organization": "\x1b[31mEvil\x1b[0m\u202e Corp"}
ROWS = [
    FLOW,
    {"flow": "10.0.0.3:40000 > 10.0.0.2:22", "action": "REJECT", "start": "2026-11-21"},
    {"log_status": "NODATA"},
]
TALKERS = [
    {
        "one": "10.0.0.1",
        "other": "10.0.0.2",
        "total_bytes": 100,
        "bytes_from_one": 100,
        "bytes_from_other": 0,
        "conversations": 1,
        "refused": 0,
    },
    {
        "one": "10.0.0.2",
        "other": "10.0.0.3",
        "total_bytes": 100,
        "bytes_from_one": 0,
        "bytes_from_other": 100,
        "conversations": 1,
        "refused": 1,
    },
]
ENDLESS = "SELECT a.i * b.i AS product FROM range(10000000) AS a(i), range(10000000) AS b(i)"
"""Has more rows than a disk holds."""


@pytest.fixture
def lake(tmp_path: Path) -> str:
    """Give a small lake."""
    return str(write_lake(tmp_path / "lake", ROWS))


def asked(lake: str, sql: str, *options: str) -> Ran:
    return ran("query", "--sql", sql, lake, *options)


def answer(lake: str, sql: str) -> list[dict[str, Any]]:
    done = asked(lake, sql)
    assert (done.code, done.err) == (0, "")
    return done.rows()


def refused(done: Ran, code: int = 1) -> str:
    assert (done.code, done.out) == (code, "")
    return done.only_line


def started(*arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "flowlogs", *arguments],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **streams,
    )


def on_a_terminal(arguments: Sequence[str], width: int = 200) -> str:
    """Give what a command prints where its output is a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm"}
    process = started(*arguments, stdout=theirs, env=environment)
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 65_536):
            printed += chunk
    except OSError:
        pass  # Linux's end of a terminal whose other side is closed
    os.close(ours)
    assert process.wait(60) == 0
    return printed.decode()


def test_a_named_query_answers_as_json_where_no_terminal_is(lake: str) -> None:
    done = ran("query", "top-talkers", lake)
    assert (done.code, done.err, done.rows()) == (0, "", TALKERS)


def read_back(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
        return rows
    if file.suffix == ".json":
        return [json.loads(row) for row in file.read_text().splitlines()]
    return [
        {key: value if "." in value else int(value) for key, value in row.items()}
        for row in csv.DictReader(io.StringIO(file.read_text()))
    ]


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_every_form_holds_the_same_answer_in_a_file(lake: str, tmp_path: Path, form: str) -> None:
    out = tmp_path / "new folder" / f"answer.{form}"
    done = ran("query", "top-talkers", lake, "--out", str(out))
    assert (done.code, done.out, done.err) == (0, "", f"2 rows in {out}\n")
    assert read_back(out) == TALKERS


def test_a_form_may_differ_from_the_name_of_the_file(lake: str, tmp_path: Path) -> None:
    out = tmp_path / "answer.txt"
    assert ran("query", "top-talkers", lake, "--format", "csv", "--out", str(out)).code == 0
    assert out.read_text().startswith("one,other,")


def test_a_table_has_numbers_to_the_right_and_one_line_a_row(lake: str) -> None:
    lines = ran("query", "top-talkers", lake, "--format", "table").out.splitlines()
    assert lines[0].split() == list(TALKERS[0])
    assert len(lines) == 3
    assert lines[1].endswith("      1        0")


@pytest.mark.slow
def test_a_terminal_gets_a_table_in_which_text_of_the_data_commands_nothing(lake: str) -> None:
    sql = "SELECT source_as_organization AS name, bytes FROM flows WHERE source_as_organization IS NOT NULL"
    printed = on_a_terminal(["query", "--sql", sql, lake])
    assert "\\x1b[31mEvil\\x1b[0m\\u202e Corp" in printed
    assert "\x1b[31m" not in printed
    assert "\u202e" not in printed


def test_files_and_pipes_hold_the_text_of_the_data_as_it_is(lake: str) -> None:
    sql = "SELECT source_as_organization AS name FROM flows WHERE source_as_organization IS NOT NULL"
    assert answer(lake, sql) == [{"name": FLOW["source_as_organization"]}]


def test_values_of_every_type_are_written(lake: str) -> None:
    sql = """SELECT sum(bytes) AS sums, 1.5 AS decimals, 'nan'::DOUBLE AS nan, NULL AS nothing, [1, 2] AS list,
        MAP {'key': 'value'} AS extra, {'a': 1} AS struct, TIMESTAMP '2026-11-20 10:00:00' AS instant,
        DATE '2026-11-20' AS day, TIME '10:00' AS hour, 'x'::BLOB AS bytes, true AS yes FROM flows"""
    assert answer(lake, sql) == [
        {
            "sums": 200, "decimals": 1.5, "nan": None, "nothing": None, "list": [1, 2], "extra": {"key": "value"},
            "struct": {"a": 1}, "instant": "2026-11-20T10:00:00", "day": "2026-11-20", "hour": "10:00:00",
            "bytes": "78", "yes": True,
        }
    ]  # fmt: skip
    for form in ("csv", "table"):
        assert asked(lake, sql, "--format", form).code == 0


def test_sums_are_whole_numbers_in_parquet(lake: str, tmp_path: Path) -> None:
    out = tmp_path / "sums.parquet"
    assert asked(lake, "SELECT sum(bytes) AS sums FROM flows", "--out", str(out)).code == 0
    assert str(pq.read_schema(out).field("sums").type) == "int64"


def test_a_number_beyond_what_files_hold_is_said(lake: str) -> None:
    said = refused(asked(lake, "SELECT 9223372036854775807::HUGEINT * 10 AS most"))
    assert said == "Error: a whole number is beyond 2^63: write CAST(… AS DOUBLE)"


def test_an_answer_without_rows_has_its_columns(lake: str, tmp_path: Path) -> None:
    out = tmp_path / "none.parquet"
    sql = "SELECT action, bytes FROM flows WHERE false"
    assert asked(lake, sql, "--format", "csv").out == "action,bytes\r\n"
    assert asked(lake, sql, "--out", str(out)).err == f"0 rows in {out}\n"
    assert pq.read_table(out).column_names == ["action", "bytes"]


def test_a_table_ends_after_ten_thousand_rows_and_says_how_many_more_there_are(lake: str) -> None:
    done = asked(lake, "SELECT i FROM range(25000) AS numbers(i)", "--format", "table")
    assert len(done.out.splitlines()) == 10_001
    assert done.err == "… 15,000 rows more: --format csv --out FILE writes all\n"


def test_a_large_answer_comes_whole_and_in_its_order(lake: str) -> None:
    done = asked(lake, "SELECT i FROM range(123456) AS numbers(i) ORDER BY i DESC", "--format", "csv")
    assert [int(row) for row in done.out.split()[1:]] == list(range(123455, -1, -1))


@pytest.mark.parametrize(
    "sql",
    ["SET threads = 1", "CREATE TABLE mine AS SELECT 1", "SELECT 1; SELECT 2", "-- nothing", "COPY flows TO 'out.csv'",
     "INSERT INTO flows SELECT * FROM flows", "ATTACH 'other.db'", "INSTALL httpfs", "LOAD httpfs",
     "EXPLAIN SELECT 1", "EXPLAIN ANALYZE COPY (SELECT 9) TO 'x'", "/* a */ explain (analyze) COPY (SELECT 9) TO 'x'",
     "WITH a AS (COPY (SELECT 9) TO 'x') SELECT 1", "WITH a AS (COPY (FROM seen) TO 'x') SELECT 1 FROM conversations",
     "WITH a AS (/* /* */ */ copy (SELECT 9) TO 'x') SELECT '\"type\":\"SELECT_NODE\"' UNION SELECT ''",
     "WITH a AS (DELETE FROM inventory_vpcs RETURNING *) SELECT * FROM a",
     "PRAGMA version", "pragma enable_profiling", "CALL pragma_version()", "EXPORT DATABASE 'x'", "IMPORT DATABASE 'x'",
     "PREPARE p AS SELECT 1", "USE memory", "CHECKPOINT", "VACUUM"],
)  # fmt: skip
def test_sql_that_is_not_one_select_is_refused_and_does_nothing(
    lake: str, sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(asked(lake, sql)) == "Error: this SQL does not give rows: write one SELECT"
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", 'Error: Parser Error: syntax error at or near "SELEC"'),
        ("SELECT nothing FROM flows", 'Error: Binder Error: Referenced column "nothing" not found in FROM clause!'),
        ("SELECT * FROM nowhere", "Error: Catalog Error: Table with name nowhere does not exist!"),
        ("SELECT 1 AS a, 2 AS a", "Error: two columns are named a: name one of them otherwise, with AS"),
    ],
)
def test_what_duckdb_refuses_is_said_in_one_line(lake: str, sql: str, said: str) -> None:
    line = refused(asked(lake, sql))
    assert line.startswith(said)
    assert "\\n" not in line


def test_an_answer_that_breaks_off_in_the_middle_leaves_no_file(lake: str, tmp_path: Path) -> None:
    out = tmp_path / "answer.csv"
    out.write_text("older\n")
    sql = "SELECT CAST(CASE WHEN i > 900000 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM range(1000000) AS numbers(i)"
    line = refused(asked(lake, sql, "--out", str(out)))
    assert line.startswith("Error: Conversion Error: Could not convert string 'x' to INT32")
    assert "\\n" not in line
    assert {path.name: path.is_file() and path.read_text() for path in tmp_path.iterdir()} == {
        "answer.csv": "older\n",
        "lake": False,
    }


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT '--' AS x, count(*) AS n FROM seen", [{"x": "--", "n": 3}]),
        ("-- how many\nSELECT count(*) AS n FROM Seen;", [{"n": 3}]),
        ("FROM flows SELECT count(*) AS n", [{"n": 3}]),
        ("VALUES (1) UNION ALL VALUES (2)", [{"col0": 1}, {"col0": 2}]),
        ("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 2) FROM r", [{"i": 1}, {"i": 2}]),
        ('SELECT \'"type":"COPY_QUERY_NODE"\' AS t', [{"t": '"type":"COPY_QUERY_NODE"'}]),
    ],
)
def test_whatever_selects_is_answered(lake: str, sql: str, rows: list[dict[str, Any]]) -> None:
    assert answer(lake, sql) == rows


@pytest.mark.parametrize("engine", [[], ["--athena"]])
@pytest.mark.parametrize("time_asked", [["--from", "2026-11-20"], ["--to", "2026-11-20"], ["--last", "1d"]])
@pytest.mark.parametrize("sql", ["SELECT 1 AS seen FROM flows", "SELECT 'from seen' FROM flows -- from seen"])
def test_a_time_that_would_narrow_nothing_is_refused(sql: str, time_asked: list[str], engine: list[str]) -> None:
    line = refused(ran("query", "--sql", sql, *time_asked, *engine, "--print"), 2)
    assert line.startswith("Error: --from, --to and --last are of `seen`: select from it, not from flows")


def test_views_for_queries_of_others_are_there(lake: str) -> None:
    assert answer(lake, "SELECT count(*) AS n FROM flows_once") == [{"n": 3}]
    assert answer(lake, "SELECT max(numbytes) AS most FROM vpc_flow_logs") == [{"most": 100}]


def test_the_time_asked_about_narrows_the_answer(lake: str) -> None:
    assert ran("query", "top-talkers", lake, "--from", "2026-11-21").rows() == TALKERS[1:]
    assert ran("query", "top-talkers", lake, "--to", "2026-11-20T23:00+00:00").rows() == TALKERS[:1]
    assert ran("query", "top-talkers", lake, "--last", "1m").rows() == []


def test_copies_are_left_out_when_asked(tmp_path: Path) -> None:
    lake = str(write_lake(tmp_path, [FLOW, FLOW]))
    assert [row["total_bytes"] for row in ran("query", "top-talkers", lake).rows()] == [200]
    assert [row["total_bytes"] for row in ran("query", "top-talkers", lake, "--once").rows()] == [100]


def test_a_folder_with_dead_letters_and_unfinished_files_beside_is_read(lake: str) -> None:
    folder = Path(lake)
    (folder / "dead-letters").mkdir()
    (folder / "dead-letters" / "lines.json").write_text('{"line": "x"}\n')
    (folder / "date=2026-11-20" / "part-9.parquet.part").write_bytes(b"PAR1")
    assert ran("query", "top-talkers", lake).rows() == TALKERS


def test_the_list_names_every_query_with_its_question() -> None:
    done = ran("query", "--list")
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == list(queries())
    assert all(query.question in done.out for query in queries().values())


def test_the_list_of_one_query_says_what_it_takes() -> None:
    done = ran("query", "--list", "who-talked-to")
    assert "address an IPv4 or IPv6 address (needed, e.g. 10.0.0.7)" in " ".join(done.out.split())
    assert "docs/limits.md, who-began" in done.out


def test_the_list_as_json_has_what_programs_ask_for() -> None:
    rows = ran("query", "--list", "--format", "json").rows()
    assert {row["name"]: (row["title"], row["question"]) for row in rows} == {
        name: (each.title, each.question) for name, each in queries().items()
    }
    assert ran("query", "--list", "countries", "--format", "json").rows() == [
        {
            "name": "countries",
            "title": "Traffic by country",
            "question": queries()["countries"].question,
            "needs": [["source_country_code", "destination_country_code"]],
            "parameters": [
                {
                    "name": "limit",
                    "kind": "count",
                    "takes": "a whole number from 1 to 1,000,000",
                    "default": "250",
                    "example": "250",
                    "meaning": "Rows at most",
                }
            ],
            "limits": ["places-of-addresses", "nat-gateways", "seen-at-two-interfaces"],
        }
    ]


def test_the_list_of_one_query_says_what_its_records_need() -> None:
    assert "It needs records with interface_end\n" in ran("query", "--list", "internet-egress").out
    assert "It needs" not in ran("query", "--list", "top-talkers").out


def test_data_where_a_name_belongs_are_told_from_a_name(lake: str) -> None:
    said = f"Error: {lake} is data: name a query (`flowlogs query --list` shows them) before it, or give --sql"
    assert refused(ran("query", lake), 2) == said
    assert refused(ran("query", lake, "top-talkers"), 2) == said
    assert refused(ran("query", "x" * 5_000)).startswith("Error: there is no query 'xxx")


def test_a_folder_that_is_called_as_a_query_is_data_of_ones_own_sql(
    lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(lake).rename(tmp_path / "top-talkers")
    monkeypatch.chdir(tmp_path)
    assert answer("top-talkers", "SELECT count(*) AS n FROM flows") == [{"n": 3}]
    assert ran("query", "top-talkers", "top-talkers").rows() == TALKERS


@pytest.mark.parametrize("form", ["json", "csv", "table", "parquet"])
def test_as_many_rows_as_limit_says_may_not_be_all(lake: str, tmp_path: Path, form: str) -> None:
    out = tmp_path / "answer"
    for limit, note in [
        (1, "Note: the first 1 rows, as `limit` says; --set limit=… gives more if there are\n"),
        (2, "Note: the first 2 rows, as `limit` says; --set limit=… gives more if there are\n"),
        (3, ""),
    ]:
        done = ran("query", "top-talkers", lake, "--set", f"limit={limit}", "--format", form, "--out", str(out))
        assert (done.code, done.err) == (0, f"{min(limit, 2)} rows in {out}\n{note}")


def test_the_note_of_more_rows_stands_beside_what_is_printed_too(lake: str) -> None:
    for form in ("json", "csv", "table"):
        printed = ran("query", "top-talkers", lake, "--set", "limit=1", "--format", form)
        assert printed.err == "Note: the first 1 rows, as `limit` says; --set limit=… gives more if there are\n"


def test_sql_of_ones_own_has_no_limit_to_tell_of(lake: str) -> None:
    assert len(answer(lake, "SELECT i FROM range(1000) AS numbers(i) LIMIT 1000")) == 1_000


def test_the_file_called_as_a_dash_is_standard_output(
    lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = ran("query", "top-talkers", lake, "--out", "-")
    assert (done.code, done.err, done.rows()) == (0, "", TALKERS)
    assert not Path("-").exists()


def test_an_empty_answer_names_what_no_record_has_of_what_the_query_needs(lake: str) -> None:
    assert ran("query", "internet-egress", lake).err == (
        "Note: no record has interface_end: it takes `flowlogs enrich --inventory`\n"
    )
    assert ran("query", "countries", lake, "--format", "table").err == (
        "No rows: nothing in the data answers this.\n"
        "Note: no record has source_country_code or destination_country_code: it takes `flowlogs enrich --geoip`\n"
    )
    assert ran("query", "ecs-tasks", lake).err == (
        "Note: no record has ecs_task_id or ecs_task_arn: it takes a flow log with the field ecs-task-id "
        "or a flow log with the field ecs-task-arn\n"
    )


def test_an_empty_answer_of_records_that_have_what_is_needed_is_just_empty(tmp_path: Path) -> None:
    lake = str(write_lake(tmp_path, [{**FLOW, "interface_end": "source"}]))
    assert ran("query", "internet-egress", lake).err == ""
    assert ran("query", "internet-egress", lake, "--last", "1m").err == ""
    assert ran("query", "remote-logins", lake).err == ""


def test_an_answer_with_rows_lacks_nothing(tmp_path: Path) -> None:
    """A NAT instance is named by hand: its records need not say what their interface is."""
    lake = str(write_lake(tmp_path, [{**FLOW, "pkt_srcaddr": "10.0.0.1", "pkt_dstaddr": "192.0.2.1"}]))
    done = ran("query", "nat-volume", lake, "--set", "instances=eni-1")
    assert [row["host"] for row in done.rows()] == ["10.0.0.1"]
    assert done.err == ""


def test_a_query_of_the_inventory_says_what_may_be_lacking_without_one(tmp_path: Path) -> None:
    flow = {**FLOW, "interface_end": "destination", "security_group_ids": ["sg-1"]}
    done = ran("query", "group-ports", str(write_lake(tmp_path, [flow])))
    assert [row["security_group_id"] for row in done.rows()] == ["sg-1"]
    assert done.err == (
        "Note: no inventory is given (--inventory): groups and interfaces without traffic, and names, may be lacking "
        "here\n"
    )


@pytest.mark.parametrize("asked", [("top-talkers",), ("--sql", "SELECT 1")])
def test_a_file_that_is_no_parquet_is_refused_in_one_line(tmp_path: Path, asked: tuple[str, ...]) -> None:
    file = tmp_path / "broken.parquet"
    file.write_bytes(b"PAR1 nothing PAR1")
    line = refused(ran("query", *asked, str(file)))
    assert "not readable as Parquet of flow records" in line
    assert "LINE 1" not in line
    assert "\\n" not in line


def test_what_is_printed_runs_as_sql_of_ones_own(lake: str) -> None:
    printed = ran("query", "top-talkers", "--print").out
    assert answer(lake, printed) == TALKERS


def test_what_is_printed_for_athena_is_in_its_words() -> None:
    printed = ran("query", "internal-scan", "--print", "--athena").out
    assert "AS IPADDRESS" in printed
    assert "address_key(" not in printed
    assert '"date" >= \'' in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Error: name a query (`flowlogs query --list` shows them), or give SQL of your own with --sql"),
        (("top-talkers",), "Error: name the data: a folder that `flowlogs enrich` or `flowlogs run` wrote, say"),
        (("--sql", "  ", "lake"), "Error: --sql is empty"),
        (
            ("--sql", "SELECT 1", "lake", "--set", "limit=1"),
            "Error: --set is for named queries: write the value into your SQL",
        ),
        (("--sql", "SELECT 1", "lake", "--once"), "Error: --once is for named queries: select from flows_once"),
        (("top-talkers", "lake", "--set", "limit"), "Error: --set limit: write NAME=VALUE"),
        (
            ("top-talkers", "lake", "--set", "limit=ten"),
            "Error: limit: 'ten' is not a whole number from 1 to 1,000,000",
        ),
        (
            ("reject-outliers", "lake", "--set", "consecutive=0"),
            "Error: consecutive: '0' is not a whole number from 1 to 2,000",
        ),
        (("who-talked-to", "lake", "--set", "address=host"), "Error: address: 'host' is not an IPv4 or IPv6 address"),
        (
            ("s3://lake",),
            "Error: s3://lake is data: name a query (`flowlogs query --list` shows them) before it, or give --sql",
        ),
        (
            ("top-talkers", "lake", "--sql", "SELECT 1"),
            "Error: top-talkers is a named query: give a NAME or --sql, not both",
        ),
        (("--list", "--format", "csv"), "Error: --list prints a table, or JSON with --format json"),
        (("top-talkers", "lake", "--set", "most=1"), "Error: top-talkers has no parameter most; it takes limit"),
        (("top-talkers", "lake", "--last", "soon"), "Error: 'soon' is no length of time such as 90m, 24h, 7d or 2w"),
        (("top-talkers", "lake", "--athena"), "Error: --athena asks the deployed lake: leave lake out"),
        (
            ("who-talked-to", "lake"),
            "Error: who-talked-to needs address, an IPv4 or IPv6 address: --set address=10.0.0.7",
        ),
    ],
)
def test_wrong_use_is_said_in_one_line_before_anything_is_read(arguments: tuple[str, ...], said: str) -> None:
    assert refused(ran("query", *arguments), 2) == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("top-talker", "lake"), "Error: there is no query 'top-talker'; did you mean top-talkers"),
        (("top-talkers", "no\x1b]0;where"), "Error: no\\x1b]0;where: no such file or folder"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    assert refused(ran("query", *arguments)).startswith(said)


def test_a_file_that_another_run_is_writing_is_left_alone(lake: str, tmp_path: Path) -> None:
    (tmp_path / "answer.csv.part").write_text("theirs")
    line = refused(ran("query", "top-talkers", lake, "--out", str(tmp_path / "answer.csv")))
    assert line == (
        f"Error: {tmp_path}/answer.csv.part exists: another run is writing there, or one was killed; "
        "remove the file if none is running"
    )
    assert (tmp_path / "answer.csv.part").read_text() == "theirs"


@pytest.mark.slow
def test_an_interrupted_query_leaves_no_file_and_says_one_line(lake: str, tmp_path: Path) -> None:
    out = tmp_path / "answer.csv"
    process = started("query", "--sql", ENDLESS, lake, "--out", str(out), stderr=subprocess.PIPE)
    while not out.with_name("answer.csv.part").exists():
        assert process.poll() is None, "it was done before anything could be interrupted"
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.decode().strip()) == (130, "Error: interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


@pytest.mark.parametrize("error", [duckdb.InterruptException("Interrupted!"), RuntimeError("Query interrupted")])
def test_an_interrupt_while_duckdb_computes_is_one_too(
    lake: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Both are what DuckDB 2.0.0 raised when SIGINT came."""

    def interrupted(*_: object) -> None:
        raise error

    monkeypatch.setattr("flowlogs.cli.answers._check_one_select", interrupted)
    done = asked(lake, "SELECT 1")
    assert (done.code, done.only_line) == (130, "Error: interrupted")


@pytest.mark.slow
def test_a_reader_who_goes_away_is_no_error_to_tell(lake: str) -> None:
    sql = "SELECT i FROM range(9000000) AS numbers(i)"
    process = started("query", "--sql", sql, lake, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b'{"i":0}\n'
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 1
