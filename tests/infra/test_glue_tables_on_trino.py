"""The deployed tables and views of Glue, made and asked in the engine that Athena is made of."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
from template_reading import Deployed, of, plain, written
from trino_node.glue_table import create_table
from trino_node.plugin import Trino
from trino_node.table_by_date import table_by_date

from flowlogs.analyse.views import views
from flowlogs.decorate.document import lake_columns
from flowlogs.deliver.local.lake_rows import rows_of
from flowlogs.inventory.history import columns_of
from flowlogs.inventory.kinds import KINDS
from infra.athena.views import kept_view

TABLES = {"flows": lake_columns()} | {kind.table: columns_of(kind) for kind in KINDS.values()}


def tables_of(deployed: Deployed, bucket: str = "s3://bucket/") -> dict[str, Any]:
    """Give what lies in S3 of a template's tables, by name, with the objects of one bucket for all."""
    found = [properties["TableInput"] for properties in deployed.all("Glue::Table").values()]
    return {table["Name"]: in_bucket(table, bucket) for table in found if table["TableType"] == "EXTERNAL_TABLE"}


def in_bucket(value: Any, bucket: str) -> Any:
    match value:
        case list():
            return [in_bucket(each, bucket) for each in value]
        case {"Fn::Join": [_, [_, {"Ref": name}, *_]]}:
            return written(value).replace(f"s3://<{plain(name)}>/", bucket)
        case dict():
            return {key: in_bucket(each, bucket) for key, each in value.items() if key != "Comment"}
    return value


@of("defaults")
def test_the_tables_of_the_tests_are_those_that_are_deployed(deployed: Deployed) -> None:
    tables = tables_of(deployed)
    assert tables.keys() == TABLES.keys()
    for name, table in tables.items():
        days = table["Parameters"]["projection.date.range"].removeprefix("NOW-").partition("DAYS")[0]
        here = table_by_date(TABLES[name], table["StorageDescriptor"]["Location"], int(days))
        assert table["Parameters"] == here["Parameters"]
        assert table["PartitionKeys"] == here["PartitionKeys"]
        assert table["StorageDescriptor"].items() >= here["StorageDescriptor"].items()


@of("defaults")
def test_the_deployed_tables_can_be_asked(deployed: Deployed, trino: Trino, tmp_path: Path) -> None:
    schema, bucket = trino.schema(), trino.bucket(tmp_path)
    for name, table in tables_of(deployed, bucket).items():
        trino.rows(create_table(f"{schema}.{name}", table))
        assert trino.names(f"SELECT * FROM {schema}.{name}") == [*TABLES[name], "date"]


def test_the_deployed_views_are_read_as_the_catalog_keeps_them(trino: Trino, tmp_path: Path) -> None:
    (tmp_path / "date=2026-11-20").mkdir()
    row = {"interface_id": "eni-1", "srcaddr": "10.0.0.1", "bytes": 7, "start": 1795169000}
    pq.write_table(rows_of([row, row]), tmp_path / "date=2026-11-20" / "part-0.parquet")
    schema = trino.table_of(tmp_path).partition(".")[0]
    for view in views():
        trino.rows(f"CREATE VIEW {schema}.{view.name} AS SELECT 1 AS one")
        kept = trino.root / "metastore" / schema / view.name / ".trinoSchema"
        table = json.loads(kept.read_text()) | {"viewOriginalText": kept_view(view, schema)}
        kept.write_text(json.dumps(table))
        assert trino.names(f"SELECT * FROM {schema}.{view.name}") == list(view.columns)
    assert trino.rows(f'SELECT sourceaddress, numbytes, "date" FROM {schema}.vpc_flow_logs') == [
        ("10.0.0.1", 7, "2026-11-20"),
        ("10.0.0.1", 7, "2026-11-20"),
    ]
    assert trino.rows(f"SELECT count(*) FROM {schema}.flows_once WHERE \"date\" = '2026-11-20'") == [(1,)]
