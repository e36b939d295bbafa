"""Whose traffic a record is: facts about its own interface and about the two ends, at the time it began."""

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


@dataclass(frozen=True, slots=True)
class Attribution:
    """Facts, and the span of time (Unix seconds, `until` excluded) of the look-ups they rest on."""

    facts: Facts
    since: int
    until: int
    unknown_interface: tuple[str | None, str] | None = None  # account and id, where the inventory lacks it then
    ambiguous: bool = False

    def holds_always(self) -> bool:
        """Say whether this is the answer for records of any time, and nothing in it is missing."""
        bounded = self.since > BEGINNING or self.until < END
        return not (bounded or self.unknown_interface or self.ambiguous)


@dataclass(frozen=True, slots=True)
class Attributor:
    """Attributes records by an inventory; `internal` labels, `region` is the event's own."""

    inventory: Inventory
    internal: Networks
    region: str | None = None

    def __call__(self, record: FlowRecord, time: int) -> Attribution:
        """Say what is known of a record's interface and ends at a time (Unix seconds)."""
        interface_id = record.get("interface_id")
        own = NOTHING if interface_id is None else self.inventory.with_id(interface_id, time)
        end = interface_end(record, own.interface)
        at_ends = self._at_ends(record, own.interface, time)
        peer = at_ends.get("destination" if end == "source" else "source", NOTHING) if end else NOTHING
        looked_up = (own, *at_ends.values())
        return Attribution(
            {
                **interface_facts(record, own.interface, self.region),
                **({} if end is None else {"interface-end": end}),
                **self._direction(record, own.interface, end, at_ends),
                **peer_facts(peer.interface),
            },
            max(found.since for found in looked_up),
            min(found.until for found in looked_up),
            (record.get("account_id"), interface_id) if interface_id and own.interface is None else None,
            any(found.ambiguous for found in looked_up),
        )

    def _at_ends(self, record: FlowRecord, own: NetworkInterface | None, time: int) -> dict[str, Found]:
        """Find the interfaces that had the packet's addresses, in the record's VPC."""
        vpc_id = record.get("vpc_id") or (own.vpc_id if own else None)
        if vpc_id is None:
            return {}
        return {
            end: self.inventory.with_address(vpc_id, packed(address), time) for end, address in ends(record).items()
        }

    def _direction(
        self, record: FlowRecord, own: NetworkInterface | None, end: str | None, at_ends: dict[str, Found]
    ) -> Facts:
        addresses = list(ends(record).values())
        if len(addresses) == len(ENDS) and (
            self._is_internal(addresses) or self._within_subnet(record, own, addresses, at_ends)
        ):
            return {"direction": "internal"}
        if end is None:
            return {}
        return {"direction": "inbound" if end == "destination" else "outbound"}

    def _is_internal(self, addresses: list[str]) -> bool:
        return bool(self.internal) and self.internal.have(*addresses)

    def _within_subnet(
        self,
        record: FlowRecord,
        own: NetworkInterface | None,
        addresses: list[str],
        at_ends: dict[str, Found],
    ) -> bool:
        subnet_id = record.get("subnet_id") or (own.subnet_id if own else None)
        if subnet_id is None:
            return False
        if subnet_id in self.inventory.subnets:
            return all(self.inventory.subnet_has(subnet_id, packed(address)) for address in addresses)
        there = [found.interface for found in at_ends.values()]
        return len(there) == len(ENDS) and all(
            interface is not None and interface.subnet_id == subnet_id for interface in there
        )


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
    if told := {"ingress": "destination", "egress": "source"}.get(record.get("flow_direction", "")):
        return told
    if own is None:
        return None
    source = record.get("srcaddr") or record.get("pkt_srcaddr")
    destination = record.get("dstaddr") or record.get("pkt_dstaddr")
    is_source = source is not None and own.has(packed(source))
    is_destination = destination is not None and own.has(packed(destination))
    if is_source == is_destination:
        return None
    return "source" if is_source else "destination"


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
