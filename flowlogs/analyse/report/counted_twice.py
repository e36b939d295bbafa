"""What sums of all records count more than once, because more than one place recorded it."""

from collections.abc import Iterator

import duckdb

from flowlogs.analyse.report.picked import FLOW_RECORD, runnable
from flowlogs.analyse.window import Window

_LOOKED_AT = 100_000
"""About so many records are looked at for copies: those that began in some seconds, as copies begin together."""
_WORTH_A_WORD = 0.01
_AT_SEVERAL = """
WITH at_interfaces AS (
    SELECT source, destination, server_port, protocol, interface, sum(bytes) AS bytes
    FROM report_cells
    WHERE interface > 0 AND source > 0 AND destination > 0
    GROUP BY ALL
)
SELECT coalesce(sum(again), 0)
FROM (
    SELECT sum(bytes) - max(bytes) AS again
    FROM at_interfaces
    GROUP BY source, destination, server_port, protocol
    HAVING count(*) > 1
) AS flows
"""
_BY_NAT_GATEWAYS = """
SELECT coalesce(sum(bytes), 0), (SELECT coalesce(sum(bytes), 0) FROM report_cells)
FROM report_interfaces
WHERE owner LIKE 'nat-gateway%'
"""
_COPIES = f"""
SELECT coalesce(sum(copies - 1), 0), coalesce(sum(copies), 0)
FROM (
    SELECT count(*) AS copies
    FROM seen
    WHERE {FLOW_RECORD} AND hash("start") % {{parts}} = 0
    GROUP BY
        account_id, interface_id, resource_id, srcaddr, dstaddr, srcport, dstport, protocol,
        "start", "end", action, packets, bytes, tcp_flags, pkt_srcaddr, pkt_dstaddr
) AS alike
"""


def counted_twice(connection: duckdb.DuckDBPyConnection, records: int, asked: Window) -> list[str]:
    """Say it in sentences, with the query that counts once; none where it is less than a hundredth."""
    return [*_of_bytes(connection), *_of_copies(connection, records, asked)]


def _of_bytes(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    ((again,),) = connection.execute(_AT_SEVERAL).fetchall()
    ((by_nat_gateways, total),) = connection.execute(_BY_NAT_GATEWAYS).fetchall()
    if again > _WORTH_A_WORD * total:
        yield (
            f"{again / total:.0%} of all bytes are counted again, at another interface that recorded the same flow: "
            "sums are of records. `flowlogs query top-talkers` counts such flows once "
            "(docs/limits.md, seen-at-two-interfaces)."
        )
    if by_nat_gateways > _WORTH_A_WORD * total:
        yield (
            f"{by_nat_gateways / total:.0%} of all bytes were recorded by NAT gateways, which pass on what other "
            "interfaces record too (docs/limits.md, nat-gateways)."
        )


def _of_copies(connection: duckdb.DuckDBPyConnection, records: int, asked: Window) -> Iterator[str]:
    sql = runnable(_COPIES.format(parts=max(1, records // _LOOKED_AT)), asked)
    ((copies, looked_at),) = connection.execute(sql).fetchall()
    if copies > _WORTH_A_WORD * looked_at:
        yield (
            f"About {copies / looked_at:.0%} of the records are copies of others, as overlapping flow logs write them: "
            "sums count each. `flowlogs query top-talkers --once` leaves them out "
            "(docs/limits.md, overlapping-flow-logs)."
        )
