"""Databases come from their providers as those offer them, and only if they are good."""

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_internet import LocalInternet, Page
from provider_servers import (
    ACCOUNT_ID,
    DBIP,
    LICENCE_KEY,
    MAXMIND,
    R2,
    SIGNATURE,
    internet_of_providers,
    serve_dbip,
    serve_maxmind,
)
from world import BROKEN, DAY, NOW, database, tar_of

from flowlogs.errors import FlowlogsError, SettingsError, UnusableDatabase
from flowlogs.geoip.account import Account
from flowlogs.geoip.databases import Database
from flowlogs.geoip.download import Web
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.probe import opened
from flowlogs.geoip.providers import PROVIDERS
from flowlogs.geoip.source import Found, Work

MAXMIND_CITY = Database(
    PROVIDERS["maxmind"], PROVIDERS["maxmind"].editions[0], lambda: Account(ACCOUNT_ID, LICENCE_KEY)
)
DBIP_CITY, DBIP_ASN = (Database(PROVIDERS["dbip"], edition) for edition in PROVIDERS["dbip"].editions)
BUILT = NOW - 2 * DAY
TAR = f"{R2}/GeoLite2-City/tar.gz?{SIGNATURE}"


@pytest.fixture
def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalInternet]:
    with internet_of_providers(tmp_path / "internet") as internet:
        monkeypatch.setenv("SSL_CERT_FILE", str(internet.authorities))
        yield internet


@pytest.fixture
def work(internet: LocalInternet, tmp_path: Path) -> Work:
    folder = tmp_path / "unfinished"
    folder.mkdir()
    return Work(Web(internet.environ(), sleep=lambda _: None), folder, NOW, opened)


def found(source: Database, work: Work, have: dict[str, object] | None = None) -> Found:
    found = source(have, work, 60)
    assert found is not None
    return found


def failure(source: Database, work: Work, have: dict[str, object] | None = None) -> str:
    with pytest.raises(FlowlogsError) as failed:
        source(have, work, 60)
    assert isinstance(failed.value, FetchFailed | UnusableDatabase)
    said = str(failed.value)
    assert not [secret for secret in (LICENCE_KEY, SIGNATURE) if secret in said]
    return said


def test_maxminds_database_comes_with_its_sum_and_the_key_goes_to_maxmind_only(
    internet: LocalInternet, work: Work
) -> None:
    content = database("GeoLite2-City", BUILT)
    checksum = serve_maxmind(internet, "GeoLite2-City", content)
    fetched = found(MAXMIND_CITY, work)
    assert fetched.path.read_bytes() == content
    assert fetched.about == {
        "kind": "database",
        "provider": "maxmind",
        "edition": "GeoLite2-City",
        "knows": "City",
        "type": "GeoLite2-City",
        "built": BUILT,
        "fetched": "2026-11-18T11:06:40Z",
        "version": checksum,
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "GeoLite End User License Agreement",
        "attribution": PROVIDERS["maxmind"].licence.attribution,
    }
    assert [(asked.host, asked.authorization is not None) for asked in internet.asked] == [
        (MAXMIND, True),
        (R2, False),
    ] * 2


def test_with_the_same_sum_nothing_but_the_sum_is_fetched(internet: LocalInternet, work: Work) -> None:
    have = {"version": serve_maxmind(internet, "GeoLite2-City", database("GeoLite2-City", BUILT))}
    assert MAXMIND_CITY(have, work, 60) is None
    assert [asked.path.partition("?")[2] for asked in internet.asked] == ["suffix=tar.gz.sha256", SIGNATURE]
    assert found(MAXMIND_CITY, work, {"version": "0" * 64}).about["version"] == have["version"]


