"""The one table of who provides geo databases: what they are called, where they lie, what their licences ask."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from flowlogs.decorate.licences import LICENCES, Licence


class Kind(StrEnum):
    """What a database knows of an address."""

    CITY = "City"
    ASN = "ASN"


class Packing(StrEnum):
    """What a database is wrapped in."""

    TAR_GZ = "tar.gz"
    GZ = "gz"


@dataclass(frozen=True, slots=True)
class Edition:
    """One database of a provider; `type` is how the `database_type` in its metadata begins."""

    name: str
    kind: Kind
    type: str

    @property
    def file(self) -> str:
        """The name it is kept under."""
        return f"{self.name}.mmdb"


@dataclass(frozen=True, slots=True)
class Provider:
    """One row of the table."""

    key: str
    base: str
    """Where it answers; tests give their own."""
    path: str
    """Where an edition lies below it, with {edition} and, where there is one file a month, {month}."""
    packing: Packing
    editions: tuple[Edition, ...]
    cadence: str
    """How often there is something new, in words."""
    needs_account: bool = False
    checksum: str = ""
    """What is added to an address to get the SHA-256 of what lies there; empty where none is offered."""
    hints: Mapping[int, str] = field(default_factory=dict)
    """What to do about an HTTP status, as the second half of a sentence."""

    @property
    def licence(self) -> Licence:
        """What its licence asks."""
        return LICENCES[self.key]

    @property
    def is_monthly(self) -> bool:
        """Whether there is one file a month, named after it."""
        return "{month}" in self.path

    def url(self, edition: Edition, month: str = "") -> str:
        """Give the address of an edition; `month` reads 2026-11."""
        return self.base.rstrip("/") + self.path.format(edition=edition.name, month=month)

    def months(self, today: date) -> Iterator[str]:
        """Give the months to ask for, the newest first: a new month may lag, so the one before is asked for too."""
        yield f"{today:%Y-%m}"
        yield f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


PROVIDERS = {
    provider.key: provider
    for provider in (
        # Sources: MaxMind, "Updating GeoIP and GeoLite Databases", direct downloads (basic authentication with account
        # id and licence key, redirects to another host), "Download and Update Databases" (30 a day for GeoLite).
        # geoipupdate#309: an attempt counts, even if its redirect fails. 403 for an account that may not: *assumed*.
        Provider(
            key="maxmind",
            base="https://download.maxmind.com",
            path="/geoip/databases/{edition}/download?suffix=tar.gz",
            packing=Packing.TAR_GZ,
            editions=(
                Edition("GeoLite2-City", Kind.CITY, "GeoLite2-City"),
                Edition("GeoLite2-ASN", Kind.ASN, "GeoLite2-ASN"),
            ),
            cadence="twice a week",
            needs_account=True,
            checksum=".sha256",
            hints={
                401: "check the account id and the licence key",
                403: "check that the account has accepted the GeoLite licence and its key may download databases",
                429: "a GeoLite account may download 30 times a day; it goes on tomorrow",
            },
        ),
        # Sources: db-ip.com, "IP to City Lite", "IP to ASN Lite" (a file a month, no account); the types of metadata
        # as seen in elastic/elasticsearch#88104 (DBIP-City-Lite) and in readers (DBIP-ASN-Lite (compat=GeoLite2-ASN)).
        Provider(
            key="dbip",
            base="https://download.db-ip.com",
            path="/free/{edition}-{month}.mmdb.gz",
            packing=Packing.GZ,
            editions=(
                Edition("dbip-city-lite", Kind.CITY, "DBIP-City-Lite"),
                Edition("dbip-asn-lite", Kind.ASN, "DBIP-ASN-Lite"),
            ),
            cadence="monthly",
        ),
    )
}
"""Providers by key, which is also the key of their licence."""
