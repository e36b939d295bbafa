"""Small lakes: Parquet of rows of which only what matters is written, and questions with answers made by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flowlogs.analyse.window import Window
from flowlogs.deliver.local.lake_rows import rows_of
from flowlogs.record.timestamps import unix_seconds

CASES = Path(__file__).parent / "analyse" / "cases"
BEGIN = "2026-11-20T10:00:00"
"""When a flow record of a case begins that says nothing else, UTC."""

Row = dict[str, Any]
_ALWAYS: Row = {
    "version": 2,
    "account_id": "123456789012",
    "interface_id": "eni-1",
    "start": BEGIN,
    "log_status": "OK",
}
_OF_A_FLOW: Row = {"protocol": 6, "packets": 1, "bytes": 100, "action": "ACCEPT"}
_LASTS = 60
"""Seconds from `start` to `end` where a row does not say it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file of `analyse/cases/`: flow records, a query and its answer, made by hand."""

    name: str
    what: str
    flows: Sequence[Row]
    values: Mapping[str, str]
    """Of parameters."""
    window: Window
    once: bool
    inventory: Mapping[str, Any] | None
    """Files of an inventory by name, with their JSON."""
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def query(self) -> str:
        """The query it is about: what stands before the first dot of the file's name."""
        return self.name.partition(".")[0]

    def given_values(self, folder: Path) -> dict[str, str]:
        """Give the values as a user gives them; lines are put into a file, as for zones."""
        values = {}
        for name, value in self.values.items():
            values[name] = value
            if "\n" in value:
                (folder / name).write_text(value)
                values[name] = str(folder / name)
        return values

    def expected(self) -> list[tuple[Any, ...]]:
        """Give the rows of the answer, to compare with those of `answered`."""
        return [tuple(map(_comparable, row)) for row in self.rows]


def read_case(path: Path) -> Case:
    """Read a case; a key that is none raises TypeError."""
    read = {"values": {}, "window": {}, "once": False, "inventory": None, **json.loads(path.read_text())}
    window = read.pop("window")
    asked = Window.read(window.get("from"), window.get("to"), window.get("last"), _seconds(window.get("now", BEGIN)))
    return Case(name=path.stem, window=asked, **read)


def all_cases() -> list[Case]:
    """Read every case, in the order of names."""
    return [read_case(path) for path in sorted(CASES.glob("*.json"))]


def row_of(given: Mapping[str, Any]) -> Row:
    """Fill a row up: what it leaves out is as in an ordinary flow record; None leaves a column empty.

    `flow` is short for four columns: `10.0.0.1:40000 > 10.0.0.2:443`, IPv6 in brackets; without ports there are none.
    `start` and `end` are Unix seconds or ISO times in UTC.
    """
    row: Row = _ALWAYS | ({} if given.get("log_status", "OK") != "OK" else _OF_A_FLOW) | _ends(given.get("flow"))
    row |= {key: value for key, value in given.items() if key != "flow"}
    row["start"] = _seconds(row["start"])
    row["end"] = _seconds(row.get("end", row["start"] + _LASTS))
    return {"timestamp": row["start"] * 1000} | row


def write_lake(folder: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows as a lake's Parquet, a folder per UTC day; give the folder."""
    days: dict[str, list[Row]] = {}
    for row in map(row_of, rows):
        days.setdefault(datetime.fromtimestamp(row["start"], UTC).strftime("%Y-%m-%d"), []).append(row)
    for day, documents in days.items():
        path = folder / f"date={day}"
        path.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows_of(documents), path / "part-0.parquet")
    return folder


def answered(cursor: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Give columns and rows of an answer of DuckDB or another DB API, as they compare with a case's."""
    columns = [column[0] for column in cursor.description]
    return columns, [tuple(map(_comparable, row)) for row in cursor.fetchall()]


def _ends(flow: str | None) -> Row:
    if flow is None:
        return {}
    (source, source_port), (destination, destination_port) = map(_end, flow.split(" > "))
    return {"srcaddr": source, "srcport": source_port, "dstaddr": destination, "dstport": destination_port}


def _end(text: str) -> tuple[str, int]:
    """Read `address:port`; a port left out is 0, as AWS writes it where the protocol has none."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
    elif text.count(":") > 1:
        address, port = text, ""
    else:
        address, _, port = text.partition(":")
    return address, int(port.removeprefix(":") or 0)


def _seconds(value: int | str) -> int:
    if isinstance(value, int):
        return value
    seconds = unix_seconds(value)
    assert seconds is not None, value
    return seconds


def _comparable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list | tuple):
        return tuple(map(_comparable, value))
    return round(value, 6) if isinstance(value, float) else value
