"""Measures look-ups in the look-up file: their time as the organization grows, and the memory they leave.

Every measurement is a process of its own, since memory that was used once is seldom given back.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import start
from benchmarks.fleet import DAY, SECONDS, Fleet
from benchmarks.memory import resident
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup_file import write_lookup_file
from flowlogs.inventory.network_interface import NetworkInterface

SIZES = (1_000, 20_000, 200_000)
QUESTIONS = 50_000
"""Interfaces and addresses that are asked for: 100,000 look-ups."""
GROWTH = 2.0
"""The most by which a look-up among the most interfaces may take longer than among the fewest."""
FLAT = 1.1
"""The most by which memory may grow over nine tenths of the look-ups."""
_ROUNDS = 7


class _Question(NamedTuple):
    interface_id: str
    vpc_id: str
    address: bytes
    time: int


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of the table; the files are made first."""
    for size in SIZES:
        write_lookup_file(_file(folder, size), fleet := _fleet(size), fleet.subnets(), DAY + SECONDS)
    yield from start.rows(folder, _file(folder, SIZES[-1]))
    for size in SIZES:
        yield from _speed_rows(size, _run("speed", folder, size))
    memory = _run("memory", folder, SIZES[-1])
    yield {
        "what": f"memory after {2 * QUESTIONS:,} random look-ups (beside it: after a tenth)",
        "figure": f"{memory['end']:.1f} MiB",
        "plain": f"{memory['tenth']:.1f}",
        "ratio": memory["end"] / memory["tenth"],
        "wanted": "flat",
        "missed": memory["end"] > FLAT * memory["tenth"],
    }


def _speed_rows(size: int, found: dict[str, float]) -> Iterator[dict[str, Any]]:
    yield {
        "what": f"a look-up among {size:,} interfaces (beside it: in a dict, without times)",
        "figure": f"{found['file']:.1f} µs",
        "plain": f"{found['dict']:.2f}",
        "ratio": found["file"] / found["dict"],
    }
    if size > SIZES[0]:
        yield {
            "what": f"a look-up among {size:,} interfaces (beside it: among {SIZES[0]:,})",
            "figure": f"{found['file']:.1f} µs",
            "plain": f"{found['few']:.1f}",
            "ratio": found["growth"],
            "wanted": f"at most {GROWTH:.0f}",
            "missed": found["growth"] > GROWTH,
        }


def _file(folder: Path, size: int) -> Path:
    return folder / f"{size}.sqlite"


def _fleet(size: int) -> Fleet:
    return Fleet(max(1, size // 400), size)


def _run(what: str, folder: Path, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.look_ups", what, str(folder), str(size)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own words)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _memory(folder: Path, size: int) -> dict[str, float]:
    """Look interfaces up at random times of the day, and take memory after a tenth and at the end."""
    questions, inventory = _questions(size), read_inventory(_file(folder, size))
    taken = []
    for part in (questions[: QUESTIONS // 10], questions[QUESTIONS // 10 :]):
        _ask(inventory, part)
        taken.append(resident("VmRSS"))
    return {"tenth": taken[0], "end": taken[1]}


def _speed(folder: Path, size: int) -> dict[str, float]:
    """Give microseconds a look-up: in the file, in that of the fewest interfaces in turn with it, and in a dict."""
    files = [_rounds(folder, each) for each in (size, SIZES[0])]
    pairs = [(_microseconds(*mine), _microseconds(*few)) for mine, few in zip(*files, strict=True)]
    return {
        "file": statistics.median(pair[0] for pair in pairs),
        "few": statistics.median(pair[1] for pair in pairs),
        "growth": statistics.median(pair[0] / pair[1] for pair in pairs),
        "dict": _dict_speed(size),
    }


def _rounds(folder: Path, size: int) -> list[tuple[Inventory, list[_Question]]]:
    """Part what is asked of a file into rounds, after a first one that does not count."""
    inventory, questions = read_inventory(_file(folder, size)), _questions(size)
    rounds = [(inventory, questions[at::_ROUNDS]) for at in range(_ROUNDS)]
    _ask(*rounds[0])
    return rounds


def _ask(inventory: Inventory, questions: Sequence[_Question]) -> None:
    for interface_id, vpc_id, address, at in questions:
        inventory.with_id(interface_id, at)
        inventory.with_address(vpc_id, address, at)


def _microseconds(inventory: Inventory, questions: Sequence[_Question]) -> float:
    begun = time.perf_counter()
    _ask(inventory, questions)
    return (time.perf_counter() - begun) / (2 * len(questions)) * 1e6


def _questions(size: int) -> list[_Question]:
    dice = random.Random(2)  # noqa: S311 (repeatable, not secret)
    sample: list[_Question] = []
    for number, interface in enumerate(_fleet(size)):  # reservoir sampling: the fleet is never in memory
        at = number if number < QUESTIONS else dice.randrange(number + 1)
        if at < QUESTIONS:
            question = _Question(
                interface.interface_id,
                interface.vpc_id or "",
                dice.choice(interface.addresses),
                DAY + dice.randrange(SECONDS),
            )
            sample[at : at + 1] = [question]
    return dice.choices(sample, k=QUESTIONS)


def _dict_speed(size: int) -> float:
    by_id: dict[str, NetworkInterface] = {}
    by_address: dict[tuple[str, bytes], NetworkInterface] = {}
    for interface in _fleet(size):
        by_id[interface.interface_id] = interface
        by_address |= {(interface.vpc_id or "", address): interface for address in interface.addresses}
    questions = _questions(size)
    begun = time.perf_counter()
    for interface_id, vpc_id, address, _ in questions:
        by_id.get(interface_id)
        by_address.get((vpc_id, address))
    return (time.perf_counter() - begun) / (2 * len(questions)) * 1e6


_PARTS = {"memory": _memory, "speed": _speed}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_PARTS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))) + "\n")
