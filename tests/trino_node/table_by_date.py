"""The tables that are deployed over Parquet in folders `date=YYYY-MM-DD`, over such a folder of this machine."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from trino_node.glue_table import Part


def table_by_date(columns: Mapping[str, str], location: str, days: int) -> dict[Part, Any]:
    """Give what `infra.glue_table` makes of columns (Hive types by name) and a location, as CloudFormation has it.

    `days` is how far back its dates go. A test of the templates holds both together.
    """
    return {
        "Parameters": {
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
        "PartitionKeys": [{"Name": "date", "Type": "string"}],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": hive} for name, hive in columns.items()],
            "Location": location,
        },
    }


def days_back(folder: Path, today: date | None = None) -> int:
    """Say how many days before today (UTC) the oldest `date=…` of a folder is, and one: a day may end meanwhile."""
    oldest = min((date.fromisoformat(path.name.removeprefix("date=")) for path in folder.glob("date=*")), default=None)
    today = today or datetime.now(UTC).date()
    return max(0, (today - (oldest or today)).days) + 1
