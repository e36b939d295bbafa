"""Documents of three days for pictures: real ones, spread over the day as people work, with three incidents."""

import json
import math
import urllib.request
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from click.testing import CliRunner

from flowlogs.cli.main import flowlogs
from flowlogs.search.index_template import index_template

Document = dict[str, Any]

DAY = datetime(2026, 1, 15, tzinfo=UTC)
"""The day that is shown, a Thursday; the day before and the week before are there to be compared with."""
_DAYS = ((DAY, 1.0), (DAY - timedelta(days=1), 0.92), (DAY - timedelta(days=7), 0.75))
"""Days, and how busy they were."""
_NIGHT, _NOON = 6, 24
"""Documents a minute."""
_LESS = 2000
"""What the gigabytes that leave are divided by, to be of a picture's size."""
_REJECTS = 4
"""How much more often rejects are taken than they were generated: a few a minute, so that there is a band."""
_SEED = 7
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Happening:
    """So many documents a minute more, of one kind, from a minute of the day on."""

    kind: str
    begin: int
    minutes: int
    a_minute: int


HAPPENINGS = (
    Happening("exfiltration", 10 * 60 + 40, 10, 2),
    Happening("port-scan", 14 * 60 + 20, 3, 40),
    Happening("ordinary", 16 * 60 + 5, 4, 45),
)
"""What happens on the day: data leave, ports are tried, and something is used more than ever."""


def documents(folder: Path) -> Iterator[Document]:
    """Give the documents, in no order; `folder` is for files on the way."""
    rng, kinds = Random(_SEED), _by_kind(folder)
    for day, busy in _DAYS:
        for minute in range(24 * 60):
            number = busy * (_NIGHT + (_NOON - _NIGHT) * _daylight(minute)) * rng.uniform(0.75, 1.25)
            for _ in range(round(number)):
                yield _at(rng, rng.choice(kinds["ordinary"]), day, minute)
    for each in HAPPENINGS:
        for minute in range(each.begin, each.begin + each.minutes):
            for _ in range(each.a_minute):
                yield _at(rng, rng.choice(kinds[each.kind]), DAY, minute)


def _daylight(minute: int) -> float:
    """Give how far the day has come: 0 at three in the morning, 1 at three in the afternoon."""
    return (1 - math.cos((minute / 60 - 3) / 24 * 2 * math.pi)) / 2


def _at(rng: Random, document: Document, day: datetime, minute: int) -> Document:
    """Give a document another time."""
    start = day + timedelta(minutes=minute, seconds=rng.randrange(60))
    return document | {
        "@timestamp": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "start": int(start.timestamp()),
        "end": int(start.timestamp()) + 59,
    }


def _by_kind(folder: Path) -> dict[str, list[Document]]:
    """Send generated logs through the pipeline, and tell the planted incidents from the ordinary day."""
    _run(folder, "generate", "made", f"--seed={_SEED}", "--start=2026-01-15T00:00Z", "--lines=8000", "--no-events")
    _run(folder, "run", "made/logs", "--inventory=made/inventory", "--geoip=made/geoip", "--lake=none", "--out=out")
    planted = {each["name"]: each for each in json.loads((folder / "made" / "truth.json").read_text())["incidents"]}
    kinds: dict[str, list[Document]] = {"ordinary": [], **{name: [] for name in planted}}
    for line in sorted(
        line for file in (folder / "out" / "search").iterdir() for line in file.read_bytes().splitlines()
    ):
        document = json.loads(line)
        if document["log-status"] == "OK":
            copies = _REJECTS if document["action"] == "REJECT" else 1
            kinds[_kind(document, planted)] += [document] * copies
    leaving = [document for document in kinds["exfiltration"] if document["dstport"] == 443]
    less = [each | {name: each[name] // _LESS for name in ("bytes", "packets")} for each in leaving]
    return kinds | {"exfiltration": less}


def _kind(document: Document, planted: dict[str, Document]) -> str:
    """Name the incident whose own address is in a document, at either end."""
    own = {"ssh-brute-force": "srcaddr", "port-scan": "srcaddr", "exfiltration": "dstaddr"}
    ends = {document["srcaddr"], document["dstaddr"], document["pkt-srcaddr"], document["pkt-dstaddr"]}
    return next((name for name, field in own.items() if planted[name][field] in ends), "ordinary")


def _run(folder: Path, *words: str) -> None:
    with chdir(folder):
        result = CliRunner().invoke(flowlogs, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def load(url: str, prefix: str, folder: Path) -> None:
    """Put the index template and the documents into a server."""
    _send(url, "PUT", f"_index_template/{prefix}", json.dumps(index_template(prefix, replicas=0)).encode())
    lines = [b'{"create":{}}\n' + json.dumps(document).encode() + b"\n" for document in documents(folder)]
    for first in range(0, len(lines), _BATCH):
        answer = _send(url, "POST", f"{prefix}-days/_bulk", b"".join(lines[first : first + _BATCH]))
        assert answer["errors"] is False
    _send(url, "POST", f"{prefix}-days/_refresh", b"")


def _send(url: str, method: str, path: str, body: bytes) -> Any:
    head = {"Content-Type": "application/x-ndjson" if path.endswith("_bulk") else "application/json"}
    request = urllib.request.Request(f"{url}/{path}", body, head, method=method)  # noqa: S310 (the tests' own server)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)
