"""The client of Dashboards, against Dashboards as far as the set-up uses them (`local_dashboards`)."""

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from botocore.session import Session

from flowlogs.aws.opensearch import Domain, SignIn, anonymous, password, signed
from flowlogs.errors import SettingsError
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, ObjectsRefused, SignInRefused

ANN = password("ann", "correct horse", origin="the secret s")
BASIC = "Basic YW5uOmNvcnJlY3QgaG9yc2U="
OBJECTS = [{"type": "index-pattern", "id": "p"}, {"type": "dashboard", "id": "d", "attributes": {"title": "ä"}}]
IMPORT = "/_dashboards/api/saved_objects/_import?overwrite=true"
LOGIN = "/_dashboards/auth/login"
SESSION = Session()
SESSION.set_credentials("AKID", "secret-key")
GOOD = {"success": True, "successCount": 2}


class Asked(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Scripted:
    """Answers a path with its status, JSON and headers, whoever asks; `asked` has what came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.answers: dict[str, tuple[int, Any, Mapping[str, str]]] = {}
        self.wants_cookie = False

    def answer(self, asked: Asked) -> tuple[int, Any, Mapping[str, str]]:
        self.asked.append(asked)
        if self.wants_cookie and asked.target != LOGIN and asked.headers.get("cookie") != "a=1; b=2":
            return 401, "Unauthorized", {}
        return self.answers.get(asked.target, (404, {"statusCode": 404, "message": "Not Found"}, {}))

    def dashboards(self, sign_in: SignIn = ANN) -> Any:
        return Domain(self.url, sign_in).dashboards(f"{self.url}/_dashboards")


@pytest.fixture
def script() -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer, more = made.answer(Asked(self.command, self.path, headers, sent))
            body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in more.items():
                for each in value.split("|"):
                    self.send_header(name, each)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 (http.server's name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Scripted(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_import_is_a_file_of_lines_over_what_is_there_for_everybody(script: Scripted) -> None:
    script.answers[IMPORT] = 200, GOOD, {}
    script.dashboards().put_objects(OBJECTS)
    (asked,) = script.asked
    assert (asked.method, asked.target) == ("POST", IMPORT)
    assert asked.headers["authorization"] == BASIC
    assert (asked.headers["osd-xsrf"], asked.headers["kbn-xsrf"]) == ("true", "true")
    assert asked.headers["securitytenant"] == "global"
    boundary = asked.headers["content-type"].removeprefix("multipart/form-data; boundary=").encode()
    head, _, lines = asked.body.split(b"--" + boundary)[1].strip(b"\r\n").partition(b"\r\n\r\n")
    assert b'name="file"; filename="flowlogs.ndjson"' in head
    assert [json.loads(line) for line in lines.splitlines()] == OBJECTS


def test_a_role_signs_what_goes_to_dashboards(script: Scripted) -> None:
    script.answers[IMPORT] = 200, GOOD, {}
    script.dashboards(signed("eu-west-1", SESSION)).put_objects(OBJECTS)
    (asked,) = script.asked
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    names = asked.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"content-type", "host", "securitytenant", "x-amz-date"} <= set(names)
    assert not set(names) - set(asked.headers)


def test_objects_that_are_not_taken_are_named_each_with_its_reason(script: Scripted) -> None:
    missing = {"type": "missing_references", "references": [{"type": "index-pattern", "id": "gone"}]}
    errors = [
        {"id": "a", "type": "visualization", "title": "Top talkers", "error": missing},
        {"id": "b", "type": "lens", "error": {"type": "unsupported_type"}},
        {"id": "c", "type": "search", "error": {"type": "unknown", "message": "it belongs to a newer Kibana"}},
        {"id": "d", "type": "search", "error": {"type": "strange"}},
        {"id": "e", "type": "search", "error": "odd"},
        {"id": "f", "type": "search"},
        {"id": "g", "type": "search", "error": {"type": ["odd"]}},
        {"id": "h", "type": "search", "error": {"type": "missing_references", "references": "odd"}},
        "odd",
    ]
    script.answers[IMPORT] = 200, {"success": False, "successCount": 1, "errors": errors}, {}
    with pytest.raises(ObjectsRefused) as refused:
        script.dashboards().put_objects(OBJECTS)
    assert refused.value.refused == (
        "visualization 'Top talkers': it names objects that are not there: index-pattern gone",
        "lens 'b': this Dashboards knows no lens",
        "search 'c': it belongs to a newer Kibana",
        "search 'd': strange",
        "search 'e': odd",
        "search 'f': it gave no reason",
        "search 'g': ['odd']",
        "search 'h': it names objects that are not there: ",
        "odd",
    )
    assert str(refused.value).startswith(f"{script.url}/_dashboards did not take 9 saved objects: visualization")
    assert str(refused.value).endswith("; and 6 more")


@pytest.mark.parametrize("answer", ["<html>sign in</html>", [], {"took": 1}])
def test_another_answer_to_an_import_is_no_success(script: Scripted, answer: Any) -> None:
    script.answers[IMPORT] = 200, answer, {}
    with pytest.raises(DomainError, match="does not answer an import as Dashboards do"):
        script.dashboards().put_objects(OBJECTS)


def test_an_import_that_finds_dashboards_asleep_is_not_repeated_by_the_client(script: Scripted) -> None:
    script.answers[IMPORT] = 503, "OpenSearch Dashboards server is not ready yet", {}
    with pytest.raises(DomainUnreachable, match="it answered 503"):
        script.dashboards().put_objects(OBJECTS)
    assert len(script.asked) == 1


def test_a_password_that_is_refused_as_such_is_exchanged_for_a_cookie_once(script: Scripted) -> None:
    script.wants_cookie = True
    script.answers = {
        IMPORT: (200, GOOD, {}),
        LOGIN: (200, {}, {"Set-Cookie": "a=1; Secure; HttpOnly|b=2; Path=/"}),
        "/_dashboards/api/opensearch-dashboards/settings": (200, {"settings": {}}, {}),
    }
    dashboards = script.dashboards()
    dashboards.put_objects(OBJECTS)
    assert dashboards.default_index() is None
    assert [asked.target for asked in script.asked].count(LOGIN) == 1
    assert json.loads(script.asked[1].body) == {"username": "ann", "password": "correct horse"}
    assert [asked.headers.get("authorization") for asked in script.asked] == [BASIC, None, None, None]
    assert len(script.asked) == 4


@pytest.mark.parametrize("login", [(401, "", {}), (404, "", {}), (200, {}, {}), (503, "", {})])
def test_without_a_cookie_the_refusal_of_the_password_is_told(script: Scripted, login: Any) -> None:
    script.wants_cookie = True
    script.answers[LOGIN] = login
    with pytest.raises(
        SignInRefused, match="401 to POST /api/saved_objects/_import and so refused the user"
    ) as refused:
        script.dashboards().put_objects(OBJECTS)
    assert "correct horse" not in f"{refused.value!r} {refused.value.__context__!r}"
    assert len(script.asked) == 2


@pytest.mark.parametrize("sign_in", [anonymous(), signed("eu-west-1", SESSION)])
def test_who_has_no_password_cannot_exchange_it(script: Scripted, sign_in: SignIn) -> None:
    script.wants_cookie = True
    with pytest.raises(SignInRefused):
        script.dashboards(sign_in).put_objects(OBJECTS)
    assert [asked.target for asked in script.asked] == [IMPORT]


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        ({}, None),
        ({"defaultIndex": {}}, None),
        ({"defaultIndex": {"userValue": None}}, None),
        ({"defaultIndex": {"userValue": "theirs"}}, "theirs"),
    ],
)
def test_the_default_is_what_somebody_chose(script: Scripted, settings: Any, chosen: str | None) -> None:
    script.answers["/_dashboards/api/opensearch-dashboards/settings"] = 200, {"settings": settings}, {}
    assert script.dashboards().default_index() == chosen


def test_the_default_is_set_by_its_own_path(script: Scripted) -> None:
    script.answers["/_dashboards/api/opensearch-dashboards/settings/defaultIndex"] = 200, {"settings": {}}, {}
    script.dashboards().set_default_index("ours")
    (asked,) = script.asked
    assert (asked.method, json.loads(asked.body)) == ("POST", {"value": "ours"})


@pytest.mark.parametrize(
    ("found", "is_there"), [({"id": "x", "attributes": {}}, True), ({"id": "x", "error": {"statusCode": 404}}, False)]
)
def test_an_index_pattern_is_there_or_has_an_error(script: Scripted, found: Any, *, is_there: bool) -> None:
    script.answers["/_dashboards/api/saved_objects/_bulk_get"] = 200, {"saved_objects": [found]}, {}
    assert script.dashboards().has_index_pattern("x") is is_there
    assert json.loads(script.asked[0].body) == [{"type": "index-pattern", "id": "x"}]


@pytest.mark.parametrize("answer", ["<html>", [], {}, {"saved_objects": []}, {"settings": None}])
def test_answers_of_something_else_are_refused_in_a_sentence(script: Scripted, answer: Any) -> None:
    script.answers = {
        "/_dashboards/api/saved_objects/_bulk_get": (200, answer, {}),
        "/_dashboards/api/opensearch-dashboards/settings": (200, answer, {}),
    }
    with pytest.raises(DomainError, match="as Dashboards do"):
        script.dashboards().has_index_pattern("x")
    with pytest.raises(DomainError, match="as Dashboards do"):
        script.dashboards().default_index()


@pytest.mark.parametrize("url", ["host/_dashboards", "http://host/_dashboards", "https://u@host/x", "https://h/x?y"])
def test_a_password_goes_to_dashboards_over_tls_only(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"no user and no password|is no address of a server: .*; one reads https://host/path"
    ):
        Domain("https://host", ANN).dashboards(url)


def test_dashboards_may_stand_below_a_path() -> None:
    assert Domain("https://host", ANN).dashboards("https://other:5601/base/").url == "https://other:5601/base"
