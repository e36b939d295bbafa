"""The domain is one behind HTTP on this machine that answers as OpenSearch does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from moto import mock_aws

from flowlogs.aws.marked_documents import MarkedDocuments, marked_documents
from flowlogs.aws.opensearch import Domain, password
from flowlogs.aws.signed_requests import ONCE
from flowlogs.doctor.asked import Stack, Unseen
from flowlogs.doctor.refused import Refused

FOUND = {"aggregations": {"ports": {"buckets": [{"key": 20000, "doc_count": 1}, {"key": 20001, "doc_count": 2}]}}}
NO_INDEX = {"hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}}


class LocalDomain:
    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.status = 200
        self.answer: Any = FOUND
        local = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._say(local.status, {"tagline": "hello"})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                local.asked.append((self.path, json.loads(body)))
                self._say(local.status, local.answer)

            def _say(self, status: int, answer: Any) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def local() -> Iterator[LocalDomain]:
    domain = LocalDomain()
    thread = threading.Thread(target=domain.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield domain
    domain.server.shutdown()
    domain.server.server_close()
    thread.join()


def opened(url: str) -> MarkedDocuments:
    return MarkedDocuments(Domain(url, password("a", "b")), "cwl")


def test_documents_are_counted_by_source_port_in_every_index_of_the_prefix(local: LocalDomain) -> None:
    assert opened(local.url)("eni-1") == {20000: 1, 20001: 2}
    ((path, question),) = local.asked
    assert path.partition("?")[0] == "/cwl*/_search"
    assert question["query"] == {"match_phrase": {"interface-id": "eni-1"}}
    assert question["size"] == 0


def test_where_there_is_no_index_yet_there_is_nothing(local: LocalDomain) -> None:
    local.answer = NO_INDEX
    assert opened(local.url)("eni-1") == {}


def test_a_domain_that_does_not_answer_cannot_be_seen_from_here() -> None:
    with pytest.raises(Unseen, match=r"cannot be seen from here .*inside a VPC"):
        opened("http://127.0.0.1:9")


def test_a_domain_that_does_not_let_our_address_in_cannot_be_seen_either(local: LocalDomain) -> None:
    local.status = 403
    with pytest.raises(Unseen, match=r"search_allowed_ips"):
        opened(local.url)


def test_a_wrong_password_is_refused(local: LocalDomain) -> None:
    local.status = 401
    with pytest.raises(Refused, match="answered 401"):
        opened(local.url)


def test_a_domain_that_is_busy_is_asked_again_later(local: LocalDomain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.aws.opensearch.PATIENT", ONCE)
    local.status = 503
    documents = opened(local.url)
    with pytest.raises(Refused) as refused:
        documents("eni-1")
    assert refused.value.temporary
    local.status = 200
    assert documents("eni-1") == {20000: 1, 20001: 2}


def test_a_question_that_is_refused_stays_so(local: LocalDomain) -> None:
    documents = opened(local.url)
    local.status = 400
    with pytest.raises(Refused) as refused:
        documents("eni-1")
    assert not refused.value.temporary


def test_a_secret_that_cannot_be_read_is_refused_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    arn = "arn:aws:cloudformation:eu-west-1:123456789012:stack/Flowlogs/1"
    outputs = {"SearchEndpoint": "https://x", "SearchSecret": "search", "IndexPrefix": "cwl"}
    with mock_aws():
        with pytest.raises(Refused, match="the secret search cannot be read"):
            marked_documents(Stack("Flowlogs", arn, "CREATE_COMPLETE", "", outputs))
        boto3.client("secretsmanager").create_secret(Name="search", SecretString="hunter2")
        with pytest.raises(Refused) as refused:
            marked_documents(Stack("Flowlogs", arn, "CREATE_COMPLETE", "", outputs))
    assert "hunter2" not in str(refused.value)
