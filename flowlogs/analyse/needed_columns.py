"""What a query needs and the records of a lake lack: columns without a value, and what gives them one."""

from collections.abc import Sequence

import duckdb

from flowlogs.analyse.relations import TABLE
from flowlogs.decorate.document import ENDS, FACTS
from flowlogs.record.fields import FIELDS

_OF_ADDRESSES = tuple(f"{end}-" for end in ENDS)
_FIELDS = {field.key: name for name, field in FIELDS.items()}


def lacking(lake: duckdb.DuckDBPyConnection, needs: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Give those needs that no record of a lake meets: it has none of the columns. Of no record nothing is said."""
    met = (" OR ".join(f"{name} IS NOT NULL" for name in names) for names in needs)
    counts = ["count(*)", *(f"count_if({condition})" for condition in met)]
    ((records, *meeting),) = lake.execute(f"SELECT {', '.join(counts)} FROM {TABLE}").fetchall()
    return [names for names, count in zip(needs, meeting, strict=True) if records and not count]


def given_by(names: Sequence[str]) -> str:
    """Say what gives records one of these columns."""
    return " or ".join(dict.fromkeys(map(_given_by, names)))


def _given_by(name: str) -> str:
    if field := _FIELDS.get(name):
        return f"a flow log with the field {field}"
    fact = name.replace("_", "-")
    if fact not in FACTS:
        raise ValueError(f"{name} is no column that anything gives")
    return f"`flowlogs enrich --{'geoip' if fact.startswith(_OF_ADDRESSES) else 'inventory'}`"
