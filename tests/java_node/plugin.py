"""Gives the fixtures of servers what they share: the run's folder, and what is said where a server cannot run."""

from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from not_installed import cannot_run, skipped_here

from java_node.node import Node, folder_of_run, running
from java_node.program import Program

FOLDER = pytest.StashKey[Path]()
INPUT = "java_node"


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the run, or take the one that pytest-xdist's controller made."""
    given = getattr(config, "workerinput", {}).get(INPUT)
    if given is None:
        life = ExitStack()
        config.stash[FOLDER] = life.enter_context(folder_of_run())
        config.add_cleanup(life.close)
    else:
        config.stash[FOLDER] = Path(given)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist the folder of the run."""
    node.workerinput[INPUT] = str(node.config.stash[FOLDER])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what asks for a server as slow: `make quick` starts no engine."""
    if "java_node" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give skips for what is not installed one place: the summary has one line for a place and reason."""
    report = yield
    report.longrepr = skipped_here(call) or report.longrepr
    return report


@pytest.fixture(scope="session")
def java_node(pytestconfig: pytest.Config) -> Callable[[Program], Node]:
    """Give what gives the run's server of a program, started when the first test asks for it."""

    def node(program: Program) -> Node:
        lacking = program.missing()
        if lacking:
            cannot_run(lacking)
        return running(program, pytestconfig.stash[FOLDER])

    return node


@pytest.fixture(scope="session")
def worker(pytestconfig: pytest.Config) -> str:
    """Name this process among those of the run: letters and digits."""
    return str(getattr(pytestconfig, "workerinput", {}).get("workerid", "one"))
