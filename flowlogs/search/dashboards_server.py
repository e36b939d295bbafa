"""What the set-up needs of OpenSearch Dashboards, or of Kibana."""

from collections.abc import Sequence
from typing import Any, Protocol

IMPORT, BULK_GET, LOGIN = "/api/saved_objects/_import", "/api/saved_objects/_bulk_get", "/auth/login"
OF_OPENSEARCH, OF_KIBANA = "/api/opensearch-dashboards/settings", "/api/kibana/settings"
"""Where each keeps its settings."""


def dashboards_requests(base: str = "/_dashboards", settings: str = OF_OPENSEARCH) -> list[tuple[str, str]]:
    """Give what the set-up asks by method and path, for the policy of a domain that has Dashboards below `base`.

    Without the page for signing in a password gets nowhere: a domain's Dashboards refuse it in the header of an import.
    Source: opensearch-project/OpenSearch-Dashboards, issues 5146 and 6479.
    """
    posts = (LOGIN, IMPORT, BULK_GET, f"{settings}/defaultIndex")
    return [("GET", f"{base}{settings}"), *(("POST", f"{base}{path}") for path in posts)]


class DashboardsServer(Protocol):
    """Dashboards that we are signed in to, in the tenant that all share; every method raises DomainError.

    DomainUnreachable: it is not awake yet. A RequestRefused that is an unknown path: there is none.
    """

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        ...

    def put_objects(self, objects: Sequence[Any]) -> None:
        """Import saved objects over those of the same ids; raise ObjectsRefused where it does not take one of them."""
        ...

    def default_index(self) -> str | None:
        """Give the id of the index pattern that is shown first; None where nobody chose one."""
        ...

    def has_index_pattern(self, id_: str) -> bool:
        """Say whether there is an index pattern with that id."""
        ...

    def set_default_index(self, id_: str) -> None:
        """Let this index pattern be shown first."""
        ...
