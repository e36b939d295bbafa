"""The records summed up as finely as the report can show them: in numbers, per slice and by all it filters by."""

import duckdb

from flowlogs.analyse.report.dictionaries import make_table
from flowlogs.analyse.report.picked import picked, runnable
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.window import Window

_CELLS = """
SELECT
    CAST((start - {since}) // {step} AS USMALLINT) AS slice,
    coalesce(interfaces.rank, 0) AS interface, coalesce(interfaces.area_rank, 0) AS interface_area,
    coalesce(sources.rank, 0) AS source, coalesce(sources.area_rank, 0) AS source_area,
    coalesce(destinations.rank, 0) AS destination, coalesce(destinations.area_rank, 0) AS destination_area,
    server_port, protocol,
    CAST(CASE action WHEN 'ACCEPT' THEN 1 WHEN 'REJECT' THEN 2 ELSE 0 END AS UTINYINT) AS action,
    CAST(CASE direction WHEN 'inbound' THEN 1 WHEN 'outbound' THEN 2 WHEN 'internal' THEN 3 ELSE 0 END AS UTINYINT)
        AS direction,
    CAST(CASE interface_end WHEN 'source' THEN 1 WHEN 'destination' THEN 2 ELSE 0 END AS UTINYINT) AS "end",
    coalesce(sets.rank, 0) AS set,
    CAST(CASE WHEN is_reply THEN 1 WHEN NOT is_reply THEN 0 ELSE 2 END AS UTINYINT) AS reply,
    count(*) AS flows, sum(picked.packets) AS packets, sum(picked.bytes) AS bytes
FROM picked
LEFT JOIN report_interfaces AS interfaces ON interface_id = interfaces.text
LEFT JOIN report_addresses AS sources ON source = sources.text
LEFT JOIN report_addresses AS destinations ON destination = destinations.text
LEFT JOIN report_sets AS sets ON security_group_ids = sets.ids
GROUP BY ALL
"""
_RANKED = """
SELECT {name}, row_number() OVER (ORDER BY sum(flows) DESC, {name}) AS rank
FROM report_counted
WHERE {name} IS NOT NULL
GROUP BY {name}
"""
_CELLS_RANKED = """
SELECT
    counted.*, sets.* EXCLUDE (set),
    coalesce(ports.rank, 0) AS port_rank, coalesce(protocols.rank, 0) AS protocol_rank
FROM report_counted AS counted
LEFT JOIN report_ports AS ports USING (server_port)
LEFT JOIN report_protocols AS protocols USING (protocol)
JOIN report_folded_sets AS sets USING (set)
"""


def make_cells(connection: duckdb.DuckDBPyConnection, asked: Window, span: Span) -> None:
    """Make the table report_cells, with the ranks of its ports and protocols, and tables of these."""
    cells = _CELLS.format(since=span.since, step=span.step)
    sql = f"{picked(span, asked)}\n{cells}"
    make_table(connection, "report_counted", runnable(sql, asked))
    for table, name in (("report_ports", "server_port"), ("report_protocols", "protocol")):
        make_table(connection, table, _RANKED.format(name=name))
    make_table(connection, "report_cells", _CELLS_RANKED)
    connection.execute("DROP TABLE report_counted")
