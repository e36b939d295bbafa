"""Tables over objects in S3 whose partitions are computed from their names: none is ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from constructs import Construct

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


@dataclass(frozen=True, slots=True)
class Partition:
    """A column that objects have by their place, and how its values are computed.

    `projection` is what stands behind `projection.NAME.`. Source: Athena User Guide, "Use partition projection".
    """

    name: str
    meaning: str
    projection: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Storage:
    """What the objects are and who reads them: Hive's classes, with their parameters."""

    classification: str
    input_format: str
    output_format: str
    library: str
    reading: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)


PARQUET = Storage(
    "parquet",
    f"{_PARQUET}.MapredParquetInputFormat",
    f"{_PARQUET}.MapredParquetOutputFormat",
    f"{_PARQUET}.serde.ParquetHiveSerDe",
    {"serialization.format": "1"},
)


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
    """Make the table of the Parquet below `location`, a folder a day.

    `day` says what its dates are, `days` how far back they go. Columns are Hive types by name.
    """
    date = Partition("date", day, by_time("yyyy-MM-dd", days, "DAYS"))
    return projected_table(
        scope,
        id_,
        database=database,
        database_name=database_name,
        name=name,
        description=description,
        columns=columns,
        location=location,
        below="date=${date}/",
        partitions=[date],
        storage=PARQUET,
    )


def by_time(format_: str, days: int, unit: str) -> dict[str, str]:
    """Compute values from the days until tomorrow; `format_` is Java's, `unit` DAYS or HOURS."""
    return {
        "type": "date",
        "format": format_,
        "range": f"NOW-{days}DAYS,NOW+1DAYS",
        "interval": "1",
        "interval.unit": unit,
    }


def projected_table(
    scope: Construct,
    id_: str,
    *,
    database: glue.CfnDatabase,
    database_name: str,
    name: str,
    description: str,
    columns: Mapping[str, str],
    location: str,
    below: str,
    partitions: Sequence[Partition],
    storage: Storage,
) -> glue.CfnTable:
    """Make a table; `below` says where under `location` a partition's objects lie."""
    projection = {
        f"projection.{partition.name}.{key}": value
        for partition in partitions
        for key, value in partition.projection.items()
    }
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
                "classification": storage.classification,
                **storage.parameters,
                "projection.enabled": "true",
                **projection,
                "storage.location.template": f"{location}{below}",
            },
            partition_keys=[
                glue.CfnTable.ColumnProperty(name=partition.name, type="string", comment=partition.meaning)
                for partition in partitions
            ],
            storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                columns=[glue.CfnTable.ColumnProperty(name=name, type=type_) for name, type_ in columns.items()],
                location=location,
                input_format=storage.input_format,
                output_format=storage.output_format,
                serde_info=glue.CfnTable.SerdeInfoProperty(
                    serialization_library=storage.library, parameters=dict(storage.reading)
                ),
            ),
        ),
    )
    table.node.add_dependency(database)
    return table
