"""Puts tables of a template into Trino's metastore as they are: the parameters, classes and texts that Glue would hold.

Trino's metastore of files holds what Glue does, a JSON file a table. Athena's engine and Trino's Hive connector read
the same parameters: partition projection, the header of text, the JSON of a view.
"""

import json
from collections.abc import Mapping
from typing import Any

from template_reading import written
from trino_node.plugin import Trino

_HIVE = "org.apache.hadoop.hive"
_FORMATS = {
    (
        f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
        f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    ): "PARQUET",
    (
        "org.apache.hadoop.mapred.TextInputFormat",
        f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat",
        f"{_HIVE}.serde2.lazy.LazySimpleSerDe",
    ): "TEXTFILE",
}
"""Trino's names of Hive's classes (HiveStorageFormat); the metastore of files takes only these."""


def put(trino: Trino, schema: str, table: Mapping[str, Any], places: Mapping[str, str], text: str | None = None) -> str:
    """Put a `TableInput` (CloudFormation) into a schema; give its name there.

    `places` are what parts of texts become: locations are of this machine, references of CloudFormation have values.
    `text` stands for a view's.
    """
    name = str(table["Name"])
    folder = trino.root / "metastore" / schema / name
    folder.mkdir()
    storage = table["StorageDescriptor"]
    is_view = table["TableType"] == "VIRTUAL_VIEW"
    content = {
        "writerVersion": "tests",
        "owner": "tests",
        "tableType": table["TableType"],
        "dataColumns": _columns(storage["Columns"]),
        "partitionColumns": _columns(table.get("PartitionKeys", [])),
        "parameters": _resolved(table["Parameters"], places),
        "originalStorageFormat": {},
        "serdeParameters": {} if is_view else _resolved(storage["SerdeInfo"]["Parameters"], places),
        "columnStatistics": {},
    }
    if is_view:
        content |= {
            "viewOriginalText": text or table["ViewOriginalText"],
            "viewExpandedText": table["ViewExpandedText"],
        }
    else:
        classes = (storage["InputFormat"], storage["OutputFormat"], storage["SerdeInfo"]["SerializationLibrary"])
        content["storageFormat"] = _FORMATS[classes]
        content["externalLocation"] = _resolved(storage["Location"], places)
    (folder / ".trinoSchema").write_text(json.dumps(content))
    return f"{schema}.{name}"


def _columns(columns: list[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{"name": column["Name"], "type": column["Type"], "properties": {}} for column in columns]


def _resolved(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, dict) and not _is_reference(value):
        return {name: _resolved(each, places) for name, each in value.items()}
    text = written(value)
    for before, after in places.items():
        text = text.replace(before, after)
    return text


def _is_reference(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))
