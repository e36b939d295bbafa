"""Makes the contents of a report from a seed, in the form that `flowlogs report` gives to its page."""

import base64
import gzip
import random
from collections.abc import Sequence
from itertools import cycle
from typing import Any

FROM = 1_790_000_000 - 1_790_000_000 % 86_400
STEP = 1_800
PLACES = [("Berlin", 52.5, 13.4), ("Virginia", 39.0, -77.5), ("Tokyo", 35.7, 139.7), ("São Paulo", -23.5, -46.6)]
COUNTRIES = ("DE", "US", "JP", "BR")
PANELS = [
    "overview-map",
    "overview-sources",
    "overview-destinations",
    "overview-rejects-minute",
    "overview-actions",
    "overview-protocols",
    "overview-interfaces",
    "accepts-map",
    "accepts-interfaces",
    "accepts-protocols",
    "accepts-destinations",
    "accepts-bytes-time",
    "accepts-packets-time",
    "accepts-outliers",
    "rejects-map",
    "rejects-interfaces",
    "rejects-protocols",
    "rejects-destinations",
    "rejects-sources-ports",
    "rejects-bytes-time",
    "rejects-packets-time",
    "rejects-outliers",
    "traffic-unique-sources",
    "traffic-unique-destinations",
    "traffic-accepted",
    "traffic-rejected",
    "traffic-ports",
    "traffic-bytes-time",
    "traffic-packets-time",
    "traffic-by-port",
    "traffic-by-protocol",
    "traffic-sankey",
    "traffic-pairs",
    "groups-vpcs",
    "groups-subnets",
    "groups-packets",
    "groups-counts",
    "groups-ports",
    "groups-directions",
    "groups-usage",
    "outliers-bytes",
    "outliers-packets",
    "outliers-accepts",
    "outliers-rejects",
    "outliers-inbound",
    "outliers-outbound",
    "coverage-strip",
    "coverage-table",
    "coverage-unknown",
    "records",
]
FOLDED = (f"{0xFFFF_C633_8000:032X}", f"{0xFFFF_C633_FFFF:032X}")
"""Keys of the addresses that are not told apart: they are in 198.51.128.0/17."""
SQL = "WITH picked AS (SELECT * FROM seen WHERE log_status = 'OK' /*filter*/)\nSELECT count(*) FROM picked /*limit*/"


def encoded(values: Sequence[int], width: int) -> dict[str, Any]:
    """Give a column as the report carries it: the lowest byte of all numbers, then the next, in gzip and base64."""
    planes = b"".join(bytes(value >> 8 * at & 255 for value in values) for at in range(width))
    return {"type": "planes", "width": width, "data": base64.b64encode(gzip.compress(planes, mtime=0)).decode()}


