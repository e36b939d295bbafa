"""Measures the look-up file of an organization: its size, a decorator's start with it, look-ups and their memory.

Every measurement is a process of its own, since memory that was used once is seldom given back.
"""

import gzip
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.fleet import DAY, SECONDS, Fleet
from flowlogs.aws.places import watched_at
from flowlogs.folder_store import FolderStore
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup_file import write_lookup_file
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.published import Pointer, swap_pointer
from flowlogs.record.values import spelt

LOOK_UPS = 100_000
START_SECONDS = 2.0
"""The longest that a decorator may take to decompress and open the file and look something up in it."""
_Question = tuple[str, str, bytes, int]


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of the table; the files are made first."""
    _run("make", folder)
    plain, packed = ((folder / name).stat().st_size for name in ("interfaces.sqlite", "published/interfaces.sqlite.gz"))
    many = f"{Fleet().interfaces:,}"
    yield {
        "what": f"look-up file of {many} interfaces (beside it: packed)",
        "figure": f"{plain / 1e6:.1f} MB",
        "plain": f"{packed / 1e6:.1f}",
        "ratio": plain / packed,
    }
    start, slow = _run("start", folder)["seconds"], _run("json", folder)["seconds"]
    yield {
        "what": "unpack, open, first look-up (beside it: read the same from JSON)",
        "figure": f"{1000 * start:.0f} ms",
        "plain": f"{1000 * slow:,.0f}",
        "ratio": start / slow,
        "wanted": f"at most {START_SECONDS:.0f} s",
        "missed": start > START_SECONDS,
    }
    asked = _run("ask", folder)
    yield {
        "what": f"memory after {LOOK_UPS:,} random look-ups (beside it: after a tenth)",
        "figure": f"{asked['end']:.1f} MiB",
        "plain": f"{asked['tenth']:.1f}",
        "ratio": asked["end"] / asked["tenth"],
        "wanted": "flat",
    }
    yield {
        "what": "random look-ups in the file (beside it: in a dict, without times)",
        "figure": f"{asked['file']:,.0f} look-ups/s",
        "plain": f"{asked['dict']:,.0f}",
        "ratio": asked["file"] / asked["dict"],
    }


def _run(what: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.look_ups", what, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own words)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _make(folder: Path) -> dict[str, float]:
    """Write the look-up file, publish it as the inventory function does, and write the same as JSON."""
    fleet, store = Fleet(), FolderStore(folder / "published")
    write_lookup_file(folder / "interfaces.sqlite", fleet, fleet.subnets(), DAY + SECONDS)
    (folder / "published").mkdir()
    with (
        (folder / "interfaces.sqlite").open("rb") as plain,
        gzip.open(folder / "published" / "interfaces.sqlite.gz", "wb", compresslevel=1) as packed,
    ):
        shutil.copyfileobj(plain, packed, 1 << 20)
    swap_pointer(store, Pointer(), Pointer({"interfaces.sqlite": "interfaces.sqlite.gz"}))
    described = {"interfaces": [_described(interface) for interface in fleet]}
    (folder / "interfaces.json").write_bytes(orjson.dumps(described))
    return {}


def _described(interface: NetworkInterface) -> dict[str, Any]:
    return {
        "interface-id": interface.interface_id,
        "addresses": [spelt(address) for address in interface.addresses],
        "prefixes": [str(prefix) for prefix in interface.prefixes],
        "security-group-ids": interface.security_group_ids,
        "vpc-id": interface.vpc_id,
        "subnet-id": interface.subnet_id,
        "aws-region": interface.region,
        "instance-id": interface.instance_id,
        "interface-owner": interface.owner,
        "from": interface.since,
    }


def _start(folder: Path) -> dict[str, float]:
    """Do what a decorator does when it starts, but for the network."""
    first = next(iter(Fleet()))
    tempfile.tempdir = str(folder / "tmp")
    Path(tempfile.tempdir).mkdir()
    begun = time.perf_counter()
    watched = watched_at(str(folder / "published"))
    inventory = read_inventory(*watched.files()) if watched else Inventory()
    found = inventory.with_id(first.interface_id, DAY).interface
    seconds = time.perf_counter() - begun
    return {"seconds": seconds if found == first else float("inf")}


def _read_json(folder: Path) -> dict[str, float]:
    first = next(iter(Fleet()))
    begun = time.perf_counter()
    read_inventory(folder / "interfaces.json").with_id(first.interface_id, DAY)
    return {"seconds": time.perf_counter() - begun}


def _ask(folder: Path) -> dict[str, float]:
    """Look up interfaces by id and by address, at random times of the day; memory is taken before the dict is made."""
    questions = _questions()
    inventory = read_inventory(folder / "interfaces.sqlite")

    def ask(questions: list[_Question]) -> None:
        for interface_id, vpc_id, address, at in questions:
            inventory.with_id(interface_id, at)
            inventory.with_address(vpc_id, address, at)

    ask(questions[: len(questions) // 10])
    tenth = _resident()
    begun = time.perf_counter()
    ask(questions[len(questions) // 10 :])
    seconds, end = time.perf_counter() - begun, _resident()
    asked = 2 * (len(questions) - len(questions) // 10)
    return {"tenth": tenth, "end": end, "file": asked / seconds, "dict": _dict_speed(questions)}


def _questions() -> list[_Question]:
    dice = random.Random(2)  # noqa: S311 (repeatable, not secret)
    sample: list[_Question] = []
    for number, interface in enumerate(Fleet()):  # reservoir sampling: the fleet is never in memory
        at = number if number < LOOK_UPS // 2 else dice.randrange(number + 1)
        if at < LOOK_UPS // 2:
            question = (
                interface.interface_id,
                interface.vpc_id or "",
                dice.choice(interface.addresses),
                DAY + dice.randrange(SECONDS),
            )
            sample[at : at + 1] = [question]
    return sample


def _dict_speed(questions: list[_Question]) -> float:
    by_id: dict[str, NetworkInterface] = {}
    by_address: dict[tuple[str, bytes], NetworkInterface] = {}
    for interface in Fleet():
        by_id[interface.interface_id] = interface
        by_address |= {(interface.vpc_id or "", address): interface for address in interface.addresses}
    begun = time.perf_counter()
    for interface_id, vpc_id, address, _ in questions:
        by_id.get(interface_id)
        by_address.get((vpc_id, address))
    return 2 * len(questions) / (time.perf_counter() - begun)


def _resident() -> float:
    """Give this process's memory in MiB (proc(5), VmRSS)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


_PARTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "make": _make,
    "start": _start,
    "json": _read_json,
    "ask": _ask,
}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_PARTS[sys.argv[1]](Path(sys.argv[2]))) + "\n")
