"""The client of a domain, against a server that answers what it is told and keeps what it was asked."""

import hashlib
import hmac
import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.session import Session

from flowlogs.aws.opensearch import Domain, anonymous, password, signed
from flowlogs.aws.signed_requests import PATIENT
from flowlogs.errors import SettingsError
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused
from flowlogs.search.setup.deadline import LEFT_OVER

ANN = password("ann", "correct horse", origin="the secret s")
KEY, TOKEN = "secret-key", "session-token"


class Asked(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Scripted:
    """Answers each request with the next (status, body); the last one stays."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = [(200, {})]
        self.asked: list[Asked] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.asked.append(Asked(self.command, self.path, headers, sent))
                status, said = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = answer  # noqa: N815 (http.server's names)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def script() -> Iterator[Scripted]:
    script = Scripted()
    thread = threading.Thread(target=script.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield script
    script.server.shutdown()
    script.server.server_close()
    thread.join()


def signed_session() -> Session:
    session = Session()
    session.set_credentials("AKID", KEY, TOKEN)
    return session


def signature_of(asked: Asked, region: str) -> str:
    """Work out a signature from what came over the wire. Source: IAM User Guide, "Create a signed AWS API request"."""
    date = asked.headers["x-amz-date"]
    scope = f"{date[:8]}/{region}/es/aws4_request"
    names = asked.headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
    path, _, query = asked.target.partition("?")
    canonical = "\n".join(
        [
            asked.method,
            quote(path, safe="/-_.~"),
            "&".join(sorted(query.split("&"))) if query else "",
            *(f"{name}:{asked.headers[name]}" for name in names.split(";")),
            "",
            names,
            hashlib.sha256(asked.body).hexdigest(),
        ]
    )
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{KEY}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def test_a_password_signs_in_by_basic_auth_and_nothing_else(script: Scripted) -> None:
    Domain(script.url, ANN).ping()
    (asked,) = script.asked
    assert asked.headers["authorization"] == "Basic YW5uOmNvcnJlY3QgaG9yc2U="
    assert not [name for name in asked.headers if name.startswith("x-amz")]


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1"])
def test_a_role_signs_what_really_goes_over_the_wire(script: Scripted, region: str) -> None:
    script.answers = [(200, {"count": 7})]
    domain = Domain(script.url, signed(region, signed_session()))
    domain.ping()
    domain.put("/_index_template/cwl", {"a": "ä"})
    assert domain.count("cwl-*,other") == 7
    assert [asked.target.partition("?")[0] for asked in script.asked] == [
        "/",
        "/_index_template/cwl",
        "/cwl-*,other/_count",
    ]
    for asked in script.asked:
        assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
        assert asked.headers["x-amz-security-token"] == TOKEN
        assert asked.headers["authorization"].endswith(f"Signature={signature_of(asked, region)}")


def test_without_credentials_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    with pytest.raises(SettingsError, match="no AWS credentials"):
        signed("eu-west-1", session)


def test_credentials_are_looked_up_once_and_may_renew_themselves(script: Scripted) -> None:
    asked = 0

    class Renewing(Credentials):
        def get_frozen_credentials(self) -> ReadOnlyCredentials:
            nonlocal asked
            asked += 1
            return ReadOnlyCredentials(f"AKID{asked}", KEY, TOKEN)

    session = signed_session()
    looked_up = [Renewing("AKID", KEY)]
    session.get_credentials = looked_up.pop  # type: ignore[method-assign]
    domain = Domain(script.url, signed("eu-west-1", session))
    domain.get("/x")
    domain.get("/x")
    used = [each.headers["authorization"].partition("Credential=")[2].partition("/")[0] for each in script.asked]
    assert used == ["AKID1", "AKID2"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_domain_that_is_busy_is_asked_again(script: Scripted, status: int) -> None:
    script.answers = [(status, "OpenSearch Security not initialized."), (200, {})]
    Domain(script.url, ANN).put("/_index_template/cwl", {})
    assert [(asked.method, asked.body) for asked in script.asked] == [("PUT", b"{}")] * 2


def test_the_longest_call_fits_into_what_the_set_up_leaves_of_an_invocation() -> None:
    assert PATIENT.longest <= LEFT_OVER


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (503, "OpenSearch Security not initialized."),
        (500, {"status": "INTERNAL_SERVER_ERROR", "message": "Security index not initialized"}),
    ],
)  # what the security plugin says while it starts: of any request, and of one to its own API
def test_a_ping_asks_once(script: Scripted, status: int, said: Any) -> None:
    script.answers = [(status, said)]
    with pytest.raises(DomainUnreachable, match=f"it answered {status}"):
        Domain(script.url, ANN).ping("/x")
    assert [(asked.method, asked.target) for asked in script.asked] == [("GET", "/x")]


@pytest.mark.parametrize("status", [200, 404])
def test_a_ping_is_answered_also_where_there_is_nothing(script: Scripted, status: int) -> None:
    script.answers = [(status, {"status": "NOT_FOUND", "message": "Resource 'x' not found."})]
    Domain(script.url, ANN).ping("/x")
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(400, RequestRefused), (401, SignInRefused), (403, SignInRefused), (302, RequestRefused)]
)
def test_a_ping_that_is_refused_says_so(script: Scripted, status: int, error: type[Exception]) -> None:
    script.answers = [(status, "no")]
    with pytest.raises(error, match=f"answered {status} to GET /x"):
        Domain(script.url, ANN).ping("/x")
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("status", "sign_in", "said"),
    [
        (401, ANN, "answered 401 to GET /x and so refused the user and password of the secret s; check that they"),
        (403, ANN, "answered 403 to GET /x and so refused the user and password of the secret s; check that they"),
        (403, signed("eu-west-1", signed_session()), "refused the AWS role that signed the request; check that"),
    ],
)
def test_a_refused_sign_in_is_not_tried_again(script: Scripted, status: int, sign_in: Any, said: str) -> None:
    script.answers = [(status, f"no match\n\nThe Canonical String was x-amz-security-token:{TOKEN}")]
    with pytest.raises(SignInRefused) as refused:
        Domain(script.url, sign_in).get("/x?y")
    assert said in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"root_cause": [{"reason": "why"}], "reason": "all shards failed"}}, "why"),
        ({"error": {"type": "x", "reason": "why"}}, "why"),
        ({"error": "why"}, "why"),
        ({"status": "error", "message": "why"}, "why"),
        ({"Message": "why"}, "why"),
        ({"statusCode": 400, "error": "Bad Request", "message": "why"}, "why"),
        ("why\nmore", "why"),
        ("", "it gave no reason"),
        ({}, "it gave no reason"),
        ([], r"\[\]"),
        ("null", "it gave no reason"),
        ({"error": {"root_cause": ["why"]}}, "why"),
        ({"error": {"root_cause": [], "reason": "why"}}, "why"),
        ({"error": {"root_cause": {"reason": "why"}}}, "why"),
        ({"error": {"root_cause": [{"type": "kind", "reason": None}], "reason": None}}, "kind"),
        ({"error": {"reason": None}, "status": 400}, r"{'reason': None}"),
        ({"error": None, "message": "why"}, "why"),
        ({"error": {"reason": ["why"]}}, r"\['why'\]"),
        ("[" * 100_000, r"\[{300}"),
        (
            {
                "error": {
                    "root_cause": [{"reason": "failed to parse"}],
                    "caused_by": {"reason": "a", "caused_by": {"reason": "why"}},
                }
            },
            r"failed to parse \(why\)",
        ),
        ({"error": {"reason": "why", "caused_by": {"reason": "why"}}}, "why"),
        ({"error": {"caused_by": {"reason": "why"}}}, "why"),
    ],
)
def test_another_refusal_says_why_in_the_domains_words(script: Scripted, body: Any, reason: str) -> None:
    script.answers = [(400, body)]
    with pytest.raises(RequestRefused, match=f"answered 400 to PUT /x: {reason}$"):
        Domain(script.url, ANN).put("/x", {})


def test_what_is_not_there_is_none(script: Scripted) -> None:
    script.answers = [(404, {"status": "NOT_FOUND"})]
    assert Domain(script.url, ANN).get("/x") is None


def test_a_sign_in_never_follows_to_another_place(script: Scripted) -> None:
    script.answers = [(302, "")]
    with pytest.raises(RequestRefused, match="answered 302"):
        Domain(script.url, ANN).get("/x")
    assert len(script.asked) == 1


def test_a_search_asks_with_its_body(script: Scripted) -> None:
    script.answers = [(200, {"hits": {"hits": []}})]
    assert Domain(script.url, ANN).search("cwl-*", {"size": 0}) == {"hits": {"hits": []}}
    (asked,) = script.asked
    assert (asked.method, asked.body) == ("POST", b'{"size": 0}')
    assert asked.headers["content-type"] == "application/json"


def test_a_post_asks_again_where_the_domain_is_busy_and_gives_the_answer(script: Scripted) -> None:
    script.answers = [(503, "busy"), (200, {"updated_indices": 1})]
    assert Domain(script.url, ANN).post("/_plugins/_ism/add/cwl-*", {"policy_id": "p"}) == {"updated_indices": 1}
    assert [(asked.method, asked.target) for asked in script.asked] == [("POST", "/_plugins/_ism/add/cwl-*")] * 2
    assert json.loads(script.asked[-1].body) == {"policy_id": "p"}


def test_what_is_put_on_a_condition_says_it_in_the_query_and_is_signed_with_it(script: Scripted) -> None:
    domain = Domain(script.url, signed("eu-west-1", signed_session()))
    domain.put("/_plugins/_ism/policies/p?if_seq_no=7&if_primary_term=1", {})
    domain.post("/_plugins/_ism/change_policy/cwl-*", {})
    assert script.asked[0].target == "/_plugins/_ism/policies/p?if_seq_no=7&if_primary_term=1"
    for asked in script.asked:
        assert asked.headers["authorization"].endswith(f"Signature={signature_of(asked, 'eu-west-1')}")


def test_a_domain_out_of_reach_says_so_and_the_password_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(DomainUnreachable) as unreachable:
        Domain("http://127.0.0.1:9", ANN).ping()
    assert "could not answer GET / (nothing listens there); is it started?" in str(unreachable.value)
    assert unreachable.value.status is None
    told = f"{unreachable.value} {ANN!r} {caplog.text}"
    assert "correct horse" not in told
    assert "YW5uOmNvcnJlY3QgaG9yc2U=" not in told


def test_an_address_that_is_none_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(SettingsError, match=r"a sign-in travels by https only"):
        Domain("http://host", ANN)
    with pytest.raises(SettingsError, match=r"nothing follows the host"):
        Domain("https://host/path", anonymous())


def test_nobody_says_nothing_and_needs_no_tls(script: Scripted) -> None:
    Domain(script.url, anonymous()).put("/_index_template/cwl", {})
    (asked,) = script.asked
    assert "authorization" not in asked.headers
    assert Domain("http://opensearch:9200", anonymous()).endpoint == "http://opensearch:9200"


def test_nobody_is_told_to_sign_in_where_that_is_wanted(script: Scripted) -> None:
    script.answers = [(401, "Unauthorized")]
    with pytest.raises(SignInRefused, match="refused a request without any sign-in; give a user and a password"):
        Domain(script.url, anonymous()).get("/x")


LINES = b'{"create":{"_index":"cwl"}}\n{"a":1}\n'


def test_a_bulk_request_goes_as_it_is_and_is_signed(script: Scripted) -> None:
    script.answers = [(200, {"errors": True, "items": [{"create": {"status": 400}}]})]
    answer = Domain(script.url, signed("eu-west-1", signed_session())).bulk(LINES)
    assert answer == {"errors": True, "items": [{"create": {"status": 400}}]}
    (asked,) = script.asked
    assert (asked.method, asked.target.partition("?")[0], asked.body) == ("POST", "/_bulk", LINES)
    assert asked.headers["content-type"] == "application/x-ndjson"
    assert asked.headers["authorization"].endswith(f"Signature={signature_of(asked, 'eu-west-1')}")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_bulk_request_is_sent_once_and_its_status_told(script: Scripted, status: int) -> None:
    script.answers = [(status, "?"), (200, {})]
    with pytest.raises(DomainUnreachable, match=f"could not answer POST /_bulk .it answered {status}") as unreachable:
        Domain(script.url, ANN).bulk(LINES)
    assert unreachable.value.status == status
    assert len(script.asked) == 1


def test_a_bulk_request_whose_answer_is_lost_is_not_sent_again() -> None:
    received = 0

    def hang_up(listening: socket.socket) -> None:
        nonlocal received
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                received += 1

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=hang_up, args=(listening,), daemon=True)
        thread.start()
        with pytest.raises(DomainUnreachable, match="ProtocolError"):
            Domain(f"http://127.0.0.1:{listening.getsockname()[1]}", ANN).bulk(LINES)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert received == 1


@pytest.mark.parametrize("status", [413, 400])
def test_a_bulk_request_that_is_refused_has_its_status(script: Scripted, status: int) -> None:
    script.answers = [(status, "no")]
    with pytest.raises(RequestRefused) as refused:
        Domain(script.url, ANN).bulk(LINES)
    assert refused.value.status == status
    assert len(script.asked) == 1


def test_a_refresh_asks_for_the_index_by_its_name(script: Scripted) -> None:
    Domain(script.url, signed("eu-west-1", signed_session())).refresh("cwl 1/x?")
    (asked,) = script.asked
    assert asked.method == "POST"
    assert asked.target.startswith("/cwl%201%2Fx%3F/_refresh?")


@pytest.mark.parametrize("answer", [{}, [], "text", {"count": None}, {"count": "many"}])
def test_a_count_that_is_none_is_said(script: Scripted, answer: Any) -> None:
    script.answers = [(200, answer)]
    with pytest.raises(DomainError, match="does not answer a count of cwl as OpenSearch does"):
        Domain(script.url, ANN).count("cwl")


def test_a_domain_is_shared_by_threads(script: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    script.answers = [(200, {"count": 7})]
    domain = Domain(script.url, signed("eu-west-1", signed_session()))
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(16) as pool:
        counts = list(pool.map(domain.count, [f"cwl-{number}" for number in range(64)]))
    assert counts == [7] * 64
    assert sorted(asked.target for asked in script.asked) == sorted({asked.target for asked in script.asked})
    assert "Connection pool is full" not in caplog.text


def test_no_answer_is_waited_for_longer_than_the_time_that_is_left() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        domain = Domain(f"http://127.0.0.1:{silent.getsockname()[1]}", ANN, time_left=iter([0.2, 0.2, 0]).__next__)
        with pytest.raises(DomainUnreachable, match="ReadTimeoutError"):
            domain.ping()
        with pytest.raises(DomainUnreachable, match="ReadTimeoutError"):
            domain.bulk(LINES)
        with pytest.raises(DomainUnreachable, match="no time was left to ask"):
            domain.ping()


def test_a_request_is_not_repeated_where_the_pause_takes_what_is_left(script: Scripted) -> None:
    script.answers = [(503, "busy")]
    left = [5.0, 5, 5, 1]
    with pytest.raises(DomainUnreachable, match="it answered 503"):
        Domain(script.url, ANN, time_left=lambda: left.pop(0)).get("/x")
    assert left == []
    assert len(script.asked) == 2
