"""Puts an inventory beside the flow records of a lake that is open."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def fill_with(connection: "duckdb.DuckDBPyConnection", place: str) -> None:
    """Fill the inventory's tables with what a file, folder or publication holds."""
    from flowlogs.analyse.inventory_tables import fill_inventory
    from flowlogs.cli.inventory_contents import contents_of

    fill_inventory(connection, contents_of([place]).intervals)
    gc.unfreeze()  # nanobind, which DuckDB is bound with, takes what is left at the end for a leak, and says so
