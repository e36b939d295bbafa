"""Gives every test the fixture `opensearch`, a real server; pytest loads it by name (pyproject.toml)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from java_node.node import Node
from java_node.program import Program

from opensearch_node.program import OPENSEARCH


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """A server without security that the tests of a run share; `url` has no path and no slash at its end."""

    url: str
    worker: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def prefix(self) -> str:
        """Give an index prefix that no other test has, of letters and digits: `PREFIX-*` holds for no other's."""
        return f"{self.worker}n{next(self._numbers)}"


@pytest.fixture(scope="session")
def opensearch(java_node: Callable[[Program], Node], worker: str) -> OpenSearch:
    """Give the run's OpenSearch, started when the first test asks for it."""
    return OpenSearch(java_node(OPENSEARCH).url, worker)
