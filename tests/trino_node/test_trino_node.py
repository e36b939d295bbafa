"""The tests' Trino: what it answers, what a table over a folder reads, and to whom it listens."""

import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from trino.exceptions import TrinoUserError

from flowlogs.decorate.document import lake_columns
from flowlogs.deliver.local.lake_rows import SCHEMA, rows_of
from flowlogs.inventory.history import columns_of, day_table
from flowlogs.inventory.kinds import KINDS
from trino_node.plugin import Trino

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 20)


def part(folder: Path, table: pa.Table, day: date = DAY, name: str = "part-0.parquet") -> Path:
    """Write a file of a day below a folder; give the folder."""
    path = folder / f"date={day.isoformat()}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return folder


def documents(*texts: dict[str, Any]) -> pa.Table:
    return rows_of(texts)


def sortable(row: Sequence[Any]) -> str:
    """Write a row as text, the same for maps that differ in order alone."""
    return repr([sorted(value.items()) if isinstance(value, dict) else value for value in row])


def as_pyarrow_reads(table: pa.Table) -> list[tuple[Any, ...]]:
    rows = [tuple(row.values()) for row in table.to_pylist(maps_as_pydicts="strict")]
    return sorted(rows, key=sortable)


def as_trino_reads(table: str, trino: Trino) -> list[tuple[Any, ...]]:
    named = ", ".join(f'"{name}"' for name in SCHEMA.names)
    return sorted(trino.rows(f"SELECT {named} FROM {table}"), key=sortable)


def test_values_come_as_pythons_own(trino: Trino) -> None:
    values = {
        "BIGINT '-9223372036854775808'": -(2**63),
        "CAST(0.1 AS DOUBLE)": 0.1,
        "'Zürich 東京 ''x'' '": "Zürich 東京 'x' ",
        "true": True,
        "CAST(NULL AS BIGINT)": None,
        "ARRAY['a', NULL]": ["a", None],
        "CAST(ARRAY[] AS array(varchar))": [],
        "MAP(ARRAY['k'], ARRAY[1])": {"k": 1},
        "DATE '2026-11-20'": DAY,
        "TIMESTAMP '2026-11-20 10:00:00.123'": datetime(2026, 11, 20, 10, 0, 0, 123_000),
    }
    assert trino.rows(f"SELECT {', '.join(values)}") == [tuple(values.values())]


def test_columns_are_named_and_nothing_is_no_row(trino: Trino) -> None:
    assert trino.names('SELECT 1 AS one, 2 AS "end", 3') == ["one", "end", "_col2"]
    assert trino.rows("SELECT 1 WHERE false") == []


def test_what_is_refused_is_an_error(trino: Trino) -> None:
    with pytest.raises(TrinoUserError, match="no_such_table"):
        trino.rows(f"SELECT * FROM {trino.schema()}.no_such_table")


def test_a_session_is_in_utc_whatever_the_machine_is(trino: Trino) -> None:
    assert trino.rows("SELECT current_timezone(), from_unixtime(0)") == [("UTC", datetime(1970, 1, 1, tzinfo=UTC))]


def test_every_schema_is_a_new_one(trino: Trino) -> None:
    schemas = [trino.schema() for _ in range(3)]
    assert len(set(schemas)) == 3
    assert set(schemas) <= {name for (name,) in trino.rows("SHOW SCHEMAS")}


def test_it_listens_to_this_machine_only(trino: Trino) -> None:
    at = urlsplit(trino.url)
    assert at.hostname == "127.0.0.1"
    with pytest.raises(OSError, match=r"refused|timed out|assign"):
        socket.create_connection(("127.0.0.2", at.port or 0), timeout=5)  # what listens everywhere listens here too


def test_objects_of_a_bucket_are_files_below_the_root(trino: Trino, tmp_path: Path) -> None:
    bucket = trino.bucket(part(tmp_path, documents({"srcaddr": "10.0.0.1"})))
    (found,) = trino.root.joinpath(bucket.removeprefix("s3://")).rglob("*.parquet")
    assert found.read_bytes() == (tmp_path / f"date={DAY}/part-0.parquet").read_bytes()
    table = trino.table_of(tmp_path)
    ((path,),) = trino.rows(f'SELECT "$path" FROM {table}')
    assert path.startswith("s3://")
    assert path.endswith(f"/date={DAY}/part-0.parquet")


