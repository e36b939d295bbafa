import random
import shutil
from pathlib import Path
from typing import Any

import hostile_databases
import maxminddb
import pytest
from databases_on_disk import BUILT, EVERYWHERE, NETWORK, PLACE, damaged, slowly, write
from hostile_databases import COUNTRY, ENTRIES

from flowlogs.decorate.databases import open_databases
from flowlogs.generate import geoip
from flowlogs.generate.geoip import CITY_FILE

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


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b"no database", random.Random(1).randbytes(5000)])
def test_what_is_no_database_is_told_of_and_the_other_is_used(folder: Path, content: bytes) -> None:
    (folder / CITY_FILE).write_bytes(content)
    opened = open_databases([folder], BUILT)
    assert any(CITY_FILE in problem for problem in opened.problems)
    assert opened.places(BERLIN)["asn"] == 64611


@pytest.mark.parametrize("part", ["metadata", "content", "cut"])
@pytest.mark.parametrize("reader", ["fast", "slow"])
def test_a_database_corrupt_anywhere_never_raises(
    folder: Path, part: str, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reader == "slow":
        monkeypatch.setattr(maxminddb, "open_database", slowly)
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


def test_a_database_of_ipv4_alone_knows_nothing_of_ipv6_and_is_not_corrupt(tmp_path: Path) -> None:
    path = write(tmp_path / "asn.mmdb", "GeoLite2-ASN", {"8.0.0.0/8": NETWORK}, version=4)
    places = open_databases([path], BUILT).places
    assert places("8.8.8.8")["asn"] == 7
    assert places("2a00::1") == {}
    assert (places.corrupt, places.misses) == (0, 1)


def test_a_database_that_opens_and_fails_on_every_look_up_is_not_used_and_another_is(tmp_path: Path) -> None:
    damaged(tmp_path / "broken.mmdb", "GeoLite2-City", EVERYWHERE, built=BUILT + 9)
    (problem, *_) = open_databases([tmp_path], BUILT).problems[1:]
    assert problem.startswith("broken.mmdb cannot be used: it is damaged: ")
    write(tmp_path / "good.mmdb", "GeoLite2-City", {"8.0.0.0/8": PLACE})
    opened = open_databases([tmp_path], BUILT)
    assert opened.places("8.8.8.8")["city"] == "Berlin"
    assert any("broken.mmdb" in problem for problem in opened.problems)


def test_a_key_that_is_no_text_is_seen_before_the_fast_reader_stumbles_over_it(tmp_path: Path) -> None:
    path = write(tmp_path / "city.mmdb", "GeoLite2-City", dict.fromkeys(EVERYWHERE, PLACE))
    path.write_bytes(path.read_bytes().replace(b"\x48iso_code", b"\x88iso_code"))  # bytes; others end the process
    opened = open_databases([path], BUILT)
    assert any("it is damaged" in problem for problem in opened.problems)
    assert opened.places("8.8.8.8") == {}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("reader", ["fast", "slow"])
def test_an_entry_made_to_harm_is_seen_when_the_database_is_tried(
    tmp_path: Path, entry: bytes, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reader == "slow":
        monkeypatch.setattr(maxminddb, "open_database", slowly)
    opened = open_databases([hostile_databases.put(tmp_path / "made.mmdb", entry)], BUILT)
    assert any(problem.startswith("made.mmdb cannot be used: it is damaged") for problem in opened.problems)
    assert opened.places("8.8.8.8") == opened.places("2a00::1") == {}


@pytest.mark.parametrize(
    ("entry", "facts"),
    [(COUNTRY, {"country-code": "DE"}), (b"\xe0", {}), (hostile_databases.text("DE"), {}), (b"\x00\x04", {})],
    ids=["a country", "an empty map", "a text", "an empty list"],
)
def test_an_entry_of_another_shape_says_nothing_and_does_no_harm(
    tmp_path: Path, entry: bytes, facts: dict[str, str]
) -> None:
    places = open_databases([hostile_databases.put(tmp_path / "made.mmdb", entry)], BUILT).places
    assert places("8.8.8.8") == places("2a00::1") == facts
    assert places.corrupt == 0


def build_time_as_text(path: Path) -> None:
    """Write a text in place of the number, which is kind, size and four bytes."""
    content = path.read_bytes()
    at = content.rindex(b"build_epoch") + len(b"build_epoch")
    path.write_bytes(content[:at] + b"\x45today" + content[at + 6 :])


@pytest.mark.parametrize("kind", [5, ["GeoLite2-City"], None])
def test_metadata_of_another_kind_are_told_of(tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "city.mmdb", kind or "GeoLite2-City", {"8.0.0.0/8": PLACE})
    if kind is None:
        build_time_as_text(path)
    assert "city.mmdb cannot be used" in open_databases([path], BUILT).problems[2]
    monkeypatch.setattr(maxminddb, "open_database", slowly)  # it believes more of what a file says
    problem = "city.mmdb cannot be used: its metadata names no type or no build time"
    assert open_databases([path], BUILT).problems[2] == problem


def test_a_database_of_which_few_look_ups_fail_serves_for_the_others(tmp_path: Path) -> None:
    path = damaged(tmp_path / "broken.mmdb", "GeoLite2-ASN", ("8.8.8.8/32",))
    places = open_databases([path], BUILT).places
    assert places("8.8.8.8") == {}
    assert (places.corrupt, places.misses) == (1, 1)
    assert places("9.9.9.9") == {}
    assert places.corrupt == 1


def test_the_reader_that_maps_memory_is_used_and_where_only_the_slow_one_is_here_it_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = open_databases([folder], BUILT)
    assert not fast.slow_reader
    monkeypatch.setattr(maxminddb, "open_database", slowly)
    slow = open_databases([folder], BUILT)
    assert slow.slow_reader
    assert slow.problems == [
        "only the slow reader of maxminddb is here: its C extension, which reads many times faster, is missing"
    ]
    assert slow.places(BERLIN) == fast.places(BERLIN)
    assert not open_databases([folder / "none.mmdb"], BUILT).slow_reader
