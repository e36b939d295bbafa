"""The lake: Parquet in S3, and the table that Athena and Firehose read its columns from."""

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from flowlogs.decorate.document import lake_columns

FLOWS, ERRORS = "flows/", "errors/"
"""Prefixes of the lake's bucket: documents, and what Firehose could not transform or convert."""
TABLE = "flows"
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


class Catalog(Construct):
    """The table of the lake. Its partitions are computed from the date, none is ever added.

    Source: Athena User Guide, "Use partition projection".
    """

    def __init__(self, scope: Construct, id_: str, *, database: str, bucket: s3.IBucket, days: int) -> None:
        super().__init__(scope, id_)
        self.database_name, self.table_name = database, TABLE
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=database,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=database, description="Enriched VPC flow logs (flowlogs)"
            ),
        )
        location = f"s3://{bucket.bucket_name}/{FLOWS}"
        self.table = glue.CfnTable(
            self,
            "Table",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=database,
            table_input=glue.CfnTable.TableInputProperty(
                name=TABLE,
                description="A row a flow record; docs/fields.md says what the columns are",
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
                partition_keys=[
                    glue.CfnTable.ColumnProperty(name="date", type="string", comment="day of arrival, UTC")
                ],
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[
                        glue.CfnTable.ColumnProperty(name=name, type=type_) for name, type_ in lake_columns().items()
                    ],
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
        self.table.node.add_dependency(self.database)
