"""The server of the tests, tested: what it answers, who starts it, and that it ends."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from not_installed import cannot_run

from opensearch_node.built import missing
from opensearch_node.node import NodeNotStarted, folder_of_run, running
from opensearch_node.plugin import OpenSearch

TESTS = Path(__file__).parent.parent
ASKS = (
    "import sys; from pathlib import Path; from opensearch_node.node import running; print(running(Path(sys.argv[1])))"
)
RUNS = """
import signal
from opensearch_node.node import folder_of_run, running
with folder_of_run() as folder:
    print(folder, running(folder), flush=True)
    signal.pause()
"""


def program(text: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-c", text, *arguments],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )


def asked(url: str, path: str, body: str | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 (the test's own server)
        f"{url}/{path}", None if body is None else body.encode(), {"Content-Type": "application/x-ndjson"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def read_by_nobody(pipe: Path) -> bool:
    """Say whether no process has the pipe open any more: the kernel's word that the node is gone."""
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        return error.errno == errno.ENXIO
    return False


@pytest.fixture(autouse=True)
def installed() -> None:
    lacking = missing()
    if lacking:
        cannot_run(lacking)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_of_run() as made:
        yield made


def test_documents_go_in_and_an_aggregation_comes_out(opensearch: OpenSearch) -> None:
    index = f"{opensearch.prefix()}-flows"
    lines = [
        json.dumps({"create": {"_index": index}}) + "\n" + json.dumps({"action": action, "bytes": size})
        for action, size in [("ACCEPT", 40), ("ACCEPT", 60), ("REJECT", 7)]
    ]
    assert asked(opensearch.url, "_bulk?refresh=true", "\n".join(lines) + "\n")["errors"] is False
    sums = {"sum": {"script": {"source": "doc['bytes'].value * 8"}}}  # the scripting module is there
    body = {"size": 0, "aggs": {"by": {"terms": {"field": "action.keyword"}, "aggs": {"bits": sums}}}}
    found = asked(opensearch.url, f"{index}/_search", json.dumps(body))
    buckets = found["aggregations"]["by"]["buckets"]
    assert {bucket["key"]: bucket["bits"]["value"] for bucket in buckets} == {"ACCEPT": 800, "REJECT": 56}


def test_every_prefix_is_a_new_one(opensearch: OpenSearch) -> None:
    prefixes = [opensearch.prefix() for _ in range(20)]
    assert len(set(prefixes)) == 20
    assert all(prefix.isalnum() and prefix == prefix.lower() for prefix in prefixes)


def test_it_listens_to_this_machine_only(opensearch: OpenSearch) -> None:
    node = next(iter(asked(opensearch.url, "_nodes/http,transport")["nodes"].values()))
    bound = [*node["http"]["bound_address"], *node["transport"]["bound_address"]]
    assert {address.rpartition(":")[0] for address in bound} == {"127.0.0.1"}


@pytest.mark.slow
def test_who_asks_at_once_is_given_the_same_node(folder: Path) -> None:
    programs = [program(ASKS, str(folder)) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        urls = list(pool.map(lambda asking: asking.communicate()[0].strip(), programs))
    assert urls[0] == urls[1]
    assert len(list(folder.glob("node-*"))) == 1
    assert asked(urls[0], "_search")["timed_out"] is False  # those who started it have ended, the run has not


@pytest.mark.slow
@pytest.mark.parametrize("way", ["kill", "terminate"])
def test_a_run_that_is_killed_leaves_no_node(way: str) -> None:
    run = program(RUNS)
    assert run.stdout is not None
    folder, url = run.stdout.readline().split()
    assert asked(url, "_search")["timed_out"] is False
    getattr(run, way)()
    run.communicate()
    deadline = time.monotonic() + 30
    while not read_by_nobody(Path(folder) / "life"):
        assert time.monotonic() < deadline, "the node lives on"
        time.sleep(0.05)
    assert not list(Path(folder).glob("node-*")), "its data are left"
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_node_that_does_not_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opensearch_node.node.HEAP", "1k")
    with pytest.raises(NodeNotStarted, match=r"(?s)ended while it started.*Too small .*heap"):
        running(folder)
    monkeypatch.undo()
    assert running(folder).startswith("http://127.0.0.1:")


@pytest.mark.slow
def test_the_end_of_a_run_removes_all_that_it_made() -> None:
    with folder_of_run() as made:
        running(made)
    assert not made.exists()
