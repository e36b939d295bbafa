"""Documents of the real pipeline on a real server, and what is asked of them."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_queries import Asked
from saved_export import Object


@dataclass(frozen=True, slots=True)
class Server:
    """A server that asks for no sign-in."""

    url: str

    def asked(self, method: str, path: str, body: object = None) -> Any:
        """Send a request and read the answer; an error of the server is a failure, with its text."""
        lines = body if isinstance(body, list) else [body]
        data = None if body is None else "".join(json.dumps(line) + "\n" for line in lines).encode()
        request = urllib.request.Request(  # noqa: S310 (the tests' own server)
            f"{self.url}/{path}", data, {"Content-Type": "application/x-ndjson"}, method=method
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error

    def answer(self, asked: Asked) -> Object:
        """Search; every shard has to answer."""
        answer: Object = self.asked("POST", f"{asked.indexes}/_search?ignore_unavailable=true", asked.body)
        assert answer["_shards"]["failed"] == 0, answer["_shards"]
        assert answer["timed_out"] is False
        return answer


def generated(folder: Path, *options: str) -> Path:
    """Write an hour of a VPC's logs, its inventory and its geo databases."""
    start, size = ("--start", "2026-01-01T00:00Z", "--seed", "7"), ("--lines", "3000", "--minutes", "60")
    ran("generate", str(folder), *size, *start, "--no-events", *options)
    return folder


def delivered(demo: Path, url: str, prefix: str, out: Path, *knowledge: str) -> None:
    """Send the logs through the pipeline into the server's indexes of a prefix."""
    to = ("--opensearch", url, "--index", prefix, "--lake", "none", "--out", str(out), "--strict")
    ran("run", str(demo / "logs"), *to, *knowledge)


def written(demo: Path, out: Path, *knowledge: str) -> list[Object]:
    """Send the logs through the pipeline into files, and read the documents: an account of their own."""
    ran("run", str(demo / "logs"), "--lake", "none", "--out", str(out), "--strict", *knowledge)
    files = sorted((out / "search").glob("*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def known(demo: Path) -> Sequence[str]:
    """Give the options that make the pipeline know interfaces and places."""
    return "--inventory", str(demo / "inventory"), "--geoip", str(demo / "geoip")


def ran(*words: str) -> None:
    """Run a command of ours, without the settings of whoever runs the tests."""
    command = [sys.executable, "-m", "flowlogs", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLOWLOGS_")}
    done = subprocess.run(  # noqa: S603 (our own command)
        command, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
