"""Small lakes for tests of the report, and what a page reads of one."""

import base64
import gzip
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.report.contents import MOST_ROWS, About, contents
from flowlogs.analyse.report.picked import FILTER, runnable
from flowlogs.analyse.window import Window
from flowlogs.deliver.local.lake_rows import rows_of

NOON = 1_795_262_400  # 2026-11-21T12:00Z
ABOUT = About("Test", datetime(2026, 11, 22, tzinfo=UTC), "0", ["lake"])
_ALL = Window()
SUMS = ("flows", "packets", "bytes")

Document = dict[str, Any]


def record(start: int = NOON, **more: Any) -> Document:
    """Give a flow record as the lake has it: a web client's, accepted, unless `more` says otherwise; None is absent."""
    document = {
        "account_id": "012345678901",
        "interface_id": "eni-1",
        "srcaddr": "203.0.113.7",
        "dstaddr": "10.0.0.5",
        "srcport": 40_000,
        "dstport": 443,
        "protocol": 6,
        "packets": 2,
        "bytes": 100,
        "start": start,
        "end": start + 59,
        "action": "ACCEPT",
        "log_status": "OK",
        "timestamp": start * 1_000,
        "direction": "inbound",
        "interface_end": "destination",
    } | more
    return {name: value for name, value in document.items() if value is not None}


def silence(status: str, start: int, interface: str = "eni-1") -> Document:
    """Give a row that says there was nothing to record, or that records were lost."""
    row = {"interface_id": interface, "start": start, "end": start + 60, "log_status": status}
    return {**row, "timestamp": start * 1_000}


def lake(folder: Path, documents: Sequence[Document]) -> duckdb.DuckDBPyConnection:
    """Write a lake and open it."""
    return open_lake([str(written(folder, documents))])


def written(folder: Path, documents: Sequence[Document]) -> Path:
    """Write a lake of one file."""
    file = folder / "date=2026-11-21" / "flows.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows_of(documents), file)
    return folder


def data_of(
    connection: duckdb.DuckDBPyConnection,
    asked: Window = _ALL,
    most_rows: int = MOST_ROWS,
) -> Any:
    """Give what a report says."""
    return contents(connection, ABOUT, asked, most_rows=most_rows)


def unpacked(column: Any) -> list[float]:
    """Read a typed array as a page does."""
    values = gzip.decompress(base64.b64decode(column["data"]))
    if column["type"] == "float64":
        return [value for (value,) in struct.iter_unpack("<d", values)]
    length = len(values) // column["width"]
    return [int.from_bytes(values[at::length], "little") for at in range(length)]


def rows(data: Any, at: int = 0) -> list[dict[str, Any]]:
    """Give the rows of a cube, with what their numbers stand for; None is absent, `(others)` what is folded."""
    cube = data["cubes"][at]
    columns = {name: unpacked(column) for name, column in cube["columns"].items()}
    assert {len(values) for values in columns.values()} == {cube["length"]}
    listed = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [_read(row, data, cube) for row in listed]


def told_apart(data: Any, at: int = 0) -> list[str]:
    """Give the addresses that a cube tells apart."""
    first, end = data["cubes"][at]["told"]["address"]
    return list(data["addresses"]["text"][first:end])


def _read(row: dict[str, float], data: Any, cube: Any) -> dict[str, Any]:
    number = {name: int(value) for name, value in row.items()}
    source, destination = (data["addresses"]["text"][number[end]] or None for end in ("source", "destination"))
    reply = number["reply"]
    client, server = (destination, source) if reply == 1 else (source, destination)
    return {
        "start": cube["from"] + number["slice"] * cube["step"],
        "interface_id": data["interfaces"]["id"][number["interface"]] or None,
        "vpc_id": data["interfaces"]["vpc"][number["interface"]],
        "source": source,
        "destination": destination,
        "country": data["addresses"]["country"][number["source"]],
        "server_port": data["ports"][number["port"]],
        "protocol": data["protocols"][number["protocol"]]["number"],
        "action": (None, "ACCEPT", "REJECT")[number["action"]],
        "direction": (None, "inbound", "outbound", "internal")[number["direction"]],
        "interface_end": (None, "source", "destination")[number["end"]],
        "groups": [data["groups"][group] for group in data["group_sets"][number["set"]]],
        "is_reply": (False, True, None)[reply],
        "client": None if reply == 2 else client,
        "server": None if reply == 2 else server,
        **{name: row[name] for name in SUMS},
    }


def totals(found: Sequence[dict[str, Any]]) -> tuple[float, ...]:
    """Sum rows of the cube up."""
    return tuple(sum(row[name] for row in found) for name in SUMS)


def asked_sql(
    connection: duckdb.DuckDBPyConnection, data: Any, panel: str, condition: str = ""
) -> list[tuple[Any, ...]]:
    """Ask what the SQL beside a panel says, under a filter."""
    sql = data["panels"][panel]["sql"].replace(FILTER, f"AND ({condition})" if condition else "")
    window = data["about"]["asked"]
    asked = Window.read(window["from"], window["to"], None, 0)
    answer: list[tuple[Any, ...]] = connection.execute(runnable(sql, asked)).fetchall()
    return answer
