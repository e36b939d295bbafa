"""What the set-up needs of an OpenSearch domain."""

from typing import Any, Protocol

from flowlogs.search.dashboards_server import DashboardsServer


class Asked(Protocol):
    """A domain that we are signed in to; every method raises DomainError where it comes to nothing."""

    @property
    def endpoint(self) -> str:
        """Where it is: `https://host`, without a slash at the end."""
        ...

    def get(self, path: str) -> Any | None:
        """Give the JSON at a path; None where there is nothing (404)."""
        ...

    def put(self, path: str, body: Any) -> None:
        """Put JSON at a path; doing so twice is doing it once."""
        ...

    def post(self, path: str, body: Any) -> Any:
        """Ask with JSON for something that twice is the same as once; give the answer."""
        ...


class Domain(Asked, Protocol):
    """The same, before it is known whether it answers, and with its Dashboards."""

    def ping(self, path: str) -> None:
        """Ask once, without patience, whether it answers at a path; raise DomainUnreachable where it does not.

        That there is nothing (404) is an answer.
        """
        ...

    def dashboards(self, url: str, *, settings: str) -> DashboardsServer:
        """Give Dashboards at a URL, signed in as the same one; `settings` is the path of theirs."""
        ...
