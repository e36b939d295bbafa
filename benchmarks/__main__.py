"""`make bench`: prints a table, and JSON as the last line."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import enrich_run, handlers, inventory_run, look_ups, queries_run, report_run
from benchmarks.corpus import Corpus, make
from benchmarks.memory import MEMORY_LINES

ROUNDS = 7
LINES = 36_000


def main() -> None:
    """Measure everything and print it."""
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_rows(Path(folder), quick))
    table = Table("what", "figure", "plain", "ratio", "at least", box=None)
    for row in rows:
        table.add_row(row["what"], row["figure"], row.get("plain", ""), f"{row['ratio']:.2f}", row.get("wanted", ""))
    Console(width=120, highlight=False).print(table)
    print(json.dumps(rows))  # noqa: T201
    missed = [row["what"] for row in rows if row.get("missed") or _is_slower(row)]
    sys.exit(f"slower than it shall be: {'; '.join(missed)}" if missed else 0)


def _is_slower(row: dict[str, Any]) -> bool:
    wanted = row.get("wanted", "")
    return bool(wanted[:1].isdigit() and row["ratio"] < float(wanted))


def _rows(folder: Path, quick: bool) -> Iterator[dict[str, Any]]:
    few = make(folder / "500", interfaces=500, lines=LINES)
    yield _against_plain("one line a record", few, 1, "one", "1.30")
    yield _against_plain("500 lines a record", few, 500, "many", "1.70")
    unique = make(folder / "unique", interfaces=500, lines=LINES, unique=True)
    yield _against_plain("every far address unique, one line a record", unique, 1, "one", "0.90")
    yield _against_plain("every far address unique, 500 lines a record", unique, 500, "many", "0.90")
    many = make(folder / "50000", interfaces=50_000, lines=LINES)
    yield _fleet(few, many)
    yield _imports()
    (folder / "look-ups").mkdir()
    yield from look_ups.rows(folder / "look-ups")
    if not quick:
        (folder / "runs").mkdir()
        yield from inventory_run.rows(folder / "runs")
        yield from _lake(folder / "lake")
        yield _memory()


def _lake(folder: Path) -> Iterator[dict[str, Any]]:
    """Measure what works on files: 2.7 million default lines of a day, enriched, asked and drawn."""
    size = ["--lines", "2700000", "--interfaces", "500", "--format", "v2", "--minutes", "1440", "--no-events"]
    _flowlogs("generate", str(folder), "--seed", "1", *size)
    yield from enrich_run.rows(folder)
    known = ["--inventory", str(folder / "inventory"), "--geoip", str(folder / "geoip")]
    _flowlogs("enrich", str(folder / "logs"), *known, "--out", str(folder / "enriched"))
    yield from queries_run.rows(folder / "enriched", str(folder / "inventory"))
    yield from report_run.rows(folder / "enriched")


def _flowlogs(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "flowlogs", *words], check=True, capture_output=True)  # noqa: S603 (our own)


def _speed(handler: handlers.Handler, events: list[dict[str, Any]], lines: int) -> float:
    """Give lines a second, over all events once."""
    context = handlers.Context()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123 (metrics)
        begun = time.perf_counter()
        for event in events:
            handler(event, context)
        return lines / (time.perf_counter() - begun)


def _paired(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float, float]:
    """Take both in turn, after a first time that does not count: medians, and the median of their ratios."""
    one(), other()
    pairs = [(one(), other()) for _ in range(ROUNDS)]
    ratios = [first / second for first, second in pairs]
    return (
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        statistics.median(ratios),
    )


def _against_plain(what: str, corpus: Corpus, together: int, documents: str, wanted: str) -> dict[str, Any]:
    """Measure ours and the plain handler; unique addresses come once a round, so each round has fresh handlers."""
    events, lines = corpus.events(together), len(corpus.lines)
    is_unique = "unique" in what

    def measure(handler: Callable[[], handlers.Handler], kept: list[handlers.Handler]) -> float:
        if is_unique or not kept:
            kept[:] = [handler()]
            handler_now = kept[0]
            _speed(handler_now, events[:1], 1)  # opens files
        return _speed(kept[0], events, lines)

    mine: list[handlers.Handler] = []
    theirs: list[handlers.Handler] = []
    speed, plain, ratio = _paired(
        lambda: measure(lambda: handlers.ours(corpus, documents), mine),
        lambda: measure(lambda: handlers.plain(corpus), theirs),
    )
    return {
        "what": what,
        "figure": f"{speed:,.0f} records/s",
        "plain": f"{plain:,.0f}",
        "ratio": ratio,
        "wanted": wanted,
    }


def _fleet(few: Corpus, many: Corpus) -> dict[str, Any]:
    """Compare 50,000 interfaces with 500, over events whose lines have as many different ends."""
    small, large = handlers.ours(few, "one"), handlers.ours(many, "one")
    first, second = few.events(1), many.events(1)
    speed, other, ratio = _paired(
        lambda: _speed(large, second, len(many.lines)), lambda: _speed(small, first, len(few.lines))
    )
    what = "50,000 interfaces (beside it: 500)"
    return {"what": what, "figure": f"{speed:,.0f} records/s", "plain": f"{other:,.0f}", "ratio": ratio}


def _imports() -> dict[str, Any]:
    """Compare the start of an interpreter that imports a handler with one that imports boto3."""
    environ = {**os.environ, "AWS_DEFAULT_REGION": "eu-west-1"}

    def seconds(imports: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", imports], check=True, env=environ)  # noqa: S603 (our own words)
        return time.perf_counter() - begun

    mine, boto3, ratio = _paired(
        lambda: seconds("import functions.decorator.handler, functions.ingestor.handler"),
        lambda: seconds("import json, logging, boto3"),
    )
    what = "import of both handlers (beside it: json, logging, boto3)"
    return {
        "what": what,
        "figure": f"{1000 * mine:.0f} ms",
        "plain": f"{1000 * boto3:.0f}",
        "ratio": ratio,
        "wanted": "at most 4",
    }


def _memory() -> dict[str, Any]:
    """Compare the peak memory of a process of its own after a tenth of the records with that at the end."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory"], check=True, capture_output=True)
    tenth, end = json.loads(done.stdout.splitlines()[-1])
    return {
        "what": f"peak memory after {MEMORY_LINES:.0e} records (beside it: after a tenth)",
        "figure": f"{end:.0f} MiB",
        "plain": f"{tenth:.0f}",
        "ratio": end / tenth,
        "wanted": "flat",
    }


if __name__ == "__main__":
    main()