def test_the_unfinished_are_gone_but_for_the_database(internet: LocalInternet, work: Work) -> None:
    serve_maxmind(internet, "GeoLite2-City", database("GeoLite2-City", BUILT))
    found(MAXMIND_CITY, work)
    assert sorted(path.suffix for path in work.folder.iterdir()) == [".mmdb", ".sha256"]


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ({TAR: Page(tar_of("GeoLite2-City", b"changed on the way"))}, "has another checksum than its provider says"),
        ({f"{R2}/GeoLite2-City/tar.gz.sha256?{SIGNATURE}": Page(b"none at all")}, "came as the checksum of .* is none"),
        ({f"{R2}/GeoLite2-City/tar.gz.sha256?{SIGNATURE}": Page(b"x" * 2000)}, "sends more than 0 MB"),
        ({TAR: Page(b"<!doctype html>")}, "sent a web page instead of data"),
        ({TAR: Page(bytes(5000), cut=100)}, "broke off in the middle"),
        ({TAR: Page(status=403)}, "r2.cloudflarestorage.com answered 403: check the address"),
        ({TAR: Page(status=404)}, "has nothing at /GeoLite2-City/tar.gz"),
    ],
    ids=["sum", "no sum", "long sum", "page", "half", "signature expired", "gone"],
)
def test_what_goes_wrong_at_maxmind_is_said(
    internet: LocalInternet, work: Work, pages: dict[str, Page], said: str
) -> None:
    serve_maxmind(internet, "GeoLite2-City", database("GeoLite2-City", BUILT))
    internet.pages.update(pages)
    with pytest.raises(FlowlogsError, match=said):
        MAXMIND_CITY(None, work, 60)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "download.maxmind.com answered 401: check the account id and the licence key"),
        (403, "download.maxmind.com answered 403: check that the account has accepted"),
        (429, "download.maxmind.com answered 429: a GeoLite account may download 30 times a day"),
        (500, "download.maxmind.com answered 500"),
    ],
)
def test_what_maxmind_refuses_is_said_with_what_to_do(
    internet: LocalInternet, work: Work, status: int, said: str
) -> None:
    internet.pages[f"{MAXMIND}/geoip/databases/GeoLite2-City/download?suffix=tar.gz.sha256"] = Page(status=status)
    assert failure(MAXMIND_CITY, work).startswith(said)


def test_a_wrong_key_is_refused_and_not_told(internet: LocalInternet, work: Work) -> None:
    serve_maxmind(internet, "GeoLite2-City", database("GeoLite2-City", BUILT))
    wrong = dataclasses.replace(MAXMIND_CITY, account=lambda: Account(ACCOUNT_ID, "battery_staple"))
    assert "battery" not in failure(wrong, work)


def test_an_account_that_cannot_be_read_is_a_settings_error(internet: LocalInternet, work: Work) -> None:
    def unreadable() -> Account:
        raise SettingsError("the secret cannot be read")

    with pytest.raises(SettingsError):
        dataclasses.replace(MAXMIND_CITY, account=unreadable)(None, work, 60)
    assert internet.asked == []


@pytest.mark.parametrize(
    ("content", "have", "said"),
    [
        (database("GeoLite2-ASN", BUILT), {}, "is of the type 'GeoLite2-ASN', not GeoLite2-City"),
        (database("GeoLite2-City", NOW - 31 * DAY), {}, "was built 31 days ago; its licence allows 30 days"),
        (database("GeoLite2-City", BUILT), {"built": NOW}, "is 2.0 days older than the one it would replace"),
        (BROKEN["records"](database("GeoLite2-City", BUILT)), {}, "fails on a look-up, of 1.0.0.0"),
        (BROKEN["half"](database("GeoLite2-City", BUILT)), {}, "cannot be opened"),
    ],
    ids=["edition", "licence", "older", "broken", "half"],
)
def test_a_database_that_is_not_good_is_not_given(
    internet: LocalInternet, work: Work, content: bytes, have: dict[str, object], said: str
) -> None:
    serve_maxmind(internet, "GeoLite2-City", content)
    assert said in failure(MAXMIND_CITY, work, have)


