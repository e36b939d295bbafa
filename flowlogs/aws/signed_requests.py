"""Sends signed requests to one endpoint, and makes of each answer JSON or an error. urllib3 comes with botocore."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry, Timeout

from flowlogs.aws.sign_in import SignIn
from flowlogs.errors import SettingsError
from flowlogs.search.domain_errors import DomainUnreachable, RequestRefused, SignInRefused

_NOT_NOW = frozenset({429, 500, 502, 503, 504})
_METHODS = frozenset({"GET", "PUT", "POST"})  # what POST asks for here may be done twice
_RETRIES = 3
_PAUSES = 0 + 1 + 2
"""Seconds between the attempts, together: urllib3 pauses for backoff_factor x 2^(n - 1), but not before the first."""
_CONNECT_SECONDS, _READ_SECONDS = 3, 10
LONGEST_CALL = (_RETRIES + 1) * (_CONNECT_SECONDS + _READ_SECONDS) + _PAUSES
"""Seconds that a call with `PATIENT` takes at most, with a domain that never answers."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and for how many seconds, an answer is waited for."""

    retries: Retry
    read_seconds: float = _READ_SECONDS

    @property
    def timeout(self) -> Timeout:
        """What urllib3 calls that."""
        return Timeout(connect=_CONNECT_SECONDS, read=self.read_seconds)


PATIENT = Patience(
    Retry(
        total=_RETRIES,
        backoff_factor=0.5,
        status_forcelist=_NOT_NOW,
        allowed_methods=_METHODS,
        respect_retry_after_header=False,  # a domain's wish may be longer than an invocation
        raise_on_status=False,
    )
)
ONCE = Patience(Retry(total=0, raise_on_status=False))
BULK = Patience(
    Retry(
        total=_RETRIES,
        read=0,  # what was not answered may have been done: only who knows the documents' ids may send it again
        backoff_factor=0.5,
        status_forcelist=frozenset({429, 503}),  # refused as a whole; other failures may come from halfway
        allowed_methods=_METHODS,
        respect_retry_after_header=False,
        raise_on_status=False,
    ),
    read_seconds=60,  # OpenSearch's own time-out of a bulk request is one minute ("Bulk API", `timeout`)
)

_UNAUTHORIZED, _FORBIDDEN, _FAILURES = 401, 403, 300
_LONGEST_REASON = 300
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
JSON, NDJSON = "application/json", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Content:
    """What a request carries, and of which type it is."""

    body: bytes = b""
    type: str = JSON

    @classmethod
    def of(cls, value: Any) -> "Content":
        """Write a value as JSON."""
        return cls(json.dumps(value).encode())


NOTHING = Content()


class SignedRequests:
    """Sends requests to one endpoint, signed in as one. Raises DomainError."""

    def __init__(
        self, endpoint: str, sign_in: SignIn, *, may_have_path: bool = False, ca_file: str | None = None
    ) -> None:
        """Raise SettingsError where the endpoint is none, or would carry a sign-in without TLS.

        `ca_file` holds the authorities (PEM) that are trusted instead of the public ones.
        """
        self.endpoint = endpoint.rstrip("/")
        self.sign_in = sign_in
        if not _is_endpoint(self.endpoint, may_have_path=may_have_path, in_the_open=not sign_in.needs_tls):
            where = "https://host/path" if may_have_path else "https://host"
            raise SettingsError(f"{endpoint[:100]!r} is no endpoint of a domain; one reads {where}")
        self._ca_file = ca_file
        self._pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=ca_file or get_cert_path(True))

    def at(self, endpoint: str) -> "SignedRequests":
        """Send to another endpoint, which may have a path, signed in as the same one."""
        return SignedRequests(endpoint, self.sign_in, may_have_path=True, ca_file=self._ca_file)

    def ask(
        self,
        method: str,
        path: str,
        content: Content = NOTHING,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        patience: Patience = PATIENT,
        is_signed: bool = True,
    ) -> Any:
        """Send a request and give its answer: what its JSON says, or its text where it is none."""
        request = self._request(method, path, content, headers)
        if is_signed:
            self.sign_in.sign(request)
        return _parsed(self._answer(request, path, patience).data)

    def cookie(self, path: str, content: Content, *, headers: Mapping[str, str]) -> str:
        """Post without signing in and give the cookies of the answer, as a request carries them; "" for none."""
        answer = self._answer(self._request("POST", path, content, headers), path, ONCE)
        return "; ".join(each.partition(";")[0] for each in answer.headers.getlist("set-cookie"))

    def _request(self, method: str, path: str, content: Content, headers: Mapping[str, str]) -> AWSRequest:
        kind = {"Content-Type": content.type} if content.body else {}
        return AWSRequest(method=method, url=self.endpoint + path, data=content.body, headers={**headers, **kind})

    def _answer(self, request: AWSRequest, path: str, patience: Patience) -> BaseHTTPResponse:
        asked = f"{request.method} {path.partition('?')[0]}"
        answer = self._send(request, asked, patience)
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise SignInRefused(
                f"{self.endpoint} answered {answer.status} to {asked} and so refused {self.sign_in.description}; "
                f"{self.sign_in.check} ({_reason(answer.data)})"
            )
        if answer.status in _NOT_NOW:
            raise DomainUnreachable(self.endpoint, asked, f"it answered {answer.status}")
        if answer.status >= _FAILURES:
            raise RequestRefused(self.endpoint, asked, answer.status, _reason(answer.data))
        return answer

    def _send(self, request: AWSRequest, asked: str, patience: Patience) -> BaseHTTPResponse:
        try:
            return self._pool.request(
                str(request.method),
                str(request.url),
                body=request.data or None,
                headers=dict(request.headers.items()),
                retries=patience.retries,
                timeout=patience.timeout,
                redirect=False,  # a sign-in goes nowhere else
            )
        except HTTPError as error:
            cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
            raise DomainUnreachable(self.endpoint, asked, type(cause).__name__) from error


def _is_endpoint(endpoint: str, *, may_have_path: bool, in_the_open: bool) -> bool:
    parts = urlsplit(endpoint)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and (in_the_open or parts.hostname in _LOOPBACK))
    path_is_right = may_have_path or not parts.path
    return is_safe and bool(parts.hostname) and path_is_right and not parts.query and not parts.username


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def _reason(data: bytes) -> str:
    """Say in the domain's words why; one line of them, for what follows may repeat headers that sign in."""
    answer = _parsed(data)
    if isinstance(answer, dict):
        words = ("message", "error") if isinstance(answer.get("error"), str) else ("error", "message", "Message")
        answer = next((answer[key] for key in words if key in answer), answer)  # Dashboards: error is the status's name
    if isinstance(answer, dict):
        causes = answer.get("root_cause") or [answer]
        answer = causes[0].get("reason", answer)
    lines = str(answer).strip().splitlines()
    return lines[0][:_LONGEST_REASON] if lines else "it gave no reason"
