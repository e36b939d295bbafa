"""What is published is what decorators take: who fetches databases tries them as they do."""

from pathlib import Path

import hostile_databases
import pytest
from databases_on_disk import BUILT, EVERYWHERE, PLACE, write
from hostile_databases import ENTRIES, MAP, holding, number, text

from flowlogs.decorate.database_file import try_database
from flowlogs.decorate.databases import open_databases
from flowlogs.errors import UnusableDatabase
from flowlogs.geoip import probe as with_maxminddb
from flowlogs.geoip import with_geoip2
from flowlogs.geoip.probe import Open, probe
from flowlogs.geoip.providers import PROVIDERS

CITY, _ = PROVIDERS["maxmind"].editions
OPENERS = {"maxminddb": with_maxminddb.opened, "geoip2": with_geoip2.opened}
EACH_OPENER = pytest.mark.parametrize("open_database", OPENERS.values(), ids=OPENERS)

_COUNTRY = text("country") + holding("iso_code", text("DE"))
KEYS = {
    "a key that is a number beside a country": bytes([MAP | 2]) + _COUNTRY + number(1) + text("x"),
    "such a key further inside": bytes([MAP | 2]) + _COUNTRY + text("more") + bytes([MAP | 1]) + number(1) + text("x"),
}


@EACH_OPENER
@pytest.mark.parametrize("entry", [*ENTRIES.values(), *KEYS.values()], ids=[*ENTRIES, *KEYS])
def test_what_decorators_refuse_is_not_published(tmp_path: Path, open_database: Open, entry: bytes) -> None:
    path = hostile_databases.put(tmp_path / "made.mmdb", entry)
    assert "City" not in open_databases([path], BUILT).used
    with pytest.raises(UnusableDatabase):
        probe(path, CITY, open_database, BUILT, None)


@EACH_OPENER
def test_a_good_one_made_the_same_way_is_published_and_used(tmp_path: Path, open_database: Open) -> None:
    path = hostile_databases.put(tmp_path / "made.mmdb", hostile_databases.COUNTRY)
    assert probe(path, CITY, open_database, BUILT, None).type == "GeoLite2-City"
    assert open_databases([path], BUILT).places("8.8.8.8") == {"country-code": "DE"}


@EACH_OPENER
def test_metadata_that_only_the_slow_reader_takes_are_refused_too(tmp_path: Path, open_database: Open) -> None:
    path = hostile_databases.put(tmp_path / "made.mmdb", hostile_databases.COUNTRY)
    described = holding("en", text("by hand"))
    assert described in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(described, bytes([MAP | 1]) + number(1) + text("by hand")))
    with open_database(path) as database:
        assert database.metadata().type == "GeoLite2-City"
    assert "City" not in open_databases([path], BUILT).used
    with pytest.raises(UnusableDatabase, match="Is this a valid MaxMind DB file"):
        probe(path, CITY, open_database, BUILT, None)


def test_who_publishes_tries_more_addresses_than_a_cold_decorator(tmp_path: Path) -> None:
    path = write(
        tmp_path / "city.mmdb", "GeoLite2-City", {**dict.fromkeys(EVERYWHERE, PLACE), "12.0.0.0/8": {"wrong": 1}}
    )
    path.write_bytes(path.read_bytes().replace(b"\x45wrong", b"\x85wrong"))  # bytes in place of a text
    try_database(path)
    with pytest.raises(UnusableDatabase, match="it is damaged: a key is no text"):
        try_database(path, ["12.0.0.1"])
    with pytest.raises(UnusableDatabase, match="it is damaged: a key is no text"):
        probe(path, CITY, with_maxminddb.opened, BUILT, None)
