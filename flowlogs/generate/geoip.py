"""Writes the invented places and autonomous systems as geo databases in MaxMind's format."""

from collections.abc import Callable
from pathlib import Path

from mmdb_writer import MMDBType, MMDBWriter, TreeWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # mmdb-writer's own dependency

from flowlogs.generate.atomic import whole
from flowlogs.generate.internet import NETWORKS, Network, Place

CITY_FILE = "flowlogs-city.mmdb"
ASN_FILE = "flowlogs-asn.mmdb"
DESCRIPTION = "Synthetic data of flowlogs generate: invented cities and autonomous systems, no facts"

Row = dict[str, MMDBType]


def write(folder: Path, *, built: int = 0) -> None:
    """Write City and ASN database into an existing folder; `built` is their build time in Unix seconds.

    Record shapes as in MaxMind's GeoLite2 City and ASN (source: maxmind/MaxMind-DB, source-data).
    """
    _write(folder / CITY_FILE, "flowlogs-generated-City", _city, built)
    _write(folder / ASN_FILE, "flowlogs-generated-ASN", _asn, built)


def _write(path: Path, kind: str, row: Callable[[Network], Row | None], built: int) -> None:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    for network in NETWORKS:
        content = row(network)
        if content is not None:
            writer.insert_network(IPSet([network.cidr]), content)
    about = {
        "ip_version": 6,
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "description": {"en": DESCRIPTION},
        "build_epoch": built,  # MMDBWriter itself takes the clock's: no two runs would be the same
    }
    with whole(path) as partial:
        TreeWriter(writer.tree, about, int_type="u32").write(str(partial))


def _city(network: Network) -> Row | None:
    place = network.place
    if place is None:
        return None
    row: Row = {"country": {"iso_code": place.country, "names": {"en": place.country_name}}}
    if place.region is not None:
        row["subdivisions"] = [{"iso_code": place.region, "names": {"en": place.region_name or place.region}}]
    if place.city is not None:
        row["city"] = {"names": {"en": place.city}}
    return row | _location(place)


def _location(place: Place) -> Row:
    if place.location is None:
        return {}
    latitude, longitude = place.location
    return {"location": {"latitude": latitude, "longitude": longitude}}


def _asn(network: Network) -> Row | None:
    if network.asn is None:
        return None
    row: Row = {"autonomous_system_number": network.asn}
    if network.organization is not None:
        row["autonomous_system_organization"] = network.organization
    return row