def sample(
    *,
    rows: int = 3_000,
    days: int = 2,
    seed: int = 7,
    known: bool = True,
    hostile: Sequence[str] = (),
    addresses: int = 60,
) -> dict[str, Any]:
    """Give contents; `known` is whether inventory and places are, `hostile` texts stand where texts of data do."""
    chance = random.Random(seed)
    cube = _cube(chance, rows, days * 86_400 // STEP, addresses, known=known)
    names = cycle(hostile)
    nothing: list[None] = [None]
    outside = [f"198.51.{number // 250}.{number % 250 + 1}" for number in range(addresses)]
    places = [chance.choice(range(len(PLACES))) for _ in outside]
    interfaces = [f"eni-{number:017x}" for number in range(6)] if rows else []
    return {
        "about": {
            "title": next(names, "A sample of two days"),
            "made": "2026-09-23T00:00:00Z",
            "version": "0.1.0",
            "places": [next(names, "lake/")],
            "from": FROM,
            "to": FROM + days * 86_400,
            "step": STEP,
            "slices": days * 86_400 // STEP,
            "interval": 60,
            "asked": {"from": None, "to": None},
            "folded": True,
            "bytes": float(sum(cube["bytes"])),
            "packets": float(sum(cube["packets"])),
            "records": sum(cube["flows"]),
            "notes": [next(names, "Addresses with little traffic are counted together as (others).")],
            "counted_twice": [next(names, "Two thirds of the bytes were recorded at several interfaces.")],
        },
        "addresses": {
            "text": ["", "(others)", *[f"10.0.0.{number}" for number in range(6)], *outside],
            "country": [*nothing * 8, *[COUNTRIES[place] if known else None for place in places]],
            "lat": [*nothing * 8, *[PLACES[place][1] if known else None for place in places]],
            "lon": [*nothing * 8, *[PLACES[place][2] if known else None for place in places]],
            "asn": [*nothing * 8, *[64_500 + place if known else None for place in places]],
            "organization": [*nothing * 8, *[next(names, f"Network {place}") if known else None for place in places]],
            "network": nothing * (8 + addresses),
        },
        "interfaces": {
            "id": ["", "(others)", *interfaces],
            "account": ["", None, *["000000000012" for _ in interfaces]],
            "vpc": [
                "",
                None,
                *[next(names, f"vpc-{number % 2}") if known else None for number, _ in enumerate(interfaces)],
            ],
            "subnet": ["", None, *[f"subnet-{number % 3}" if known else None for number, _ in enumerate(interfaces)]],
            "owner": ["", None, *[next(names, None) for _ in interfaces]],
        },
        "names": {"group": [None] * 5, "interface": [None] * 8},
        "groups": ["(others)", *([next(names, "sg-web"), "sg-db", "sg-admin", "sg-batch"] if known else [])],
        "group_sets": [[], [1], [1, 3], [2], [2, 4]] if known else [[]],
        "ports": [None, -1, 443, 22, 5432, 53, 8443, 3389],
        "protocols": [
            {"number": None, "name": ""},
            {"number": -1, "name": "(others)"},
            {"number": 6, "name": "tcp"},
            {"number": 17, "name": next(names, "udp")},
        ],
        "cubes": [
            {
                "from": FROM,
                "step": STEP,
                "slices": days * 86_400 // STEP,
                "length": rows,
                "columns": {name: encoded(cube[name], width) for name, width in WIDTHS.items()},
                "folded": [FOLDED],
                "told": {
                    "address": [2, 8 + addresses],
                    "interface": [2, 8],
                    "port": [2, 8],
                    "protocol": [2, 4],
                    "group": [1, 5],
                },
            }
        ],
        "coverage": _coverage(chance, len(interfaces), days * 86_400 // STEP),
        "records": _records(chance, rows, outside, interfaces, hostile),
        "comparison": {"step": STEP, "shifts": [86_400] if days > 1 else []},
        "outliers": {"window": 10, "threshold": 3, "consecutive": 1},
        "panels": {name: _panel(name, hostile) for name in PANELS},
    }


WIDTHS = {
    "slice": 2,
    "interface": 2,
    "source": 3,
    "destination": 3,
    "port": 2,
    "protocol": 2,
    "action": 2,
    "direction": 2,
    "set": 2,
    "reply": 2,
    "end": 2,
    "flows": 3,
    "packets": 5,
    "bytes": 5,
}


def _panel(name: str, hostile: Sequence[str]) -> dict[str, str]:
    title = hostile[-1] if hostile else name.partition("-")[2].replace("-", " ").capitalize() or "Records"
    return {"title": title, "question": f"What does {name} say?", "sql": SQL}


def _cube(chance: random.Random, rows: int, slices: int, addresses: int, *, known: bool) -> dict[str, list[int]]:
    columns: dict[str, list[int]] = {name: [] for name in WIDTHS}
    for number in range(rows):
        interface = chance.randrange(6)
        own, peer = 2 + interface, min(int(chance.paretovariate(0.7)), addresses - 1) + 8
        if number % 50 == 0:
            peer = 1
        inbound, reply = chance.random() < 0.6, chance.random() < 0.3
        accepted = reply or chance.random() < 0.8
        flows = chance.randrange(1, 9)
        busy = 40 if number % 97 == 0 and accepted else 1
        values = {
            "slice": min(int(chance.triangular(0, slices, slices * 0.6)), slices - 1),
            "interface": interface + 2,
            "source": peer if inbound else own,
            "destination": own if inbound else peer,
            "port": chance.choices(range(8), (1, 1, 9, 4, 3, 2, 1, 1))[0],
            "protocol": 2 if chance.random() < 0.85 else 3,
            "action": 1 if accepted else 2,
            "direction": (1 if inbound else 2) if chance.random() < 0.9 else 3,
            "set": chance.randrange(1, 5) if known and number % 40 else 0,
            "reply": int(reply) if number % 30 else 2,
            "end": 2 if inbound else 1,
            "flows": flows,
            "packets": flows * chance.randrange(1, 40) * busy,
            "bytes": flows * chance.randrange(40, 60_000) * busy,
        }
        for name, value in values.items():
            columns[name].append(value)
    return columns


def _coverage(chance: random.Random, interfaces: int, slices: int) -> dict[str, Any]:
    rows = []
    for number in range(interfaces):
        states = "".join(chance.choices("0123", (1, 30, 6, 1), k=slices))
        rows.append(
            {
                "interface": number + 2,
                "id": f"eni-{number:017x}",
                "slices": states,
                "ok": states.count("1") * 20,
                "nodata": states.count("2"),
                "skipdata": states.count("3"),
                "gaps": states.count("0"),
                "gap_seconds": states.count("0") * STEP,
                "first": FROM,
                "last": FROM + slices * STEP - 60,
            }
        )
    return {"step": STEP, "interval": 60, "total": interfaces, "interfaces": rows}


RECORDS = [
    "version",
    "account_id",
    "interface_id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log_status",
    "source_as_organization",
    "security_group_ids",
]


def _records(
    chance: random.Random, rows: int, outside: list[str], interfaces: list[str], hostile: Sequence[str]
) -> dict[str, Any]:
    return {
        "columns": RECORDS,
        "rows": [
            [
                2,
                "000000000012",
                chance.choice(interfaces),
                chance.choice(outside),
                f"10.0.0.{chance.randrange(6)}",
                chance.randrange(1024, 65_536),
                chance.choice((22, 443, 5432)),
                6,
                chance.randrange(1, 90),
                90_000 - number,
                FROM + number * 60,
                FROM + number * 60 + 59,
                chance.choice(("ACCEPT", "REJECT")),
                "OK",
                hostile[number % len(hostile)] if hostile else "Network 1",
                ["sg-db"] if number % 3 else None,
            ]
            for number in range(min(rows, 120))
        ],
    }
