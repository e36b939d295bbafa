"""The inventory beside the flow records: tables in DuckDB with the names and columns of those in Athena.

There a table holds each interval once for every day on which it was so; here once, without the column `date`.
"""

from collections.abc import Mapping, Sequence

import duckdb

from flowlogs.analyse.engines import DUCKDB_TYPES
from flowlogs.inventory.history import columns_of, interval_table
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import KINDS


def create_inventory(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of all kinds of resources, empty."""
    for kind in KINDS.values():
        columns = ", ".join(f'"{name}" {DUCKDB_TYPES[type_]}' for name, type_ in columns_of(kind).items())
        connection.execute(f"CREATE OR REPLACE TABLE {kind.table} ({columns})")


def fill_inventory(connection: duckdb.DuckDBPyConnection, intervals: Mapping[str, Sequence[Interval]]) -> None:
    """Put intervals, by the name of their kind, into the tables; raise UnusableInventory where one fits no column."""
    for kind in KINDS.values():
        rows = interval_table(kind, intervals.get(kind.name, ()))
        connection.register("rows", rows)
        connection.execute(f"INSERT INTO {kind.table} SELECT * FROM rows")
        connection.unregister("rows")
