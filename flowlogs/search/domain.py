"""What the set-up needs of an OpenSearch domain."""

from typing import Any, Protocol


class Domain(Protocol):
    """A domain that we are signed in to; every method raises DomainError where it comes to nothing."""

    @property
    def endpoint(self) -> str:
        """Where it is: `https://host`, without a slash at the end."""
        ...

    def ping(self) -> None:
        """Ask once, without patience, whether it answers; raise DomainUnreachable where it does not."""
        ...

    def get(self, path: str) -> Any | None:
        """Give the JSON at a path; None where there is nothing (404)."""
        ...

    def put(self, path: str, body: Any) -> None:
        """Put JSON at a path; doing so twice is doing it once."""
        ...
