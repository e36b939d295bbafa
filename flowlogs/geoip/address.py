"""Addresses in the web: which may be asked, and how they are shown to people."""

from urllib.parse import SplitResult, urljoin, urlsplit

from flowlogs.geoip.fetch_failed import FetchFailed

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PORTS = {"https": 443, "http": 80}
_LONGEST = 200


def shown(url: str) -> str:
    """Write an address for people: without user, query and fragment, where a key may stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:_LONGEST]


def checked(url: str) -> SplitResult:
    """Take an address apart; raise FetchFailed where it is none, carries a sign-in, or would be asked in the open.

    Plain HTTP is for this machine only.
    """
    parts = _parts(url)
    if not parts.hostname or not (parts.scheme == "https" or _is_here(parts)):
        raise FetchFailed(f"only https is fetched, and this is {shown(url)}")
    if parts.username is not None:
        raise FetchFailed(f"a user and password within an address are not taken: {shown(url)}")
    return parts


def redirected(here: SplitResult, location: str) -> SplitResult:
    """Give where a redirect leads; raise FetchFailed where that may not be asked. None leads to this machine."""
    try:
        url = urljoin(here.geturl(), location)
    except ValueError as error:
        raise FetchFailed(f"{here.hostname} redirects to what is no address") from error
    there = checked(url)
    if there.scheme == "http" and not _is_here(here):
        raise FetchFailed(f"only https is fetched, and {here.hostname} redirects to {shown(there.geturl())}")
    return there


def is_same_origin(one: SplitResult, other: SplitResult) -> bool:
    """Say whether two addresses lead to the same server by the same way: it may see a sign-in again."""
    return _origin(one) == _origin(other)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError as error:
        raise FetchFailed("that is no address; one reads https://host/path") from error
    return parts


def _is_here(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
