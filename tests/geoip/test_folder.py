"""Fetching into a folder: files whole or not at all, the last good ones kept, and nobody else's touched."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from local_internet import LocalInternet
from provider_servers import (
    DBIP,
    DROP,
    RANGES,
    internet_of_providers,
    serve_all_of_dbip,
    serve_all_of_maxmind,
    serve_drop,
    serve_ranges,
)
from world import BROKEN, DAY, NOW, database

from flowlogs.geoip.account import Account
from flowlogs.geoip.databases import Database
from flowlogs.geoip.download import Fetched, Request, Web
from flowlogs.geoip.folder import FETCHED, update_folder
from flowlogs.geoip.lists import AwsRanges, ThreatList
from flowlogs.geoip.probe import opened
from flowlogs.geoip.providers import PROVIDERS
from flowlogs.geoip.source import Source, Work
from flowlogs.geoip.updated import Updated

DBIP_BOTH: list[Source] = [Database(PROVIDERS["dbip"], edition) for edition in PROVIDERS["dbip"].editions]
LISTS: list[Source] = [AwsRanges(), ThreatList("drop", f"https://{DROP}")]


@pytest.fixture
def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalInternet]:
    with internet_of_providers(tmp_path / "internet") as internet:
        monkeypatch.setenv("SSL_CERT_FILE", str(internet.authorities))
        serve_all_of_dbip(internet, "2026-11", NOW - 17 * DAY)
        serve_ranges(internet)
        serve_drop(internet)
        yield internet


@pytest.fixture
def work(internet: LocalInternet) -> Work:
    return Work(Web(internet.environ(), sleep=lambda _: None), Path("unused"), NOW, opened)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "geo"


def update(folder: Path, sources: list[Source], work: Work, later: float = 0) -> Updated:
    return update_folder(folder, sources, replace(work, now=work.now + later), lambda: 100.0)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


ALL = ["dbip-asn-lite.mmdb", "dbip-city-lite.mmdb", FETCHED, "networks/aws-ip-ranges.json", "threats/drop.txt"]


def test_all_that_is_asked_for_lies_where_it_is_read(folder: Path, work: Work) -> None:
    updated = update(folder, DBIP_BOTH + LISTS, work)
    assert (sorted(updated.fetched), updated.failed) == (sorted(set(ALL) - {FETCHED}), [])
    assert files(folder) == ALL
    assert updated.ages == {"dbip-city-lite.mmdb": 17, "dbip-asn-lite.mmdb": 17}
    assert json.loads((folder / FETCHED).read_bytes())["dbip-city-lite.mmdb"]["version"] == "2026-11"


def test_what_is_the_newest_is_not_fetched_again_but_looked_at(
    folder: Path, work: Work, internet: LocalInternet
) -> None:
    update(folder, DBIP_BOTH + LISTS, work)
    internet.asked.clear()
    os.utime(folder / "networks/aws-ip-ranges.json", (1, 1))
    updated = update(folder, DBIP_BOTH + LISTS, work, later=DAY)
    assert updated.kept == ["dbip-city-lite.mmdb", "dbip-asn-lite.mmdb", "networks/aws-ip-ranges.json"]
    assert updated.fetched == ["threats/drop.txt"]
    assert [asked.address for asked in internet.asked] == [RANGES, DROP]
    assert (folder / "networks/aws-ip-ranges.json").stat().st_mtime == NOW + DAY


def test_what_was_removed_is_fetched_again(folder: Path, work: Work) -> None:
    update(folder, DBIP_BOTH, work)
    (folder / "dbip-asn-lite.mmdb").unlink()
    assert update(folder, DBIP_BOTH, work).fetched == ["dbip-asn-lite.mmdb"]


def test_what_fails_keeps_the_last_good_one(folder: Path, work: Work, internet: LocalInternet) -> None:
    update(folder, DBIP_BOTH, work)
    before = (folder / "dbip-city-lite.mmdb").read_bytes()
    serve_all_of_dbip(internet, "2026-12", NOW + 12 * DAY)
    del internet.pages[f"{DBIP}/free/dbip-city-lite-2026-11.mmdb.gz"]
    del internet.pages[f"{DBIP}/free/dbip-city-lite-2026-12.mmdb.gz"]
    (folder / FETCHED).write_text("{}")
    updated = update(folder, DBIP_BOTH, work, later=14 * DAY)
    assert updated.fetched == ["dbip-asn-lite.mmdb"]
    assert updated.failed == [
        "dbip-city-lite.mmdb: download.db-ip.com has nothing at /free/dbip-city-lite-2026-11.mmdb.gz (404)"
    ]
    assert (folder / "dbip-city-lite.mmdb").read_bytes() == before


def test_a_broken_one_never_takes_the_place_of_a_good_one(
    folder: Path, work: Work, internet: LocalInternet, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(folder, DBIP_BOTH, work)
    monkeypatch.setattr("provider_servers.database", lambda kind, built: BROKEN["records"](database(kind, built)))
    serve_all_of_dbip(internet, "2026-12", NOW + 12 * DAY)
    before = files(folder)
    updated = update(folder, DBIP_BOTH, work, later=14 * DAY)
    assert [sentence.partition(": ")[2][:43] for sentence in updated.failed] == [
        "the database fails on a look-up, of 1.0.0.0"
    ] * 2
    assert files(folder) == before
    assert (folder / "dbip-asn-lite.mmdb").read_bytes() == database(
        "DBIP-ASN-Lite (compat=GeoLite2-ASN)", NOW - 17 * DAY
    )


def test_other_files_stay_and_only_what_was_fetched_expires(folder: Path, work: Work, internet: LocalInternet) -> None:
    serve_all_of_maxmind(internet, NOW - DAY)
    maxmind = PROVIDERS["maxmind"]
    sources: list[Source] = [
        Database(maxmind, each, lambda: Account("123456", "correct_horse")) for each in maxmind.editions
    ]
    update(folder, sources, work)
    (folder / "own.mmdb").write_bytes(database("GeoLite2-City", NOW - 100 * DAY))
    assert update(folder, LISTS, work, later=29 * DAY).deleted == []
    updated = update(folder, LISTS, work, later=29 * DAY + 1)
    assert updated.deleted == ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]
    assert files(folder) == [FETCHED, "networks/aws-ip-ranges.json", "own.mmdb", "threats/drop.txt"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"../outside": {"kind": "database", "provider": "maxmind", "built": 1}}', '{"a.mmdb": 5}'],
)
def test_what_is_no_account_of_the_files_is_as_none(folder: Path, work: Work, text: str) -> None:
    folder.mkdir()
    (folder.parent / "outside").write_text("stays")
    (folder / FETCHED).write_text(text)
    assert update(folder, LISTS, work).failed == []
    assert (folder.parent / "outside").exists()


def test_a_folder_that_cannot_be_one_is_an_error(tmp_path: Path, work: Work) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        update(tmp_path / "file", LISTS, work)


def test_a_place_that_cannot_be_written_is_a_failure_of_that_file(folder: Path, work: Work) -> None:
    (folder / "threats" / "drop.txt").mkdir(parents=True)
    updated = update(folder, LISTS, work)
    assert updated.fetched == ["networks/aws-ip-ranges.json"]
    assert updated.failed == ["threats/drop.txt: it cannot be kept: Is a directory"]


def test_a_run_that_is_interrupted_leaves_nothing_unfinished(folder: Path, work: Work) -> None:
    def interrupted(request: Request, into: Path, seconds: float) -> Fetched | None:
        raise KeyboardInterrupt

    update(folder, LISTS, work)
    before = files(folder)
    with pytest.raises(KeyboardInterrupt):
        update(folder, LISTS, replace(work, fetch=interrupted))
    assert files(folder) == before
    assert not list(folder.glob(".*"))


def test_what_a_killed_run_left_is_removed_a_day_later(folder: Path, work: Work) -> None:
    for name, age in (("old", DAY + 60), ("young", DAY - 60)):
        (folder / f".fetching-{name}").mkdir(parents=True)
        (folder / f".fetching-{name}" / "half.tar.gz").write_text("half")
        os.utime(folder / f".fetching-{name}", (NOW - age, NOW - age))
    update(folder, LISTS, work)
    assert [path.name for path in folder.glob(".*")] == [".fetching-young"]
