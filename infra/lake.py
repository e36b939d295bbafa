"""The lake: Parquet in S3, and the table that Athena and Firehose read its columns from."""

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from flowlogs.decorate.document import lake_columns
from infra.glue_table import table_by_date

FLOWS, ERRORS = "flows/", "errors/"
"""Prefixes of the lake's bucket: documents, and what Firehose could not transform or convert."""
TABLE = "flows"


class Catalog(Construct):
    """The table of the lake, in a database that others may add tables to."""

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
        self.table = table_by_date(
            self,
            "Table",
            database=self.database,
            database_name=database,
            name=TABLE,
            description="A row a flow record; docs/fields.md says what the columns are",
            columns=lake_columns(),
            location=f"s3://{bucket.bucket_name}/{FLOWS}",
            day="day of arrival, UTC",
            days=days,
        )
