"""Makes interfaces and subnets to be looked up of what the inventory keeps over time."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.network_interface import BEGINNING, NetworkInterface
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


def once_each(intervals: Iterable[Interval], asked: Mapping[Scope, bool] = MappingProxyType({})) -> Iterator[Interval]:
    """Tell once of what both the owner of a shared VPC and a participant see: the participant's interfaces.

    `asked` has every scope that is still asked, and says whether it answered when it was asked last; where it is empty,
    all count alike. Source: VPC User Guide, "Share your VPC with other accounts".

    Of those who tell of an interface, one who is asked is believed before one who is asked no longer, then one who
    answered before one who did not, then the account that owns the interface. What the others tell fills only the time
    before and between what is believed, never the time after: what an account that fails has kept may be long gone.
    """
    every = list(intervals)
    first: dict[str, Scope] = {}
    shared: dict[str, dict[Scope, list[Interval]]] = {
        found.id: {} for found in every if first.setdefault(found.id, found.scope) != found.scope
    }
    for found in every:
        if found.id in shared:
            shared[found.id].setdefault(found.scope, []).append(found)
        else:
            yield found
    for lives in shared.values():
        yield from _one_life(lives, asked)


def _one_life(lives: Mapping[Scope, Sequence[Interval]], asked: Mapping[Scope, bool]) -> list[Interval]:
    """Make one life of what several scopes tell of an interface."""

    def belief(scope: Scope) -> tuple[bool, bool, bool]:
        owns = any(found.facts.get("owner-id") == scope.account_id for found in lives[scope])
        return scope in asked, asked.get(scope, False), owns

    best, *others = sorted(lives, key=belief, reverse=True)  # keeps the order of those that are equal
    whole = sorted(lives[best], key=lambda found: found.since)
    for scope in others:
        if more := list(_between(lives[scope], whole)):
            whole = sorted([*whole, *more], key=lambda found: found.since)
    return whole


def _between(life: Iterable[Interval], whole: Sequence[Interval]) -> Iterator[Interval]:
    """Give what of a life lies before and between other intervals."""
    ends = [BEGINNING, *(found.until for found in whole)]
    gaps = [(since, found.since) for since, found in zip(ends, whole, strict=False) if since < found.since]
    for found in life:
        for since, until in gaps:
            if max(found.since, since) < min(found.until, until):
                yield replace(found, since=max(found.since, since), until=min(found.until, until))


def networks_of_subnets(intervals: Iterable[Interval]) -> dict[str, tuple[Network, ...]]:
    """Give the CIDRs of every subnet that is or was there: neither its id nor its IPv4 CIDR ever changes.

    IPv6 CIDRs may be added or taken away; the latest count.
    """
    return {
        interval.id: tuple(ipaddress.ip_network(cidr) for cidr in interval.facts.get("cidrs", ()))
        for interval in sorted(intervals, key=lambda interval: interval.since)
    }
