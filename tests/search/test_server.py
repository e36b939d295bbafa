"""Which server is told by what it answers to `GET /`; the answers are as the projects' documentation shows them."""

from typing import Any

import pytest

from flowlogs.search.domain_errors import DomainError, SignInRefused
from flowlogs.search.server import replicas_of, server_at

ENDPOINT = "https://search.example"


class Answering:
    """A domain that answers `/` with this, or raises it."""

    endpoint = ENDPOINT

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def get(self, path: str) -> Any | None:
        assert path == "/"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def put(self, path: str, body: Any) -> None:
        raise AssertionError

    def post(self, path: str, body: Any) -> Any:
        raise AssertionError


@pytest.mark.parametrize(
    ("version", "name", "plugins", "settings"),
    [
        ({"distribution": "opensearch", "number": "2.19.1"}, "OpenSearch 2.19.1", "/_plugins", "opensearch-dashboards"),
        ({"distribution": "opensearch", "number": "3.0.0"}, "OpenSearch 3.0.0", "/_plugins", "opensearch-dashboards"),
        (
            {"number": "7.10.2", "lucene_version": "9.12.1"},  # override_main_response_version
            "OpenSearch 7.10.2",
            "/_plugins",
            "opensearch-dashboards",
        ),
        (
            {"number": "7.10.2", "build_flavor": "oss", "lucene_version": "8.7.0"},
            "Elasticsearch 7.10.2",
            "/_opendistro",
            "kibana",
        ),
        ({"number": "7.8.0", "build_flavor": "oss"}, "Elasticsearch 7.8.0", "/_opendistro", "kibana"),
        ({"number": "7.10.2", "build_flavor": "default"}, "Elasticsearch 7.10.2", None, "kibana"),
        ({"number": "7.17.9", "build_flavor": "oss"}, "Elasticsearch 7.17.9", None, "kibana"),
        ({"number": "8.15.0-SNAPSHOT", "build_flavor": "default"}, "Elasticsearch 8.15.0-SNAPSHOT", None, "kibana"),
    ],
)
def test_a_server_is_told_by_its_version(
    version: dict[str, str], name: str, plugins: str | None, settings: str
) -> None:
    server = server_at(Answering({"version": version}))
    assert (server.name, server.plugins, server.settings_path) == (name, plugins, f"/api/{settings}/settings")
    assert server.dashboards_path == ("/_plugin/kibana" if settings == "kibana" else "/_dashboards")
    assert server.tried == (not name.startswith("OpenSearch 3"))


@pytest.mark.parametrize(
    ("health", "replicas"),
    [
        ({"number_of_data_nodes": 1}, 0),
        ({"number_of_data_nodes": 2}, 1),
        ({}, 0),
        (None, 0),
        ("text", 0),
        ({"number_of_data_nodes": "2"}, 0),
    ],
)
def test_a_copy_is_for_a_second_node(health: Any, replicas: int) -> None:
    class Healthy(Answering):
        def get(self, path: str) -> Any | None:
            assert path == "/_cluster/health"
            return self.answer

    assert replicas_of(Healthy(health)) == replicas


@pytest.mark.parametrize("number", ["6.8.0", "7.4.2", "7.7.1", "1.5.0"])
def test_an_elasticsearch_without_composable_templates_is_refused(number: str) -> None:
    with pytest.raises(DomainError, match=f"is Elasticsearch {number}, which has no composable .* 7.8 or later"):
        server_at(Answering({"version": {"number": number}}))


@pytest.mark.parametrize("answer", [None, "<html>", [], {}, {"version": "1.0"}, {"version": {"number": "new"}}])
def test_what_is_no_such_server_is_refused(answer: Any) -> None:
    with pytest.raises(DomainError, match="is no OpenSearch and no Elasticsearch"):
        server_at(Answering(answer))


def test_a_domain_whose_policy_keeps_the_answer_back_is_an_opensearch() -> None:
    server = server_at(Answering(SignInRefused("no")))
    assert (server.name, server.plugins, server.dashboards_path) == ("OpenSearch", "/_plugins", "/_dashboards")
