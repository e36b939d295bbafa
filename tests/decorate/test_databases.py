import shutil
from pathlib import Path

import pytest
from databases_on_disk import BUILT, DAY, EVERYWHERE, NETWORK, PLACE, damaged, write
from lists_on_disk import put

from flowlogs.decorate.databases import WARN_AFTER_DAYS, open_databases
from flowlogs.decorate.licences import LICENCES
from flowlogs.generate import geoip
from flowlogs.generate.geoip import ASN_FILE, CITY_FILE

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


def test_neighbours_share_what_is_known_of_them_and_others_do_not(tmp_path: Path) -> None:
    networks = {"8.8.0.0/16": NETWORK, "2a00::/16": NETWORK, "2c00::/16": PLACE}
    look_up = open_databases([write(tmp_path / "asn.mmdb", "GeoLite2-ASN", networks)], BUILT).places.look_up
    for one, other in (("8.8.8.8", "8.8.9.9"), ("2a00::1", "2a00:9::1"), ("2c00::1", "2c00:9::1")):
        assert look_up(one) is look_up(other)
    assert look_up("2a00::1") == look_up("8.8.8.8") != look_up("2c00::1") == {}


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


@pytest.mark.parametrize("broken", ["cut", "damaged", "no database"])
def test_a_broken_database_never_replaces_a_good_one(tmp_path: Path, broken: str) -> None:
    city, asn = tmp_path / "city.mmdb", tmp_path / "asn.mmdb"
    write(city, "GeoLite2-City", dict.fromkeys(EVERYWHERE, PLACE))
    write(asn, "GeoLite2-ASN", dict.fromkeys(EVERYWHERE, NETWORK))
    last = open_databases([tmp_path], BUILT)
    city.unlink()  # as where another version lies in another folder
    if broken == "damaged":
        damaged(city, "GeoLite2-City", EVERYWHERE, built=BUILT + DAY)
    else:
        city.write_bytes(asn.read_bytes()[:-200] if broken == "cut" else b"<html>")
    without = open_databases([tmp_path], BUILT + DAY)
    assert "city" not in without.places(BERLIN)
    opened = open_databases([tmp_path], BUILT + DAY, last=last)
    assert (opened.places(BERLIN)["city"], opened.places(BERLIN)["asn"]) == ("Berlin", 7)
    assert opened.problems[0].startswith("city.mmdb cannot be used: ")
    assert opened.problems[1:] == ["the GeoLite2-City of before goes on in its place"]
    again = open_databases([tmp_path], BUILT + 2 * DAY, last=opened)
    assert again.places("2a00::1")["city"] == "Berlin"
    assert (again.oldest_days, again.attributions) == (2, last.attributions)
    assert "city" not in open_databases([tmp_path], BUILT + 3 * DAY, most_days=2, last=again).places(BERLIN)


def test_a_database_that_was_removed_or_written_over_does_not_go_on(tmp_path: Path) -> None:
    write(tmp_path / "city.mmdb", "GeoLite2-City", dict.fromkeys(EVERYWHERE, PLACE))
    write(tmp_path / "asn.mmdb", "GeoLite2-ASN", dict.fromkeys(EVERYWHERE, NETWORK))
    last = open_databases([tmp_path], BUILT)
    (tmp_path / "city.mmdb").write_bytes(b"<html>")  # into the file that is mapped
    opened = open_databases([tmp_path], BUILT, last=last)
    assert opened.used.keys() == {"ASN"}
    assert opened.places(BERLIN) == {"asn": 7, "as-organization": "Seven"}
    (tmp_path / "city.mmdb").unlink()
    opened = open_databases([tmp_path], BUILT, last=last)
    assert opened.used.keys() == {"ASN"}
    assert opened.problems == ["no City database"]


def test_nothing_at_all_is_no_error(tmp_path: Path) -> None:
    opened = open_databases([tmp_path / "none.mmdb", tmp_path], BUILT)
    assert any("none.mmdb cannot be used" in problem for problem in opened.problems)
    assert opened.oldest_days is None
    assert opened.places(BERLIN) == {}
    nothing = [f"no .mmdb file in {tmp_path.name}", "no City database", "no ASN database"]
    assert open_databases([tmp_path], BUILT).problems == nothing


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("GeoLite2-City", {"country-code", "city"}),
        ("GeoIP2-City-Europe", {"country-code", "city"}),
        ("GeoIP2-Country", {"country-code", "city"}),
        ("GeoIP2-Enterprise", {"country-code", "city", "asn", "as-organization"}),
        ("GeoIP2-Precision-Enterprise", {"country-code", "city", "asn", "as-organization"}),
        ("DBIP-City-Lite", {"country-code", "city"}),
        ("DBIP-Location (compat=City)", {"country-code", "city"}),
        ("DBIP-Location-ISP (compat=Enterprise)", {"country-code", "city", "asn", "as-organization"}),
        ("DBIP-ISP (compat=Enterprise)", {"asn", "as-organization"}),
        ("GeoLite2-ASN", {"asn", "as-organization"}),
        ("DBIP-ASN-Lite (compat=GeoLite2-ASN)", {"asn", "as-organization"}),
        ("GeoIP2-ISP", {"asn", "as-organization"}),
        ("GeoIP2-Anonymous-IP", set()),
    ],
)
def test_a_database_is_used_for_what_its_type_says(tmp_path: Path, kind: str, says: set[str]) -> None:
    entry = NETWORK if "ASN" in kind or kind == "GeoIP2-ISP" else {**PLACE, "traits": NETWORK}
    opened = open_databases([write(tmp_path / "some.mmdb", kind, dict.fromkeys(EVERYWHERE, entry))], BUILT)
    assert set(opened.places("8.8.8.8")) == set(opened.places("2a00::1")) == says
    missing = [("City", "country-code"), ("ASN", "asn")]
    assert opened.problems == [f"no {name} database" for name, fact in missing if fact not in says]


