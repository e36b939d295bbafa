"""The views of the lake beside its table `flows`, of one text for Athena and DuckDB."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowlogs.analyse.relations import TABLE, seen
from flowlogs.decorate.document import lake_columns

DAY = "date"
_CLASSIC = {
    "version": "version",
    "account": "account_id",
    "interfaceid": "interface_id",
    "sourceaddress": "srcaddr",
    "destinationaddress": "dstaddr",
    "sourceport": "srcport",
    "destinationport": "dstport",
    "protocol": "protocol",
    "numpackets": "packets",
    "numbytes": "bytes",
    "starttime": "start",
    "endtime": "end",
    "action": "action",
    "logstatus": "log_status",
    DAY: DAY,
}
"""Names of the columns that AWS's first example of a table over flow logs had, and ours.

Source: Athena User Guide, "Querying Amazon VPC flow logs", as it stood before 2021; AWS Security Blog and workshops
still have it. `date` is the day by which folders are left out, as there.
"""


@dataclass(frozen=True, slots=True)
class View:
    """A view: its columns have Glue's types, its text is one SELECT on the table `flows`."""

    name: str
    meaning: str
    columns: Mapping[str, str]
    sql: str


def views() -> tuple[View, ...]:
    """Give every view."""
    return _flows_once(), _classic()


def _flows_once() -> View:
    """Leave out copies that arrived on one day: with the day among what is alike, a condition on it reaches the table.

    Trino hands a condition down through row_number() only where it is on columns of its PARTITION BY. Copies on both
    sides of midnight stay; `--once` of a named query leaves them out too, for it asks about its window at once.
    """
    meaning = "The records of `flows` without the copies that overlapping flow logs write, day by day"
    text = seen("true", once=True, within=(DAY, "timestamp"))
    return View("flows_once", meaning, _columns(), text)


def _classic() -> View:
    """Name columns as queries of others do."""
    types = _columns()
    meaning = "The records of `flows` with the column names of AWS's first example (sourceaddress, numbytes, starttime)"
    listed = ", ".join(f'"{ours}" AS "{name}"' for name, ours in _CLASSIC.items())
    columns = {name: types[ours] for name, ours in _CLASSIC.items()}
    return View("vpc_flow_logs", meaning, columns, f"SELECT {listed} FROM {TABLE}")


def _columns() -> dict[str, str]:
    return {**lake_columns(), DAY: "string"}
