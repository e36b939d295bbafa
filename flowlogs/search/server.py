"""Which server answers at an endpoint, and under which paths it has what the set-up uses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowlogs.search.dashboards_server import OF_KIBANA, OF_OPENSEARCH
from flowlogs.search.domain import Asked
from flowlogs.search.domain_errors import DomainError, SignInRefused

_COMPOSABLE = (7, 8)
"""The first Elasticsearch with `_index_template`. Source: Elasticsearch, "Index templates" (7.8)."""
_OPEN_DISTRO = (7, 10)
"""The last Elasticsearch with Open Distro's plugins. Source: Open Distro, "Version history"."""
_UNTRIED = 3
"""The first OpenSearch that nobody tried with this."""
_LUCENE_OF_7_10 = "8.7."


@dataclass(frozen=True, slots=True)
class ServerKind:
    """Which server it is: how people call it, and the beginnings of its paths.

    `plugins` begins the paths of the security plugin and of Index State Management; None: it has neither of them.
    `dashboards_path` is where a managed domain has its Dashboards, `settings_path` where those keep their settings.
    What is not `tried` speaks as one that is, as far as is known.
    """

    name: str
    plugins: str | None = "/_plugins"
    dashboards_path: str = "/_dashboards"
    settings_path: str = OF_OPENSEARCH
    tried: bool = True


OPENSEARCH = ServerKind("OpenSearch")


def server_at(domain: Asked) -> ServerKind:
    """Ask who answers; raise DomainError where it is too old, or nothing that speaks as OpenSearch does.

    Where the answer is refused, it is an OpenSearch: the policy of our own domains keeps `/` closed to a password.
    """
    try:
        answer = domain.get("/")
    except SignInRefused:
        return OPENSEARCH
    version = answer.get("version") if isinstance(answer, Mapping) else None
    if not isinstance(version, Mapping) or not re.match(r"\d+\.\d+", str(version.get("number"))):
        raise DomainError(f"{domain.endpoint} is no OpenSearch and no Elasticsearch: GET / does not answer as they do")
    return _server_of(domain.endpoint, version)


def replicas_of(domain: Asked) -> int:
    """Give one copy beside the original where a second node can hold it. Source: OpenSearch, "Cluster health"."""
    health = domain.get("/_cluster/health")
    nodes = health.get("number_of_data_nodes") if isinstance(health, Mapping) else None
    return int(isinstance(nodes, int) and nodes > 1)


def _server_of(endpoint: str, version: Mapping[str, Any]) -> ServerKind:
    number = str(version["number"])
    major, minor = (int(each) for each in re.findall(r"\d+", number)[:2])
    if version.get("distribution") == "opensearch" or _pretends(version):
        return ServerKind(f"OpenSearch {number}", tried=major < _UNTRIED or _pretends(version))
    if (major, minor) < _COMPOSABLE:
        raise DomainError(
            f"{endpoint} is Elasticsearch {number}, which has no composable index templates: it takes Elasticsearch "
            "7.8 or later, or OpenSearch"
        )
    is_open_distro = (major, minor) <= _OPEN_DISTRO and version.get("build_flavor") == "oss"
    return ServerKind(
        f"Elasticsearch {number}",
        plugins="/_opendistro" if is_open_distro else None,
        dashboards_path="/_plugin/kibana",
        settings_path=OF_KIBANA,
    )


def _pretends(version: Mapping[str, Any]) -> bool:
    """Say whether it is an OpenSearch that calls itself 7.10.2, for old clients: its Lucene gives it away.

    Source: OpenSearch, `compatibility.override_main_response_version`; aws-samples, siem-on-amazon-opensearch-service.
    """
    lucene = str(version.get("lucene_version", _LUCENE_OF_7_10))
    return version["number"] == "7.10.2" and not lucene.startswith(_LUCENE_OF_7_10)
