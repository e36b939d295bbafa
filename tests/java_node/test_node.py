"""The servers of the tests, tested: who starts one, what is said of one that does not start, and that it ends."""

import errno
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from not_installed import cannot_run
from opensearch_node.program import OPENSEARCH
from trino_node.program import TRINO

from java_node import node as node_module
from java_node.node import NodeNotStarted, folder_of_run, running
from java_node.program import Program

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parent.parent
ANSWERING = Program(
    name="answering",
    called="Answering",
    folder=Path(__file__).with_name("answering"),
    main="Answering",
    heap="16m",
    healthy="/",
)
ASKS = """
import sys
from pathlib import Path
from java_node.node import running
from java_node.test_node import PROGRAMS
print(running(PROGRAMS[sys.argv[1]], Path(sys.argv[2])).url)
"""
RUNS = """
import signal, sys
from java_node.node import folder_of_run, running
from java_node.test_node import PROGRAMS
with folder_of_run() as folder:
    print(folder, running(PROGRAMS[sys.argv[1]], folder).url, flush=True)
    signal.pause()
"""
PROGRAMS = {program.name: program for program in (ANSWERING, OPENSEARCH, TRINO)}


def program(text: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-c", text, *arguments],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> bool:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 (the test's own server)
        return bool(answer.status == 200)


def read_by_nobody(pipe: Path) -> bool:
    """Say whether no process has the pipe open any more: the kernel's word that the server is gone."""
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        return error.errno == errno.ENXIO
    return False


@pytest.fixture(autouse=True)
def installed() -> None:
    lacking = ANSWERING.missing()
    if lacking:
        cannot_run(lacking)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_of_run() as made:
        yield made


def test_who_asks_at_once_is_given_the_same_node(folder: Path) -> None:
    asking = [program(ASKS, "answering", str(folder)) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        urls = list(pool.map(lambda one: one.communicate()[0].strip(), asking))
    assert len(set(urls)) == 1
    assert len(list(folder.glob("*/home-*"))) == 1
    assert answers(urls[0])  # those who started it have ended, the run has not


def test_a_run_has_a_node_of_each_program(folder: Path) -> None:
    nodes = [running(each, folder) for each in (ANSWERING, replace(ANSWERING, name="another"))]
    assert nodes[0].url != nodes[1].url
    assert nodes[0].home != nodes[1].home
    assert all(answers(node.url) for node in nodes)


@pytest.mark.parametrize(
    ("name", "way"),
    [("answering", "kill"), ("answering", "terminate"), ("opensearch", "kill"), ("trino", "kill")],
)
def test_a_run_that_is_killed_leaves_no_node(name: str, way: str) -> None:
    run = program(RUNS, name)
    assert run.stdout is not None
    folder, url = run.stdout.readline().split()
    assert answers(f"{url}{PROGRAMS[name].healthy}")
    getattr(run, way)()
    run.communicate()
    deadline = time.monotonic() + 30
    while not read_by_nobody(Path(folder) / "life"):
        assert time.monotonic() < deadline, "the node lives on"
        time.sleep(0.05)
    assert not list(Path(folder).glob("*/home-*")), "its data are left"
    shutil.rmtree(folder)


def test_a_node_that_ends_early_says_why_and_another_may_be_started(folder: Path) -> None:
    with pytest.raises(NodeNotStarted, match=r"(?s)Answering ended while it started.*Too small .*heap"):
        running(replace(ANSWERING, heap="1k"), folder)
    assert answers(running(ANSWERING, folder).url)


def test_a_node_that_is_not_healthy_in_time_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "SECONDS_TO_START", 3)
    monkeypatch.setenv("ANSWERS", "503")
    with pytest.raises(NodeNotStarted, match=r"Answering did not answer within 3 s; the last lines of its log:"):
        running(ANSWERING, folder)
    assert not list(folder.glob("*/home-*"))


def test_the_end_of_a_run_removes_all_that_it_made() -> None:
    with folder_of_run() as made:
        running(ANSWERING, made)
    assert not made.exists()
