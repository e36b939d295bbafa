"""Every named query on DuckDB and on the engine that Athena is made of: one text, over the same files, row by row."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_lake import Case, all_cases, answered, write_lake
from trino_node.plugin import Trino

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.inventory_tables import fill_inventory
from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.named_query import NamedQuery, queries
from flowlogs.analyse.relations import seen
from flowlogs.analyse.window import LastDays, Window
from flowlogs.cli.inventory_contents import contents_of
from flowlogs.inventory.history import columns_of, day_table
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import KINDS

SOME = ("busiest-clients", "group-ports", "rejected-sources", "unused-groups", "what-changed")
"""Queries that name between them every relation: of records, conversations, facts of addresses and the inventory."""
LINES, SEED, BEGIN, ARRIVED = 1_500, 7, "2026-11-19T22:00Z", "2026-11-20"
ENOUGH = 2_000
"""Rows that an answer of a query may have to be compared whole."""

Intervals = Mapping[str, Sequence[Interval]]


@dataclass(frozen=True, slots=True)
class Both:
    """One lake and inventory in DuckDB, and in a schema of Trino."""

    duckdb: duckdb.DuckDBPyConnection
    trino: Trino
    schema: str

    def answer_alike(self, query: NamedQuery, window: Window, *, once: bool = False) -> None:
        """Ask both, with examples for values, and compare."""
        values = {each.name: each.example for each in query.parameters}
        columns, rows = answered(self.duckdb.execute(query.text(Engine.DUCKDB, values, window, once=once)))
        assert len(rows) <= ENOUGH
        text = query.text(Engine.ATHENA, values, window, once=once)
        with self.trino.answered(text, self.schema) as cursor:
            assert answered(cursor) == (columns, [tuple(map(nearly, row)) for row in rows])


def nearly(value: Any) -> Any:
    """Let a fraction be another in its last digits: an engine adds up in whatever order."""
    return pytest.approx(value, rel=1e-9, abs=1e-6) if isinstance(value, float) else value


def both(lake: Path, history: Path, intervals: Intervals, trino: Trino) -> Both:
    """Open a lake in both engines, with an inventory as each has it: as it is, and day by day."""
    connection = open_lake([str(lake)])
    fill_inventory(connection, intervals)
    schema = trino.table_of(lake).partition(".")[0]
    days = sorted(date.fromisoformat(path.name.removeprefix("date=")) for path in lake.glob("date=*"))
    for kind in KINDS.values():
        for day in days_around(days) if kind.name in intervals else ():
            file = history / kind.table / f"date={day}" / "day.parquet"
            file.parent.mkdir(parents=True)
            file.write_bytes(day_table(kind, intervals[kind.name], day))
        (history / kind.table).mkdir(parents=True, exist_ok=True)
        trino.table_of(history / kind.table, columns_of(kind), f"{schema}.{kind.table}")
    return Both(connection, trino, schema)


def days_around(days: Sequence[date]) -> list[date]:
    first, last = days[0] - timedelta(1), days[-1] + timedelta(2)
    return [first + timedelta(number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize("case", [case for case in all_cases() if case.name == case.query], ids=lambda case: case.name)
def test_trino_answers_as_worked_out_by_hand(case: Case, trino: Trino, tmp_path: Path) -> None:
    lake = write_lake(tmp_path / "lake", case.flows)
    made = both(lake, tmp_path / "history", case_intervals(case, tmp_path / "inventory"), trino)
    with made.duckdb:
        values = case.given_values(tmp_path)
        text = queries()[case.query].text(Engine.ATHENA, values, case.window, once=case.once)
        with trino.answered(text, made.schema) as cursor:
            columns, rows = answered(cursor)
    assert columns == list(case.columns), case.what
    assert rows == case.expected(), case.what


def case_intervals(case: Case, folder: Path) -> Intervals:
    if case.inventory is None:
        return {}
    folder.mkdir()
    for name, content in case.inventory.items():
        (folder / name).write_text(json.dumps(content))
    return intervals_in(folder)


def intervals_in(folder: Path) -> Intervals:
    intervals = contents_of([str(folder)]).intervals
    gc.unfreeze()  # what contents_of leaves for the end nanobind would call leaked
    return intervals


@pytest.fixture(scope="module")
def generated(trino: Trino, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Give both engines the flow logs of a generated network over midnight, as `flowlogs run` enriches them.

    One of the files comes twice. All arrive on the day after, whenever this runs: queries leave out later days.
    """
    folder = tmp_path_factory.mktemp("generated")
    given = ["--lines", str(LINES), "--seed", str(SEED), "--start", BEGIN, "--minutes", "180", "--no-events"]
    flowlogs("generate", str(folder), *given)
    knowledge = ["--inventory", str(folder / "inventory"), "--geoip", str(folder / "geoip")]
    again = max((folder / "logs").rglob("*.log.gz"), key=lambda file: (file.stat().st_size, file))
    for logs in (folder / "logs", again):
        flowlogs("run", str(logs), *knowledge, "--no-search", "--out", str(folder / "results"))
    lake = folder / "lake"
    (lake / f"date={ARRIVED}").mkdir(parents=True)
    for file in (folder / "results" / "lake").rglob("*.parquet"):
        file.rename(lake / f"date={ARRIVED}" / file.name)
    intervals = intervals_in(folder / "inventory")
    made = both(lake, folder / "history", intervals, trino)
    with made.duckdb:
        yield made


