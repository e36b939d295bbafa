"""Gives every test the fixture `opensearch`, a real server; pytest loads it by name (pyproject.toml)."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from not_installed import cannot_run, skipped_here

from opensearch_node.built import missing
from opensearch_node.node import folder_of_run, running

FOLDER = pytest.StashKey[Path]()
INPUT = "opensearch_node"


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """A server without security that the tests of a run share; `url` has no path and no slash at its end."""

    url: str
    worker: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def prefix(self) -> str:
        """Give an index prefix that no other test has, of letters and digits: `PREFIX-*` holds for no other's."""
        return f"{self.worker}n{next(self._numbers)}"


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
    """Mark what asks for the server as slow: `make quick` starts no engine."""
    if "opensearch" in getattr(item, "fixturenames", ()):
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
def opensearch(pytestconfig: pytest.Config) -> OpenSearch:
    """Give the run's OpenSearch, started when the first test asks for it."""
    lacking = missing()
    if lacking:
        cannot_run(lacking)
    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "one")
    return OpenSearch(running(pytestconfig.stash[FOLDER]), worker)
