"""Talks to an OpenSearch domain, or to another server that speaks as one."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flowlogs.aws.dashboards import Dashboards
from flowlogs.aws.sign_in import SignIn, anonymous, password, signed
from flowlogs.aws.signed_requests import BULK, NDJSON, ONCE, PATIENT, Content, Patience, SignedRequests, forever
from flowlogs.search.dashboards_server import OF_OPENSEARCH
from flowlogs.search.domain_errors import DomainError, RequestRefused

__all__ = ["Domain", "SignIn", "anonymous", "password", "signed"]
_MISSING = 404
_BULK = "/_bulk?filter_path=errors,items.*.status,items.*.error"
"""Without what is sent back of each document: every item has a status, so that none is missing from the answer. Source:
OpenSearch, "Common REST parameters"."""
_MAY_BE_MISSING = "allow_no_indices=true&ignore_unavailable=true"


class Domain:
    """An OpenSearch domain (`flowlogs.search.domain.Domain`), with what else is asked of it besides the set-up.

    Threads may share it.
    """

    def __init__(
        self,
        endpoint: str,
        sign_in: SignIn,
        *,
        ca_file: str | None = None,
        time_left: Callable[[], float] = forever,
    ) -> None:
        """Raise SettingsError where the endpoint is none, or would carry a sign-in without TLS.

        `ca_file` holds the authorities (PEM) that are trusted instead of the public ones. No answer is waited for
        longer than the `time_left` (seconds).
        """
        self._requests = SignedRequests(endpoint, sign_in, ca_file=ca_file, time_left=time_left)
        self.endpoint = self._requests.endpoint

    def dashboards(self, url: str, *, settings: str = OF_OPENSEARCH) -> Dashboards:
        """Give Dashboards at a URL, signed in as the same one; raise SettingsError where the URL is none."""
        return Dashboards(self._requests.at(url), settings=settings)

    def ping(self, path: str = "/") -> None:
        """Ask once whether the domain answers at a path, be it 404; raise DomainUnreachable where it does not."""
        self._get(path, ONCE)

    def get(self, path: str) -> Any | None:
        """Give the JSON at a path; None where there is nothing (404)."""
        return self._get(path, PATIENT)

    def put(self, path: str, body: Any) -> None:
        """Put JSON at a path."""
        self._requests.ask("PUT", path, Content.of(body), patience=PATIENT)

    def post(self, path: str, body: Any) -> Any:
        """Ask with JSON for something that twice is the same as once; give the answer."""
        return self._requests.ask("POST", path, Content.of(body), patience=PATIENT)

    def bulk(self, body: bytes) -> Any:
        """Send the lines of a bulk request, each ended by a newline, and give the answer, which has each one's fate.

        Asked once: only who knows the documents' ids may send them again. Raise DomainUnreachable, with the status,
        where it came to nothing for now (429, 5xx, no answer within a minute): some of it may have been done. 413 (too
        large) and others are RequestRefused. Source: OpenSearch, "Bulk API".
        """
        return self._requests.ask("POST", _BULK, Content(body, NDJSON), patience=BULK)

    def search(self, index: str, body: Any) -> Any:
        """Give what a search finds; `index` may be a pattern, of which there may be no index yet."""
        return self.post(f"/{_named(index)}/_search?{_MAY_BE_MISSING}", body)

    def count(self, index: str, query: Any | None = None) -> int:
        """Count documents, of all or of those that a query finds; 0 where there is no such index."""
        body = {"query": query or {"match_all": {}}}
        answer = self.post(f"/{_named(index)}/_count?{_MAY_BE_MISSING}", body)
        try:
            return int(answer["count"])
        except (KeyError, TypeError, ValueError) as error:
            raise DomainError(f"{self.endpoint} does not answer a count of {index} as OpenSearch does") from error

    def refresh(self, index: str) -> None:
        """Let searches and counts find what was added so far."""
        self._requests.ask("POST", f"/{_named(index)}/_refresh?{_MAY_BE_MISSING}", patience=PATIENT)

    def _get(self, path: str, patience: Patience) -> Any | None:
        try:
            return self._requests.ask("GET", path, patience=patience)
        except RequestRefused as error:
            if error.status == _MISSING:
                return None
            raise


def _named(index: str) -> str:
    """Write an index's name, or a pattern, for a path; as it stands, `*` is what a signature is made over."""
    return quote(index, safe="*,")
