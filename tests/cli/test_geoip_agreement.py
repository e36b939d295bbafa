"""`flowlogs geoip lookup` chooses and reads databases as the decorator does."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, ran
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.decorate.databases import open_databases

sys.path.append(str(Path(__file__).parents[1] / "decorate"))  # where databases are written
from databases_on_disk import DAY, EVERYWHERE, NETWORK, PLACE, damaged, write

NOW = int(time.time())
ADDRESSES = ("8.8.8.8", "2a00::1", "10.0.0.1")
UNITED_STATES = {"country": {"iso_code": "US", "names": {"en": "United States"}}}


@pytest.fixture(autouse=True)
def of_nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWLOGS_GEOIP_MAX_AGE_DAYS", raising=False)


def looked_up(folder: Path) -> Ran:
    return ran("geoip", "lookup", *ADDRESSES, "--json", "--geoip", str(folder))


def facts(found: Ran) -> list[dict[str, Any]]:
    """Give what was said of each address; the address itself and the note on it are the command's own."""
    return [{name: row[name] for name in row.keys() - {"address", "note"}} for row in found.rows()]


def decorated(folder: Path, most_days: int | None = None) -> list[dict[str, Any]]:
    places = open_databases([folder], NOW, most_days).places
    return [dict(places(address)) for address in ADDRESSES]


@pytest.mark.parametrize("record", [{**PLACE, "traits": NETWORK}, {**PLACE, **NETWORK}, NETWORK, PLACE, {}])
@pytest.mark.parametrize(
    "kind",
    [
        *("GeoLite2-City", "GeoIP2-City-Europe", "GeoIP2-Country", "GeoIP2-Enterprise", "GeoIP2-Precision-Enterprise"),
        *("DBIP-City-Lite", "DBIP-Location (compat=City)", "DBIP-Location-ISP (compat=Enterprise)"),
        *("DBIP-ISP", "DBIP-ISP (compat=Enterprise)", "GeoIP2-ISP", "GeoLite2-ASN", "flowlogs-generated-ASN"),
        "DBIP-ASN-Lite (compat=GeoLite2-ASN)",
    ],
)
def test_a_database_of_any_type_says_the_same(tmp_path: Path, kind: str, record: dict[str, Any]) -> None:
    write(tmp_path / "some.mmdb", kind, dict.fromkeys(EVERYWHERE, record), built=NOW)
    found = looked_up(tmp_path)
    assert (found.code, facts(found)) == (0, decorated(tmp_path))


@pytest.mark.parametrize(
    ("kind", "said"),
    [("GeoIP2-Enterprise", {"country-code": "DE", "city": "Berlin", "asn": 15169}), ("DBIP-ISP", {"asn": 15169})],
)
def test_a_database_alone_gives_all_that_its_type_promises(tmp_path: Path, kind: str, said: dict[str, Any]) -> None:
    record = {**PLACE, "traits": {"autonomous_system_number": 15169}}
    write(tmp_path / "some.mmdb", kind, dict.fromkeys(EVERYWHERE, record), built=NOW)
    assert facts(looked_up(tmp_path)) == [said, said, {}]


@pytest.mark.parametrize(
    ("days", "kinds", "country"),
    [
        ((400, 0), ("GeoLite2-City", "GeoLite2-City"), "US"),  # built in the future: the last choice
        ((0, -9), ("GeoLite2-City", "GeoLite2-City"), "DE"),
        ((-9, 0), ("GeoLite2-City", "GeoLite2-City"), "US"),
        ((-9, 0), ("GeoLite2-City", "GeoLite2-Country"), "DE"),
        ((0, -9), ("GeoIP2-Enterprise", "DBIP-Location"), "US"),
        ((-40, -50), ("GeoLite2-City", "GeoLite2-City"), "DE"),
    ],
)
def test_of_several_the_same_one_is_asked(
    tmp_path: Path, days: tuple[int, int], kinds: tuple[str, str], country: str
) -> None:
    for number, record in enumerate((PLACE, UNITED_STATES)):
        built = NOW + days[number] * DAY
        write(tmp_path / f"{number}.mmdb", kinds[number], dict.fromkeys(EVERYWHERE, record), built=built)
    found = looked_up(tmp_path)
    assert facts(found) == decorated(tmp_path)
    assert facts(found)[0]["country-code"] == country
    assert [line for line in found.err.splitlines() if line.startswith("Note: ")] == [
        f"Note: {problem}" for problem in open_databases([tmp_path], NOW).problems
    ]


