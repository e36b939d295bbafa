"""Gives every test the fixture `trino`, a real server; pytest loads it by name (pyproject.toml)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from java_node.node import Node
from java_node.program import Program
from trino.dbapi import Connection, Cursor

from flowlogs.decorate.document import lake_columns
from trino_node.glue_table import create_table
from trino_node.program import BUCKETS, TRINO
from trino_node.table_by_date import days_back, table_by_date

OF_SMALL_TABLES = {
    "task_concurrency": "1",
    "join_reordering_strategy": "NONE",
    "join_distribution_type": "BROADCAST",
}
"""Settings of a session for soon answers: each step of a plan is one thread, tables are joined as a text names them."""


@dataclass(frozen=True, slots=True)
class Trino:
    """A server that the tests of a run share; its catalog is named as Athena's, its time zone is UTC.

    `s3://BUCKET/KEY` is the file `root/BUCKET/KEY`. Statements raise `trino.exceptions.TrinoUserError`.
    """

    url: str
    root: Path
    worker: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def rows(self, sql: str, schema: str | None = None) -> list[tuple[Any, ...]]:
        """Run a statement; give its rows in Python's values: numbers, texts, dates and times, lists, dicts, None.

        Tables that are named without a schema are those of `schema`.
        """
        with self.answered(sql, schema) as cursor:
            return [tuple(row) for row in cursor.fetchall()]

    def names(self, sql: str, schema: str | None = None) -> list[str]:
        """Run a query; give the names of its columns."""
        with self.answered(sql, schema) as cursor:
            return [column.name for column in cursor.description]

    @contextmanager
    def answered(self, sql: str, schema: str | None = None) -> Iterator[Cursor]:
        """Run a statement; give the cursor (DB API) with its answer while the context lasts."""
        session = Connection(
            self.url,
            user="tests",
            catalog="awsdatacatalog",
            schema=schema,
            timezone="UTC",
            session_properties=OF_SMALL_TABLES,
        )
        with closing(session), closing(session.cursor()) as cursor:
            cursor.execute(sql)
            yield cursor

    def schema(self) -> str:
        """Make a schema that no other test has; give its name."""
        name = self._new_name()
        self.rows(f"CREATE SCHEMA {name}")
        return name

    def table_of(self, folder: Path, columns: Mapping[str, str] | None = None, name: str | None = None) -> str:
        """Make the deployed table over a folder of this machine that has folders `date=YYYY-MM-DD`; give its name.

        `columns` are Hive types by name, the lake's without it; `name` is `SCHEMA.TABLE`, without it `flows` in a new
        schema. Its dates go back to the oldest folder that is there now.
        """
        name = name or f"{self.schema()}.flows"
        table = table_by_date(columns or lake_columns(), self.bucket(folder), days_back(folder))
        self.rows(create_table(name, table))
        return name

    def bucket(self, folder: Path) -> str:
        """Give the address of a new bucket whose objects are the files of a folder, as they come and go."""
        name = self._new_name()
        (self.root / name).symlink_to(folder.resolve(), target_is_directory=True)
        return f"s3://{name}/"

    def _new_name(self) -> str:
        return f"{self.worker}n{next(self._numbers)}"


@pytest.fixture(scope="session")
def trino(java_node: Callable[[Program], Node], worker: str) -> Trino:
    """Give the run's Trino, started when the first test asks for it."""
    node = java_node(TRINO)
    return Trino(node.url, node.home / BUCKETS, worker)
