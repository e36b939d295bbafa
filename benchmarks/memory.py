"""Passes 10^7 records through the decorator, a quarter of them with an address never seen before, and prints peaks."""

import base64
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import handlers
from benchmarks.corpus import Corpus, make

MEMORY_LINES = 10_000_000
_NEW_EACH = 4  # lines


def main() -> None:
    """Print peak memory, in MiB, after a tenth of the records and after all."""
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:  # noqa: PTH123 (metrics)
        corpus = make(Path(folder), interfaces=500, lines=36_000)
        handler, peaks = handlers.ours(corpus, "one"), []
        passed = 0
        with contextlib.redirect_stdout(nowhere):
            for share in (0.1, 1.0):
                while passed < share * MEMORY_LINES:
                    passed += _pass(handler, corpus, passed)
                peaks.append(resident("VmHWM"))
    sys.stdout.write(json.dumps(peaks) + "\n")


def _pass(handler: handlers.Handler, corpus: Corpus, number: int) -> int:
    """Pass all lines once; `number` makes their new addresses new."""
    context, lines = handlers.Context(), 0
    for event in corpus.events(1):
        for at in range(0, len(event["records"]), _NEW_EACH):
            _renew(event["records"][at], number + lines + at)
        lines += len(handler(event, context)["records"])
    return lines


def resident(name: str) -> float:
    """Give this process's memory in MiB: VmRSS, what it has now; VmHWM, its peak.

    `getrusage` would count the process that started it too. Source: proc(5).
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def _renew(record: dict[str, Any], number: int) -> None:
    values = base64.b64decode(record["data"]).split()
    if values[3] != b"-":
        values[3] = b"%d.%d.%d.%d" % (60 + (number >> 24) % 60, number >> 16 & 255, number >> 8 & 255, number & 255)
    record["data"] = base64.b64encode(b" ".join(values)).decode()


if __name__ == "__main__":
    main()
