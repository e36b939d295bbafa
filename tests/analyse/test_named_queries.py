import gc
import json
import re
from collections.abc import Callable, Collection
from pathlib import Path

import duckdb
import pytest
from small_lake import CASES, Case, all_cases, answered, write_lake

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.inventory_tables import fill_inventory
from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.named_query import NamedQuery, queries
from flowlogs.analyse.needed_columns import given_by, lacking
from flowlogs.analyse.parameters import BOUNDS, Kind, Parameter
from flowlogs.analyse.relations import SEEN, TABLE, texts
from flowlogs.cli.inventory_contents import contents_of
from flowlogs.decorate.document import lake_columns
from flowlogs.errors import SettingsError
from flowlogs.record.fields import FIELDS

QUERIES = Path(__file__).parents[2] / "flowlogs" / "analyse" / "queries"
every_query = pytest.mark.parametrize("query", queries().values(), ids=queries())
every_parameter = pytest.mark.parametrize(
    ("query", "parameter"),
    [(query, parameter) for query in queries().values() for parameter in query.parameters],
    ids=lambda each: each.name,
)
HOSTILE = {
    Kind.COUNT: ["", "0", "-1", "1000001", "1; DROP TABLE flows"],
    Kind.STEPS: ["", "0", "-1", "2001", "1; DROP TABLE flows"],
    Kind.NUMBER: ["", "-1", "1; DROP TABLE flows", "1e9", "0x10", "٣", "1_000", "9" * 30],
    Kind.DECIMAL: ["", "-1", "nan", "inf", "1' OR 'a'='a"],
    Kind.PORTS: ["", ",", "65536", "22;23", "22,(SELECT 1)", "22 OR true"],
    Kind.TEXT: ["a\0b"],
    Kind.TEXTS: ["", ",", "a\0b"],
    Kind.ADDRESS: ["", "10.0.0.1'--", "10.0.0.0/8", "10.0.0.256", "host.example"],
    Kind.NETWORKS: ["", ",", "10.0.0.0/33", "10.0.0.0/8' OR true", "everything"],
    Kind.ZONES: ["", "10.0.0.0/8=", "10.0.0.0/99=office", "office=10.0.0.0/8", "/no/such/file"],
}
"""Values of no such kind."""


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_answers_as_worked_out_by_hand(case: Case, tmp_path: Path) -> None:
    lake = open_lake([str(write_lake(tmp_path / "lake", case.flows))])
    _add_inventory(lake, case, tmp_path / "inventory")
    text = queries()[case.query].text(Engine.DUCKDB, case.given_values(tmp_path), case.window, once=case.once)
    columns, rows = answered(lake.execute(text))
    assert columns == list(case.columns), case.what
    assert rows == case.expected(), case.what


@every_query
def test_every_query_has_an_answer_made_by_hand_that_is_not_empty(query: NamedQuery) -> None:
    cases = [case for case in all_cases() if case.query == query.name]
    assert any(case.rows for case in cases), f"write {CASES.name}/{query.name}.json"


def test_every_case_is_of_a_query_and_says_what_it_shows() -> None:
    cases = all_cases()
    assert {case.query for case in cases} <= set(queries())
    assert all(case.what.endswith(".") for case in cases)
    assert len({case.what for case in cases}) == len(cases)


@every_query
def test_a_query_says_what_it_asks_and_what_it_takes(query: NamedQuery) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", query.name)
    assert query.title[:1].isupper()
    assert not query.title.endswith((".", "?"))
    assert re.fullmatch(r"[A-Z][^?]*[^ ?]\?", query.question), "one sentence that asks"
    assert all(each.meaning for each in query.parameters)
    assert len({each.name for each in query.parameters}) == len(query.parameters)


def test_titles_and_questions_tell_the_queries_apart() -> None:
    for heads in ([each.title for each in queries().values()], [each.question for each in queries().values()]):
        assert len(set(heads)) == len(heads)


@every_query
def test_an_answer_has_an_order_and_names_its_columns_plainly(query: NamedQuery, tmp_path: Path) -> None:
    lake = open_lake([str(write_lake(tmp_path, [{"flow": "10.0.0.1:40000 > 10.0.0.2:443"}]))])
    examples = {each.name: each.example for each in query.parameters}
    columns, _ = answered(lake.execute(query.text(Engine.DUCKDB, examples)))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", column) for column in columns)
    assert len(set(columns)) == len(columns)
    assert "ORDER BY" in query.sql


@every_parameter
def test_the_example_of_a_parameter_is_one(query: NamedQuery, parameter: Parameter) -> None:
    assert parameter.literal(parameter.example), query.name


@every_parameter
def test_a_value_that_is_none_of_its_kind_is_refused_by_name(query: NamedQuery, parameter: Parameter) -> None:
    examples = {each.name: each.example for each in query.parameters}
    for value in HOSTILE[parameter.kind]:
        with pytest.raises(SettingsError, match=parameter.name):
            query.text(Engine.DUCKDB, examples | {parameter.name: value})


@pytest.mark.parametrize("end", [0, 1], ids=["least", "largest"])
@every_query
def test_a_query_takes_the_least_and_the_largest_values_of_its_parameters_together(
    query: NamedQuery, end: int, tmp_path: Path
) -> None:
    """Else a product overflows (both engines' whole numbers have 32 bits), or nothing divides something."""
    flows = [
        {"flow": "10.0.0.1:40000 > 10.0.0.2:443", "action": action, "start": f"2026-11-{day}"}
        for day in (20, 21)
        for action in ("ACCEPT", "REJECT")
    ]
    lake = open_lake([str(write_lake(tmp_path, flows))])
    values = {
        each.name: str(BOUNDS[each.kind][end]) if each.kind in BOUNDS else each.example for each in query.parameters
    }
    lake.execute(query.text(Engine.DUCKDB, values)).fetchall()


