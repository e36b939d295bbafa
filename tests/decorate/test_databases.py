import random
import shutil
from pathlib import Path

import pytest

from flowlogs.decorate.databases import WARN_AFTER_DAYS, open_databases
from flowlogs.generate import geoip
from flowlogs.generate.geoip import ASN_FILE, CITY_FILE

BUILT = 1_700_000_000
DAY = 86_400
BERLIN = "91.12.32.9"


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("geoip")
    geoip.write(folder, built=BUILT)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    shutil.copytree(written, tmp_path / "geoip")
    return tmp_path / "geoip"


def test_a_folder_of_databases_says_where_an_address_is(folder: Path) -> None:
    opened = open_databases([folder], BUILT + DAY)
    assert opened.problems == []
    assert opened.oldest_days == 1
    place = opened.places(BERLIN)
    assert (place["country-code"], place["city"], place["asn"]) == ("DE", "Musterstadt", 64611)
    assert opened.places("2a05:d018:f10:6400::7")["country-code"] == "IE"


def test_files_may_be_named_one_by_one(folder: Path) -> None:
    opened = open_databases([folder / ASN_FILE, folder / CITY_FILE], BUILT)
    assert opened.problems == []
    assert "city" in opened.places(BERLIN)


def test_one_database_is_better_than_none(folder: Path) -> None:
    opened = open_databases([folder / ASN_FILE], BUILT)
    assert opened.problems == ["no City database"]
    assert opened.places(BERLIN)["asn"] == 64611
    assert "country-code" not in opened.places(BERLIN)


def test_of_two_alike_the_one_built_last_is_used(folder: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    later.mkdir()
    geoip.write(later, built=BUILT + 10 * DAY)
    assert open_databases([later, folder], BUILT + 10 * DAY).oldest_days == 0
    assert open_databases([folder, later], BUILT + 10 * DAY).oldest_days == 0


@pytest.mark.parametrize(
    ("days", "most", "problems", "used"),
    [
        (WARN_AFTER_DAYS, None, 0, True),
        (WARN_AFTER_DAYS + 1, None, 2, True),
        (10, 10, 0, True),
        (11, 10, 2, False),
        (0, 0, 0, True),
    ],
)
def test_an_old_database_is_told_of_and_at_some_age_not_used(
    folder: Path, days: int, most: int | None, problems: int, used: bool
) -> None:
    opened = open_databases([folder], BUILT + days * DAY, most)
    assert len(opened.problems) == problems
    assert bool(opened.places(BERLIN)) is used


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b"no database", random.Random(1).randbytes(5000)])
def test_what_is_no_database_is_told_of_and_the_other_is_used(folder: Path, content: bytes) -> None:
    (folder / CITY_FILE).write_bytes(content)
    opened = open_databases([folder], BUILT)
    assert any(CITY_FILE in problem for problem in opened.problems)
    assert opened.places(BERLIN)["asn"] == 64611


def test_nothing_at_all_is_no_error(tmp_path: Path) -> None:
    opened = open_databases([tmp_path / "none.mmdb", tmp_path], BUILT)
    assert any("none.mmdb cannot be used" in problem for problem in opened.problems)
    assert opened.oldest_days is None
    assert opened.places(BERLIN) == {}


@pytest.mark.parametrize("part", ["metadata", "content", "cut"])
def test_a_database_corrupt_anywhere_never_raises(folder: Path, part: str) -> None:
    path, dice = folder / CITY_FILE, random.Random(part)
    whole = path.read_bytes()
    metadata = whole.rindex(b"\xab\xcd\xefMaxMind.com")
    for _ in range(150):
        broken = bytearray(whole)
        places = range(metadata, len(whole)) if part == "metadata" else range(metadata)
        for place in dice.sample(places, 3 if part == "metadata" else 200):
            broken[place] = dice.randrange(256)
        path.write_bytes(broken[: dice.randrange(len(broken))] if part == "cut" else broken)
        opened = open_databases([folder], BUILT)
        for address in (BERLIN, "86.40.16.5", "2a05:d018:f10:6400::7", "8.8.8.8"):
            opened.places(address)
