"""A server that is not there: takes what a set-up would put, and keeps it for reading."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flowlogs.search.dashboards_server import IMPORT


class Request(NamedTuple):
    """What would change something, in the order of the work."""

    method: str
    url: str
    body: Any


class RehearsedDomain:
    """An OpenSearch with a second node and every plugin, in which there is nothing yet."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.requests: list[Request] = []

    def ping(self, _: str) -> None:
        """Answer."""

    def get(self, path: str) -> Any | None:
        """Give what a set-up wants to know of an empty server."""
        return {
            "/": {"version": {"distribution": "opensearch", "number": "2.19.1"}},
            "/_cluster/health": {"number_of_data_nodes": 2},
        }.get(path)

    def put(self, path: str, body: Any) -> None:
        """Keep what would be put."""
        self.requests.append(Request("PUT", f"{self.endpoint}{path}", body))

    def post(self, path: str, body: Any) -> Any:
        """Keep what would be asked for; no index is there that it could fail for."""
        self.requests.append(Request("POST", f"{self.endpoint}{path}", body))
        return {}

    def dashboards(self, url: str, *, settings: str) -> "RehearsedDashboards":
        """Give the Dashboards at a URL."""
        return RehearsedDashboards(url, settings, self.requests)


class RehearsedDashboards:
    """Dashboards in which nobody chose anything yet."""

    def __init__(self, url: str, settings: str, requests: list[Request]) -> None:
        self.url = url.rstrip("/")
        self._settings = settings
        self._requests = requests

    def put_objects(self, objects: Sequence[Any]) -> None:
        """Keep the objects, which travel as a file."""
        self._requests.append(Request("POST", f"{self.url}{IMPORT}?overwrite=true", list(objects)))

    def default_index(self) -> str | None:
        """Say that nobody chose one."""
        return None

    def has_index_pattern(self, _: str) -> bool:
        """Say that there is none."""
        return False

    def set_default_index(self, id_: str) -> None:
        """Keep the choice."""
        self._requests.append(Request("POST", f"{self.url}{self._settings}/defaultIndex", {"value": id_}))
