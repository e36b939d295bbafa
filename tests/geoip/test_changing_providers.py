"""From one provider to another, and what becomes of the former one's databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_internet import LocalInternet
from provider_servers import ACCOUNT_ID, LICENCE_KEY, internet_of_providers, serve_all_of_dbip, serve_all_of_maxmind
from published_places import Place
from world import DAY, NOW

from flowlogs.geoip.account import Account
from flowlogs.geoip.databases import Database
from flowlogs.geoip.download import Web
from flowlogs.geoip.lists import OwnNetworks
from flowlogs.geoip.probe import opened
from flowlogs.geoip.providers import PROVIDERS
from flowlogs.geoip.source import Work


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def internet(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalInternet]:
    with internet_of_providers(tmp_path / "internet") as internet:
        monkeypatch.setenv("SSL_CERT_FILE", str(internet.authorities))
        place.folder = tmp_path / "unfinished"
        place.folder.mkdir()
        place.work = Work(Web(internet.environ(), sleep=lambda _: None), place.folder, NOW, opened)
        yield internet


def databases(provider: str) -> list[Database]:
    def account() -> Account:
        return Account(ACCOUNT_ID, LICENCE_KEY)

    return [Database(PROVIDERS[provider], edition, account) for edition in PROVIDERS[provider].editions]


def test_both_of_a_provider_are_published_and_not_fetched_twice(internet: LocalInternet, place: Place) -> None:
    serve_all_of_maxmind(internet, NOW - DAY)
    assert place.run(*databases("maxmind")).fetched == ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]
    updated = place.run(*databases("maxmind"), later=DAY)
    assert (updated.kept, updated.ages) == (
        ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"],
        {"GeoLite2-City.mmdb": 2, "GeoLite2-ASN.mmdb": 2},
    )


def test_a_former_providers_database_stays_until_the_new_ones_is_there(internet: LocalInternet, place: Place) -> None:
    serve_all_of_maxmind(internet, NOW - DAY)
    serve_all_of_dbip(internet, "2026-11", NOW - 17 * DAY)
    place.run(*databases("maxmind"))
    city = internet.pages.pop("download.db-ip.com/free/dbip-city-lite-2026-11.mmdb.gz")
    assert place.run(*databases("dbip")).fetched == ["dbip-asn-lite.mmdb"]
    assert sorted(place.files()) == ["GeoLite2-City.mmdb", "dbip-asn-lite.mmdb"]
    internet.pages["download.db-ip.com/free/dbip-city-lite-2026-11.mmdb.gz"] = city
    place.run(*databases("dbip"))
    assert sorted(place.files()) == ["dbip-asn-lite.mmdb", "dbip-city-lite.mmdb"]


def test_a_former_providers_database_goes_when_its_time_is_over(internet: LocalInternet, place: Place) -> None:
    serve_all_of_maxmind(internet, NOW - DAY)
    place.run(*databases("maxmind"))
    updated = place.run(*databases("dbip"), later=30 * DAY)
    assert updated.deleted == ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]
    assert (place.files(), place.objects()) == ({}, [])


def test_without_a_provider_there_are_no_databases(internet: LocalInternet, place: Place) -> None:
    serve_all_of_maxmind(internet, NOW - DAY)
    place.run(*databases("maxmind"))
    place.run(OwnNetworks([("10.0.0.0/8", "office")]))
    assert place.files() == {"networks/own.txt": b"10.0.0.0/8 office\n"}
