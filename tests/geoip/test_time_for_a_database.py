"""A database with a checksum is two downloads, which share the time that there is for one source."""

import hashlib
from pathlib import Path

import pytest
from world import DAY, NOW, database, tar_of

from flowlogs.geoip.account import Account
from flowlogs.geoip.databases import Database
from flowlogs.geoip.download import Fetched, Request
from flowlogs.geoip.probe import opened
from flowlogs.geoip.providers import PROVIDERS
from flowlogs.geoip.source import Work

MAXMIND = PROVIDERS["maxmind"]
CITY = Database(MAXMIND, MAXMIND.editions[0], lambda: Account("1", "key"))


def test_a_checksum_and_its_database_take_no_longer_than_the_time_for_both(tmp_path: Path) -> None:
    archive = tar_of("GeoLite2-City", database("GeoLite2-City", NOW - DAY))
    sha256 = hashlib.sha256(archive).hexdigest()
    allowed = []

    def fetch(request: Request, into: Path, seconds: float) -> Fetched:
        allowed.append(seconds)
        into.write_bytes(f"{sha256}  GeoLite2-City.tar.gz".encode() if ".sha256" in request.url else archive)
        return Fetched(into, sha256)

    assert CITY(None, Work(fetch, tmp_path, NOW, opened), 100) is not None
    for_checksum, for_database = allowed
    assert for_checksum + for_database == pytest.approx(100)
    assert 0 < for_checksum < for_database / 2
