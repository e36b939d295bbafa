"""The panels about security groups."""

from collections.abc import Iterator

from flowlogs.analyse.report.panel import Panel
from flowlogs.analyse.report.panel_sql import GROUPS, LET_IN, slice_of, top
from flowlogs.analyse.report.span import Span

_FOR_HEAT = 20
_FOR_TABLE = 100


def group_panels(span: Span) -> Iterator[Panel]:
    """Give them in the order of the page."""
    for name, column in (("VPCs", "vpc_id"), ("subnets", "subnet_id")):
        yield Panel(
            f"groups-{name.lower()}",
            f"Top {name} by bytes",
            f"Whose interfaces recorded most bytes, by {name.removesuffix('s')}?",
            top([column], ["bytes", "packets", "flows"], 10),
            further=(column,),
        )
    yield Panel(
        "groups-packets",
        "Top 5 security groups by packets",
        "Which security groups belong to the interfaces with most packets? A record counts for each of its groups.",
        top(["security_group"], ["packets", "bytes", "flows"], 5, source=GROUPS),
    )
    yield Panel(
        "groups-counts",
        "VPCs, subnets, security groups",
        "How many different ones are there in the records?",
        _COUNTS,
        further=("vpc_id", "subnet_id"),
    )
    yield Panel(
        "groups-ports",
        "Ports that security groups let in",
        "On which server ports did interfaces of each security group accept connections, in flow records?",
        _PORTS,
    )
    yield Panel(
        "groups-directions",
        "Directions",
        "How many flow records were inbound, outbound and internal?",
        top(["direction"], ["flows", "bytes"], None),
    )
    yield Panel(
        "groups-usage",
        "Use of security groups",
        "What came in through each security group: accepted flow records to its interfaces as servers, their bytes, "
        "sources and ports, and the last time slice with one?",
        _USAGE.format(slice=slice_of(span)),
    )


_COUNTS = """
SELECT
    count(DISTINCT vpc_id) AS vpcs, count(DISTINCT subnet_id) AS subnets,
    count(DISTINCT security_group) AS "groups"
FROM picked
LEFT JOIN UNNEST(security_group_ids) AS sets (security_group) ON true
""".strip()
_PORTS = f"""
, let_in AS (
    SELECT security_group, server_port, count(*) AS flows
    FROM {GROUPS}
    WHERE {LET_IN} AND server_port IS NOT NULL
    GROUP BY security_group, server_port
),
busiest_groups AS (
    SELECT security_group FROM let_in GROUP BY security_group
    ORDER BY sum(flows) DESC, security_group LIMIT {_FOR_HEAT}
),
busiest_ports AS (
    SELECT server_port FROM let_in GROUP BY server_port ORDER BY sum(flows) DESC, server_port LIMIT {_FOR_HEAT}
)
SELECT security_group, server_port, flows
FROM let_in
WHERE security_group IN (SELECT security_group FROM busiest_groups)
    AND server_port IN (SELECT server_port FROM busiest_ports)
ORDER BY flows DESC, security_group, server_port
""".strip()
_USAGE = f"""
SELECT
    security_group,
    count_if({LET_IN}) AS flows_in,
    CAST(coalesce(sum(bytes) FILTER (WHERE {LET_IN}), 0) AS BIGINT) AS bytes_in,
    count(DISTINCT source) FILTER (WHERE {LET_IN}) AS sources,
    count(DISTINCT server_port) FILTER (WHERE {LET_IN}) AS ports,
    max({{slice}}) FILTER (WHERE {LET_IN}) AS last_seen
FROM {GROUPS}
GROUP BY security_group
ORDER BY flows_in DESC, security_group
LIMIT {_FOR_TABLE}
""".strip()
