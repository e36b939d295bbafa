"""Everything of Athena that a deployment has."""

from aws_cdk import Aws
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.athena.flow_log_files import TABLE, Files, flow_log_files
from infra.athena.kept_queries import KeptQueries
from infra.athena.views import Views
from infra.athena.workgroup import Workgroup
from infra.bucket import Buckets
from infra.lake import Catalog, LakeTable
from infra.settings.settings import Settings
from infra.source.bucket import FlowLogBucket

_DAYS_OF_THEIRS = 365
"""How far back a bucket is asked whose lifecycle is not ours."""


class Athena(Construct):
    """A workgroup with a bucket for answers; views and queries of the lake; a table of the flow log's files."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        buckets: Buckets,
        catalog: Catalog,
        table: LakeTable | None,
        files: FlowLogBucket | None,
        history: bool,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id_)
        self.results = buckets.make(self, "QueryResults", days=settings.athena_result_days)
        self.workgroup = Workgroup(
            self,
            "Workgroup",
            name=settings.workgroup_name,
            results=self.results,
            key=key,
            limit_gb=settings.athena_scan_limit_gb,
        )
        self.database_name = catalog.database_name
        self.files_table: str | None = None
        if files:
            flow_log_files(self, "FlowLogFiles", catalog=catalog, files=_files(settings, files))
            self.files_table = f"{catalog.database_name}.{TABLE}"
        if table:
            Views(self, "Views", table=table)
            KeptQueries(self, "Queries", database=table.database_name, workgroup=self.workgroup, history=history)


def _files(settings: Settings, files: FlowLogBucket) -> Files:
    return Files(
        bucket_name=files.bucket.bucket_name,
        prefix=files.prefix,
        log_format=settings.log_format,
        hive=settings.s3_hive,
        hourly=settings.s3_hourly,
        days=_DAYS_OF_THEIRS if files.exists else settings.s3_retention_days,
        accounts=settings.s3_accounts if files.exists else [Aws.ACCOUNT_ID],
        regions=settings.s3_regions if files.exists else [Aws.REGION],
    )