def test_one_that_is_too_old_for_the_decorator_is_too_old_for_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "city.mmdb", "GeoLite2-City", dict.fromkeys(EVERYWHERE, PLACE), built=NOW - 10 * DAY)
    monkeypatch.setenv("FLOWLOGS_GEOIP_MAX_AGE_DAYS", "9")
    found = looked_up(tmp_path)
    assert facts(found) == decorated(tmp_path, 9) == [{}, {}, {}]
    assert "Note: GeoLite2-City was built 10 days ago and is not used" in found.err
    monkeypatch.setenv("FLOWLOGS_GEOIP_MAX_AGE_DAYS", "11")
    assert facts(looked_up(tmp_path))[0]["city"] == "Berlin"
    monkeypatch.setenv("FLOWLOGS_GEOIP_MAX_AGE_DAYS", "soon")
    assert (looked_up(tmp_path).code, looked_up(tmp_path).out) == (2, "")


def test_where_the_better_one_is_damaged_the_next_is_asked(tmp_path: Path) -> None:
    damaged(tmp_path / "broken.mmdb", "GeoLite2-City", EVERYWHERE, built=NOW)
    write(tmp_path / "country.mmdb", "GeoLite2-Country", dict.fromkeys(EVERYWHERE, UNITED_STATES), built=NOW - DAY)
    found = looked_up(tmp_path)
    assert (found.code, facts(found)) == (0, decorated(tmp_path))
    assert facts(found)[0]["country-code"] == "US"
    assert "Note: broken.mmdb cannot be used: it is damaged: " in found.err


def test_one_of_which_a_single_look_up_fails_is_an_error_where_that_is_asked(tmp_path: Path) -> None:
    damaged(tmp_path / "broken.mmdb", "GeoLite2-ASN", ("8.8.8.8/32",), built=NOW)
    found = looked_up(tmp_path)
    assert (found.code, found.only_line) == (1, "Error: a database is damaged: a look-up in it failed")
    assert facts(found) == decorated(tmp_path)


def test_a_database_of_ipv4_alone_knows_nothing_of_ipv6(tmp_path: Path) -> None:
    write(tmp_path / "asn.mmdb", "GeoLite2-ASN", {"8.0.0.0/8": NETWORK}, built=NOW, version=4)
    found = looked_up(tmp_path)
    assert (found.code, facts(found)) == (0, decorated(tmp_path))
    assert facts(found)[:2] == [{"asn": 7, "as-organization": "Seven"}, {}]


def test_neighbours_in_different_networks_are_told_apart(tmp_path: Path) -> None:
    networks = {f"8.8.{number}.0/24": {"autonomous_system_number": number} for number in (1, 2)}
    write(tmp_path / "asn.mmdb", "GeoLite2-ASN", {**networks, "2a00:1::/32": NETWORK, "2a00:2::/32": {}}, built=NOW)
    addresses = ("8.8.1.1", "8.8.2.1", "8.8.3.1", "2a00:1::1", "2a00:2::1")
    found = ran("geoip", "lookup", *addresses, "--json", "--geoip", str(tmp_path))
    assert [row.get("asn") for row in found.rows()] == [1, 2, None, 7, None]


NAMED = st.fixed_dictionaries(
    {"iso_code": st.sampled_from(["DE", "US"])},
    optional={
        "names": st.dictionaries(st.sampled_from(["en", "de"]), st.sampled_from(["", "Köln"])),
        "geoname_id": st.just(5),
    },
)
DEGREES = st.sampled_from([0, 0.0, 52.5, -90.0, 91.0, 180.0, -181.5])
TRAITS = st.fixed_dictionaries(
    {},
    optional={
        "autonomous_system_number": st.sampled_from([0, 7, 2**32 - 1]),
        "autonomous_system_organization": st.sampled_from(["", "Seven"]),
        "isp": st.just("Seven"),
    },
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "country": NAMED,
        "registered_country": NAMED,
        "city": st.fixed_dictionaries({}, optional={"names": st.just({"en": "Berlin"})}),
        "subdivisions": st.lists(NAMED, max_size=2),
        "location": st.fixed_dictionaries({}, optional={"latitude": DEGREES, "longitude": DEGREES}),
        "traits": TRAITS,
    },
)


@settings(max_examples=60)
@given(RECORDS, st.sampled_from(["GeoLite2-City", "GeoIP2-Enterprise", "GeoIP2-Country"]))
def test_a_place_of_any_record_is_the_same(tmp_path_factory: pytest.TempPathFactory, record: Any, kind: str) -> None:
    folder = tmp_path_factory.mktemp("place")
    write(folder / "some.mmdb", kind, dict.fromkeys(EVERYWHERE, record), built=NOW)
    assert facts(looked_up(folder)) == json.loads(json.dumps(decorated(folder)))


@settings(max_examples=30)
@given(TRAITS, st.sampled_from(["GeoLite2-ASN", "GeoIP2-ISP", "DBIP-ISP"]))
def test_a_network_of_any_record_is_the_same(tmp_path_factory: pytest.TempPathFactory, record: Any, kind: str) -> None:
    folder = tmp_path_factory.mktemp("network")
    write(folder / "some.mmdb", kind, dict.fromkeys(EVERYWHERE, record), built=NOW)
    assert facts(looked_up(folder)) == decorated(folder)
