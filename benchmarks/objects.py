"""Serves the files of a folder as S3 would the objects of a bucket, for the process that is measured."""

import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

BUCKET = "bench"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Give the address of a server to which `AWS_ENDPOINT_URL_S3` may point while the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Object, folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Object(BaseHTTPRequestHandler):
    """Answers GetObject: content, length and entity tag."""

    protocol_version = "HTTP/1.1"

    def __init__(self, folder: Path, *connection: object) -> None:
        self._folder = folder
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self._folder / unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")
        self.send_response(200)
        self.send_header("Content-Length", str(path.stat().st_size))
        self.send_header("ETag", f'"{hashlib.sha256(str(path).encode()).hexdigest()[:32]}"')
        self.end_headers()
        with path.open("rb") as content:
            shutil.copyfileobj(content, self.wfile, 1 << 20)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
