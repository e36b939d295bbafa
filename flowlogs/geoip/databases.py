"""Fetches a provider's database: only where there is a new one, and only if it is whole and can be used."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowlogs.errors import UnusableDatabase
from flowlogs.geoip.account import Account
from flowlogs.geoip.download import Request
from flowlogs.geoip.fetch_failed import FetchFailed, NotThere
from flowlogs.geoip.probe import DAY, Metadata, probe
from flowlogs.geoip.providers import Edition, Provider
from flowlogs.geoip.source import DATABASE, About, Found, Work
from flowlogs.geoip.unpack import unpack
from flowlogs.record.timestamps import iso_utc

_MOST_PACKED = 1 << 28
"""Bytes of an archive: with what it unpacks to (MOST_UNPACKED) it lies in 1,024 MB of /tmp; 60 MB are usual."""
_MOST_CHECKSUM = 1000
_FOR_CHECKSUM = 0.2
"""Share of the time for a database that its checksum may take."""
_CHECKSUM = re.compile(r"([0-9a-fA-F]{64})\b")


@dataclass(frozen=True, slots=True)
class Database:
    """One edition of a provider (`flowlogs.geoip.source.Source`)."""

    provider: Provider
    edition: Edition
    account: Callable[[], Account] | None = None
    """Reads who asks, each time anew: a licence key is changed where it lies. May raise SettingsError."""

    @property
    def file(self) -> str:
        """The name it is kept under."""
        return self.edition.file

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        """Fetch, unpack and try it; None where the provider has nothing newer than what we have."""
        have = have or {}
        archive = work.folder / f"{self.edition.name}.{self.provider.packing}"
        database = work.folder / self.edition.file
        fetch = self._of_a_month if self.provider.is_monthly else self._by_checksum
        try:
            version = fetch(have.get("version"), archive, work, seconds)
            if version is None:
                return None
            unpack(archive, self.provider.packing, self.edition, database)
        finally:
            archive.unlink(missing_ok=True)
        built = have.get("built")
        metadata = probe(
            database, self.edition, work.open_database, work.now, built if isinstance(built, int) else None
        )
        self._check_age(metadata, work.now)
        return Found(database, self._about(database, metadata, version, work.now))

    def _of_a_month(self, version: object, archive: Path, work: Work, seconds: float) -> str | None:
        """Fetch the file of this month, or of the one before while there is none; the month is its version."""
        *newer, oldest = self.provider.months(datetime.fromtimestamp(work.now, UTC).date())
        for month in newer:
            if month == version:
                return None
            try:
                work.fetch(self._request(self.provider.url(self.edition, month), _MOST_PACKED), archive, seconds)
            except NotThere:
                continue
            return month
        if oldest == version:
            return None
        work.fetch(self._request(self.provider.url(self.edition, oldest), _MOST_PACKED), archive, seconds)
        return oldest

    def _by_checksum(self, version: object, archive: Path, work: Work, seconds: float) -> str | None:
        """Fetch what has another checksum than we have; the checksum is its version."""
        url, said = self.provider.url(self.edition), archive.with_name(archive.name + self.provider.checksum)
        work.fetch(self._request(url + self.provider.checksum, _MOST_CHECKSUM), said, _FOR_CHECKSUM * seconds)
        found = _CHECKSUM.match(said.read_text("ascii", "replace"))
        if found is None:
            raise FetchFailed(f"what came as the checksum of {archive.name} is none")
        checksum = found[1].lower()
        if checksum == version:
            return None
        fetched = work.fetch(self._request(url, _MOST_PACKED), archive, (1 - _FOR_CHECKSUM) * seconds)
        if fetched is None or fetched.sha256 != checksum:
            raise UnusableDatabase(f"what came as {archive.name} has another checksum than its provider says")
        return checksum

    def _request(self, url: str, most_bytes: int) -> Request:
        return Request(url, most_bytes, self.account() if self.account else None, hints=self.provider.hints)

    def _check_age(self, metadata: Metadata, now: float) -> None:
        most = self.provider.licence.most_days
        age = (now - metadata.built) / DAY
        if most is not None and age > most:
            raise UnusableDatabase(f"the database was built {age:.0f} days ago; its licence allows {most} days")

    def _about(self, database: Path, metadata: Metadata, version: str, now: float) -> dict[str, Any]:
        licence = self.provider.licence
        with database.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {
            "kind": DATABASE,
            "provider": self.provider.key,
            "edition": self.edition.name,
            "knows": str(self.edition.kind),
            "type": metadata.type,
            "built": metadata.built,
            "fetched": iso_utc(int(now)),
            "version": version,
            "sha256": digest,
            "licence": licence.name,
            "attribution": licence.attribution,
        }
