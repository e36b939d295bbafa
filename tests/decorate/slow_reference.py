"""Decorates a record the slow and plain way, as the design's table says: what the encoder is measured against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from flowlogs.inventory.network_interface import END, NetworkInterface
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import LogFormat

PROTOCOLS = {0: "hopopt", 1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}
FLOAT_PARTS = ("lat", "lon")


@dataclass(frozen=True)
class World:
    """All there is to know."""

    interfaces: Sequence[NetworkInterface] = ()
    subnets: Mapping[str, Sequence[str]] = field(default_factory=dict)  # CIDRs
    internal: Sequence[str] = ()  # CIDRs
    region: str | None = None
    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # facts by address
    sample_rate: int | None = None


@dataclass
class Decorated:
    """A document by native names, and what could not be told."""

    document: dict[str, Any]
    extra: dict[str, str]
    is_unknown: bool
    is_ambiguous: bool


def decorate(world: World, log_format: LogFormat, line: bytes, event_time: int | None) -> Decorated:
    """Read a line (raises MalformedRecord) and add what is known of it."""
    record: dict[str, Any] = dict(log_format.read(line))
    known = {
        FIELDS[key.replace("_", "-")].name: value for key, value in record.items() if key.replace("_", "-") in FIELDS
    }
    extra = {key: value for key, value in record.items() if key.replace("_", "-") not in FIELDS}
    time = known.get("start", known.get("end", event_time))
    at = END - 1 if time is None else time
    there = [i for i in sorted(world.interfaces, key=lambda i: i.since) if i.since <= at < i.until]
    mine = next((i for i in there if i.interface_id == known.get("interface-id")), None)
    vpc_id = known.get("vpc-id") or (mine and mine.vpc_id)
    ends = {
        end: known.get(f"pkt-{key}", known.get(key)) for end, key in (("source", "srcaddr"), ("destination", "dstaddr"))
    }
    here = [i for i in there if vpc_id and i.vpc_id == vpc_id]
    who = {end: one_of_each([i for i in here if has(i, address)]) for end, address in ends.items()}
    facts = {
        **instant(time),
        **by_value(known, world.sample_rate),
        **of_interface(known, mine, world.region),
        **of_pair(world, known, mine, ends, who),
        **{f"{e}-{name}": value for e, a in ends.items() if a for name, value in world.places.get(a, {}).items()},
    }
    assert not facts.keys() & known.keys()
    ambiguous = any(len(found) > 1 for found in who.values())
    return Decorated({**known, **facts}, extra, "interface-id" in known and mine is None, ambiguous)


def one_of_each(interfaces: Sequence[NetworkInterface]) -> list[NetworkInterface]:
    """Take an interface that was told of several times once, as it was told of first."""
    return list({i.interface_id: i for i in reversed(interfaces)}.values())


def has(interface: NetworkInterface, address: str | None) -> bool:
    """Say whether an address is the interface's own."""
    if address is None:
        return False
    addresses = {ip_address(own) for own in interface.addresses}
    return ip_address(address) in addresses or within(address, interface.prefixes)


def within(address: str, networks: Iterable[Any]) -> bool:
    """Say whether an address lies in one of the networks."""
    return any(ip_address(address) in ip_network(network) for network in networks)


def instant(time: int | None) -> dict[str, Any]:
    """Write the time of a record."""
    if time is None:
        return {}
    written = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time)).isoformat().replace("+00:00", "Z")
    return {"@timestamp": written, "milliseconds": time * 1000}


def by_value(known: Mapping[str, Any], sample_rate: int | None) -> dict[str, Any]:
    """Give what one value says."""
    facts: dict[str, Any] = {}
    if known.get("protocol") in PROTOCOLS:
        facts["protocol-name"] = PROTOCOLS[known["protocol"]]
    if known.get("tcp-flags", 0) & 2:
        facts["initiator"] = "destination" if known["tcp-flags"] & 16 else "source"
    if sample_rate is not None and "action" in known:
        facts["sample-rate"] = sample_rate if known["action"] == "ACCEPT" else 1
    return facts


def of_interface(known: Mapping[str, Any], mine: NetworkInterface | None, event_region: str | None) -> dict[str, Any]:
    """Give what is known of the record's own interface."""
    facts: dict[str, Any] = {"aws-region": known.get("region") or (mine and mine.region) or event_region}
    if mine is not None:
        facts |= {"security-group-ids": list(mine.security_group_ids), "interface-owner": mine.owner}
        its = {"vpc-id": mine.vpc_id, "subnet-id": mine.subnet_id, "instance-id": mine.instance_id}
        facts |= {name: value for name, value in its.items() if name not in known}
    return {name: value for name, value in facts.items() if value}


def of_pair(
    world: World,
    known: Mapping[str, Any],
    mine: NetworkInterface | None,
    ends: Mapping[str, str | None],
    who: Mapping[str, list[NetworkInterface]],
) -> dict[str, Any]:
    """Give what follows from both ends."""
    facts: dict[str, Any] = {}
    end = interface_end(known, mine)
    if end:
        facts["interface-end"] = end
        facts["direction"] = "inbound" if end == "destination" else "outbound"
        there = who["source" if end == "destination" else "destination"]
        if len(there) == 1:
            facts["peer-interface-id"] = there[0].interface_id
            if there[0].security_group_ids:
                facts["peer-security-group-ids"] = list(there[0].security_group_ids)
    if all(ends.values()) and is_internal(world, known, mine, ends, who):
        facts["direction"] = "internal"
    return facts


def interface_end(known: Mapping[str, Any], mine: NetworkInterface | None) -> str | None:
    """Say which end the interface is."""
    if known.get("flow-direction") in ("ingress", "egress"):
        return "destination" if known["flow-direction"] == "ingress" else "source"
    is_source = mine is not None and has(mine, known.get("srcaddr", known.get("pkt-srcaddr")))
    is_destination = mine is not None and has(mine, known.get("dstaddr", known.get("pkt-dstaddr")))
    if is_source == is_destination:
        return None
    return "source" if is_source else "destination"


def is_internal(
    world: World,
    known: Mapping[str, Any],
    mine: NetworkInterface | None,
    ends: Mapping[str, str | None],
    who: Mapping[str, list[NetworkInterface]],
) -> bool:
    """Say whether traffic stays inside."""
    addresses = [address for address in ends.values() if address]
    if world.internal and all(within(address, world.internal) for address in addresses):
        return True
    subnet: str | None = known.get("subnet-id") or (mine.subnet_id if mine else None)
    if subnet is None:
        return False
    if subnet in world.subnets:
        return all(within(address, world.subnets[subnet]) for address in addresses)
    return all(len(found) == 1 and found[0].subnet_id == subnet for found in who.values())


def as_native(decorated: Decorated) -> dict[str, Any]:
    """Spell a document as AWS does."""
    return {key: value for key, value in decorated.document.items() if key != "milliseconds"} | decorated.extra


def as_columns(decorated: Decorated) -> dict[str, Any]:
    """Spell a document as the lake's columns."""
    columns: dict[str, Any] = {}
    for key, value in decorated.document.items():
        if key == "@timestamp":
            columns["timestamp"] = decorated.document["milliseconds"]
        elif key.endswith("-location"):
            columns |= {f"{key}_{part}".replace("-", "_"): value[part] for part in FLOAT_PARTS}
        elif key != "milliseconds":
            columns[key.replace("-", "_")] = value
    return columns | ({"extra": decorated.extra} if decorated.extra else {})
