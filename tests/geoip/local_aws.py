"""S3 over HTTP in front of a store in memory, with secrets and parameters beside it.

Stands for GetObject, PutObject with If-Match and If-None-Match (412 where the condition does not hold), DeleteObject
and ListObjectsV2. Source: S3 User Guide, "How to prevent object overwrites with conditional writes". Secrets Manager
and Systems Manager speak JSON with the operation in X-Amz-Target.
"""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from memory_store import MemoryStore
from serving import Serving

from flowlogs.record.timestamps import iso_utc

BUCKET = "kept"


class LocalAws(Serving):
    """Serves the bucket while its context lasts; `answers` has what is answered by X-Amz-Target."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.answers: dict[str, tuple[int, Any]] = {}
        super().__init__(type("_Bound", (_Handler,), {"aws": self}))


class _Handler(BaseHTTPRequestHandler):
    aws: LocalAws
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").lstrip("/")

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._send(200, self._listed(query.get("prefix", [""])[0]))
            return
        try:
            found = self.aws.store.read(self._key)
        except OSError:
            self._refuse(403, "AccessDenied")
            return
        if found is None:
            self._refuse(404, "NoSuchKey")
        else:
            self._send(200, found[0], ETag=found[1])

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        tag, is_new = self.headers["If-Match"], self.headers["If-None-Match"] == "*"
        if tag is None and not is_new:
            self.aws.store.write(self._key, content)
        elif not self.aws.store.swap(self._key, content, tag):
            self._refuse(412, "PreconditionFailed")
            return
        self._send(200, b"")

    def do_DELETE(self) -> None:
        self.aws.store.delete(self._key)
        self._send(204, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        missing = (400, {"__type": "ResourceNotFoundException", "message": "not there"})
        status, answer = self.aws.answers.get(self.headers["X-Amz-Target"], missing)
        self._send(status, json.dumps(answer).encode())

    def _listed(self, prefix: str) -> bytes:
        rows = "".join(
            f"<Contents><Key>{escape(stored.key)}</Key><LastModified>{iso_utc(int(stored.modified))}</LastModified>"
            "<Size>1</Size></Contents>"
            for stored in self.aws.store.keys(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
