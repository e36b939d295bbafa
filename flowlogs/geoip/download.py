"""Fetches files over HTTPS: whole or not at all, and never with a sign-in that goes elsewhere.

urllib3 comes with boto3: Lambda has it, in version 1.26 or 2.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult

from urllib3.exceptions import HTTPError, LocationValueError, ProxyError, SSLError
from urllib3.util import Timeout, make_headers

from flowlogs.geoip.account import Account
from flowlogs.geoip.address import checked, is_same_origin, redirected, shown
from flowlogs.geoip.fetch_failed import FetchFailed, NotThere
from flowlogs.geoip.guarded import guard
from flowlogs.geoip.proxy import pool_for

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse  # urllib3 1.26 has none

_OK, _NOT_MODIFIED = 200, 304
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_NOT_NOW = frozenset({408, 429, 500, 502, 503, 504})
_MOST_REDIRECTS = 5
_PAUSES = (2.0, 8.0)
"""Seconds before the second and the third attempt; there is no fourth: providers count them."""
_LONGEST_WISH = 30.0
"""Seconds that a server may ask to be left alone for (Retry-After); beyond them it is given up."""
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 30.0
_CHUNK = 1 << 14
_LENGTH = re.compile(r"[0-9]{1,18}\Z")
"""What is taken for a number of bytes: Python refuses to read numbers of many thousand digits."""
_HINTS = {401: "check the address and the sign-in it wants", 403: "check the address and who may fetch it"}


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch: not more bytes than are said, and nothing where its entity tag is still the one we have."""

    url: str = field(repr=False)
    most_bytes: int
    account: Account | None = None
    etag: str | None = None
    hints: Mapping[int, str] = field(default_factory=dict)
    """What to do about a status of the server that was asked, as the second half of a sentence."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came whole: its SHA-256 in hexadecimal digits, and the entity tag where it has one."""

    path: Path
    sha256: str
    etag: str | None = None


class Fetch(Protocol):
    """Fetches a file (`Web`)."""

    def __call__(self, request: Request, into: Path, seconds: float) -> Fetched | None:
        """Fetch into a file within so many seconds; None where it has not changed. Raise FetchFailed."""
        ...