def flowlogs(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "flowlogs", *arguments], check=True, capture_output=True)  # noqa: S603 (ours)


def test_the_generated_flow_logs_are_the_same_in_both(generated: Both) -> None:
    sql = 'SELECT count(*), sum(bytes), count(DISTINCT srcaddr), min("start"), count(security_group_ids) FROM '
    counted = []
    for table in ("flows", f"({seen('true', once=True)}) AS once"):
        (here,) = generated.duckdb.execute(sql + table).fetchall()
        assert [here] == generated.trino.rows(sql + table, generated.schema)
        counted.append(here[0])
    assert counted[0] > counted[1] > LINES / 2, "copies are among them"


@pytest.mark.parametrize("query", queries().values(), ids=queries())
def test_both_engines_answer_alike(query: NamedQuery, generated: Both) -> None:
    generated.answer_alike(query, Window())


@pytest.mark.parametrize("name", SOME)
def test_a_narrower_time_without_copies_is_the_same_in_both(name: str, generated: Both) -> None:
    generated.answer_alike(queries()[name], Window.read("2026-11-19T23:30", "2026-11-20T00:30", None, 0), once=True)


@pytest.fixture(scope="module")
def old_tables(trino: Trino, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a schema with every table, empty, whose days go back for a month."""
    folder = tmp_path_factory.mktemp("old")
    (folder / f"date={datetime.now(UTC).date() - timedelta(30)}").mkdir()
    schema = trino.table_of(folder).partition(".")[0]
    for kind in KINDS.values():
        trino.table_of(folder, columns_of(kind), f"{schema}.{kind.table}")
    return schema


def deployed(query: NamedQuery) -> str:
    """Write a query as it is saved in an account."""
    values = {each.name: each.example for each in query.parameters}
    return query.commented() + query.text(Engine.ATHENA, values, LastDays(7))


def test_what_is_deployed_can_be_run(trino: Trino, old_tables: str) -> None:
    for query in queries().values():
        assert trino.rows(f"EXPLAIN (TYPE VALIDATE)\n{deployed(query)}", old_tables) == [(True,)], query.name


@pytest.mark.parametrize("name", SOME)
def test_what_is_deployed_reads_no_more_days_than_it_asks_about(name: str, trino: Trino, old_tables: str) -> None:
    ((plan,),) = trino.rows(f"EXPLAIN (TYPE IO, FORMAT JSON)\n{deployed(queries()[name])}", old_tables)
    tables = json.loads(plan)["inputTableColumnInfos"]
    assert tables, "it reads something"
    for table in tables:
        read = [each for each in table["constraint"]["columnConstraints"] if each["columnName"] == "date"]
        days = [part["low"]["value"] for each in read for part in each["domain"]["ranges"]]
        assert len(days) == 10, "the day before, the seven, today and tomorrow"
