"""Talks to OpenSearch Dashboards, or to Kibana, in the tenant that all people share.

Sources: OpenSearch Dashboards, `src/core/server/saved_objects/routes` (`_import` takes multipart/form-data with a file
that is called `*.ndjson`; `_bulk_get`) and `src/core/server/ui_settings/routes`; Kibana 7.10, "Import objects API".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from urllib3.filepost import encode_multipart_formdata

from flowlogs.aws.signed_requests import NOTHING, PATIENT, Content, Patience, SignedRequests
from flowlogs.search.dashboards_server import BULK_GET, IMPORT, LOGIN, OF_OPENSEARCH
from flowlogs.search.domain_errors import DomainError, ObjectsRefused, SignInRefused

_HEADERS = {
    "osd-xsrf": "true",  # OpenSearch Dashboards, `lifecycle_handlers.ts`: without it 400 to all but GET
    "kbn-xsrf": "true",  # the same of Kibana
    "securitytenant": "global",  # security-dashboards-plugin, `tenant_resolver.ts`; nobody else reads it
}
_SECONDS = 45
_UNHURRIED = Patience(read_seconds=_SECONDS)
"""For an import: who waits for Dashboards asks again by himself, and has to see the end of his time coming."""


class Dashboards:
    """Dashboards at a URL (`flowlogs.search.dashboards_server.DashboardsServer`); `settings` is the path of theirs.

    A user's password is sent as such first. Where it is refused, it is exchanged for a cookie, as the page for signing
    in does. Source: security-dashboards-plugin, `authentication_type.ts`, `basic/routes.ts`.
    """

    def __init__(self, requests: SignedRequests, *, settings: str = OF_OPENSEARCH) -> None:
        self._requests = requests
        self._settings = settings
        self._cookie: str | None = None
        self.url = requests.endpoint

    def put_objects(self, objects: Sequence[Any]) -> None:
        """Import saved objects over those of the same ids; raise ObjectsRefused where it does not take one of them.

        What was good among them is there then. Source: Kibana 7.10, "Import objects API", response body.
        """
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)
        fields = {"file": ("flowlogs.ndjson", lines.encode(), "application/ndjson")}
        content = Content(*encode_multipart_formdata(fields))
        answer = self._ask("POST", f"{IMPORT}?overwrite=true", content, patience=_UNHURRIED)
        if not isinstance(answer, Mapping) or "success" not in answer:
            raise DomainError(f"{self.url} does not answer an import as Dashboards do: is it their address?")
        if answer["success"] is not True:
            raise ObjectsRefused(self.url, [_refused(each) for each in _listed(answer.get("errors"))])

    def default_index(self) -> str | None:
        """Give the id of the index pattern that is shown first; None where nobody chose one."""
        answer = self._ask("GET", self._settings)
        try:
            chosen = answer["settings"].get("defaultIndex", {}).get("userValue")
        except (AttributeError, KeyError, TypeError) as error:
            raise DomainError(f"{self.url} does not answer GET {self._settings} as Dashboards do") from error
        return str(chosen) if chosen else None

    def has_index_pattern(self, id_: str) -> bool:
        """Say whether there is an index pattern with that id; asked at a path that is the same for every id."""
        answer = self._ask("POST", BULK_GET, Content.of([{"type": "index-pattern", "id": id_}]))
        try:
            return "error" not in answer["saved_objects"][0]
        except (IndexError, KeyError, TypeError) as error:
            raise DomainError(f"{self.url} does not answer POST {BULK_GET} as Dashboards do") from error

    def set_default_index(self, id_: str) -> None:
        """Let this index pattern be shown first."""
        self._ask("POST", f"{self._settings}/defaultIndex", Content.of({"value": id_}))

    def _ask(self, method: str, path: str, content: Content = NOTHING, *, patience: Patience = PATIENT) -> Any:
        if self._cookie is None:
            try:
                return self._requests.ask(method, path, content, headers=_HEADERS, patience=patience)
            except SignInRefused as refused:
                self._cookie = self._exchanged(refused)
        headers = {**_HEADERS, "cookie": self._cookie}
        return self._requests.ask(method, path, content, headers=headers, patience=patience, is_signed=False)

    def _exchanged(self, refused: SignInRefused) -> str:
        """Give the cookie for the password; raise what was said of the password itself where there is none."""
        login = self._requests.sign_in.login
        if login is None:
            raise refused
        try:
            cookie = self._requests.cookie(LOGIN, Content.of(login), headers=_HEADERS)
        except DomainError:
            raise refused from None
        if not cookie:
            raise refused
        return cookie


def _refused(error: Any) -> str:
    """Say in a sentence which object was not taken, and why."""
    if not isinstance(error, Mapping):
        return str(error)
    reason = error.get("error")
    if not isinstance(reason, Mapping):
        return f"{error.get('type')} {error.get('title') or error.get('id')!r}: {reason or 'it gave no reason'}"
    said = {
        "conflict": "it is there already",
        "ambiguous_conflict": "several others look like it",
        "missing_references": "it names objects that are not there: " + _names(_listed(reason.get("references"))),
        "unsupported_type": f"this Dashboards knows no {error.get('type')}",
    }.get(str(reason.get("type"))) or str(reason.get("message") or reason.get("type") or "it gave no reason")
    return f"{error.get('type')} {error.get('title') or error.get('id')!r}: {said}"


def _names(references: Sequence[Any]) -> str:
    return ", ".join(f"{each.get('type')} {each.get('id')}" for each in references if isinstance(each, Mapping))


def _listed(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else []
