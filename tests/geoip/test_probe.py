"""A database is tried before it replaces the last good one."""

import ipaddress
import random
from pathlib import Path

import maxminddb
import pytest
from world import BROKEN, DAY, NOW, database

from flowlogs.decorate.special_purpose import is_special
from flowlogs.errors import UnusableDatabase
from flowlogs.geoip import probe as with_maxminddb
from flowlogs.geoip import with_geoip2
from flowlogs.geoip.probe import Metadata, Open, addresses, probe
from flowlogs.geoip.providers import PROVIDERS, Edition, Kind

CITY, ASN = PROVIDERS["maxmind"].editions
DBIP_CITY, DBIP_ASN = PROVIDERS["dbip"].editions
OPENERS = {"maxminddb": with_maxminddb.opened, "geoip2": with_geoip2.opened}
EACH_OPENER = pytest.mark.parametrize("open_database", OPENERS.values(), ids=OPENERS)


def tried(
    folder: Path, content: bytes, edition: Edition, open_database: Open, last_built: int | None = None
) -> Metadata:
    path = folder / edition.file
    path.write_bytes(content)
    return probe(path, edition, open_database, NOW, last_built)


@EACH_OPENER
@pytest.mark.parametrize(
    ("edition", "kind"),
    [
        (CITY, "GeoLite2-City"),
        (ASN, "GeoLite2-ASN"),
        (DBIP_CITY, "DBIP-City-Lite"),
        (DBIP_ASN, "DBIP-ASN-Lite (compat=GeoLite2-ASN)"),
        (DBIP_ASN, "DBIP-ASN-Lite"),
    ],
)
def test_a_good_database_says_what_it_is(tmp_path: Path, open_database: Open, edition: Edition, kind: str) -> None:
    metadata = tried(tmp_path, database(kind, NOW - 5 * DAY), edition, open_database, NOW - 5 * DAY)
    assert (metadata.type, metadata.built) == (kind, NOW - 5 * DAY)
    assert metadata.nodes > 100


@EACH_OPENER
@pytest.mark.parametrize("edition", [CITY, ASN], ids=lambda edition: edition.name)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_one_is_refused_also_where_it_opens(
    tmp_path: Path, open_database: Open, edition: Edition, fault: str
) -> None:
    content = BROKEN[fault](database(edition.type))
    with pytest.raises(UnusableDatabase, match=r"cannot be opened \(|fails on a look-up, of 1\.0\.0\.0 \(|knows only"):
        tried(tmp_path, content, edition, open_database)


def test_some_of_the_broken_ones_do_open(tmp_path: Path) -> None:
    path = tmp_path / "broken.mmdb"
    for fault in ("records", "tree"):
        path.write_bytes(BROKEN[fault](database("GeoLite2-City")))
        with maxminddb.open_database(path) as reader:
            assert reader.metadata().database_type == "GeoLite2-City"
            with pytest.raises(maxminddb.InvalidDatabaseError):
                reader.get("1.0.0.0")


@EACH_OPENER
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (database("GeoLite2-ASN"), "of the type 'GeoLite2-ASN', not GeoLite2-City"),
        (database("GeoLite2-Country"), "of the type 'GeoLite2-Country', not GeoLite2-City"),
        (database("GeoLite2-City", NOW + 3 * DAY), "built 3 days in the future"),
        (database("GeoLite2-City", NOW - 40 * DAY), "is 20.0 days older than the one it would replace"),
        (database("GeoLite2-City", networks=()), "the database is empty|knows only 0"),
        (database("GeoLite2-City", networks=("1.0.0.0/8", "2000::/3")), r"knows only 2 of \d{3} public addresses"),
        (database("GeoLite2-City", empty=True), r"knows only 0 of \d{3} public addresses"),
    ],
    ids=["asn", "country", "future", "older", "empty", "part", "nothing in it"],
)
def test_one_that_is_not_what_it_should_be_is_refused(
    tmp_path: Path, open_database: Open, content: bytes, said: str
) -> None:
    with pytest.raises(UnusableDatabase, match=said):
        tried(tmp_path, content, CITY, open_database, NOW - 20 * DAY)


@EACH_OPENER
def test_a_clock_may_be_a_day_behind(tmp_path: Path, open_database: Open) -> None:
    assert tried(tmp_path, database("GeoLite2-City", NOW + DAY - 60), CITY, open_database).built > NOW


@EACH_OPENER
def test_any_damage_is_either_not_noticed_or_an_unusable_database(tmp_path: Path, open_database: Open) -> None:
    whole, dice, refused = database("GeoLite2-City"), random.Random(1), 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(dice.choice([1, 3, 30, 300])):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            tried(tmp_path, bytes(damaged), CITY, open_database)
        except UnusableDatabase:
            refused += 1
    assert 20 < refused < 150


def test_the_addresses_tried_lie_all_over_the_public_space_and_are_always_the_same() -> None:
    found = [ipaddress.ip_address(address) for address in addresses()]
    assert found == [ipaddress.ip_address(address) for address in addresses()]
    ipv4 = [address for address in found if address.version == 4]
    assert not [address for address in ipv4 if is_special(address.packed)]
    assert {address.packed[0] for address in ipv4} == {*range(1, 224)} - {10, 127}
    assert len({address.packed[3] for address in ipv4}) > 100
    assert len({address.packed[0] for address in found if address.version == 6}) > 30
    assert 500 < len(found) < 1000


def test_geoip2_refuses_what_it_has_no_model_for(tmp_path: Path) -> None:
    edition = Edition("x", Kind.CITY, "ipinfo")
    with pytest.raises(UnusableDatabase, match=r"cannot be opened \(TypeError\)"):
        tried(tmp_path, database("ipinfo lite"), edition, with_geoip2.opened)
