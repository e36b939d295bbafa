"""Objects of S3 behind HTTP, to be read by a function in another process."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote, urlsplit

from serving import Serving

_MISSING = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>not there</Message></Error>"


class LocalS3(Serving):
    """Serves GetObject of `objects`, by "bucket/key", while its context lasts."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                found = objects.get(unquote(urlsplit(self.path).path).lstrip("/"))
                body = _MISSING if found is None else found
                self.send_response(404 if found is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        super().__init__(Handler)