def _asked_without(case: Case, folder: Path) -> Callable[[Collection[str]], bool]:
    """Give what says whether a case still has rows where no record has these columns."""
    folder.mkdir()
    lake = open_lake([str(write_lake(folder / "lake", case.flows))])
    _add_inventory(lake, case, folder / "inventory")
    lake.execute(f"ALTER VIEW {TABLE} RENAME TO written")
    text = queries()[case.query].text(Engine.DUCKDB, case.given_values(folder), case.window, once=case.once)

    def has_rows(columns: Collection[str]) -> bool:
        emptied = ", ".join(f"nullif({name}, {name}) AS {name}" for name in columns)
        lake.execute(f"CREATE OR REPLACE VIEW {TABLE} AS SELECT * REPLACE ({emptied}) FROM written")
        return bool(lake.execute(text).fetchall())

    return has_rows


def _both_ends(column: str) -> str:
    return re.sub(r"^(?:source|destination)_|^pkt_(?:src|dst)", "", column)


ALWAYS = {field.key for field in FIELDS.values() if field.since == 2} | {"timestamp"}
"""Columns that each record has."""


@every_query
def test_a_query_says_which_columns_it_cannot_do_without(query: NamedQuery, tmp_path: Path) -> None:
    """Taken from every case, the columns of a need leave no row; so does nothing else, of both ends together."""
    cases = [case for case in all_cases() if case.query == query.name and case.rows and "instances" not in case.values]
    asked = [_asked_without(case, tmp_path / str(number)) for number, case in enumerate(cases)]
    for needed in query.needs:
        assert not any(has_rows(needed) for has_rows in asked), needed
    written = {column for case in cases for row in case.flows for column in row} & set(lake_columns()) - ALWAYS
    for name in sorted({_both_ends(column) for column in written}):
        columns = {column for column in lake_columns() if _both_ends(column) == name}
        if not any(columns & set(needed) for needed in query.needs):
            assert any(has_rows(columns) for has_rows in asked), f"say that {query.name} needs {columns}"


def test_a_need_is_lacking_where_no_record_at_all_has_one_of_its_columns(tmp_path: Path) -> None:
    needs = [("source_threat", "destination_threat"), ("interface_end",), ("ecs_task_id",)]
    flow = {"flow": "10.0.0.1:40000 > 10.0.0.2:443"}
    lake = open_lake([str(write_lake(tmp_path, [flow, {**flow, "destination_threat": ["a"], "ecs_task_id": "t"}]))])
    assert lacking(lake, needs) == [("interface_end",)]
    lake.execute("CREATE OR REPLACE VIEW flows AS SELECT * FROM (SELECT NULL AS interface_end) AS none WHERE false")
    assert lacking(lake, needs[1:2]) == []


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("interface_end",), "`flowlogs enrich --inventory`"),
        (("source_asn", "destination_network"), "`flowlogs enrich --geoip`"),
        (("ecs_task_id",), "a flow log with the field ecs-task-id"),
        (
            ("interface_type", "interface_owner"),
            "a flow log with the field interface-type or `flowlogs enrich --inventory`",
        ),
    ],
)
def test_what_gives_a_column_is_told_by_the_tables_of_fields_and_facts(columns: tuple[str, ...], said: str) -> None:
    assert given_by(columns) == said


@every_query
def test_an_answer_is_cut_where_limit_says_and_only_there(query: NamedQuery) -> None:
    default = next((int(each.example) for each in query.parameters if each.name == "limit"), None)
    assert query.most_rows({}) == default
    assert query.most_rows({"limit": " 7"}) == (default and 7)
    assert ("LIMIT $limit" in query.sql) == (default is not None)


@every_query
def test_a_file_is_utf_8_with_no_line_too_long_to_read(query: NamedQuery) -> None:
    lines = (QUERIES / f"{query.name}.sql").read_text(encoding="utf-8").splitlines()
    assert max(len(line) for line in lines if line.startswith("-- ")) <= 200
    assert max(map(len, query.sql.splitlines())) <= 120
    assert not any(line != line.rstrip() for line in lines)


@every_query
def test_a_query_is_one_statement_of_what_both_engines_know(query: NamedQuery) -> None:
    plain = re.sub(r"--[^\n]*|'[^']*'", "", query.sql)
    assert ";" not in plain
    assert not re.search(
        r"(?i)\b(GROUP BY ALL|EXCLUDE|PIVOT|QUALIFY|time_bucket|median|quantile\w*|approx\w*|regexp\w*|split_part"
        r"|printf|len|greatest|least|md5|list_\w+|now|percentile_cont|to_timestamp|from_unixtime)\b",
        plain,
    )


@every_query
def test_a_query_names_none_of_its_steps_as_a_relation_is_named(query: NamedQuery) -> None:
    steps = re.findall(r"(?:WITH|,)\s+(?:--[^\n]*\n)*([a-z_]+) AS \(", query.sql)
    assert not {*steps} & {*texts(), SEEN, TABLE}
    assert len(set(steps)) == len(steps)


def test_queries_that_ask_which_addresses_are_ours_mean_the_same_by_it() -> None:
    defaults = {each.default for query in queries().values() for each in query.parameters if each.name == "internal"}
    assert len(defaults) == 1


def _add_inventory(lake: duckdb.DuckDBPyConnection, case: Case, folder: Path) -> None:
    if case.inventory is None:
        return
    folder.mkdir()
    for name, content in case.inventory.items():
        (folder / name).write_text(json.dumps(content))
    fill_inventory(lake, contents_of([str(folder)]).intervals)
    gc.unfreeze()  # what contents_of leaves for the end nanobind would call leaked
