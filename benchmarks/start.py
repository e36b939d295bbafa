"""Measures how a decorator starts with the inventory of an organization: seconds and memory to its first record.

Every measurement is a process of its own, since memory that was used once is seldom given back.
"""

import base64
import contextlib
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.corpus import Corpus
from benchmarks.fleet import DAY, Fleet
from benchmarks.handlers import Context, Handler, with_inventory
from benchmarks.memory import resident
from benchmarks.objects import BUCKET, served
from flowlogs.folder_store import FolderStore
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.published import POINTER, Pointer, swap_pointer
from flowlogs.record.values import spelt

START_SECONDS = 2.0
"""The longest that a decorator may take from its settings to its first record."""
_ROUNDS = 5


def rows(folder: Path, look_up_file: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of the table, for a look-up file of the fleet; what else is needed is made first."""
    packed = _publish(folder / "published", look_up_file)
    (folder / "interfaces.json").write_bytes(
        orjson.dumps({"flowlogs-inventory": 1, "interfaces": [_described(interface) for interface in Fleet()]})
    )
    yield {
        "what": f"look-up file of {Fleet().interfaces:,} interfaces in /tmp (beside it: as published)",
        "figure": f"{look_up_file.stat().st_size / 1e6:.1f} MB",
        "plain": f"{packed / 1e6:.1f}",
        "ratio": look_up_file.stat().st_size / packed,
    }
    with served(folder / "published") as endpoint:
        started = [_started(f"s3://{BUCKET}/{POINTER}", endpoint) for _ in range(_ROUNDS)]
    slow = _started(str(folder / "interfaces.json"), "")
    seconds, grown = (statistics.median(each[name] for each in started) for name in ("seconds", "grown"))
    yield {
        "what": "settings to first record: fetch, unpack, open (beside it: the same as JSON)",
        "figure": f"{1000 * seconds:,.0f} ms",
        "plain": f"{1000 * slow['seconds']:,.0f}",
        "ratio": seconds / slow["seconds"],
        "wanted": f"at most {START_SECONDS:.0f} s",
        "missed": seconds > START_SECONDS,
    }
    yield {
        "what": "peak memory that this adds (beside it: the same as JSON)",
        "figure": f"{grown:.1f} MiB",
        "plain": f"{slow['grown']:,.1f}",
        "ratio": grown / slow["grown"],
    }


def _publish(folder: Path, look_up_file: Path) -> int:
    """Publish a look-up file as the inventory function does; give its size in bytes, packed."""
    folder.mkdir()
    packed = folder / "interfaces.sqlite.gz"
    with look_up_file.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as squeezed:
        shutil.copyfileobj(plain, squeezed, 1 << 20)
    swap_pointer(FolderStore(folder), Pointer(), Pointer({"interfaces.sqlite": packed.name}))
    return packed.stat().st_size


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


def _started(inventory: str, endpoint: str) -> dict[str, float]:
    """Start a decorator in a process of its own, with a /tmp of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        environ = os.environ | {
            "TMPDIR": temporary,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_ENDPOINT_URL_S3": endpoint,
        }
        command = [sys.executable, "-m", "benchmarks.start", inventory]
        done = subprocess.run(command, check=True, capture_output=True, env=environ)  # noqa: S603 (our own words)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(inventory: str) -> dict[str, float]:
    """Give the seconds from the settings to the first answer, and the MiB by which the process's peak grew."""
    first = next(iter(Fleet()))
    own, at = spelt(first.addresses[0]), max(DAY, first.since)
    line = f"2 1 {first.interface_id} 198.51.100.7 {own} 443 999 6 1 60 {at} {at + 60} ACCEPT OK".encode()
    (event,) = Corpus([line], Path(), []).events(1)
    before, begun = resident("VmHWM"), time.perf_counter()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123 (metrics)
        answer = _answer(with_inventory(inventory), event)
    seconds = time.perf_counter() - begun
    if answer.get("vpc-id") != first.vpc_id:
        sys.exit(f"{first.interface_id} was not found")
    return {"seconds": seconds, "grown": resident("VmHWM") - before}


def _answer(handler: Handler, event: dict[str, Any]) -> dict[str, Any]:
    (record,) = handler(event, Context())["records"]
    return dict(json.loads(base64.b64decode(record["data"])))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])) + "\n")
