"""Measures `flowlogs report` on a lake: its time, its growth with the records, the page's size.

`python -m benchmarks.report_run LAKE` prints the rows; LAKE is what `flowlogs enrich` wrote. Beside it stands every
tenth of its records. Each report is made by a process of its own.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from flowlogs.analyse.lake import open_lake

TIMES = 10
"""How many times the records of the smaller lake the larger one has."""
MOST_SECONDS = 10.0
GROWTH = 12.0
"""The most by which ten times the records may take longer."""
LARGEST = 5.0  # MB
_ROUNDS = 3


class Made(NamedTuple):
    """What a report took (s), and the size of its page (MB)."""

    seconds: float
    megabytes: float


def rows(lake: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = _tenth(lake, folder / "tenth.parquet")
        pairs = [(_made(folder / "tenth.parquet", folder), _made(lake, folder)) for _ in range(_ROUNDS)]
    small, large = (min(each) for each in zip(*pairs, strict=True))
    yield {
        "what": f"report of {records:,} records (beside it: of a tenth)",
        "figure": f"{large.seconds:.1f} s",
        "plain": f"{small.seconds:.1f}",
        "ratio": large.seconds / small.seconds,
        "wanted": f"at most {MOST_SECONDS:.0f} s, {GROWTH:.0f} times as long",
        "missed": large.seconds > MOST_SECONDS or large.seconds > GROWTH * small.seconds,
    }
    yield {
        "what": f"page of {records:,} records (beside it: of a tenth)",
        "figure": f"{large.megabytes:.1f} MB",
        "plain": f"{small.megabytes:.1f}",
        "ratio": large.megabytes / small.megabytes,
        "wanted": f"at most {LARGEST:.0f} MB",
        "missed": large.megabytes > LARGEST,
    }


def _tenth(lake: Path, file: Path) -> int:
    """Write every tenth record of a lake into a file; give how many the lake has."""
    with open_lake([str(lake)]) as connection:
        connection.sql("SELECT *, row_number() OVER () AS number FROM flows").filter(f"number % {TIMES} = 0").project(
            "* EXCLUDE (number)"
        ).write_parquet(str(file))
        ((records,),) = connection.execute("SELECT count(*) FROM flows").fetchall()
    return int(records)


def _made(lake: Path, folder: Path) -> Made:
    page = folder / "report.html"
    begun = time.perf_counter()
    command = [sys.executable, "-m", "flowlogs", "report", str(lake), "--out", str(page)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own words)
    return Made(time.perf_counter() - begun, page.stat().st_size / 1e6)


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(row) + "\n")
