"""What the set-up needs of OpenSearch Dashboards, or of Kibana."""

from collections.abc import Sequence
from typing import Any, Protocol

IMPORT, BULK_GET, LOGIN = "/api/saved_objects/_import", "/api/saved_objects/_bulk_get", "/auth/login"
OF_OPENSEARCH, OF_KIBANA = "/api/opensearch-dashboards/settings", "/api/kibana/settings"
"""Where each keeps its settings."""


def dashboards_paths(base: str = "/_dashboards", settings: str = OF_OPENSEARCH) -> list[str]:
    """Give the paths that the set-up uses, for the policy of a domain that has Dashboards below `base`."""
    return [f"{base}{path}" for path in (IMPORT, BULK_GET, settings, f"{settings}/defaultIndex", LOGIN)]


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