class _AskAgain(FetchFailed):
    """What may be well a moment later; `wait` is the server's wish in seconds."""

    def __init__(self, sentence: str, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class Web:
    """The world outside, over HTTPS; plain HTTP goes to this machine only."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        """`environ` names the proxy; `progress` is told how many bytes of how many are there (None: not known)."""
        self._environ = environ
        self._clock = clock
        self._sleep = sleep
        self._progress = progress

    def __call__(self, request: Request, into: Path, seconds: float) -> Fetched | None:
        """Fetch, in three attempts at most; a connection or read that stalls may take 30 s on top of the seconds."""
        ends = self._clock() + seconds
        for pause in _PAUSES:
            try:
                return self._attempt(request, into, ends)
            except _AskAgain as error:
                wait = max(pause, error.wait)
                if error.wait > _LONGEST_WISH or self._clock() + wait >= ends:
                    raise
                self._sleep(wait)
        return self._attempt(request, into, ends)

    def _attempt(self, request: Request, into: Path, ends: float) -> Fetched | None:
        """Ask once, and follow redirects."""
        asked = here = checked(request.url)
        for _ in range(_MOST_REDIRECTS + 1):
            is_asked = is_same_origin(here, asked)
            with closing(self._answer(here, request, ends, signed_in=is_asked)) as answer:
                if answer.status == _OK:
                    return self._kept(answer, here, request, into)
                if answer.status == _NOT_MODIFIED and request.etag is not None:
                    return None
                if answer.status not in _REDIRECTS:
                    raise _refusal(answer, here, request.hints if is_asked else {})
                here = redirected(here, answer.headers.get("Location", ""))
        raise FetchFailed(f"{asked.hostname} redirects more than {_MOST_REDIRECTS} times")

    def _answer(self, here: SplitResult, request: Request, ends: float, *, signed_in: bool) -> "BaseHTTPResponse":
        headers = {"Accept-Encoding": "identity", "User-Agent": "flowlogs"}
        if request.account is not None and signed_in:
            headers |= make_headers(basic_auth=f"{request.account.account_id}:{request.account.licence_key}")
        if request.etag is not None:
            headers["If-None-Match"] = request.etag
        pool = guard(pool_for(here, self._environ), lambda: self._look(here, ends))
        try:
            return pool.request(
                "GET",
                here.geturl(),
                headers=headers,
                redirect=False,  # each step is looked at above: where it leads, and who may see the sign-in
                retries=False,
                preload_content=False,
                enforce_content_length=True,  # urllib3 1.26 takes a short body for a whole one
                timeout=Timeout(connect=_CONNECT_SECONDS, read=min(_READ_SECONDS, max(1.0, ends - self._clock()))),
            )
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise _unreached(here, error) from error

    def _look(self, here: SplitResult, ends: float) -> None:
        if self._clock() > ends:
            raise FetchFailed(f"{here.hostname} is too slow: not all came in the time there was")

    def _kept(self, answer: "BaseHTTPResponse", here: SplitResult, request: Request, into: Path) -> Fetched:
        """Write the body into the file, counted and summed on the way."""
        total = _length(answer, here)
        digest, done = hashlib.sha256(), 0
        with into.open("wb") as file:
            for chunk in _chunks(answer, here):
                if done == 0 and _is_page(chunk, answer.headers.get("Content-Type", "")):
                    raise FetchFailed(f"{here.hostname} sent a web page instead of data; is a proxy in between?")
                done += len(chunk)
                if max(done, total or 0) > request.most_bytes:
                    raise FetchFailed(f"{here.hostname} sends more than {request.most_bytes // 1_000_000} MB")
                file.write(chunk)
                digest.update(chunk)
                if self._progress is not None:
                    self._progress(done, total)
        return Fetched(into, digest.hexdigest(), answer.headers.get("ETag"))


def _length(answer: "BaseHTTPResponse", here: SplitResult) -> int | None:
    """Read how long a body will be, None where that is not said."""
    said = answer.headers.get("Content-Length", "").strip()
    if said and not _LENGTH.match(said):
        raise FetchFailed(f"{here.hostname} says how much it sends by what is no number of bytes")
    return int(said) if said else None


def _chunks(answer: "BaseHTTPResponse", here: SplitResult) -> Iterator[bytes]:
    try:
        yield from answer.stream(_CHUNK, decode_content=False)  # bytes as they came: what is packed may be a bomb
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise _AskAgain(f"{here.hostname} broke off in the middle ({type(error).__name__})") from error


def _is_page(first: bytes, content_type: str) -> bool:
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    return start.startswith((b"<!doctype html", b"<html")) or ("html" in content_type and start.startswith(b"<"))


def _refusal(answer: "BaseHTTPResponse", here: SplitResult, hints: Mapping[int, str]) -> FetchFailed:
    """Make a status that is no success an error, with what to do about it."""
    status = answer.status
    if status in _GONE:
        return NotThere(f"{here.hostname} has nothing at {here.path} ({status})")
    hint = hints.get(status) or _HINTS.get(status)
    sentence = f"{here.hostname} answered {status}" + (f": {hint}" if hint else "")
    if status in _NOT_NOW:
        wait = answer.headers.get("Retry-After", "")
        return _AskAgain(sentence, float(wait) if wait.isascii() and wait.isdigit() else 0.0)
    return FetchFailed(sentence)


def _unreached(here: SplitResult, error: Exception) -> FetchFailed:
    """Say why there was no answer, by the kind of error: its own text may hold the whole address."""
    if isinstance(error, SSLError):
        return FetchFailed(
            f"{here.hostname} shows no certificate that is trusted here; "
            "SSL_CERT_FILE may name a file with the certificates of your own authorities"
        )
    if isinstance(error, ProxyError):
        return _AskAgain(f"the proxy of HTTPS_PROXY does not lead to {here.hostname}; check its address and sign-in")
    if isinstance(error, LocationValueError):
        return FetchFailed(f"{shown(here.geturl())} is no address that can be asked")
    return _AskAgain(f"{here.hostname} cannot be reached ({type(error).__name__}); check the way to the internet")
