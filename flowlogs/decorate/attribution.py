"""Whose traffic a record is: its own interface, its two ends, and how they stand to each other, at the time it began.

The parts are answered apart (`own`, `end`, `relation`), since each repeats among records far more often than all
together do; `Attributor.__call__` puts them together.
"""

from dataclasses import dataclass

from flowlogs.decorate.document import ENDS
from flowlogs.decorate.facts import Facts
from flowlogs.inventory.inventory import NOTHING, Found, Inventory
from flowlogs.inventory.network_interface import BEGINNING, END, NetworkInterface
from flowlogs.record.fields import FlowRecord
from flowlogs.record.networks import Networks
from flowlogs.record.values import packed

OWN_FIELDS = (("vpc-id", "vpc_id"), ("subnet-id", "subnet_id"), ("instance-id", "instance_id"))
"""Fields that an interface adds only where the record lacks them: AWS's own are never overwritten."""

BY_FLOW_DIRECTION = {"ingress": "destination", "egress": "source"}
"""Which end the interface is, by what AWS says of the direction."""


@dataclass(frozen=True, slots=True)
class Own:
    """The record's own interface, None where it is not known at that time, and what follows from it."""

    interface: NetworkInterface | None
    vpc_id: str | None  # the record's, else the interface's
    subnet_id: str | None
    facts: Facts
    found: Found
    unknown: tuple[str | None, str] | None = None  # account and interface id, where the inventory lacks it then


@dataclass(frozen=True, slots=True)
class EndOfFlow:
    """An address as seen from an interface: whose it is in that VPC, and whether it lies in the same network."""

    interface: NetworkInterface | None
    in_subnet: bool
    in_internal: bool
    found: Found


ABSENT_END = EndOfFlow(None, in_subnet=False, in_internal=False, found=NOTHING)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Facts, and the span of time (Unix seconds, `until` excluded) of the look-ups they rest on."""

    facts: Facts
    since: int
    until: int
    unknown_interface: tuple[str | None, str] | None = None  # account and id, where the inventory lacks it then
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Attributor:
    """Attributes records by an inventory; `internal` labels, `region` is the event's own."""

    inventory: Inventory
    internal: Networks
    region: str | None = None

    def __call__(self, record: FlowRecord, time: int) -> Attribution:
        """Say what is known of a record's interface and ends at a time (Unix seconds)."""
        own = self.own(record, time)
        addresses = ends(record)
        at_ends = {end: self.end(own.vpc_id, own.subnet_id, address, time) for end, address in addresses.items()}
        source, destination = (at_ends.get(end, ABSENT_END) for end in ENDS)
        end = interface_end(record, own.interface)
        looked_up = [own.found, source.found, destination.found]
        return Attribution(
            {
                **own.facts,
                **relation(end, internal=is_internal(source, destination)),
                **peer_facts({"source": destination, "destination": source}.get(end or "", ABSENT_END).interface),
            },
            max(found.since for found in looked_up),
            min(found.until for found in looked_up),
            own.unknown,
            any(found.ambiguous for found in looked_up),
        )

    def own(self, record: FlowRecord, time: int) -> Own:
        """Find the record's own interface at a time (Unix seconds)."""
        interface_id = record.get("interface_id")
        found = NOTHING if interface_id is None else self.inventory.with_id(interface_id, time)
        interface = found.interface
        return Own(
            interface,
            record.get("vpc_id") or (interface.vpc_id if interface else None),
            record.get("subnet_id") or (interface.subnet_id if interface else None),
            interface_facts(record, interface, self.region),
            found,
            (record.get("account_id"), interface_id) if interface_id and interface is None else None,
        )

    def end(self, vpc_id: str | None, subnet_id: str | None, address: str, time: int) -> EndOfFlow:
        """Find who had the packet's address in the VPC at a time (Unix seconds)."""
        number = packed(address)
        found = NOTHING if vpc_id is None else self.inventory.with_address(vpc_id, number, time)
        return EndOfFlow(
            found.interface,
            subnet_id is not None and self._in_subnet(subnet_id, number, found.interface),
            bool(self.internal) and self.internal.have(address),
            found,
        )

    def _in_subnet(self, subnet_id: str, address: bytes, interface: NetworkInterface | None) -> bool:
        """Ask the subnet's CIDRs, else the interface that has the address."""
        is_in = self.inventory.subnet_has(subnet_id, address)
        return interface is not None and interface.subnet_id == subnet_id if is_in is None else is_in


def ends(record: FlowRecord) -> dict[str, str]:
    """Give source and destination address as the packet has them, else as the interface saw them."""
    found = {
        "source": record.get("pkt_srcaddr") or record.get("srcaddr"),
        "destination": record.get("pkt_dstaddr") or record.get("dstaddr"),
    }
    return {end: address for end, address in found.items() if address}


def interface_end(record: FlowRecord, own: NetworkInterface | None) -> str | None:
    """Say which end is the record's own interface; None where both or neither are.

    `flow-direction` says it; else all addresses of the interface do.
    """
    if told := BY_FLOW_DIRECTION.get(record.get("flow_direction", "")):
        return told
    source = record.get("srcaddr") or record.get("pkt_srcaddr")
    destination = record.get("dstaddr") or record.get("pkt_dstaddr")
    return end_of(has_address(own, source), has_address(own, destination))


def has_address(own: NetworkInterface | None, address: str | None) -> bool:
    """Say whether an address is the interface's own."""
    return own is not None and address is not None and own.has(packed(address))


def end_of(is_source: bool, is_destination: bool) -> str | None:
    """Say which end the interface is; None where both or neither are."""
    if is_source == is_destination:
        return None
    return "source" if is_source else "destination"


def is_internal(source: EndOfFlow, destination: EndOfFlow) -> bool:
    """Say whether both ends lie in the interface's subnet, or in the networks called internal."""
    return (source.in_subnet and destination.in_subnet) or (source.in_internal and destination.in_internal)


def relation(end: str | None, *, internal: bool) -> Facts:
    """Say which end is the interface, and which way the traffic goes."""
    facts = {} if end is None else {"interface-end": end}
    if internal:
        return {**facts, "direction": "internal"}
    return facts if end is None else {**facts, "direction": "inbound" if end == "destination" else "outbound"}


def interface_facts(record: FlowRecord, own: NetworkInterface | None, event_region: str | None) -> Facts:
    """Say what the interface is: its groups, its place in the network, its owner."""
    region = record.get("region") or (own.region if own else None) or event_region
    facts: dict[str, str | list[str]] = {} if region is None else {"aws-region": region}
    if own is None:
        return facts
    facts |= {name: value for name, key in OWN_FIELDS if key not in record and (value := getattr(own, key))}
    if own.security_group_ids:
        facts["security-group-ids"] = list(own.security_group_ids)
    if own.owner:
        facts["interface-owner"] = own.owner
    return facts


def peer_facts(peer: NetworkInterface | None) -> Facts:
    """Say what the interface at the other end is."""
    if peer is None:
        return {}
    groups = {"peer-security-group-ids": list(peer.security_group_ids)} if peer.security_group_ids else {}
    return {"peer-interface-id": peer.interface_id, **groups}


def is_bounded(found: Found) -> bool:
    """Say whether a look-up must be noticed or asked again: it holds for a time only, or two interfaces met it."""
    return found.since > BEGINNING or found.until < END or found.ambiguous
