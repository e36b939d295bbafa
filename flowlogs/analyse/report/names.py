"""Names that an inventory gives to what a report shows by its id."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from flowlogs.analyse.report.entries import shown

_LAST = "max_by({name}, coalesce(valid_from, TIMESTAMP '1970-01-01'))"
_NAMED = f"""
SELECT {{id}}, {_LAST.format(name="{name}")}
FROM {{table}}
WHERE {{name}} IS NOT NULL AND (valid_from IS NULL OR valid_from < utc_time({{until}}))
GROUP BY {{id}}
"""
_OF_INSTANCES = f"""
SELECT interface_id, {_LAST.format(name="instance_name")}
FROM (
    SELECT
        interfaces.interface_id, interfaces.valid_from,
        coalesce(instances.name, instances.instance_id) AS instance_name
    FROM network_interfaces AS interfaces
    JOIN instances ON instances.instance_id = interfaces.instance_id
    WHERE interfaces.valid_from IS NULL OR interfaces.valid_from < utc_time({{until}})
) AS of_instances
GROUP BY interface_id
"""


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; of what has none there is no entry."""

    groups: dict[str, str] = field(default_factory=dict)
    interfaces: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, until: int) -> "Names":
        """Read the last names before an instant (Unix seconds) from the inventory's tables, which may be empty.

        An interface without a name has that of its instance.
        """

        def found(sql: str) -> dict[str, str]:
            return dict(connection.execute(sql).fetchall())

        groups = _NAMED.format(id="security_group_id", name="group_name", table="security_groups", until=until)
        own = _NAMED.format(id="interface_id", name="name", table="network_interfaces", until=until)
        return cls(found(groups), found(_OF_INSTANCES.format(until=until)) | found(own))

    def beside(self, groups: Sequence[str | None], interfaces: Sequence[str | None]) -> dict[str, list[str | None]]:
        """Give the names of listed groups and interfaces."""
        return {
            "group": [shown(self.groups.get(id_ or "")) for id_ in groups],
            "interface": [shown(self.interfaces.get(id_ or "")) for id_ in interfaces],
        }