def test_an_archive_of_another_edition_is_not_taken(internet: LocalInternet, work: Work) -> None:
    archive = tar_of("GeoLite2-ASN", database("GeoLite2-ASN"))
    serve_maxmind(internet, "GeoLite2-City", b"", archive=archive)
    assert "holds 'GeoLite2-ASN.mmdb' where one GeoLite2-City.mmdb belongs" in failure(MAXMIND_CITY, work)


def test_dbips_database_is_that_of_the_month(internet: LocalInternet, work: Work) -> None:
    content = database("DBIP-ASN-Lite (compat=GeoLite2-ASN)", BUILT)
    serve_dbip(internet, "dbip-asn-lite", "2026-11", content)
    fetched = found(DBIP_ASN, work, {"version": "2026-10", "built": BUILT - 30 * DAY})
    assert fetched.path.read_bytes() == content
    about = {key: fetched.about[key] for key in ("version", "type", "licence", "provider", "knows")}
    assert about == {
        "version": "2026-11",
        "type": "DBIP-ASN-Lite (compat=GeoLite2-ASN)",
        "licence": "CC BY 4.0",
        "provider": "dbip",
        "knows": "ASN",
    }
    assert [asked.authorization for asked in internet.asked] == [None]


def test_while_the_month_lags_the_one_before_is_taken(internet: LocalInternet, work: Work) -> None:
    serve_dbip(internet, "dbip-city-lite", "2026-10", database("DBIP-City-Lite", BUILT - 30 * DAY))
    assert found(DBIP_CITY, work).about["version"] == "2026-10"
    assert [asked.path[-14:] for asked in internet.asked] == ["2026-11.mmdb.gz"[-14:], "2026-10.mmdb.gz"[-14:]]


def test_a_month_that_we_have_is_not_fetched_again(internet: LocalInternet, work: Work) -> None:
    assert DBIP_CITY({"version": "2026-11"}, work, 60) is None
    assert internet.asked == []
    assert DBIP_CITY({"version": "2026-10"}, work, 60) is None
    assert [asked.path for asked in internet.asked] == ["/free/dbip-city-lite-2026-11.mmdb.gz"]


def test_two_months_missing_is_said(internet: LocalInternet, work: Work) -> None:
    assert failure(DBIP_CITY, work) == f"{DBIP} has nothing at /free/dbip-city-lite-2026-10.mmdb.gz (404)"


def test_a_month_that_fails_is_not_replaced_by_the_one_before(internet: LocalInternet, work: Work) -> None:
    internet.pages[f"{DBIP}/free/dbip-city-lite-2026-11.mmdb.gz"] = Page(status=500)
    serve_dbip(internet, "dbip-city-lite", "2026-10", database("DBIP-City-Lite", BUILT))
    assert failure(DBIP_CITY, work) == f"{DBIP} answered 500"


def test_a_damaged_gzip_of_dbip_is_refused(internet: LocalInternet, work: Work) -> None:
    serve_dbip(internet, "dbip-city-lite", "2026-11", database("DBIP-City-Lite", BUILT))
    page = internet.pages[f"{DBIP}/free/dbip-city-lite-2026-11.mmdb.gz"]
    assert isinstance(page, Page)
    damaged = bytearray(page.body)
    damaged[-5] ^= 1
    internet.pages[f"{DBIP}/free/dbip-city-lite-2026-11.mmdb.gz"] = Page(bytes(damaged))
    assert failure(DBIP_CITY, work).startswith("what came is no whole archive (crc check failed")
    assert list(work.folder.glob("*.gz")) == []


def test_an_old_database_of_dbip_may_be_kept(internet: LocalInternet, work: Work) -> None:
    serve_dbip(internet, "dbip-city-lite", "2026-11", database("DBIP-City-Lite", NOW - 400 * DAY))
    assert found(DBIP_CITY, work).about["built"] == NOW - 400 * DAY
