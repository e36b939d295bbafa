"""Talks to an OpenSearch domain, signed in by password or by an AWS role.

A request carries either a password or a signature, never both: a domain with fine-grained access control takes one of
them. Source: OpenSearch Service Developer Guide, "Fine-grained access control". urllib3 comes with botocore.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path
from botocore.session import Session, get_session
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry, Timeout

from flowlogs.errors import SettingsError
from flowlogs.search.domain_errors import DomainUnreachable, RequestRefused, SignInRefused

_NOT_NOW = frozenset({429, 500, 502, 503, 504})
_RETRIES = 3
_PAUSES = 0 + 1 + 2
"""Seconds between the attempts, together: urllib3 pauses for backoff_factor x 2^(n - 1), but not before the first."""
_PATIENT = Retry(
    total=_RETRIES,
    backoff_factor=0.5,
    status_forcelist=_NOT_NOW,
    allowed_methods=frozenset({"GET", "PUT", "POST"}),  # what POST asks for here may be done twice
    respect_retry_after_header=False,  # a domain's wish may be longer than an invocation
    raise_on_status=False,
)
_ONCE = Retry(total=0, raise_on_status=False)
_CONNECT_SECONDS, _READ_SECONDS = 3, 10
_TIMEOUT = Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
LONGEST_CALL = (_RETRIES + 1) * (_CONNECT_SECONDS + _READ_SECONDS) + _PAUSES
"""Seconds that a call takes at most, with a domain that never answers."""

_UNAUTHORIZED, _FORBIDDEN, _MISSING, _FAILURES = 401, 403, 404, 300
_LONGEST_REASON = 300
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SignIn(Protocol):
    """Says in a request's headers who we are."""

    @property
    def description(self) -> str:
        """What was refused, as the subject of a sentence."""
        ...

    @property
    def check(self) -> str:
        """What to look at, as the second half of a sentence."""
        ...

    def sign(self, request: AWSRequest) -> None:
        """Add the headers that sign in."""
        ...


@dataclass(frozen=True, slots=True)
class _Password:
    username: str = field(repr=False)
    password: str = field(repr=False)
    origin: str

    @property
    def description(self) -> str:
        return f"the user and password of {self.origin}"

    @property
    def check(self) -> str:
        return "check that they are those of the domain's master user and that the domain's policy lets them in"

    def sign(self, request: AWSRequest) -> None:
        token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request.headers["Authorization"] = f"Basic {token}"


@dataclass(frozen=True, slots=True)
class _Signed:
    region: str
    session: Session = field(repr=False)

    @property
    def description(self) -> str:
        return "the AWS role that signed the request"

    @property
    def check(self) -> str:
        return (
            "check that the domain's policy allows this role es:ESHttp*, "
            "and that it is the domain's master or is mapped to a role that may do this"
        )

    def sign(self, request: AWSRequest) -> None:
        credentials = self.session.get_credentials()
        if credentials is None:
            raise SettingsError("there are no AWS credentials to sign requests with: give a profile or a role")
        SigV4Auth(credentials.get_frozen_credentials(), "es", self.region).add_auth(request)


def password(username: str, password: str, *, origin: str = "the sign-in") -> SignIn:
    """Sign in as a user of the domain; `origin` says in an error where name and password came from."""
    return _Password(username, password, origin)


def signed(region: str, session: Session | None = None) -> SignIn:
    """Sign requests (Signature Version 4, service `es`) with the credentials of botocore's session."""
    return _Signed(region, session or get_session())


class Domain:
    """An OpenSearch domain (`flowlogs.search.domain.Domain`), with what `doctor` asks of it besides."""

    def __init__(self, endpoint: str, sign_in: SignIn) -> None:
        """Raise SettingsError where the endpoint is none, or would carry a sign-in without TLS."""
        self.endpoint = endpoint.rstrip("/")
        parts = urlsplit(self.endpoint)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not is_safe or not parts.hostname or parts.path or parts.query or parts.username:
            raise SettingsError(f"{endpoint[:100]!r} is no endpoint of a domain; one reads https://host")
        self._sign_in = sign_in
        self._pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=get_cert_path(True))

    def ping(self, path: str = "/") -> None:
        """Ask once whether the domain answers at a path, be it 404; raise DomainUnreachable where it does not."""
        self._get(path, _ONCE)

    def get(self, path: str) -> Any | None:
        """Give the JSON at a path; None where there is nothing (404)."""
        return self._get(path, _PATIENT)

    def put(self, path: str, body: Any) -> None:
        """Put JSON at a path."""
        self._json("PUT", path, body, _PATIENT)

    def post(self, path: str, body: Any) -> Any:
        """Ask with JSON for something that twice is the same as once; give the answer."""
        return self._json("POST", path, body, _PATIENT)

    def search(self, index: str, body: Any) -> Any:
        """Give what a search finds; `index` may be a pattern, of which there may be no index yet."""
        return self.post(f"/{_named(index)}/_search?{_MAY_BE_MISSING}", body)

    def count(self, index: str, query: Any | None = None) -> int:
        """Count documents, of all or of those that a query finds; 0 where there is no such index."""
        body = {"query": query or {"match_all": {}}}
        return int(self.post(f"/{_named(index)}/_count?{_MAY_BE_MISSING}", body)["count"])

    def _get(self, path: str, retries: Retry) -> Any | None:
        try:
            return self._json("GET", path, None, retries)
        except RequestRefused as error:
            if error.status == _MISSING:
                return None
            raise

    def _json(self, method: str, path: str, body: Any | None, retries: Retry) -> Any:
        status, data = self._send(method, path, b"" if body is None else json.dumps(body).encode(), retries)
        asked = f"{method} {path.partition('?')[0]}"
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            raise SignInRefused(
                f"{self.endpoint} answered {status} to {asked} and so refused {self._sign_in.description}; "
                f"{self._sign_in.check} ({_reason(data)})"
            )
        if status in _NOT_NOW:
            raise DomainUnreachable(self.endpoint, asked, f"it answered {status}")
        if status >= _FAILURES:
            raise RequestRefused(self.endpoint, asked, status, _reason(data))
        return _parsed(data)

    def _send(self, method: str, path: str, body: bytes, retries: Retry) -> tuple[int, bytes]:
        request = AWSRequest(method=method, url=self.endpoint + path, data=body)
        if body:
            request.headers["Content-Type"] = "application/json"
        self._sign_in.sign(request)
        try:
            response = self._pool.request(
                method,
                self.endpoint + path,
                body=body or None,
                headers=dict(request.headers.items()),
                retries=retries,
                timeout=_TIMEOUT,
                redirect=False,  # a sign-in goes nowhere else
            )
        except HTTPError as error:
            cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
            asked = f"{method} {path.partition('?')[0]}"
            raise DomainUnreachable(self.endpoint, asked, type(cause).__name__) from error
        return response.status, response.data


_MAY_BE_MISSING = "allow_no_indices=true&ignore_unavailable=true"


def _named(index: str) -> str:
    """Write an index's name, or a pattern, for a path; as it stands, `*` is what a signature is made over."""
    return quote(index, safe="*,")


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def _reason(data: bytes) -> str:
    """Say in the domain's words why; one line of them, for what follows may repeat headers that sign in."""
    answer = _parsed(data)
    if isinstance(answer, dict):
        answer = next((answer[key] for key in ("error", "message", "Message") if key in answer), answer)
    if isinstance(answer, dict):
        causes = answer.get("root_cause") or [answer]
        answer = causes[0].get("reason", answer)
    lines = str(answer).strip().splitlines()
    return lines[0][:_LONGEST_REASON] if lines else "it gave no reason"
