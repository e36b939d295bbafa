"""The relations `conversations` and `directed` on the engine that Athena is made of, and on DuckDB: row by row."""

from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from conversation_lake import CONVERSATIONS, ask
from small_lake import answered
from test_conversations_measured import rows
from trino_node.plugin import Trino

from flowlogs.analyse.engines import Engine, in_words_of
from flowlogs.analyse.named_query import with_relations
from flowlogs.analyse.relations import TABLE, seen
from flowlogs.deliver.local.lake_rows import rows_of

DIRECTED = """
    SELECT is_reply, confidence, reason, interface_end, count(*) AS records, CAST(sum(bytes) AS BIGINT) AS bytes,
        count(client) AS known, max(client) AS client, max(server_port) AS server_port
    FROM directed GROUP BY is_reply, confidence, reason, interface_end ORDER BY 1, 2, 3, 4
"""


@pytest.mark.parametrize("sql", [CONVERSATIONS, DIRECTED], ids=["conversations", "directed"])
@pytest.mark.parametrize("version", [5, 2])
def test_both_engines_tell_the_same(version: int, sql: str, trino: Trino, tmp_path: Path) -> None:
    some = rows(version)[::4]
    file = tmp_path / "lake" / "date=2026-01-01" / "flows.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(rows_of(some), file)
    schema = trino.table_of(tmp_path / "lake").partition(".")[0]
    text = in_words_of(Engine.ATHENA, with_relations(sql, {"seen": seen("true", source=TABLE)}))
    with trino.answered(text, schema) as cursor:
        columns, found = answered(cursor)
    expected = ask(some, sql)
    assert [dict(zip(columns, row, strict=True)) for row in found] == expected
    assert len(expected) > (1000 if sql is CONVERSATIONS else 5)
