"""Finds marked lines in objects of the lake, whatever its format."""

from collections import Counter
from collections.abc import Callable
from io import BytesIO

import orjson

from flowlogs.doctor.dead_letters import unpacked
from flowlogs.errors import MalformedRecord, UnreadableInput
from flowlogs.record.log_format import LogFormat


def marks_in(content: bytes, kind: str, marker: str, log_format: LogFormat) -> Counter[int]:
    """Count the marked lines of an object by source port; `kind` is parquet, json or raw.

    Raise UnreadableInput where the object is not of its kind.
    """
    if kind == "parquet":
        return _in_parquet(content, marker)
    lines = [line for line in unpacked(content).split(b"\n") if marker.encode() in line]
    return Counter(map(_port_in_json if kind == "json" else _port_in_line(log_format), lines))


def _in_parquet(content: bytes, marker: str) -> Counter[int]:
    import pyarrow as pa  # type: ignore[import-untyped]  # takes its time: not for every command
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    try:
        rows = pq.read_table(
            BytesIO(content), columns=["srcport"], filters=[("interface_id", "==", marker)], partitioning=None
        )
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(f"it is no Parquet with interface_id and srcport: {error}") from error
    return Counter(rows.column("srcport").to_pylist())


def _port_in_json(line: bytes) -> int:
    try:
        document = orjson.loads(line)
        return int(document.get("srcport", document.get("src_port", 0)))
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
        raise UnreadableInput(f"a line with the marker is no JSON document: {error}") from error


def _port_in_line(log_format: LogFormat) -> Callable[[bytes], int]:
    def read(line: bytes) -> int:
        try:
            return log_format.read(line).get("srcport", 0)
        except MalformedRecord as error:
            raise UnreadableInput(f"a line with the marker has another order of fields: {error}") from error

    return read
