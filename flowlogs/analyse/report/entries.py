"""The lists that the numbers of the cube point into: what each address, interface, port, protocol and group is."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.analyse.report.cube import Cubes
from flowlogs.analyse.report.detail import ABSENT, OTHERS
from flowlogs.analyse.report.dictionaries import make_table
from flowlogs.analyse.report.group_sets import GroupSets
from flowlogs.analyse.report.picked import runnable
from flowlogs.analyse.window import Window
from flowlogs.record.protocols import PROTOCOL_NAMES

_LONGEST = 200  # characters of a text: what data says may be of any length
_OTHERS = "(others)"
_FACTS = ("lat", "lon", "asn", "organization", "network")
_OF_END = """
    SELECT rank, {{'lat': {end}_location_lat, 'lon': {end}_location_lon, 'asn': {end}_asn,
        'organization': {end}_as_organization, 'network': {end}_network}} AS facts
    FROM seen JOIN report_wanted ON coalesce(pkt_{field}, {field}) = text
    WHERE coalesce({end}_location_lat, {end}_asn) IS NOT NULL OR {end}_network IS NOT NULL
"""
_OF_BOTH = f"""
SELECT rank, max(facts) AS facts
FROM ({_OF_END.format(end="source", field="srcaddr")} UNION ALL {_OF_END.format(end="destination", field="dstaddr")})
GROUP BY rank
"""

Columns = Mapping[str, Sequence[Any]]


def shown(text: str | None) -> str | None:
    """Cut a text that is longer than anybody reads."""
    return text if text is None or len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def addresses(connection: duckdb.DuckDBPyConnection, cubes: Cubes, asked: Window) -> Columns:
    """List the addresses as parallel columns; those of one country that are not told apart are one entry."""
    entries = cubes.entries["address"]
    stands_for = _representatives(connection, cubes.over_time.detail.kept)
    wanted = {rank: rank if rank > ABSENT else stands_for.get(OTHERS - rank) for rank in entries if rank != OTHERS}
    known = _facts(connection, {rank for rank in wanted.values() if rank}, asked)
    texts = _texts(connection, "report_addresses", entries)
    countries = dict(connection.execute("SELECT rank, area FROM report_addresses_areas").fetchall())
    rows = []
    for rank in entries:
        text, country = texts.get(rank, (_OTHERS if rank < ABSENT else "", countries.get(OTHERS - rank)))
        facts = known.get(wanted.get(rank) or ABSENT, {})
        if rank < OTHERS:
            text, facts = f"(others in {country})", {name: facts.get(name) for name in ("lat", "lon")}
        rows.append((shown(text), shown(country), *(_plain(facts.get(name)) for name in _FACTS)))
    names = ("text", "country", *_FACTS)
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def interfaces(connection: duckdb.DuckDBPyConnection, cubes: Cubes) -> Columns:
    """List the interfaces as parallel columns; those of one subnet that are not told apart are one entry."""
    entries = cubes.entries["interface"]
    texts = _texts(connection, "report_interfaces", entries)
    owners = dict(connection.execute("SELECT rank, owner FROM report_interfaces WHERE owner IS NOT NULL").fetchall())
    areas = dict(connection.execute("SELECT rank, area FROM report_interfaces_areas").fetchall())
    rows = []
    for rank in entries:
        text, area = texts.get(rank, (_OTHERS if rank < ABSENT else "", areas.get(OTHERS - rank)))
        area = area or {}
        rows.append((shown(text), *(shown(area.get(name)) for name in ("account", "vpc", "subnet")), owners.get(rank)))
    names = ("id", "account", "vpc", "subnet", "owner")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def changing(connection: duckdb.DuckDBPyConnection) -> int:
    """Count the interfaces whose VPC or subnet is not the same in all records."""
    ((count,),) = connection.execute("SELECT count(*) FROM report_interfaces WHERE changing").fetchall()
    return int(count)


def ports(connection: duckdb.DuckDBPyConnection, cubes: Cubes) -> list[int | None]:
    """List the server ports."""
    found = dict(connection.execute("SELECT rank, server_port FROM report_ports").fetchall())
    return [None, OTHERS, *(found[rank] for rank in cubes.entries["port"] if rank > ABSENT)]


def protocols(connection: duckdb.DuckDBPyConnection, cubes: Cubes) -> list[dict[str, object]]:
    """List the protocols by number and name."""
    found = dict(connection.execute("SELECT rank, protocol FROM report_protocols").fetchall())
    numbers = [found[rank] for rank in cubes.entries["protocol"] if rank > ABSENT]
    named = [{"number": number, "name": PROTOCOL_NAMES.get(number, str(number))} for number in numbers]
    return [{"number": None, "name": ""}, {"number": OTHERS, "name": _OTHERS}, *named]


def groups(cubes: Cubes, sets: GroupSets) -> tuple[list[str | None], list[list[int]]]:
    """List the groups that occur, and the sets of them."""
    occurring = cubes.entries["group"]
    places = {group: place for place, group in enumerate(occurring)}
    return [shown(sets.groups[group]) for group in occurring], [
        [places[group] for group in each] for each in cubes.sets
    ]


def _texts(connection: duckdb.DuckDBPyConnection, table: str, entries: Sequence[int]) -> dict[int, tuple[str, Any]]:
    most = max(entries)
    rows = connection.execute(f"SELECT rank, text, area FROM {table} WHERE rank <= {most}").fetchall()
    return {rank: (text, area) for rank, text, area in rows}


def _representatives(connection: duckdb.DuckDBPyConnection, kept: int) -> dict[int, int]:
    """Give of every country the first of its addresses that are not told apart: it says where on the map they are."""
    sql = f"SELECT area_rank, min(rank) FROM report_addresses WHERE rank > {kept} GROUP BY area_rank"
    return dict(connection.execute(sql).fetchall())


def _facts(connection: duckdb.DuckDBPyConnection, ranks: set[int], asked: Window) -> dict[int, dict[str, Any]]:
    listed = pa.table({"wanted": pa.array(sorted(ranks), pa.int64())})
    connection.register("report_ranks", listed)
    make_table(
        connection, "report_wanted", "SELECT rank, text FROM report_addresses JOIN report_ranks ON rank = wanted"
    )
    connection.unregister("report_ranks")
    return dict(connection.execute(runnable(_OF_BOTH, asked)).fetchall())


def _plain(value: Any) -> object:
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return shown(value) if isinstance(value, str) else value
