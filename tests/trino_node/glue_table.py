"""Tables of Glue in Trino's words, so that Trino reads what Athena would."""

import re
from collections.abc import Mapping
from typing import Any, Literal

Part = Literal["Parameters", "PartitionKeys", "StorageDescriptor"]
"""What counts of a `TableInput` (CloudFormation, AWS::Glue::Table)."""

_TYPES = {
    "bigint": "bigint",
    "boolean": "boolean",
    "double": "double",
    "int": "integer",
    "string": "varchar",
    "timestamp": "timestamp(3)",  # Athena's timestamps are milliseconds
}
_ARRAY, _MAP = re.compile(r"array<(.*)>"), re.compile(r"map<(\w+),(.*)>")
_SAID_BY_FORMAT = {("EXTERNAL", "TRUE"), ("classification", "parquet")}
_AS_IT_IS = {"interval", "digits"}
_LISTS = {"range", "values"}


def create_table(name: str, table: Mapping[Part, Any]) -> str:
    """Write the statement that makes `name` be what a Glue table is: Parquet whose partitions are projected.

    Raise KeyError where the table lacks that, and ValueError for parameters that are not known here: none is left out.
    """
    left = {key: value for key, value in table["Parameters"].items() if (key, value) not in _SAID_BY_FORMAT}
    columns = [_column(column) for column in table["StorageDescriptor"]["Columns"]]
    columns += [_column(key) + _with(_projection(key["Name"], left)) for key in table["PartitionKeys"]]
    properties = {
        "format": _text("PARQUET"),
        "external_location": _text(table["StorageDescriptor"]["Location"]),
        "partitioned_by": _array([key["Name"] for key in table["PartitionKeys"]]),
        "partition_projection_enabled": left.pop("projection.enabled"),
        "partition_projection_location_template": _text(left.pop("storage.location.template")),
    }
    if left:
        raise ValueError(f"not known of a table: {left}")
    return f"CREATE TABLE {name} (\n  " + ",\n  ".join(columns) + f"\n){_with(properties)}"


def trino_type(hive: str) -> str:
    """Give Trino's name of a Hive type; raise KeyError where it is none of those that our tables have."""
    if array := _ARRAY.fullmatch(hive):
        return f"array({trino_type(array[1])})"
    if pairs := _MAP.fullmatch(hive):
        return f"map({trino_type(pairs[1])}, {trino_type(pairs[2])})"
    return _TYPES[hive]


def _column(column: Mapping[str, str]) -> str:
    return f'"{column["Name"]}" {trino_type(column["Type"])}'


def _projection(partition: str, parameters: dict[str, str]) -> dict[str, str]:
    """Take what is said of a partition key out of a table's parameters.

    Source: Athena User Guide, "Set up partition projection"; Trino, "Hive connector", "Column properties".
    """
    prefix = f"projection.{partition}."
    said = [key for key in parameters if key.startswith(prefix)]
    return dict(_property(key.removeprefix(prefix), parameters.pop(key)) for key in said)


def _property(name: str, value: str) -> tuple[str, str]:
    written = value if name in _AS_IT_IS else _array(value.split(",")) if name in _LISTS else _text(value)
    return f"partition_projection_{name.replace('.', '_')}", written


def _with(properties: Mapping[str, str]) -> str:
    return f" WITH ({', '.join(f'{name} = {value}' for name, value in properties.items())})"


def _array(texts: list[str]) -> str:
    return f"ARRAY[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
