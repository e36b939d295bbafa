"""An OpenSearch server of this process: takes bulk requests as the real one answers them, and plays faults.

What it answers was seen from OpenSearch 2.19; tests of the same name in `test_search_load.py` ask a real one.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any

Fault = Callable[[int], int | None]
"""Is given the number of a bulk request, from 1, and says with which status it is refused as a whole; None: not."""


class FakeOpenSearch:
    """Keeps documents by index and id; faults are set from outside."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, bytes]] = {}
        self.templates: dict[str, Any] = {}
        self.bodies: list[bytes] = []
        self.fault: Fault = lambda _: None
        self.loses_answers: Callable[[int], bool] = lambda _: False
        self.refuses: Callable[[dict[str, Any]], tuple[int, str] | None] = lambda _: None
        """Is given a document and says with which status and type it is refused; None: not."""
        self.largest = 100 << 20
        self.sign_in: str | None = None
        self.moved_to: str | None = None
        """Where every request is sent instead."""
        self._lock = Lock()

    def count(self, index: str) -> int:
        return len(self.documents.get(index, {}))

    def bulk(self, body: bytes) -> tuple[int, Any]:
        """Answer a bulk request: HTTP status and JSON; -1 where the answer is lost."""
        with self._lock:
            self.bodies.append(body)
            number = len(self.bodies)
            status = 413 if len(body) > self.largest else self.fault(number)
            if status is not None:
                return status, {"error": {"type": "faulty", "reason": f"played {status}"}, "status": status}
            lines = body.split(b"\n")
            assert lines.pop() == b"", "a bulk request ends with a newline"
            actions = list(zip(map(json.loads, lines[::2]), lines[1::2], strict=True))
            ids = [action["create"]["_id"] for action, _ in actions]
            if any(len(each.encode()) > 512 or not each for each in ids):
                reason = "Validation Failed: 1: id is too long or empty;"
                return 400, {"error": {"type": "action_request_validation_exception", "reason": reason}}
            items = [{"create": self._create(action["create"], source)} for action, source in actions]
            answer = {"took": 1, "errors": any("error" in item["create"] for item in items), "items": items}
            return (-1 if self.loses_answers(number) else 200), answer

    def _create(self, action: dict[str, str], source: bytes) -> dict[str, Any]:
        index, id_ = action["_index"], action["_id"]
        there = self.documents.setdefault(index, {})
        refused = self.refuses(json.loads(source))
        if id_ in there:
            refused = (409, "version_conflict_engine_exception")
        if refused is None:
            there[id_] = source
            return {"_index": index, "_id": id_, "status": 201, "result": "created"}
        status, kind = refused
        return {"_index": index, "_id": id_, "status": status, "error": {"type": kind, "reason": f"played {kind}"}}

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Answer what commands ask beside bulk requests."""
        if path.partition("?")[0] == "/_bulk":
            return self.bulk(body)
        if path == "/":
            return 200, {"version": {"distribution": "opensearch", "number": "2.19.1"}}
        if path.startswith("/_cluster/health"):
            return 200, {"number_of_data_nodes": 1, "status": "green"}
        if path.startswith("/_index_template/"):
            name = path.rpartition("/")[2]
            if method == "PUT":
                self.templates[name] = json.loads(body)
                return 200, {"acknowledged": True}
            return (200, {"index_templates": [{"name": name}]}) if name in self.templates else (404, {})
        if "/_refresh" in path:
            return 200, {"_shards": {"failed": 0}}
        if "/_count" in path:
            return 200, {"count": sum(self.count(index) for index in path.split("/")[1].split(","))}
        return 404, {"error": f"{method} {path} is not played"}

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Give what `serving.Serving` serves."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                if server.sign_in is not None and self.headers.get("Authorization") != server.sign_in:
                    status, said = 401, {"error": "Unauthorized"}
                elif server.moved_to is not None:
                    status, said = 301, {}
                else:
                    status, said = server.answer(self.command, self.path, body)
                if status == -1:
                    self.close_connection = True
                    return
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if server.moved_to is not None:
                    self.send_header("Location", server.moved_to)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked may have left
                    self.wfile.write(text)

            do_GET = do_PUT = do_POST = _do  # noqa: N815 (http.server's names)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class Played(FakeOpenSearch):
    """The fake with its address."""

    url: str
