"""Measures `flowlogs report` on a lake: its time, its growth with ten times the records, the page's size.

`python -m benchmarks.report_run FOLDER` prints the rows; FOLDER is given back empty. Each run is a process of its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

SMALL, LARGE = 270_000, 2_700_000
"""Records of the two lakes; the days and addresses of the larger are those of the smaller."""
MOST_SECONDS = 10.0
GROWTH = 12.0
"""The most by which ten times the records may take longer."""
LARGEST = 5.0  # MB
_RECORDS = """
COPY (
    SELECT
        '012345678901' AS account_id, 'eni-' || (hash(n) % 500) AS interface_id,
        CASE WHEN n % 2 = 0 THEN near ELSE far END AS srcaddr, CASE WHEN n % 2 = 0 THEN far ELSE near END AS dstaddr,
        CASE WHEN n % 2 = 0 THEN 32768 + flow % 28000 ELSE 443 END AS srcport,
        CASE WHEN n % 2 = 0 THEN 443 ELSE 32768 + flow % 28000 END AS dstport,
        6 AS protocol, 1 + n % 9 AS packets, 40 + hash(n, 1) % 90000 AS bytes,
        began AS start, began + 59 AS "end", CASE WHEN hash(n, 2) % 20 = 0 THEN 'REJECT' ELSE 'ACCEPT' END AS action,
        'OK' AS log_status, make_timestamp_ms(began * 1000) AS "timestamp",
        CASE WHEN n % 2 = 0 THEN 'outbound' ELSE 'inbound' END AS direction,
        CASE WHEN n % 2 = 0 THEN 'source' ELSE 'destination' END AS interface_end,
        ['sg-' || (hash(n) % 40)] AS security_group_ids
    FROM (
        SELECT
            n, n // 2 AS flow, 1795219200 + n * 86400 // {records} AS began,
            '10.0.' || (hash(n // 2, 3) % 4) || '.' || (hash(n // 2, 4) % 250) AS near,
            '203.0.' || (hash(n // 2, 5) % 20) || '.' || (hash(n // 2, 6) % 250) AS far
        FROM range({records}) AS numbers (n)
    )
) TO '{file}' (FORMAT parquet)
"""


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of the table; the lakes are made first."""
    small, large = (_measured(folder, records) for records in (SMALL, LARGE))
    yield {
        "what": f"report of {LARGE:,} records (beside it: of {SMALL:,})",
        "figure": f"{large['seconds']:.1f} s",
        "plain": f"{small['seconds']:.1f}",
        "ratio": large["seconds"] / small["seconds"],
        "wanted": f"at most {MOST_SECONDS:.0f} s, {GROWTH:.0f} times as long",
        "missed": large["seconds"] > MOST_SECONDS or large["seconds"] > GROWTH * small["seconds"],
    }
    yield {
        "what": f"page of {LARGE:,} records (beside it: of {SMALL:,})",
        "figure": f"{large['megabytes']:.1f} MB",
        "plain": f"{small['megabytes']:.1f}",
        "ratio": large["megabytes"] / small["megabytes"],
        "wanted": f"at most {LARGEST:.0f} MB",
        "missed": large["megabytes"] > LARGEST,
    }


def _measured(folder: Path, records: int) -> dict[str, float]:
    """Make a lake of so many records and a report of it; give the seconds of the report and the page's megabytes."""
    lake, page = folder / "flows.parquet", folder / "report.html"
    try:
        duckdb.connect().execute(_RECORDS.format(records=records, file=str(lake).replace("'", "''")))
        begun = time.perf_counter()
        command = [sys.executable, "-m", "flowlogs", "report", str(lake), "--out", str(page)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own words)
        return {"seconds": time.perf_counter() - begun, "megabytes": page.stat().st_size / 1e6}
    finally:
        lake.unlink(missing_ok=True)
        page.unlink(missing_ok=True)


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(row) + "\n")
