"""`python -m benchmarks.enrich_run FOLDER`: `flowlogs enrich` against DuckDB's plain scan-and-write of the same file.

FOLDER is what `flowlogs generate` wrote; its logs are put together into one plain file beside it, which stays there.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from flowlogs.record.fields import Kind
from flowlogs.record.log_format import DEFAULT

ROUNDS = 5
TIMES = 10
"""How much more the large file has."""
_FASTEST, _GROWTH, _MOST_MIB = 1.5, 12, 1024
_TYPES = {Kind.NUMBER: "BIGINT", Kind.TIME: "BIGINT", Kind.ADDRESS: "VARCHAR", Kind.TEXT: "VARCHAR"}
_PLAIN = """
import duckdb
duckdb.connect().execute('''COPY (
    SELECT * FROM read_csv('{log}', delim=' ', header=true, nullstr='-', columns={types})
) TO '{out}' (FORMAT parquet)''')
"""


class Ran(NamedTuple):
    """What a process took: seconds by the clock, seconds of all cores, most memory (MiB)."""

    seconds: float
    cores: float
    memory: float


def rows(folder: Path, *, is_quick: bool = False) -> Iterator[dict[str, Any]]:
    """Give the rows of the table."""
    small = _one_file(folder, 1)
    pairs = [(_enrich(folder, small), _plainly(folder, small)) for _ in range(ROUNDS)]
    mine, plain = (min(pair[at].seconds for pair in pairs) for at in (0, 1))
    ratio = statistics.median(one.seconds / other.seconds for one, other in pairs)
    yield {
        "what": f"enrich {small.stat().st_size / 1e6:,.0f} MB of default lines (beside it: DuckDB, nothing looked up)",
        "figure": f"{mine:.1f} s",
        "plain": f"{plain:.1f}",
        "ratio": ratio,
        "wanted": f"at most {_FASTEST}",
        "missed": ratio > _FASTEST,
    }
    yield {
        "what": "seconds of all cores for the same",
        "figure": f"{min(one.cores for one, _ in pairs):.1f} s",
        "plain": f"{min(other.cores for _, other in pairs):.1f}",
        "ratio": statistics.median(one.cores / other.cores for one, other in pairs),
    }
    yield _memory("memory of the same", max(one.memory for one, _ in pairs))
    if not is_quick:
        large = _enrich(folder, _one_file(folder, TIMES))
        yield {
            "what": f"the same {TIMES} times",
            "figure": f"{large.seconds:.1f} s",
            "plain": f"{mine:.1f}",
            "ratio": large.seconds / mine,
            "wanted": f"at most {_GROWTH}",
            "missed": large.seconds > _GROWTH * mine,
        }
        yield _memory(f"memory of the same {TIMES} times", large.memory)


def _memory(what: str, most: float) -> dict[str, Any]:
    return {
        "what": what,
        "figure": f"{most:.0f} MiB",
        "ratio": most / _MOST_MIB,
        "wanted": "at most 1 GiB",
        "missed": most > _MOST_MIB,
    }


def _one_file(folder: Path, times: int) -> Path:
    """Put all logs of a folder into one plain file, so many times one after the other, behind one header."""
    whole = folder / f"enrich-{times}.log"
    if whole.exists():
        return whole
    part = whole.with_suffix(".part")
    with part.open("wb") as out:
        out.write(DEFAULT.header + b"\n")
        for _ in range(times):
            for log in sorted((folder / "logs").rglob("*.log.gz")):
                unpacked = subprocess.run(["gzip", "-dc", log], check=True, capture_output=True).stdout  # noqa: S603, S607
                out.write(unpacked.partition(b"\n")[2])
    return part.rename(whole)


def _enrich(folder: Path, log: Path) -> Ran:
    out = folder / "enriched"
    shutil.rmtree(out, ignore_errors=True)
    knows = ("--inventory", folder / "inventory", "--geoip", folder / "geoip")
    ran = _run(sys.executable, "-m", "flowlogs", "enrich", log, *knows, "--out", out)
    shutil.rmtree(out)
    return ran


def _plainly(folder: Path, log: Path) -> Ran:
    out = folder / "plain.parquet"
    types = {field.name: _TYPES[field.kind] for field in DEFAULT.fields}
    ran = _run(sys.executable, "-c", _PLAIN.format(log=log, out=out, types=types))
    out.unlink()
    return ran


def _run(*command: str | Path) -> Ran:
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 (our own words)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Ran(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1]), is_quick="--quick" in sys.argv):
        sys.stdout.write(json.dumps(row) + "\n")
