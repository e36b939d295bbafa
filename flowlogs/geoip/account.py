"""The account at MaxMind that databases are fetched with."""

import re
from dataclasses import dataclass, field

import orjson

from flowlogs.errors import SettingsError

_NUMBER = re.compile(r"[0-9]{1,20}\Z")
_KEY = re.compile(r"[!-~]{1,200}\Z")  # what fits an HTTP header; longer than any key
_CONF = re.compile(r"^\s*(AccountID|LicenseKey)\s+(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks; the licence key is never printed."""

    account_id: str
    licence_key: str = field(repr=False)


def account_of(text: str, origin: str) -> Account:
    """Read {"account_id": …, "licence_key": …}, or the GeoIP.conf that MaxMind offers; `origin` is named in errors.

    Raise SettingsError where the text holds something else; it is never part of the sentence. Source of GeoIP.conf:
    MaxMind, "Updating GeoIP and GeoLite Databases", AccountID and LicenseKey.
    """
    text = text.removeprefix("\ufeff")  # a byte order mark, as editors on Windows write it
    found = _json(text) or dict(_CONF.findall(text))
    number = str(found.get("account_id", found.get("AccountID", "")))
    key = found.get("licence_key", found.get("license_key", found.get("LicenseKey")))
    if not _NUMBER.match(number) or not isinstance(key, str) or not _KEY.match(key):
        raise SettingsError(f'{origin} does not read {{"account_id": …, "licence_key": …}}')
    return Account(number, key)


def _json(text: str) -> dict[str, object]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:  # also of what is nested too deep
        return {}
    return found if isinstance(found, dict) else {}
