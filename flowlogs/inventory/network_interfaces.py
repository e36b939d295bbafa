"""Makes interfaces and subnets to be looked up of what the inventory keeps over time."""

import ipaddress
from collections.abc import Iterable, Iterator

from flowlogs.inventory.interval import Interval
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.networks import Network
from flowlogs.record.values import packed


def network_interface(interval: Interval) -> NetworkInterface:
    """Give an interval of the kind `network-interfaces` as it is looked up."""
    facts = interval.facts
    return NetworkInterface(
        interface_id=interval.id,
        addresses=tuple(packed(address) for address in facts.get("addresses", ())),
        prefixes=tuple(ipaddress.ip_network(prefix) for prefix in facts.get("prefixes", ())),
        security_group_ids=tuple(facts.get("security-group-ids", ())),
        vpc_id=facts.get("vpc-id"),
        subnet_id=facts.get("subnet-id"),
        region=interval.scope.region or None,
        instance_id=facts.get("instance-id"),
        owner=facts.get("interface-owner"),
        since=interval.since,
        until=interval.until,
    )


def once_each(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Leave out what a participant of a shared VPC sees where the interface's owner is asked too, and the reverse.

    Both the owner of a shared VPC and a participant see the participant's interfaces. Source: VPC User Guide, "Share
    your VPC with other accounts". The account that owns an interface is believed before another.
    """
    every = list(intervals)
    owned = {interval.id for interval in every if interval.facts.get("owner-id") == interval.scope.account_id}
    first: dict[str, str] = {}
    for interval in every:
        account_id = interval.scope.account_id
        if interval.id in owned:
            if interval.facts.get("owner-id") == account_id:
                yield interval
        elif first.setdefault(interval.id, account_id) == account_id:
            yield interval


def networks_of_subnets(intervals: Iterable[Interval]) -> dict[str, tuple[Network, ...]]:
    """Give the CIDRs of every subnet that is or was there: neither its id nor its IPv4 CIDR ever changes.

    IPv6 CIDRs may be added or taken away; the latest count.
    """
    return {
        interval.id: tuple(ipaddress.ip_network(cidr) for cidr in interval.facts.get("cidrs", ()))
        for interval in sorted(intervals, key=lambda interval: interval.since)
    }
