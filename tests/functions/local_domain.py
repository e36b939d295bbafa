"""An OpenSearch domain behind HTTP, as far as the set-up uses it, with the secret of its master user beside it.

Stands for the security plugin: 503 while it starts, 401 without a sign-in, 403 for a role that is not the master's,
role mappings that come back with `reserved` and `hidden` and may not be put with them. Source: OpenSearch, "Security
APIs". Secrets Manager's wire is JSON 1.1 with the operation in X-Amz-Target.
"""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:search-abc"
_MAPPINGS = "/_plugins/_security/api/rolesmapping/"
_STARTING = "OpenSearch Security not initialized."


class LocalDomain:
    """Serves what was put, while its context lasts; `asked` has method and path of each request that signed in."""

    def __init__(self) -> None:
        self.sign_in = "admin:correct horse"
        self.master = "tested"  # access key id of the role that is the master
        self.secret = json.dumps({"username": "admin", "password": "correct horse"})
        self.starting = 0  # requests that are still to be answered with 503
        self.kept: dict[str, Any] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Bound", (_Handler,), {"domain": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "LocalDomain":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def refusal(self, authorization: str) -> int | None:
        """Say with which status a sign-in is refused; None where it is good."""
        kind, _, token = authorization.partition(" ")
        if kind == "Basic" and base64.b64decode(token).decode() == self.sign_in:
            return None
        if kind == "AWS4-HMAC-SHA256":
            return None if f"Credential={self.master}/" in token and "/eu-west-1/es/aws4_request" in token else 403
        return 401

    def answer(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        """Answer a request to the domain."""
        if self.starting:
            self.starting -= 1
            return 503, _STARTING
        refused = self.refusal(authorization)
        if refused is not None:
            return refused, "Unauthorized" if refused == 401 else {"status": "FORBIDDEN", "message": "no permissions"}
        self.asked.append(f"{method} {path}")
        if path == "/":
            return 200, {"version": {"distribution": "opensearch", "number": "2.19.1"}}
        if method == "PUT":
            return self._put(path, body)
        if path not in self.kept:
            return 404, {"status": "NOT_FOUND", "message": f"Resource '{path}' not found."}
        return 200, {path.removeprefix(_MAPPINGS): {**self.kept[path], "reserved": False, "hidden": False}}

    def _put(self, path: str, body: Any) -> tuple[int, Any]:
        if path.startswith(_MAPPINGS) and {"reserved", "hidden"} & set(body):
            return 400, {"status": "error", "reason": "Invalid configuration"}
        known, self.kept[path] = path in self.kept, body
        return (200 if known else 201), {"status": "OK"}


class _Handler(BaseHTTPRequestHandler):
    domain: LocalDomain
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._send(*self.domain.answer("GET", self.path, self.headers.get("Authorization", ""), None))

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(*self.domain.answer("PUT", self.path, self.headers.get("Authorization", ""), body))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue"
        if asked["SecretId"] == SECRET:
            self._send(200, {"ARN": SECRET, "Name": "search", "SecretString": self.domain.secret})
        else:
            self._send(400, {"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find it."})

    def _send(self, status: int, answer: Any) -> None:
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
