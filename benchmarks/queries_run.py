"""Measures every named query over 2.7 million flow records: `python -m benchmarks.queries_run LAKE [INVENTORY]`.

LAKE is what `flowlogs enrich` wrote. Beside each query stands DuckDB's own sum over the same files in the same run.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.inventory_tables import fill_inventory
from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.named_query import NamedQuery, queries
from flowlogs.cli.inventory_contents import contents_of

MOST_SECONDS = 2.0
_ROUNDS = 3
_PLAIN = "SELECT srcaddr, dstaddr, sum(bytes) FROM flows GROUP BY srcaddr, dstaddr ORDER BY 3 DESC LIMIT 10"
"""What an analyst would write first: the busiest pairs."""


def rows(lake: Path, inventory: str | None = None) -> Iterator[dict[str, Any]]:
    """Give a row for each query, with its default values."""
    connection = open_lake([str(lake)])
    if inventory is not None:
        fill_inventory(connection, contents_of([inventory]).intervals)
    plain = _seconds(connection, _PLAIN)
    for query in queries().values():
        seconds = _seconds(connection, _text(query))
        yield {
            "what": f"query {query.name} (beside it: busiest pairs, by hand)",
            "figure": f"{seconds:.2f} s",
            "plain": f"{plain:.2f}",
            "ratio": seconds / plain,
            "wanted": f"at most {MOST_SECONDS:.0f} s",
            "missed": seconds > MOST_SECONDS,
        }


def _text(query: NamedQuery) -> str:
    return query.text(Engine.DUCKDB, {each.name: each.example for each in query.parameters})


def _seconds(connection: duckdb.DuckDBPyConnection, text: str) -> float:
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        connection.execute(text).fetchall()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1]), *sys.argv[2:3]):
        sys.stdout.write(json.dumps(row) + "\n")
