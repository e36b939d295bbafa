"""The lake: Parquet in S3, and the table that Athena and Firehose read its columns from."""

from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from flowlogs.analyse.relations import TABLE
from flowlogs.decorate.document import lake_columns
from infra.glue_table import table_by_date

FLOWS, ERRORS = "flows/", "errors/"
"""Prefixes of the lake's bucket: documents, and what Firehose could not transform or convert."""


class Catalog(Construct):
    """A database for the tables of a deployment, that others may add tables to."""

    def __init__(self, scope: Construct, id_: str, *, database: str) -> None:
        super().__init__(scope, id_)
        self.database_name = database
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=database,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=database, description="Enriched VPC flow logs (flowlogs)"
            ),
        )


@dataclass(frozen=True, slots=True)
class LakeTable:
    """The table of the lake, by the names that others ask for it by."""

    database_name: str
    table_name: str
    resource: glue.CfnTable


def lake_table(catalog: Catalog, *, bucket: s3.IBucket, days: int) -> LakeTable:
    """Make the table of the lake, whose objects are kept for so many days."""
    table = table_by_date(
        catalog,
        "Table",
        database=catalog.database,
        database_name=catalog.database_name,
        name=TABLE,
        description="A row a flow record; docs/fields.md says what the columns are",
        columns=lake_columns(),
        location=f"s3://{bucket.bucket_name}/{FLOWS}",
        day="day of arrival, UTC",
        days=days,
    )
    return LakeTable(catalog.database_name, TABLE, table)
