"""Tables over Parquet in S3, a folder a day, whose partitions are computed from the date: none is ever added."""

from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from constructs import Construct

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


def table_by_date(
    scope: Construct,
    id_: str,
    *,
    database: glue.CfnDatabase,
    database_name: str,
    name: str,
    description: str,
    columns: Mapping[str, str],
    location: str,
    day: str,
    days: int,
) -> glue.CfnTable:
    """Make the table of what lies below `location`; `day` says what its dates are, `days` how far back they go.

    Columns are Hive types by name. Source: Athena User Guide, "Use partition projection".
    """
    table = glue.CfnTable(
        scope,
        id_,
        catalog_id=Aws.ACCOUNT_ID,
        database_name=database_name,
        table_input=glue.CfnTable.TableInputProperty(
            name=name,
            description=description,
            table_type="EXTERNAL_TABLE",
            parameters={
                "EXTERNAL": "TRUE",
                "classification": "parquet",
                "projection.enabled": "true",
                "projection.date.type": "date",
                "projection.date.format": "yyyy-MM-dd",
                "projection.date.range": f"NOW-{days}DAYS,NOW+1DAYS",
                "projection.date.interval": "1",
                "projection.date.interval.unit": "DAYS",
                "storage.location.template": f"{location}date=${{date}}/",
            },
            partition_keys=[glue.CfnTable.ColumnProperty(name="date", type="string", comment=day)],
            storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                columns=[glue.CfnTable.ColumnProperty(name=name, type=type_) for name, type_ in columns.items()],
                location=location,
                input_format=f"{_PARQUET}.MapredParquetInputFormat",
                output_format=f"{_PARQUET}.MapredParquetOutputFormat",
                serde_info=glue.CfnTable.SerdeInfoProperty(
                    serialization_library=f"{_PARQUET}.serde.ParquetHiveSerDe",
                    parameters={"serialization.format": "1"},
                ),
            ),
        ),
    )
    table.node.add_dependency(database)
    return table
