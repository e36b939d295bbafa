"""The history of the inventory in Athena: a table for each kind of resource."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from flowlogs.inventory.history import columns_of
from flowlogs.inventory.kinds import KINDS
from infra.glue_table import table_by_date
from infra.knowledge.inventory import HISTORY
from infra.lake import Catalog


class HistoryTables(Construct):
    """A table for each kind, in the lake's database: every interval that was true at some time of a day."""

    def __init__(self, scope: Construct, id_: str, *, catalog: Catalog, bucket: s3.IBucket, days: int) -> None:
        super().__init__(scope, id_)
        for kind in KINDS.values():
            table_by_date(
                self,
                kind.table.title().replace("_", ""),
                database=catalog.database,
                database_name=catalog.database_name,
                name=kind.table,
                description=f"A row for each time in which one stayed the same: {kind.meaning}",
                columns=columns_of(kind),
                location=f"s3://{bucket.bucket_name}/{HISTORY}{kind.table}/",
                day="day on which it was so, UTC",
                days=days,
            )
