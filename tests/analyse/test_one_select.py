"""What is asked of Athena is read before: one statement that gives rows, as DuckDB's parser has it on this machine."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.named_query import own_text, queries
from flowlogs.analyse.one_select import is_one_select
from flowlogs.analyse.window import Window

READ = [
    "SELECT 1",
    " select 1 ; -- and so on;\n/* ; */ ;",
    "-- INSERT\nSELECT 'a; DROP TABLE flows' AS \"insert; into\"",
    "VALUES (1), (2)",
    "TABLE flows",
    "(SELECT 1)",
    "((SELECT 1) UNION ALL (SELECT 2)) LIMIT 1",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "WITH RECURSIVE a (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM a WHERE n < 9), b AS (TABLE a) (SELECT * FROM b)",
    'with a as(with b as(select 1)select * from b),"c d" (x, y) as not materialized((select 1, 2))table a',
    "(WITH a AS (SELECT ')') SELECT * FROM a)",
    'SELECT "delete", "update" FROM flows WINDOW w AS (ORDER BY insert)',
    "SHOW TABLES",
    "DESCRIBE flows",
]
REFUSED = [
    "",
    ";",
    "-- SELECT 1",
    "/* SELECT 1",
    "DROP TABLE flows",
    "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW flows_once AS SELECT 1",
    "ALTER TABLE flows SET LOCATION 's3://elsewhere/'",
    "MSCK REPAIR TABLE flows",
    "INSERT INTO flows SELECT 1",
    "/* SELECT */ insert into flows values (1)",
    "-- SELECT\nDELETE FROM flows",
    "MERGE INTO flows USING x ON true WHEN MATCHED THEN DELETE",
    "VACUUM flows",
    "UNLOAD (SELECT 1) TO 's3://elsewhere/' WITH (format = 'PARQUET')",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE flows",
    "SELECT ''';'; DROP TABLE flows --'",
    "SHOW TABLES; DROP TABLE flows",
    "WITH a AS (SELECT 1) INSERT INTO flows SELECT * FROM a",
    "WITH a (x) AS (SELECT 1), b AS (SELECT 2) INSERT INTO flows SELECT * FROM a",
    "WITH a AS (INSERT INTO flows SELECT 1) SELECT * FROM a",
    "WITH a AS (WITH b AS (DELETE FROM flows) SELECT 1) SELECT * FROM a",
    "WITH a AS (SELECT 1), b AS ((INSERT INTO flows SELECT 1)) SELECT * FROM a",
    "(WITH a AS (SELECT 1) INSERT INTO flows SELECT * FROM a)",
    "(INSERT INTO flows SELECT 1)",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE INSERT INTO flows SELECT 1",
    "PREPARE x FROM INSERT INTO flows SELECT 1",
    "EXECUTE x",
    "USING EXTERNAL FUNCTION f(x varchar) RETURNS varchar LAMBDA 'f' SELECT f('a')",
    "FROM flows INSERT INTO x SELECT *",
    '"SELECT" 1',
    "'SELECT' 1",
    "(DESCRIBE flows)",
    "WITH",
    "WITH a",
    "WITH a AS",
    "WITH a AS (",
    "WITH a AS (SELECT 1)",
    "WITH a AS (SELECT 1),",
    "WITH a AS ()",
    "WITH a, b AS (SELECT 1) SELECT 1",
    "(",
    ")",
]


@pytest.mark.parametrize("sql", READ)
def test_one_statement_that_gives_rows_is_one_select(sql: str) -> None:
    assert is_one_select(sql)


@pytest.mark.parametrize("sql", REFUSED)
def test_what_writes_or_is_several_statements_is_none(sql: str) -> None:
    assert not is_one_select(sql)


@pytest.mark.parametrize("sql", [sql for sql in READ if "delete" not in sql])
def test_what_athena_is_asked_is_a_select_to_duckdb_too(sql: str) -> None:
    assert [statement.type for statement in duckdb.extract_statements(sql)] == [duckdb.StatementType.SELECT]


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("name", queries())
def test_every_named_query_is_one_select(name: str, engine: Engine) -> None:
    values = {each.name: each.example for each in queries()[name].parameters}
    assert is_one_select(queries()[name].text(engine, values))


def test_an_insert_from_our_relations_stays_an_insert() -> None:
    text = own_text("INSERT INTO x SELECT * FROM seen", Engine.ATHENA, Window()).sql
    assert text.startswith("WITH seen AS")
    assert not is_one_select(text)


def test_depth_does_not_matter() -> None:
    depth = 20_000
    assert is_one_select("WITH a AS (" * depth + "SELECT 1" + ") SELECT 1" * depth)
    assert not is_one_select("WITH a AS (" * depth + "DELETE FROM x" + ") SELECT 1" * depth)
    assert is_one_select("(" * depth + "SELECT 1")


WORDS = ("with", "recursive", "a", "(", ")", "as", "not", "materialized", ",", "select", "insert", ";", "1", "'x'")


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_no_words_are_too_odd_to_be_judged(sql: str) -> None:
    assert is_one_select(sql) in {True, False}
    assert not is_one_select(f"INSERT INTO x {sql}")
    assert not is_one_select(f"SELECT 1; {sql} SELECT 2")


@given(st.text())
def test_no_text_begins_otherwise_behind_a_statement_that_writes(sql: str) -> None:
    assert not is_one_select(f"UNLOAD ({sql}")
