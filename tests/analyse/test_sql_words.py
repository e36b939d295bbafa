from itertools import pairwise

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowlogs.analyse.engines import Engine, in_words_of
from flowlogs.analyse.named_query import own_text, queries, with_relations
from flowlogs.analyse.relations import named_in
from flowlogs.analyse.sql_words import Kind, pieces, without_literals
from flowlogs.analyse.window import Window
from flowlogs.errors import SettingsError

OWN = {"seen": "SELECT 7 AS x"}
TO_KEY = "to_hex(CAST(TRY_CAST({} AS IPADDRESS) AS VARBINARY))"
TO_TIME = "CAST(from_unixtime({}) AS TIMESTAMP)"


@given(st.text("'\"-/*$\\eE()., \r\nseen") | st.text())
@example("E'")
@example("$a$ it's $b$")
@example("/* it's")
def test_a_text_is_taken_apart_without_loss(sql: str) -> None:
    assert "".join(piece.text for piece in pieces(sql)) == sql


@given(st.text(), st.text().filter(lambda text: "\0" not in text))
def test_a_literal_is_one_piece_whatever_is_in_it(before: str, text: str) -> None:
    written = "'" + text.replace("'", "''") + "'"
    assert [piece.kind for piece in pieces(f"SELECT {written}, x")][2:4] == [Kind.LITERAL, Kind.SIGN]


@pytest.mark.parametrize(
    ("sql", "bare"),
    [
        ("SELECT '-- a' AS x -- it's", "select '' as x  "),
        ("a/* 'b' */c", "a c"),
        ("""'o''clock' "end" "a ""b" E'\\'' x""", "'' end \"\" '' x"),
        ("$$ ' -- $$ + $t$ $$ $t$", "'' + ''"),
        ("a -- b\rc", "a   c"),
    ],
)
def test_what_is_left_without_literals_and_comments(sql: str, bare: str) -> None:
    assert without_literals(sql) == bare


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x FROM Seen",
        'SELECT x FROM "seen"',
        "select x from(seen)",
        "SELECT seen.x FROM SEEN",
        "SELECT b.x FROM range(1) AS a(i), seen AS b",
        "SELECT x FROM range(1) AS a(i) JOIN/* all */seen ON true",
        "FROM seen SELECT x",
        "TABLE seen",
        "SELECT CASE '--' WHEN '' THEN 0 ELSE x END FROM seen",
        "SELECT x FROM seen WHERE 'it''s /*' <> '' -- and so on",
        "-- WITH a comment\n/* or\n two */ SELECT x FROM seen",
        "-- mine\nWITH twice(y) AS (SELECT 2 * x FROM seen) SELECT y - 7 FROM twice",
        "with recursive r(y) AS (SELECT x FROM seen UNION SELECT y FROM r) SELECT y FROM r",
        "(SELECT x FROM seen) UNION (SELECT x FROM seen)",
        "SELECT (WITH seen2 AS(SELECT x FROM seen) SELECT x FROM seen2)",
        "SELECT 'AS seen AS (' AS t, x FROM seen LIMIT 1",
    ],
)
def test_a_relation_is_there_wherever_a_text_selects_from_it(sql: str) -> None:
    assert duckdb.execute(with_relations(sql, OWN)).fetchall()[0][-1] == 7


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS seen",
        "SELECT 'from seen'",
        "SELECT 1 -- from seen",
        "SELECT /* from seen */ 1",
        "SELECT count(*) AS seen FROM flows ORDER BY seen",
        "SELECT x FROM other.seen",
        "SELECT x FROM seen(3)",
        "SELECT x FROM unseen",
        "WITH Seen(x) AS NOT MATERIALIZED(SELECT 1) SELECT x FROM seen",
        'WITH "seen" AS (SELECT 1) SELECT 1 FROM seen',
    ],
)
def test_a_relation_that_a_text_does_not_select_from_stays_away(sql: str) -> None:
    assert list(named_in(sql, OWN)) == []
    assert with_relations(sql, OWN) == sql


def test_relations_go_behind_explain() -> None:
    for sql in ("EXPLAIN SELECT x FROM seen", "EXPLAIN (FORMAT json) SELECT x FROM seen", "EXPLAIN FROM seen"):
        assert "Dummy" in str(duckdb.execute(with_relations(sql, OWN)).fetchall()).replace("DUMMY", "Dummy")
    sql = "explain analyze with a AS (SELECT x FROM seen) SELECT x FROM a"
    assert with_relations(sql, OWN).startswith("explain analyze with seen AS (")


@pytest.mark.parametrize(
    ("sql", "is_of_time"),
    [
        ("SELECT 1 FROM seen", True),
        ("SELECT 1 FROM Conversations", True),
        ("SELECT 1 FROM flows WHERE 'seen' <> 'from seen'", False),
        ("SELECT address_key(srcaddr) AS seen FROM flows", False),
    ],
)
@pytest.mark.parametrize("engine", Engine)
def test_whether_the_time_asked_narrows_a_text_is_told(sql: str, is_of_time: bool, engine: Engine) -> None:
    assert own_text(sql, engine, Window(0, 1)).is_of_time is is_of_time


def test_the_days_asked_narrow_the_inventory_in_athena_alone() -> None:
    sql = "SELECT 1 FROM known_security_groups"
    assert own_text(sql, Engine.ATHENA, Window(0, 1)).is_of_time
    assert not own_text(sql, Engine.DUCKDB, Window(0, 1)).is_of_time


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("address_key(a)", TO_KEY.format("a")),
        ("ADDRESS_KEY (a)", TO_KEY.format("a")),
        ("address_key/* ( */(a)", TO_KEY.format("a")),
        ("utc_time(f(g(h(s)), '(', \")\"))", TO_TIME.format("f(g(h(s)), '(', \")\")")),
        ("utc_time(s -- )\n)", TO_TIME.format("s -- )\n")),
        ("address_key(x(utc_time(s)))", TO_KEY.format(f"x({TO_TIME.format('s')})")),
        ("'address_key(a)'", "'address_key(a)'"),
        ('"utc_time"', '"utc_time"'),
        ("1 -- utc_time(s)", "1 -- utc_time(s)"),
        ("t.address_key, address_key", "t.address_key, address_key"),
        ("my_utc_time(s)", "my_utc_time(s)"),
    ],
)
def test_calls_that_athena_lacks_become_expressions(sql: str, written: str) -> None:
    assert in_words_of(Engine.ATHENA, sql) == written
    assert in_words_of(Engine.DUCKDB, sql) == sql


def test_a_port_that_is_computed_is_graded_as_a_whole() -> None:
    graded = in_words_of(Engine.ATHENA, "SELECT port_grade(if(true, 400, 1) + 99600)")
    assert duckdb.execute(graded).fetchall() == [(3,)]


@pytest.mark.parametrize("sql", ["utc_time(", "SELECT address_key((a) FROM flows", "utc_time(')"])
def test_a_call_without_an_end_is_refused(sql: str) -> None:
    with pytest.raises(SettingsError, match="is not closed"):
        in_words_of(Engine.ATHENA, sql)


@pytest.mark.parametrize("name", queries())
def test_no_word_of_duckdb_alone_is_left_in_a_query_for_athena(name: str) -> None:
    query = queries()[name]
    text = query.text(Engine.ATHENA, {each.name: each.example for each in query.parameters})
    words = [piece.text.lower() for piece in pieces(text) if piece.is_said]
    for call in ("address_key", "utc_time", "port_grade"):
        assert (call, "(") not in set(pairwise(words))