def test_the_lake_of_a_run_reads_as_it_was_written(trino: Trino, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flowlogs", "run", "events/flow-log-v2.log", "events/flow-log-v5.log.gz"]
    given = ["--inventory", "events/network-interfaces.json", "--no-search", "--out", str(tmp_path), "--json"]
    ended = subprocess.run(command + given, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 (our own)
    lake = tmp_path / "lake"
    written = pq.ParquetDataset(sorted(map(str, lake.rglob("*.parquet"))), partitioning=None).read()
    assert written.num_rows == json.loads(ended.stdout)["lake"]["delivered"] > 10
    assert any(written["security_group_ids"].to_pylist()), "lists are among what is compared"
    assert as_trino_reads(trino.table_of(lake), trino) == as_pyarrow_reads(written)


def test_lists_maps_times_and_numbers_read_as_pyarrow_reads_them(trino: Trino, tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [
        {},
        {"security_group_ids": [], "extra": {}},
        {"security_group_ids": ["sg-2", "sg-1"], "extra": {"ecs-": "é 東", "": ""}, "srcaddr": "", "srcport": 0},
        {"bytes": 2**63 - 1, "packets": -(2**63), "source_location_lat": -0.1, "timestamp": 1763632800123},
        {"timestamp": -1, "source_location_lat": 1e300},
    ]
    table = documents(*given)
    assert as_trino_reads(trino.table_of(part(tmp_path, table)), trino) == as_pyarrow_reads(table)


def test_a_column_that_a_file_lacks_is_null_there_and_order_is_of_no_account(trino: Trino, tmp_path: Path) -> None:
    part(tmp_path, documents({"srcaddr": "10.0.0.1", "bytes": 1}).select(["bytes", "srcaddr"]), name="old.parquet")
    part(tmp_path, documents({"srcaddr": "10.0.0.2", "bytes": 2, "direction": "inbound"}), name="new.parquet")
    rows = trino.rows(f"SELECT srcaddr, bytes, direction, extra FROM {trino.table_of(tmp_path)} ORDER BY 1")
    assert rows == [("10.0.0.1", 1, None, None), ("10.0.0.2", 2, "inbound", None)]


def test_partitions_are_computed_from_the_date(trino: Trino, tmp_path: Path) -> None:
    for days in range(3):
        part(tmp_path, documents({"bytes": days}), DAY + timedelta(days))
    table = trino.table_of(tmp_path)
    part(tmp_path, documents({"bytes": 9}), DAY + timedelta(1), "later.parquet")  # nobody adds a partition
    assert trino.rows(f'SELECT "date", sum(bytes) FROM {table} GROUP BY 1 ORDER BY 1') == [
        ("2026-11-20", 0),
        ("2026-11-21", 10),
        ("2026-11-22", 2),
    ]
    assert trino.rows(f"SELECT sum(bytes) FROM {table} WHERE \"date\" BETWEEN '2026-11-21' AND '2026-11-21'") == [(10,)]


def test_a_table_of_an_empty_folder_is_empty(trino: Trino, tmp_path: Path) -> None:
    assert trino.rows(f"SELECT * FROM {trino.table_of(tmp_path)}") == []


def test_it_says_how_a_table_is_made(trino: Trino, tmp_path: Path) -> None:
    table = trino.table_of(part(tmp_path, documents({})))
    ((said,),) = trino.rows(f"SHOW CREATE TABLE {table}")
    assert said.startswith(f"CREATE TABLE awsdatacatalog.{table} (")
    for words in (
        "security_group_ids array(varchar)",
        "timestamp timestamp(3)",
        "extra map(varchar, varchar)",
        "source_location_lat double",
        "partition_projection_format = 'yyyy-MM-dd'",
        "partition_projection_interval = 1",
        "partition_projection_interval_unit = 'DAYS'",
        "partition_projection_type = 'DATE'",
        "'NOW+1DAYS']",
        "partition_projection_enabled = true",
        "partitioned_by = ARRAY['date']",
    ):
        assert words in said
    columns = [name for name, *_ in trino.rows(f"SHOW COLUMNS FROM {table}")]
    assert columns == [*lake_columns(), "date"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_tables_of_the_inventory_are_read_too(kind: Any, trino: Trino, tmp_path: Path) -> None:
    path = tmp_path / f"date={DAY}"
    path.mkdir()
    (path / "day.parquet").write_bytes(day_table(kind, [], DAY))
    table = trino.table_of(tmp_path, columns_of(kind), f"{trino.schema()}.{kind.table}")
    assert trino.names(f"SELECT * FROM {table}") == [*columns_of(kind), "date"]
