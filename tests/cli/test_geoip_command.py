"""`flowlogs geoip` as people use it: against providers under their own names, and on folders."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import Ran, ran

from flowlogs.decorate import address_lists
from flowlogs.generate import geoip as generated
from flowlogs.geoip import lists

sys.path.append(str(Path(__file__).parents[1] / "geoip"))  # where the providers are that every test of geoip uses
from local_internet import LocalInternet, Page
from provider_servers import (
    DBIP,
    DROP,
    LICENCE_KEY,
    internet_of_providers,
    serve_all_of_dbip,
    serve_all_of_maxmind,
    serve_drop,
    serve_ranges,
)
from world import BROKEN, DAY, database

NOW = int(time.time())
MAXMIND_LINE = "This product includes GeoLite2 Data created by MaxMind, available from https://www.maxmind.com"
DBIP_LINE = "IP Geolocation by DB-IP (https://db-ip.com)"
ACCOUNT = {"MAXMIND_ACCOUNT_ID": "123456", "MAXMIND_LICENSE_KEY": LICENCE_KEY}


@pytest.fixture
def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalInternet]:
    with internet_of_providers(tmp_path / "internet") as internet:
        for name, value in internet.environ().items():
            monkeypatch.setenv(name, value)
        for name in ACCOUNT:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(time, "sleep", lambda _: None)
        serve_all_of_maxmind(internet, NOW - DAY)
        serve_all_of_dbip(internet, f"{datetime.now(UTC):%Y-%m}", NOW - DAY)
        serve_ranges(internet)
        serve_drop(internet)
        yield internet


@pytest.fixture
def geo(tmp_path: Path) -> Path:
    return tmp_path / "geo"


def fetch(geo: Path, *arguments: str) -> Ran:
    return ran("geoip", "fetch", "--out", str(geo), *arguments)


def lookup(geo: Path, *arguments: str) -> Ran:
    return ran("geoip", "lookup", "--geoip", str(geo), *arguments)


def told(done: Ran) -> list[str]:
    """Give what standard error says beside what was asked for."""
    return [line for line in done.err.splitlines() if not line.startswith("Asking for ")]


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_fetched_is_shown_and_answers(internet: LocalInternet, geo: Path) -> None:
    threats = ("--threats", f"drop=https://{DROP}")
    done = fetch(geo, "--provider", "dbip", "--aws-ranges", *threats, "--json")
    assert (done.code, done.err) == (0, "")
    expected = ["dbip-city-lite.mmdb", "dbip-asn-lite.mmdb", "networks/aws-ip-ranges.json", "threats/drop.txt"]
    assert json.loads(done.out) == {
        "fetched": expected,
        "kept": [],
        "failed": [],
        "deleted": [],
        "age_days": {"dbip-asn-lite.mmdb": 1.0, "dbip-city-lite.mmdb": 1.0},
    }
    assert names(geo) == sorted([*expected, "fetched.json"])
    shown = ran("geoip", "show", str(geo))
    assert (shown.code, shown.err) == (0, "")
    assert [
        word for word in ("DBIP-City-Lite", "CC BY 4.0", DBIP_LINE, "aws-ip-ranges", "drop") if word not in shown.out
    ] == []
    found = lookup(geo, "52.218.3.9", "192.0.2.9", "10.0.0.1", "2001:db8::1", "--json")
    assert found.rows() == [
        {
            "address": "52.218.3.9",
            "country-code": "IE",
            "country-name": "Ireland",
            "location": {"lat": 53.3, "lon": -6.3},
            "asn": 64600,
            "as-organization": "Generated",
            "network": "aws s3 eu-west-1",
        },
        {"address": "192.0.2.9", "threat": ["drop"], "note": "private or special-purpose"},
        {"address": "10.0.0.1", "note": "private or special-purpose"},
        {"address": "2001:db8::1", "threat": ["drop"], "note": "private or special-purpose"},
    ]
    assert (found.code, found.err) == (0, f"{DBIP_LINE}\n")


def test_maxmind_is_asked_with_the_account_of_the_environment(
    internet: LocalInternet, geo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    done = fetch(geo, "--provider", "maxmind")
    assert (done.code, told(done)) == (0, [])
    assert names(geo) == ["GeoLite2-ASN.mmdb", "GeoLite2-City.mmdb", "fetched.json"]
    assert "nothing newer" in fetch(geo, "--provider", "maxmind").out
    found = lookup(geo, "8.8.8.8")
    assert found.out.splitlines()[-1] == MAXMIND_LINE
    assert "AS64600" in found.out


@pytest.mark.parametrize(
    ("arguments", "databases"),
    [
        ([], True),
        (["--provider", "dbip", "--aws-ranges"], True),
        (["--aws-ranges"], False),
        (["--provider", "none", "--aws-ranges"], False),
        (["--threats", f"drop=https://{DROP}"], False),
    ],
)
def test_databases_are_fetched_where_they_or_nothing_else_is_asked_for(
    internet: LocalInternet, geo: Path, arguments: list[str], databases: bool
) -> None:
    assert fetch(geo, *arguments).code == 0
    expected = {"fetched.json"}
    expected |= {"dbip-city-lite.mmdb", "dbip-asn-lite.mmdb"} if databases else set()
    expected |= {"networks/aws-ip-ranges.json"} if "--aws-ranges" in arguments else set()
    expected |= {"threats/drop.txt"} if "--threats" in arguments else set()
    assert set(names(geo)) == expected


def test_where_no_terminal_is_a_line_says_what_begins(
    internet: LocalInternet, geo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = fetch(geo, "--aws-ranges", "--threats", f"drop=https://key@{DROP}?key=secret")
    assert [line for line in done.err.splitlines() if line.startswith("Asking")] == [
        "Asking for https://ip-ranges.amazonaws.com/ip-ranges.json",
        f"Asking for https://{DROP}",
    ]
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    done = fetch(geo, "--provider", "maxmind")
    assert len(done.err.splitlines()) == 2, "a checksum is of the file that it is for"


def test_a_list_that_is_not_used_whole_is_told_of(
    internet: LocalInternet, geo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_lists, "MOST_LINES", 6)
    monkeypatch.setattr(lists, "MOST_LINES", 6)
    cut = "Note: threats/drop.txt: only its first 4 lines are used"
    for number, said in ((4, []), (5, [cut])):
        internet.pages[DROP] = Page("".join(f"192.0.2.{each}\n" for each in range(number)).encode())
        assert told(fetch(geo, "--threats", f"drop=https://{DROP}")) == said
        found = lookup(geo, f"192.0.2.{number - 1}", "--json")
        assert ("threat" in found.rows()[0]) is (not said)
        assert ("more than" in found.err) is bool(said)


def test_on_a_terminal_a_bar_shows_what_comes(
    internet: LocalInternet, geo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes standard error for a terminal then
    done = fetch(geo, "--provider", "dbip")
    assert "dbip-city-lite.gz" in done.err
    assert "bytes" in done.err
    assert "Asking for" not in done.err


@pytest.mark.parametrize("text", ['{"account_id": "123456", "licence_key": "%s"}', "AccountID 123456\nLicenseKey %s\n"])
def test_or_with_that_of_a_file(internet: LocalInternet, geo: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "licence").write_text(text % LICENCE_KEY)
    assert fetch(geo, "--provider", "maxmind", "--licence-file", str(tmp_path / "licence")).code == 0


def test_a_wrong_key_is_told_with_what_to_check_and_not_repeated(
    internet: LocalInternet, geo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAXMIND_ACCOUNT_ID", "123456")
    monkeypatch.setenv("MAXMIND_LICENSE_KEY", "battery_staple")
    done = fetch(geo, "--provider", "maxmind", "--aws-ranges")
    assert done.code == 1
    said = "download.maxmind.com answered 401: check the account id and the licence key"
    assert told(done) == [f"Error: GeoLite2-{kind}.mmdb: {said}" for kind in ("City", "ASN")]
    assert "battery" not in done.out + done.err
    assert names(geo) == ["fetched.json", "networks/aws-ip-ranges.json"]


def test_without_an_account_maxmind_is_not_asked(internet: LocalInternet, geo: Path, tmp_path: Path) -> None:
    done = fetch(geo, "--provider", "maxmind")
    assert done.code == 2
    assert done.only_line.startswith("Error: MaxMind asks for an account: give --licence-file, or set MAXMIND_ACCOUNT")
    (tmp_path / "licence").write_text(LICENCE_KEY)
    done = fetch(geo, "--provider", "maxmind", "--licence-file", str(tmp_path / "licence"))
    assert done.code == 2
    assert 'licence does not read {"account_id"' in done.only_line
    assert LICENCE_KEY not in done.err
    assert (internet.asked, geo.exists()) == ([], False)


def test_what_fails_leaves_the_last_good_one_and_exit_code_1(internet: LocalInternet, geo: Path) -> None:
    assert fetch(geo, "--provider", "dbip").code == 0
    before = {name: (geo / name).read_bytes() for name in names(geo)}
    internet.pages = {page: content for page, content in internet.pages.items() if not page.startswith(DBIP)}
    (geo / "fetched.json").unlink()
    done = fetch(geo, "--provider", "dbip", "--aws-ranges")
    assert done.code == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in told(done)] == [
        "dbip-city-lite.mmdb",
        "dbip-asn-lite.mmdb",
    ]
    assert {name: (geo / name).read_bytes() for name in before if name.endswith(".mmdb")} == {
        name: content for name, content in before.items() if name.endswith(".mmdb")
    }
    assert (geo / "networks/aws-ip-ranges.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--provider", "none"], "there is nothing to fetch: give another --provider, --aws-ranges or --threats"),
        (["--threats", " "], "it names no list"),
        (["--threats", "a=https://x.test/1", "--threats", "a=https://x.test/2"], "2 lists are named a: give each a"),
        (["--threats", "a=https://x.test/1 b=https://x.test/1 a=https://x.test/2"], "2 lists are named a: give each a"),
        (["--licence-file", __file__], "--licence-file goes with --provider maxmind"),
        (["--provider", "ip2location"], "'ip2location' is not one of 'maxmind', 'dbip'"),
        (["--threats", "drop"], "does not read name=https://host/path"),
        (["--threats", "../x=https://example.test/x"], "does not read name=https://host/path"),
        (["--provider", "dbip", "--licence-file", __file__], "--licence-file goes with --provider maxmind"),
        (["--licence-file", __file__, "--aws-ranges"], "--licence-file goes with --provider maxmind"),
    ],
)
def test_wrong_use_is_exit_code_2(internet: LocalInternet, geo: Path, arguments: list[str], said: str) -> None:
    done = fetch(geo, *arguments)
    assert (done.code, geo.exists()) == (2, False)
    assert said in done.only_line


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    (folder / "networks").mkdir(parents=True)
    generated.write(folder, built=NOW - 3 * DAY)
    (folder / "networks" / "own.txt").write_text("10.0.0.0/8 head office\n")
    return folder


def test_databases_of_any_maker_are_shown_and_asked(demo: Path) -> None:
    shown = json.loads(ran("geoip", "show", str(demo), "--json").out)
    assert [row["type"] for row in shown["databases"]] == ["flowlogs-generated-ASN", "flowlogs-generated-City"]
    assert [(row["age_days"], row["licence"], row["attribution"]) for row in shown["databases"]] == [
        (3.0, None, None)
    ] * 2
    assert all(row["nodes"] > 100 for row in shown["databases"])
    assert [{**row, "age_days": 0} for row in shown["lists"]] == [
        {"list": "own", "kind": "network", "networks": 1, "age_days": 0}
    ]
    found = lookup(demo, "91.12.32.9", "10.1.1.1", "8.8.8.8", "2A05:D018:F10:6400:0::7", "--json")
    berlin, office, unknown, ipv6 = found.rows()
    assert (berlin["city"], berlin["asn"], berlin["location"]) == ("Musterstadt", 64611, {"lat": 52.5, "lon": 13.4})
    assert office == {"address": "10.1.1.1", "network": "head office", "note": "private or special-purpose"}
    assert unknown == {"address": "8.8.8.8", "note": "in no database"}
    assert (ipv6["address"], ipv6["country-code"]) == ("2a05:d018:f10:6400::7", "IE")
    assert found.err == ""


def test_a_table_says_the_same_in_words(demo: Path) -> None:
    words = " ".join(lookup(demo, "91.12.32.9", "10.1.1.1").out.split())
    assert [word for word in ("Musterstadt", "AS64611", "head office", "special-purpose") if word not in words] == []


def test_the_database_built_last_is_asked(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "newer.mmdb").write_bytes(database("GeoLite2-City", NOW - DAY))
    found = lookup(demo, "91.12.32.9", "--json", "--geoip", f"{demo},{tmp_path / 'newer.mmdb'}")
    assert found.rows()[0]["country-code"] == "IE"
    assert found.err == f"{MAXMIND_LINE}\n"


@pytest.mark.parametrize("fault", ["half", "metadata", "text", "nothing"])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, fault: str) -> None:
    (tmp_path / "broken.mmdb").write_bytes(BROKEN[fault](database("GeoLite2-City", NOW - DAY)))
    shown = ran("geoip", "show", str(tmp_path))
    assert (shown.code, shown.only_line.partition(" cannot be used: ")[0]) == (1, "Error: broken.mmdb")
    found = lookup(tmp_path, "8.8.8.8")
    assert (found.code, found.only_line) == (1, "Error: there is no database and no list to look into")
    assert "Note: broken.mmdb cannot be used: " in found.err


@pytest.mark.parametrize("fault", ["records", "tree", "keys"])
def test_one_that_opens_and_fails_only_on_a_look_up_is_not_asked(tmp_path: Path, fault: str) -> None:
    (tmp_path / "broken.mmdb").write_bytes(BROKEN[fault](database("GeoLite2-City", NOW - DAY)))
    found = lookup(tmp_path, "8.8.8.8", "--json")
    assert found.rows() == [{"address": "8.8.8.8", "note": "in no database"}]
    assert (found.code, found.only_line) == (1, "Error: there is no database and no list to look into")
    assert "Note: broken.mmdb cannot be used: it is damaged: " in found.err


def test_what_the_licence_does_not_allow_any_longer_is_said(tmp_path: Path) -> None:
    (tmp_path / "old.mmdb").write_bytes(database("GeoLite2-City", NOW - 31 * DAY))
    shown = ran("geoip", "show", str(tmp_path))
    assert shown.code == 0
    said = "Note: old.mmdb was built 31 days ago, and its licence allows 30: delete it, or fetch it anew\n"
    assert shown.err == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lookup", "8.8.8", "--geoip", "."], "'8.8.8' is no IP address"),
        (["lookup", "fe80::1%eth0", "--geoip", "."], "'fe80::1%eth0' has a zone"),
        (["lookup", "fe80::1%", "--geoip", "."], "'fe80::1%' is no IP address"),
        (["lookup", "8.8.8.8"], "--geoip"),
        (["lookup", "--geoip", "."], "IP"),
        (["lookup", "8.8.8.8", "--geoip", "nowhere"], "nowhere: no such file or folder"),
        (["show", "nowhere"], "nowhere"),
    ],
)
def test_wrong_use_of_the_others_is_exit_code_2(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWLOGS_GEOIP", raising=False)
    done = ran("geoip", *arguments)
    assert done.code == 2
    assert said in done.only_line


def test_an_empty_folder_has_nothing_to_show(tmp_path: Path) -> None:
    shown = ran("geoip", "show", str(tmp_path))
    assert (shown.code, shown.only_line) == (1, "Error: there is no database and no list")
