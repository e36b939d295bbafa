"""The table over the files that a flow log writes into S3: the records as EC2 wrote them, before anything of ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_glue as glue
from constructs import Construct

from flowlogs.decorate.document import lake_columns
from flowlogs.record.log_format import LogFormat
from infra.glue_table import Partition, Storage, by_time, projected_table
from infra.lake import Catalog

TABLE = "flow_log_files"
TEXT = Storage(
    "csv",
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    {"field.delim": " ", "serialization.format": " ", "serialization.null.format": "-"},
    {"skip.header.line.count": "1"},
)
"""Lines with blanks between values, a header line in each file, `-` for what is absent; gzip by the file's name.

Source: Athena User Guide, "Create a table for Amazon VPC flow logs and query it"; "Lazy Simple SerDe for CSV, TSV, and
custom-delimited files".
"""
_FOLDERS = {
    (False, False): ("yyyy/MM/dd", "DAYS"),
    (False, True): ("yyyy/MM/dd/HH", "HOURS"),
    (True, False): ("'year='yyyy'/month='MM'/day='dd", "DAYS"),
    (True, True): ("'year='yyyy'/month='MM'/day='dd'/hour='HH", "HOURS"),
}
"""Folders of time by whether they are named as Hive partitions, and are hours: Java's format, and its unit.

One column holds all of it, so that a range of times is a range of values. Source: VPC User Guide, "Flow log files".
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a flow log: their bucket, the beginning of their keys, and how far back they go.

    `accounts` and `regions` are those whose flow logs lie there; empty where nobody says it.
    """

    bucket_name: str
    prefix: str
    log_format: LogFormat
    hive: bool
    hourly: bool
    days: int
    accounts: Sequence[str]
    regions: Sequence[str]


def flow_log_files(scope: Construct, id_: str, *, catalog: Catalog, files: Files) -> glue.CfnTable:
    """Make the table."""
    format_, unit = _FOLDERS[files.hive, files.hourly]
    account, region = ("aws-account-id=", "aws-region=") if files.hive else ("", "")
    service = "aws-service=vpcflowlogs" if files.hive else "vpcflowlogs"
    return projected_table(
        scope,
        id_,
        database=catalog.database,
        database_name=catalog.database_name,
        name=TABLE,
        description="A row a record, as the flow log wrote it; docs/athena.md says how to ask for a time",
        columns=columns_of(files.log_format),
        location=f"s3://{files.bucket_name}/{files.prefix}AWSLogs/",
        below=f"{account}${{file_account}}/{service}/{region}${{file_region}}/${{file_time}}/",
        partitions=[
            Partition("file_account", "account of the flow log", _one_of(files.accounts)),
            Partition("file_region", "region of the flow log", _one_of(files.regions)),
            Partition("file_time", "folder of the time when records ended, UTC", by_time(format_, files.days, unit)),
        ],
        storage=TEXT,
    )


def columns_of(log_format: LogFormat) -> dict[str, str]:
    """Give the columns of a line in its order; a field that we do not know is text."""
    known = lake_columns()
    names = (field.key.replace("-", "_") for field in log_format.fields)  # of an unknown one the key is AWS's name
    return {name: known.get(name, "string") for name in names}


def _one_of(values: Sequence[str]) -> dict[str, str]:
    """Compute the values where they are known; else a query must give them, or Athena refuses it.

    A list that lacks an account would leave its records out without a word. Source: Athena User Guide, "Supported types
    for partition projection", "Injected type".
    """
    return {"type": "enum", "values": ",".join(values)} if values else {"type": "injected"}
