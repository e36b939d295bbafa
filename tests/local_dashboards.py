"""OpenSearch Dashboards, as far as the set-up uses them.

Stands for OpenSearch Dashboards' own code: 503 while it starts; 400 to a POST without `osd-xsrf`, of Kibana `kbn-xsrf`
(`lifecycle_handlers.ts`); an import is multipart/form-data with a file called `*.ndjson`, and its answer is 200 also
where objects were not taken (`saved_objects/routes/import.ts`, `saved_objects/import`); a setting that nobody chose is
absent (`ui_settings/routes`); what is not there is 200 with an error beside it (`_bulk_get`). Of the security plugin: a
sign-in by header or by the cookie of `/auth/login`, and a tenant by header, without which a user has a private one
(`authentication_type.ts`, `tenant_resolver.ts`).
"""

import json
from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

_COOKIE = "security_authentication=sealed"
Answer = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]


class LocalDashboards:
    """The Dashboards of a domain: `kept` has their saved objects by type and id, of the tenant that all share."""

    def __init__(self, base: str = "/_dashboards", settings: str = "/api/opensearch-dashboards/settings") -> None:
        self.base = base
        self.settings = settings
        self.xsrf = "kbn-xsrf" if "kibana" in base else "osd-xsrf"
        self.starting = 0  # requests that are still to be answered with 503
        self.takes_header = True  # or by a cookie only
        self.login = {"username": "admin", "password": "correct horse"}
        self.is_there = True
        self.unknown_types: set[str] = set()
        self.kept: dict[tuple[str, str], Any] = {}
        self.default_index: str | None = None
        self.asked: list[str] = []

    def answer(self, method: str, path: str, headers: Mapping[str, str], sent: bytes, *, is_signed_in: bool) -> Answer:
        """Answer a request; `path` begins after `base`."""
        if self.starting:
            self.starting -= 1
            return 503, "OpenSearch Dashboards server is not ready yet"
        if not self.is_there:
            return 400, {"error": f"no handler found for uri [{self.base}{path}] and method [{method}]"}
        if method == "POST" and self.xsrf not in headers:
            return _bad(f"Request must contain a {self.xsrf} header.")
        if path == "/auth/login":
            self.asked.append(f"{method} {path}")
            is_known = json.loads(sent) == self.login
            return (200, {}, {"Set-Cookie": f"{_COOKIE}; Secure; HttpOnly; Path=/"}) if is_known else (401, "")
        by_cookie = headers.get("cookie") == _COOKIE and "authorization" not in headers
        if not by_cookie and not (is_signed_in and self.takes_header):
            return 401, "Unauthorized"
        assert headers.get("securitytenant") == "global", "it would come to the private tenant of the master user"
        self.asked.append(f"{method} {path}")
        return self._answer(method, path, headers, sent)

    def _answer(self, method: str, path: str, headers: Mapping[str, str], sent: bytes) -> Answer:
        if (method, path) == ("GET", self.settings):
            chosen = {} if self.default_index is None else {"defaultIndex": {"userValue": self.default_index}}
            return 200, {"settings": {"buildNum": {"userValue": 1}, **chosen}}
        if (method, path) == ("POST", f"{self.settings}/defaultIndex"):
            self.default_index = json.loads(sent)["value"]
            return 200, {"settings": {"defaultIndex": {"userValue": self.default_index}}}
        if (method, path) == ("POST", "/api/saved_objects/_bulk_get"):
            return 200, {"saved_objects": [self._found(each) for each in json.loads(sent)]}
        if (method, path) == ("POST", "/api/saved_objects/_import?overwrite=true"):
            return self._import(headers["content-type"], sent)
        return 404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}

    def _found(self, wanted: Any) -> Any:
        kept = self.kept.get((wanted["type"], wanted["id"]))
        return kept or {**wanted, "error": {"statusCode": 404, "error": "Not Found", "message": "Saved object …"}}

    def _import(self, content_type: str, sent: bytes) -> Answer:
        message = BytesParser(EmailMessage, policy=HTTP).parsebytes(
            b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + sent
        )
        (part,) = message.iter_parts()
        name = str(part.get_filename())
        if part.get_param("name", header="content-disposition") != "file" or not name.endswith(".ndjson"):
            return _bad(f"Invalid file extension {name}")
        lines = part.get_payload(decode=True)
        assert isinstance(lines, bytes)
        objects = [json.loads(line) for line in lines.splitlines()]
        taken = [each for each in objects if each["type"] not in self.unknown_types]
        self.kept |= {(each["type"], each["id"]): each for each in taken}
        errors = [
            {
                "id": each["id"],
                "type": each["type"],
                "title": each["attributes"]["title"],
                "error": {"type": "unsupported_type"},
            }
            for each in objects
            if each not in taken
        ]
        answer = {"successCount": len(taken), "success": not errors}
        return 200, answer | ({"errors": errors} if errors else {})


def _bad(message: str) -> Answer:
    return 400, {"statusCode": 400, "error": "Bad Request", "message": message}
