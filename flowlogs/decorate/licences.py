"""The licences of the geo databases that are to be had for nothing: what they ask of those who use them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """What a provider's licence asks; `attribution` is the line that stands wherever results are shown."""

    name: str
    attribution: str
    most_days: int | None
    """Days after its build from which a copy must be destroyed; None where it may be kept."""


LICENCES = {
    # Source: MaxMind, "GeoLite End User License Agreement" (attribution; old databases destroyed within 30 days)
    "maxmind": Licence(
        "GeoLite End User License Agreement",
        "This product includes GeoLite2 Data created by MaxMind, available from https://www.maxmind.com",
        30,
    ),
    # Source: db-ip.com, pages of the Lite databases (Creative Commons, a link back wherever results are shown)
    "dbip": Licence("CC BY 4.0", "IP Geolocation by DB-IP (https://db-ip.com)", None),
}
"""Licences by provider."""

_PROVIDERS = {re.compile(r"GeoLite"): "maxmind", re.compile(r"DBIP-\w+-Lite\b"): "dbip"}
"""Providers by how a database's type begins: GeoLite2-City, `DBIP-ASN-Lite (compat=GeoLite2-ASN)`."""


def licence_of(database_type: str) -> Licence | None:
    """Give the licence of a database by the type in its metadata; None for others, which have terms of their own."""
    return next((LICENCES[name] for beginning, name in _PROVIDERS.items() if beginning.match(database_type)), None)
