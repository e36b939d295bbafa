"""Sends signed requests to one endpoint, and makes of each answer JSON or an error. urllib3 comes with botocore."""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import urllib3
from botocore.awsrequest import AWSRequest
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from flowlogs.aws.answers import parsed, reason_of
from flowlogs.aws.sign_in import SignIn
from flowlogs.aws.trust import distrust, trusting
from flowlogs.search.address import checked_address
from flowlogs.search.domain_errors import NOBODY_LISTENS, DomainUnreachable, RequestRefused, SignInRefused

_NOT_NOW = frozenset({429, 500, 502, 503, 504})
_FAILURES, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN = 300, 400, 401, 403
_CONNECT_SECONDS = 3
_CONNECTIONS = 64
"""Connections that are kept: as many threads as a command makes."""
JSON, NDJSON = "application/json", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer is waited for, and after which pauses the request is repeated; all in seconds.

    What is repeated may be done twice: whoever asks so asks for something that twice is the same as once.
    """

    pauses: tuple[float, ...] = ()
    read_seconds: float = 10

    @property
    def longest(self) -> float:
        """Seconds that a domain takes at most that never answers."""
        return (len(self.pauses) + 1) * (_CONNECT_SECONDS + self.read_seconds) + sum(self.pauses)


PATIENT = Patience(pauses=(0, 1, 2))  # at once at first: a connection that was kept too long is the usual cause
ONCE = Patience()
BULK = Patience(read_seconds=60)  # OpenSearch's own time-out of a bulk request is one minute ("Bulk API", `timeout`)


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


def forever() -> float:
    """Give the time that is left where nobody waits."""
    return math.inf


class SignedRequests:
    """Sends requests to one endpoint, signed in as one; threads may share it. Raises DomainError."""

    def __init__(
        self,
        endpoint: str,
        sign_in: SignIn,
        *,
        may_have_path: bool = False,
        ca_file: str | None = None,
        time_left: Callable[[], float] = forever,
    ) -> None:
        """Raise SettingsError where the endpoint is none, or would carry a sign-in without TLS.

        `ca_file` holds the authorities (PEM) that are trusted instead of the public ones. No answer is waited for
        longer than the `time_left` (seconds).
        """
        self.endpoint = checked_address(endpoint, signs_in=sign_in.needs_tls, may_have_path=may_have_path)
        self.sign_in = sign_in
        self._ca_file = ca_file
        self._time_left = time_left
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS, cert_reqs="CERT_REQUIRED", ssl_context=trusting(ca_file), retries=False
        )

    def at(self, endpoint: str) -> "SignedRequests":
        """Send to another endpoint, which may have a path, signed in as the same one."""
        return SignedRequests(
            endpoint, self.sign_in, may_have_path=True, ca_file=self._ca_file, time_left=self._time_left
        )

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
        return parsed(self._answer(request, path, patience).data)

    def cookie(self, path: str, content: Content, *, headers: Mapping[str, str]) -> str:
        """Post without signing in and give the cookies of the answer, as a request carries them; "" for none."""
        answer = self._answer(self._request("POST", path, content, headers), path, ONCE)
        return "; ".join(each.partition(";")[0] for each in answer.headers.getlist("set-cookie"))

    def _request(self, method: str, path: str, content: Content, headers: Mapping[str, str]) -> AWSRequest:
        kind = {"Content-Type": content.type} if content.body else {}
        return AWSRequest(method=method, url=self.endpoint + path, data=content.body, headers={**headers, **kind})

    def _answer(self, request: AWSRequest, path: str, patience: Patience) -> BaseHTTPResponse:
        asked = f"{request.method} {path.partition('?')[0]}"
        answer = self._patiently(request, asked, patience)
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise SignInRefused(
                f"{self.endpoint} answered {answer.status} to {asked} and so refused {self.sign_in.description}; "
                f"{self.sign_in.check} ({reason_of(answer.data)})"
            )
        if answer.status >= _FAILURES:
            moved = answer.headers.get("location") if answer.status < _BAD_REQUEST else None
            reason = f"it sends to {moved}, and a sign-in goes nowhere else" if moved else reason_of(answer.data)
            raise RequestRefused(self.endpoint, asked, answer.status, reason)
        return answer

    def _patiently(self, request: AWSRequest, asked: str, patience: Patience) -> BaseHTTPResponse:
        for pause in patience.pauses:
            try:
                return self._once(request, asked, patience)
            except DomainUnreachable:
                if self._time_left() <= pause:
                    raise
            time.sleep(pause)
        return self._once(request, asked, patience)

    def _once(self, request: AWSRequest, asked: str, patience: Patience) -> BaseHTTPResponse:
        """Send a request and give its answer; raise DomainUnreachable where it may succeed later."""
        left = self._time_left()
        if left <= 0:
            raise DomainUnreachable(self.endpoint, asked, "no time was left to ask")
        total = min(left, _CONNECT_SECONDS + patience.read_seconds)
        try:
            answer = self._pool.request(
                str(request.method),
                str(request.url),
                body=request.data or None,
                headers=dict(request.headers.items()),
                timeout=Timeout(total=total, connect=_CONNECT_SECONDS, read=patience.read_seconds),
                redirect=False,  # a sign-in goes nowhere else
            )
        except HTTPError as error:
            raise distrust(self.endpoint, error) or DomainUnreachable(self.endpoint, asked, _name(error)) from error
        if answer.status in _NOT_NOW:
            cause = f"it answered {answer.status}: {reason_of(answer.data)}"
            raise DomainUnreachable(self.endpoint, asked, cause, answer.status)
        return answer


def _name(error: HTTPError) -> str:
    return NOBODY_LISTENS if isinstance(error.__cause__, ConnectionRefusedError) else type(error).__name__
