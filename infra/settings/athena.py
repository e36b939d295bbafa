"""Settings of Athena."""

from typing import Annotated

from pydantic import BaseModel, Field

from infra.settings import kinds


class AthenaSettings(BaseModel):
    """Athena."""

    athena_scan_limit_gb: Annotated[kinds.Number, Field(ge=0)] = Field(
        100,
        description="GB (10^9 bytes) after which Athena stops a query of the workgroup; those read by then are paid "
        "for. 0: no limit",
    )
    athena_result_days: Annotated[kinds.Number, Field(ge=1)] = Field(
        30, description="days that the answers of queries are kept in S3"
    )
