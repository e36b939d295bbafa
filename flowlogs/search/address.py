"""The address of a server, as people give it: checked before anything is sent there."""

from urllib.parse import urlsplit

from flowlogs.errors import SettingsError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SCHEMES = frozenset({"http", "https"})


def checked_address(given: str, *, signs_in: bool, may_have_path: bool = False) -> str:
    """Give an address without a slash at its end; raise SettingsError, naming the cause, where it is none.

    Who `signs_in` needs TLS, except on this very machine. An address with a user or a password in it is refused and
    never repeated: it would stand in logs.
    """
    if "@" in given:
        raise SettingsError("the address of a server holds no user and no password: give them by --user")
    address = given.rstrip("/")
    cause = _fault(address, signs_in=signs_in, may_have_path=may_have_path)
    if cause:
        shown = "https://host/path" if may_have_path else "https://host"
        raise SettingsError(f"{given.partition('?')[0][:100]!r} is no address of a server: {cause}; one reads {shown}")
    return address


def _fault(address: str, *, signs_in: bool, may_have_path: bool) -> str | None:
    if not all("!" <= character <= "~" for character in address):  # urlsplit would drop some of them
        return "it holds characters that no address has"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "its host is no name and no address"
    if parts.scheme not in _SCHEMES:
        return "it begins with neither https:// nor http://"
    if not parts.hostname:
        return "it names no host"
    if not _has_port(address):
        return "its port is no number from 1 to 65535"
    if parts.query or parts.fragment or (parts.path and not may_have_path):
        return "nothing follows the host" if not may_have_path else "nothing follows the path"
    if parts.scheme == "http" and signs_in and parts.hostname not in _LOOPBACK:
        return "a sign-in travels by https only, except on localhost"
    return None


def _has_port(address: str) -> bool:
    """Say whether the port is one; none at all is the scheme's."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False
