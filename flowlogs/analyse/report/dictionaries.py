"""Numbers for the texts of the records: every address, interface and set of groups gets the number of its rank.

Rank 1 moved the most bytes, or was in the most records, or in the most rejected ones: what matters in any of the three
ways comes first, so that a report that must leave out many leaves out those that matter least. An area is what stays
known of those that are left out: an address's country; an interface's account, VPC and subnet. An interface is
`changing` where some records say another VPC or subnet than others do, or none.
"""

import duckdb

from flowlogs.analyse.report.picked import FLOW_RECORD, runnable
from flowlogs.analyse.window import Window

_END = f"""
    SELECT coalesce(pkt_{{field}}, {{field}}) AS text, max({{end}}_country_code) AS area,
        count(*) AS flows, sum(bytes) AS bytes, count_if(action = 'REJECT') AS rejected
    FROM seen
    WHERE {FLOW_RECORD} AND coalesce(pkt_{{field}}, {{field}}) IS NOT NULL
    GROUP BY coalesce(pkt_{{field}}, {{field}})
"""
_ADDRESSES = f"""
SELECT text, max(area) AS area, sum(flows) AS flows, sum(bytes) AS bytes, sum(rejected) AS rejected
FROM ({_END.format(field="srcaddr", end="source")} UNION ALL {_END.format(field="dstaddr", end="destination")})
GROUP BY text
"""
_CHANGING = " OR ".join(
    f"(min({name}) <> max({name}) OR count({name}) BETWEEN 1 AND count_if({FLOW_RECORD}) - 1)"
    for name in ("vpc_id", "subnet_id")
)
_INTERFACES = f"""
SELECT interface_id AS text,
    {{'account': max(account_id), 'vpc': max(vpc_id), 'subnet': max(subnet_id)}} AS area,
    count_if({FLOW_RECORD}) AS flows, sum(bytes) AS bytes, count_if(action = 'REJECT') AS rejected,
    max(interface_owner) AS owner, coalesce({_CHANGING}, false) AS changing
FROM seen
WHERE interface_id IS NOT NULL
GROUP BY interface_id
"""
_AREAS = """
SELECT area, row_number() OVER (ORDER BY sum(flows) DESC, area) AS rank
FROM {counted}
WHERE area IS NOT NULL
GROUP BY area
"""
_RANKED = """
SELECT counted.*, coalesce(areas.rank, 0) AS area_rank, row_number() OVER (ORDER BY least(by_flows, by_bytes,
    CASE WHEN rejected > 0 THEN by_rejected END), text) AS rank
FROM (
    SELECT *,
        row_number() OVER (ORDER BY flows DESC, text) AS by_flows,
        row_number() OVER (ORDER BY bytes DESC NULLS LAST, text) AS by_bytes,
        row_number() OVER (ORDER BY rejected DESC, text) AS by_rejected
    FROM {counted}
) AS counted
LEFT JOIN {areas} AS areas ON counted.area = areas.area
"""
_SETS = f"""
SELECT ids, flows, row_number() OVER (ORDER BY flows DESC, ids) AS rank
FROM (
    SELECT security_group_ids AS ids, count(*) AS flows
    FROM seen
    WHERE {FLOW_RECORD} AND cardinality(security_group_ids) > 0
    GROUP BY security_group_ids
) AS counted
"""
_MAPPED = "00000000000000000000FFFF"
"""What the key of every IPv4 address begins with."""
_FOLDED_KEYS = f"""
SELECT min(key) AS first, max(key) AS last
FROM (SELECT address_key(text) AS key FROM report_addresses WHERE rank > $kept) AS folded
WHERE key IS NOT NULL
GROUP BY CASE WHEN starts_with(key, '{_MAPPED}') THEN left(key, {len(_MAPPED) + 2}) ELSE left(key, 2) END
ORDER BY first
"""
"""Those of IPv4 and of IPv6 by their first byte: at most 512 rows."""


def make_dictionaries(connection: duckdb.DuckDBPyConnection, asked: Window) -> None:
    """Make the tables report_addresses, report_interfaces and report_sets, each with the areas it has."""
    for name, counted in (("addresses", _ADDRESSES), ("interfaces", _INTERFACES)):
        table, areas = f"report_{name}_counted", f"report_{name}_areas"
        make_table(connection, table, runnable(counted, asked))
        make_table(connection, areas, _AREAS.format(counted=table))
        make_table(connection, f"report_{name}", _RANKED.format(counted=table, areas=areas))
    make_table(connection, "report_sets", runnable(_SETS, asked))


def folded_keys(connection: duckdb.DuckDBPyConnection, kept: int) -> list[tuple[str, str]]:
    """Give ranges of address keys in which all addresses lie that are not told apart, where so many are."""
    return [(first, last) for first, last in connection.execute(_FOLDED_KEYS, {"kept": kept}).fetchall()]


def make_table(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Make a table of this connection alone; one of that name gives way."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
