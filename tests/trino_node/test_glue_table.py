"""The words of Trino for what Glue says of a table."""

from datetime import date
from pathlib import Path

import pytest

from flowlogs.decorate.document import lake_columns
from trino_node.glue_table import create_table, trino_type
from trino_node.table_by_date import days_back, table_by_date


def test_a_statement_has_every_column_and_what_is_said_of_partitions() -> None:
    table = table_by_date({"start": "bigint", "tags": "map<string,string>"}, "s3://it's/flows/", 30)
    assert create_table("a.flows", table) == (
        "CREATE TABLE a.flows (\n"
        '  "start" bigint,\n'
        '  "tags" map(varchar, varchar),\n'
        "  \"date\" varchar WITH (partition_projection_type = 'date', partition_projection_format = 'yyyy-MM-dd',"
        " partition_projection_range = ARRAY['NOW-30DAYS', 'NOW+1DAYS'], partition_projection_interval = 1,"
        " partition_projection_interval_unit = 'DAYS')\n"
        ") WITH (format = 'PARQUET', external_location = 's3://it''s/flows/', partitioned_by = ARRAY['date'],"
        " partition_projection_enabled = true,"
        " partition_projection_location_template = 's3://it''s/flows/date=${date}/')"
    )


def test_a_parameter_that_is_not_known_is_not_left_out() -> None:
    table = table_by_date(lake_columns(), "s3://a/", 1)
    table["Parameters"]["skip.header.line.count"] = "1"
    with pytest.raises(ValueError, match=r"skip\.header\.line\.count"):
        create_table("a.flows", table)


@pytest.mark.parametrize("lacking", ["projection.enabled", "storage.location.template"])
def test_a_table_whose_partitions_would_have_to_be_added_is_refused(lacking: str) -> None:
    table = table_by_date(lake_columns(), "s3://a/", 1)
    del table["Parameters"][lacking]
    with pytest.raises(KeyError, match=lacking):
        create_table("a.flows", table)


def test_types_have_types_in_them() -> None:
    assert trino_type("map<string,array<array<bigint>>>") == "map(varchar, array(array(bigint)))"
    with pytest.raises(KeyError):
        trino_type("array<decimal(3,1)>")


def test_dates_go_back_to_the_oldest_folder(tmp_path: Path) -> None:
    today = date(2026, 11, 20)
    assert days_back(tmp_path, today) == 1
    for day in ("2026-11-19", "2026-11-18", "2026-11-25"):
        (tmp_path / f"date={day}").mkdir()
    assert days_back(tmp_path, today) == 3
    assert days_back(tmp_path, date(2026, 11, 1)) == 1
