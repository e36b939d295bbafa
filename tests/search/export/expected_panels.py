"""What every panel has to show, said once more by hand: from the questions in its title, not from its description."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from plain_counts import Count, Different, Record, Split, by, by_minute, newest, number, total

_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"
_RECORDS_BYTES_PACKETS = [number, total("bytes"), total("packets")]


def _accepted(record: Record) -> bool:
    return record.get("action") == "ACCEPT"


def _rejected(record: Record) -> bool:
    return record.get("action") == "REJECT"


def _let_in(record: Record) -> bool:
    """Tell what needed a rule: who answers says so by SYN-ACK, or else by ports."""
    if not _accepted(record):  # what is no traffic has no ports
        return False
    flags = record.get("tcp-flags", 0)
    is_reply = bool(flags & 16) if flags & 2 else record["srcport"] < 32768 <= record["dstport"]
    return record["interface-end"] == "destination" and not is_reply


def _any(record: Record) -> bool:
    return True


def _has_traffic(record: Record) -> bool:
    return bool(record["log-status"] == "OK")


def _coverage(record: Record) -> Sequence[Hashable]:
    names = {"OK": "records", "NODATA": "no traffic (NODATA)", "SKIPDATA": "lost by AWS (SKIPDATA)"}
    return [names[record["log-status"]]]


def _knowledge(record: Record) -> Sequence[Hashable]:
    """Tell whose interface the inventory knows: it gives each its groups, or else who owns it."""
    known = "security-group-ids" in record or "interface-owner" in record
    return ["known" if known else "unknown interface"]


def _cell(record: Record) -> Sequence[Hashable]:
    """Give the cell of a map of 32 by 32: two letters of a geohash, ten bits, longitude and latitude in turns."""
    place = record.get("source-location")
    if place is None:
        return []
    ends = {"lon": [-180.0, 180.0], "lat": [-90.0, 90.0]}
    bits = ""
    for number_ in range(10):
        axis = "lat" if number_ % 2 else "lon"
        middle = sum(ends[axis]) / 2
        above = place[axis] >= middle
        ends[axis][0 if above else 1] = middle
        bits += str(int(above))
    return [_GEOHASH[int(bits[:5], 2)] + _GEOHASH[int(bits[5:], 2)]]


_MINUTES = Split(by_minute)
_MAP = [Split(_cell)]


def _of_action(name: str, of: Callable[[Record], bool]) -> dict[str, Count]:
    return {
        f"{name}-map": Count([number], _MAP, of),
        f"{name}-interfaces": Count([number], [by("interface-id", 10)], of),
        f"{name}-protocols": Count([number], [by("protocol-name", 10)], of),
        f"{name}-destinations": Count([number], [by("dstaddr", 10)], of),
    }


_SG_DASHBOARD = {
    f"sgdashboard-{name}": Count([number], [by(name, 500)])
    for name in ("security-group-ids", "dstport", "srcaddr", "action", "protocol", "direction")
}
_OVERVIEW = {
    "overview-totals": Count(_RECORDS_BYTES_PACKETS, of=_has_traffic),
    "overview-actions": Count([number], [by("action", 2)]),
    "overview-protocols": Count([number], [by("protocol-name", 10, others=True)]),
    "overview-map": Count([number], _MAP),
    "overview-sources": Count([total("bytes")], [by("srcaddr", 10)]),
    "overview-destinations": Count([total("bytes")], [by("dstaddr", 10)]),
    "overview-rejects": Count([number], [by("action", 2), _MINUTES], _rejected),
    "overview-compared": Count([number], [by("action", 2), _MINUTES]),
    "overview-interfaces": Count(_RECORDS_BYTES_PACKETS, [by("interface-id", 50)], _has_traffic),
    "overview-protocol-table": Count(_RECORDS_BYTES_PACKETS, [by("protocol-name", 50)]),
    "overview-coverage": Count([number], [Split(_coverage), _MINUTES]),
    "overview-accounts": Count([number, newest], [by("account-id", 1000)]),
    "overview-vpcs": Count([number, newest], [by("vpc-id", 1000)]),
    "overview-unknown": Count([number], [Split(_knowledge)], _has_traffic),
    "overview-gaps": Count(
        [number, newest], [by("log-status", 3), by("interface-id", 50)], lambda record: not _has_traffic(record)
    ),
    "overview-newest": Count([newest]),
}
_REJECTS = {
    **_of_action("rejects", _rejected),
    "rejects-sources-ports": Count([number], [by("srcaddr", 20), by("dstport", 10)], _rejected),
    "rejects-sources-srcports": Count([number], [by("srcaddr", 20), by("srcport", 3)], _rejected),
    "rejects-scanners": Count([Different("dstport"), Different("dstaddr"), number], [by("srcaddr", 100)], _rejected),
}
_TRAFFIC = {
    "traffic-sources": Count([Different("srcaddr")]),
    "traffic-destinations": Count([Different("dstaddr")]),
    "traffic-accepted": Count([number, total("bytes")], of=_accepted),
    "traffic-rejected": Count([number, total("bytes")], of=_rejected),
    "traffic-srcports": Count([number], [by("srcport", 10), by("action", 2)]),
    "traffic-dstports": Count([number], [by("dstport", 10), by("action", 2)]),
    "traffic-protocols": Count([total("bytes")], [by("protocol-name", 5), _MINUTES]),
    "traffic-interfaces": Count([total("packets")], [by("interface-id", 5), _MINUTES]),
    "traffic-actions": Count([number], [by("action", 2), _MINUTES]),
}
_GROUP = "security-group-ids"
_SECURITY_GROUPS = {
    "security-groups-vpc-count": Count([Different("vpc-id")]),
    "security-groups-subnet-count": Count([Different("subnet-id")]),
    "security-groups-group-count": Count([Different(_GROUP)]),
    "security-groups-vpcs": Count([total("bytes")], [by("vpc-id", 10)]),
    "security-groups-subnets": Count([total("bytes")], [by("subnet-id", 10)]),
    "security-groups-groups": Count([total("packets")], [by(_GROUP, 5)]),
    "security-groups-let-in": Count(
        [number, Different("srcaddr"), total("bytes"), newest],
        [by(_GROUP, 100), by("dstport", 20), by("protocol-name", 3)],
        _let_in,
    ),
    "security-groups-let-in-from": Count([number, newest], [by(_GROUP, 100), by("srcaddr", 50)], _let_in),
    "security-groups-ports": Count([number], [by("dstport", 15), by(_GROUP, 10)], _let_in),
    "security-groups-both-ends": Count([number], [by("peer-security-group-ids", 10), by(_GROUP, 10)]),
    "security-groups-directions": Count([number], [by("direction", 3)]),
    "security-groups-directions-over-time": Count([number], [by("direction", 3), _MINUTES]),
}
EXPECTED: Mapping[str, Count] = {
    **_SG_DASHBOARD,
    **_OVERVIEW,
    **_of_action("accepts", _accepted),
    **_REJECTS,
    **_TRAFFIC,
    **_SECURITY_GROUPS,
}
"""By the name of the dashboard and of the panel, as ids end."""


def _per_minute(of: Callable[[Record], bool], unit: str) -> Count:
    return Count([number if unit == "records" else total(unit)], [_MINUTES], of)


def _of_groups(of: Callable[[Record], bool], unit: str) -> Count:
    return Count([total(unit)], [by(_GROUP, 5), _MINUTES], of)


_TALKERS = [Split(lambda record: [0]), by("srcaddr", 10), by("dstaddr", 10)]
DRAWN: Mapping[str, Count] = {
    "overview-talkers": Count([total("bytes")], _TALKERS, _has_traffic),
    **{
        f"{name}-{unit}-compared": _per_minute(of, unit)
        for name, of in (("accepts", _accepted), ("rejects", _rejected))
        for unit in ("bytes", "packets")
    },
    "accepts-outliers": _per_minute(_accepted, "records"),
    "rejects-outliers": _per_minute(_rejected, "records"),
    **{
        f"traffic-{unit}-{kind}": _per_minute(_any, unit)
        for unit in ("bytes", "packets")
        for kind in ("trend", "outliers")
    },
    **{f"security-groups-{unit}-outliers": _of_groups(_any, unit) for unit in ("bytes", "packets")},
    **{f"outliers-{unit}": _per_minute(_any, unit) for unit in ("bytes", "packets")},
    "outliers-accepts": _per_minute(_accepted, "records"),
    "outliers-rejects": _per_minute(_rejected, "records"),
    "outliers-groups-inbound": _of_groups(lambda record: record.get("direction") == "inbound", "bytes"),
    "outliers-groups-outbound": _of_groups(lambda record: record.get("direction") == "outbound", "bytes"),
}
"""The same of the panels that Vega draws: what each source has, before anything is reckoned from it."""
