"""Asks what the relations `conversations` and `directed` make of some rows of the lake."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from flowlogs.analyse.engines import MACROS
from flowlogs.analyse.named_query import with_relations
from flowlogs.analyse.relations import TABLE
from flowlogs.deliver.local.lake_rows import rows_of

Row = Mapping[str, Any]
SEEN = {"seen": f"SELECT * FROM {TABLE}"}
CONVERSATIONS = "SELECT * FROM conversations ORDER BY scope, low_address, low_port, high_address, high_port, protocol"


def ask(rows: Iterable[Row], sql: str = CONVERSATIONS) -> list[dict[str, Any]]:
    """Give the answer row by row, all of the rows being in the asked time."""
    with duckdb.connect() as connection:
        connection.execute(MACROS)
        connection.register("rows", rows_of(list(rows)))
        connection.execute(f"CREATE TABLE {TABLE} AS SELECT *, '2026-01-01' AS \"date\" FROM rows")
        answer = connection.execute(with_relations(sql, SEEN))
        columns = [column[0] for column in answer.description or ()]
        return [dict(zip(columns, values, strict=True)) for values in answer.fetchall()]