def test_a_city_counts_before_a_country_however_new_that_is(tmp_path: Path) -> None:
    write(
        tmp_path / "country.mmdb", "GeoLite2-Country", {"8.0.0.0/8": {"country": {"iso_code": "US"}}}, built=BUILT + 9
    )
    write(tmp_path / "city.mmdb", "GeoLite2-City", {"8.0.0.0/8": PLACE})
    assert open_databases([tmp_path], BUILT).places("8.8.8.8")["city"] == "Berlin"


def test_where_the_better_one_is_too_old_the_next_is_used(tmp_path: Path) -> None:
    write(tmp_path / "country.mmdb", "GeoLite2-Country", {"8.0.0.0/8": {"country": {"iso_code": "US"}}})
    write(tmp_path / "city.mmdb", "GeoLite2-City", {"8.0.0.0/8": PLACE}, built=BUILT - 40 * DAY)
    opened = open_databases([tmp_path], BUILT, most_days=30)
    assert opened.places("8.8.8.8") == {"country-code": "US"}
    assert opened.problems == ["no ASN database", "GeoLite2-City was built 40 days ago and is not used"]


def test_a_database_built_in_the_future_is_the_last_choice_and_told_of(tmp_path: Path) -> None:
    future = write(tmp_path / "city.mmdb", "GeoLite2-City", {"8.0.0.0/8": PLACE}, built=2**32 - 1)
    opened = open_databases([future], BUILT)
    assert opened.problems == ["no ASN database", "GeoLite2-City says that it was built in the future"]
    assert opened.oldest_days == 0
    write(tmp_path / "right.mmdb", "GeoLite2-City", {"8.0.0.0/8": {"country": {"iso_code": "US"}}})
    assert open_databases([tmp_path], BUILT).places("8.8.8.8") == {"country-code": "US"}
    slow_clock = write(tmp_path / "now.mmdb", "GeoLite2-City", {"8.0.0.0/8": PLACE}, built=BUILT + DAY)
    assert open_databases([slow_clock], BUILT).problems == ["no ASN database"]


@pytest.mark.parametrize(
    ("kinds", "providers"),
    [
        (["GeoLite2-City", "GeoLite2-ASN"], ["maxmind"]),
        (["DBIP-City-Lite", "DBIP-ASN-Lite (compat=GeoLite2-ASN)"], ["dbip"]),
        (["GeoLite2-City", "DBIP-ASN-Lite (compat=GeoLite2-ASN)"], ["maxmind", "dbip"]),
        (["GeoIP2-City", "DBIP-Location-ISP (compat=Enterprise)"], []),
        (["GeoIP2-Domain"], []),
    ],
)
def test_the_lines_of_attribution_are_those_of_the_databases_in_use(
    tmp_path: Path, kinds: list[str], providers: list[str]
) -> None:
    for number, kind in enumerate(kinds):
        write(tmp_path / f"{number}.mmdb", kind, {"8.0.0.0/8": {**PLACE, **NETWORK}})
    write(tmp_path / "older.mmdb", "DBIP-Country-Lite", {"8.0.0.0/8": PLACE}, built=BUILT - DAY)
    opened = open_databases([*sorted(tmp_path.glob("[01].mmdb"))], BUILT)
    assert opened.attributions == tuple(LICENCES[name].attribution for name in providers)
    assert open_databases([tmp_path / "none"], BUILT).attributions == ()


def test_lists_beside_databases_are_opened_with_them_and_their_problems_told(folder: Path) -> None:
    for name in ("networks", "threats"):
        (folder / name).mkdir()
    put(folder / "networks" / "own.txt", "91.0.0.0/8 Telekom\n10.0.0.0/8 company\nwrong\n")
    put(folder / "threats" / "drop.txt", "91.12.32.0/24")
    for paths in ([folder], [*folder.glob("*.mmdb"), *folder.glob("*/*.txt")]):
        opened = open_databases(iter(paths), BUILT)
        assert len(opened.sets) == 3
        assert opened.problems == opened.sets.problems
        assert "networks/own.txt" in opened.problems[0]
        place = opened.places(BERLIN)
        assert (place["city"], place["network"], place["threat"]) == ("Musterstadt", "Telekom", ["drop"])
        assert opened.places("10.0.0.1") == {"network": "company"}


def test_lists_alone_are_a_choice_and_no_database_is_missed(tmp_path: Path) -> None:
    (tmp_path / "networks").mkdir()
    put(tmp_path / "networks" / "own.txt", "10.0.0.0/8 company")
    opened = open_databases([tmp_path], BUILT)
    assert opened.problems == []
    assert opened.places("10.0.0.1") == {"network": "company"}
    assert open_databases([tmp_path, tmp_path / "none.mmdb"], BUILT).problems[:2] == [
        "no City database",
        "no ASN database",
    ]
