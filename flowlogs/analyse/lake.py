"""Opens Parquet files of the lake in DuckDB, as the table `flows` that Athena has."""

import glob
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from flowlogs.analyse.engines import DUCKDB_TYPES, MACROS
from flowlogs.analyse.inventory_tables import create_inventory
from flowlogs.analyse.parameters import quoted
from flowlogs.analyse.relations import TABLE
from flowlogs.analyse.views import views
from flowlogs.decorate.document import lake_columns
from flowlogs.errors import UnreadableInput

ENDING = ".parquet"
MEMORY = "2GB"
"""What DuckDB may use where nothing else is said; its own default, most of the machine, is not for a laptop."""
_OF_GLOB = re.compile(r"[*?\[]")


def open_lake(places: Sequence[str], *, memory: str = MEMORY, in_order: bool = False) -> duckdb.DuckDBPyConnection:
    """Open files, folders or globs of Parquet; give a connection with the view `flows` and those of views.py.

    A file that several places name is read once.

    `memory` is what DuckDB may use, e.g. `1GB`; what is more goes to disk. With `in_order`, rows of a query that asks
    for no order come as they lie in the files, which takes up to a fifth more time and memory. Raise UnreadableInput
    where nothing is there, or a file is not of the lake.
    """
    files = list({os.path.realpath(file): file for place in places for file in parquet_files(place)}.values())
    connection = duckdb.connect(config={"memory_limit": memory})
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")  # no network
    connection.execute(f"SET temp_directory = {quoted(tempfile.gettempdir())}")  # else `.tmp` in the current folder
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET preserve_insertion_order = {in_order}")
    connection.execute(MACROS)
    try:
        connection.execute(f"CREATE VIEW {TABLE} AS SELECT {_selected(connection, files)} FROM {_read(files)}")
        create_inventory(connection)
        for view in views():
            connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
    except duckdb.Error as error:
        raise UnreadableInput(
            f"{', '.join(places)}: not readable as Parquet of flow records: {sentence_of(error)}"
        ) from error
    return connection


def sentence_of(error: Exception) -> str:
    """Leave out of what DuckDB says the picture of the place, which takes several lines."""
    return " ".join(str(error).partition("\n\nLINE ")[0].split())


def parquet_files(place: str) -> list[str]:
    """Find the Parquet files behind a file, folder or glob; raise UnreadableInput where there is none."""
    path = Path(place)
    if path.is_file():
        return [place]
    found = path.rglob(f"*{ENDING}") if path.is_dir() else map(Path, glob.glob(place, recursive=True))  # noqa: PTH207 (a glob from anywhere)
    files = sorted(str(file) for file in found if file.is_file() and not file.name.startswith("."))
    if not files and not path.is_dir() and not glob.has_magic(place):
        raise UnreadableInput(f"{place}: no such file or folder")
    if not files:
        raise UnreadableInput(f"{place}: no Parquet file there; make some of log files with `flowlogs enrich`")
    return files


def _read(files: Iterable[str]) -> str:
    listed = ", ".join(quoted(_OF_GLOB.sub(r"[\g<0>]", file)) for file in files)  # or DuckDB looks for more of them
    options = "hive_partitioning = true, hive_types_autocast = false, union_by_name = true"
    return f"read_parquet([{listed}], {options})"


def _selected(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    """Select every column of the lake, NULL where the files lack it; raise UnreadableInput where they lack all."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {_read(files)}").fetchall()
    there = {row[0] for row in described}
    if not there & {"srcaddr", "log_status", "interface_id"}:
        raise UnreadableInput(f"{files[0]}: Parquet, but not of flow records; it has {', '.join(sorted(there))[:200]}")
    columns = [_column(name, DUCKDB_TYPES[glue], there) for name, glue in lake_columns().items()]
    day = 'CAST("date" AS VARCHAR)' if "date" in there else "strftime(\"timestamp\", '%Y-%m-%d')"
    return ", ".join([*columns, f'{day} AS "date"'])


def _column(name: str, type_: str, there: set[str]) -> str:
    value = f'"{name}"' if name in there else "NULL"
    return f'CAST({value} AS {type_}) AS "{name}"'
