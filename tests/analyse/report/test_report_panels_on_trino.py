"""What stands beside the panels runs on the engine that Athena is made of, and gives there what DuckDB gives."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from report_lake import NOON, data_of, lake, silence
from small_lake import answered
from test_report_page_and_sql import documents
from trino_node.plugin import Trino

from flowlogs.analyse.engines import Engine, in_words_of
from flowlogs.analyse.named_query import with_relations
from flowlogs.analyse.relations import SEEN, seen
from flowlogs.analyse.report.picked import FILTER, runnable
from flowlogs.analyse.window import Window
from flowlogs.decorate.document import lake_columns

pytestmark = pytest.mark.slow
CONDITION = (
    "NOT coalesce(contains(security_group_ids, 'sg-c'), false) AND (server_port = 443 OR server_port = 22)"
    " AND (address_key(source) BETWEEN '00000000000000000000FFFFCB007100' AND '00000000000000000000FFFFCB0071FF'"
    " OR destination = '10.0.0.5')"
)
"""As the page writes a filter."""
WHOLE = ("traffic-pairs", "groups-usage")
"""Panels of which Trino is asked the whole text; of the others, that over what the relation `directed` gives."""


def nearly(value: Any) -> Any:
    """Let a fraction be another in its last digits: an engine adds up in whatever order."""
    return pytest.approx(value, rel=1e-9, abs=1e-6) if isinstance(value, float) else value


def test_every_panel_says_the_same_on_both_engines(trino: Trino, tmp_path: Path) -> None:
    silences = [silence("NODATA", NOON + 3_600, "eni-0"), silence("SKIPDATA", NOON + 3_660, "eni-1")]
    with lake(tmp_path / "lake", [*documents(), *silences]) as connection:
        data = data_of(connection)
        schema = trino.table_of(tmp_path / "lake").partition(".")[0]
        directed = directed_on(trino, connection, tmp_path / "directed")
        assert len(data["panels"]) > 40
        for panel, said in data["panels"].items():
            sql = said["sql"].replace(FILTER, f"AND ({CONDITION})" if panel in WHOLE else "")
            own = {SEEN: seen("true")} | ({} if panel in WHOLE else {"directed": f"SELECT * FROM {directed}"})
            text = in_words_of(Engine.ATHENA, with_relations(sql, own))
            with trino.answered(text, schema) as cursor:
                there = answered(cursor)
            columns, rows = answered(connection.execute(runnable(sql, Window())))
            assert there == (columns, [tuple(map(nearly, row)) for row in rows]), panel
            assert rows, panel


def directed_on(trino: Trino, connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """Make a table of the records with their roles: to judge them anew for every panel takes minutes there."""
    roles = {"client": "string", "server": "string", "server_port": "bigint", "is_reply": "boolean"}
    listed = ", ".join(f'"{name}"' for name in (*lake_columns(), *roles))
    found = connection.sql(runnable(f"SELECT {listed} FROM directed", Window())).to_arrow_table()
    file = folder / "date=2026-11-21" / "directed.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(found, file)
    return trino.table_of(folder, {**lake_columns(), **roles})
