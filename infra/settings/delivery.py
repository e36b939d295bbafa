"""Settings of the delivery streams and of what they bring where."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from infra.settings import kinds


class DeliverySettings(BaseModel):
    """Destinations and streams."""

    destinations: Annotated[list[Literal["search", "lake", "existing"]], kinds.BeforeValidator(kinds.listed)] = Field(
        ["search", "lake"],
        description="`search` (OpenSearch), `lake` (S3), both, or `existing`: delivery streams that are there already",
    )
    search_stream: kinds.StreamName = Field(
        "VPCFlowLogsToElasticSearch", description="name of the new stream to OpenSearch"
    )
    lake_stream: kinds.StreamName = Field("VPCFlowLogsToS3", description="name of the new stream to S3")
    existing_search_stream: kinds.StreamName = Field(
        "", description="existing stream whose records hold one document each (destinations: existing)"
    )
    existing_lake_stream: kinds.StreamName = Field(
        "", description="existing stream whose records hold many documents (destinations: existing)"
    )
    existing_stream_roles: kinds.RoleArns = Field(
        [], description="roles of those streams, which shall be allowed to invoke the decorators"
    )
    search_keep: kinds.Keep = Field(
        "all", description="what goes to search: `all`, `rejects`, or `sample:N` (every reject, one accept in N)"
    )
    search_drop_internal: kinds.Cidrs = Field(
        [], description="traffic with both ends in these networks is left out of search"
    )
    internal_networks: kinds.Cidrs = Field(
        [], description="networks whose traffic among each other is labelled internal"
    )
    reserved_concurrency: Annotated[kinds.Number, Field(ge=1)] | None = Field(
        None, description="concurrency reserved for the ingestor and each decorator; small accounts refuse it"
    )
    dead_letter_retention_days: Annotated[kinds.Number, Field(ge=1)] = Field(
        90, description="days that lines are kept that could not be passed on"
    )
    function_log_retention_days: kinds.Retention = Field(30, description="days that the functions' logs are kept")


class LakeSettings(BaseModel):
    """The lake."""

    lake_format: Literal["parquet", "json", "raw"] = Field(
        "parquet", description="`parquet` (Athena), `json` (NDJSON, gzip) or `raw` (the lines unchanged, gzip)"
    )
    lake_retention_days: Annotated[kinds.Number, Field(ge=1)] = Field(365, description="days that the lake is kept")
    lake_database: kinds.GlueName = Field(
        "flowlogs", description="database of the Glue table `flows`, with the prefix before it"
    )


class CostSettings(BaseModel):
    """The month's figure."""

    rate_lines_per_second: Annotated[kinds.Number, Field(ge=1)] = Field(
        100, description="flow records a second for which `cdk synth` prints what a month costs"
    )
