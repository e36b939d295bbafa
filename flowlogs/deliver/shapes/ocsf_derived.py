"""What OCSF says of native values in words of its own: numbers with captions, endpoints, observables, enrichments."""

from collections.abc import Callable, Mapping
from typing import Any

from flowlogs.decorate.document import ENDS
from flowlogs.deliver.shapes.addresses import ADDRESSES

_Document = Mapping[str, Any]
_Of = Callable[[_Document], Any]

Captions = Mapping[object, tuple[int, str]]
"""OCSF's number and caption by native value."""

_ACTIONS: Captions = {"ACCEPT": (1, "Allowed"), "REJECT": (2, "Denied")}
DISPOSITIONS: Captions = {"ACCEPT": (1, "Allowed"), "REJECT": (2, "Blocked")}
"""Source: OCSF 1.5.0, profile security_control, action_id and disposition_id."""
BOUNDARIES: Captions = {
    1: (4, "Same VPC"),
    2: (5, "Internet/VPC Gateway"),
    3: (6, "Virtual Private Gateway"),
    4: (7, "Intra-region VPC"),
    5: (8, "Inter-region VPC"),
    6: (9, "Local Gateway"),
    7: (10, "Gateway VPC"),
    8: (11, "Internet Gateway"),
}
"""By `traffic-path`. Source: OCSF 1.5.0, network_connection_info, boundary_id."""
VERSIONS: Captions = {"IPv4": (4, "IPv4"), "IPv6": (6, "IPv6")}
_DIRECTIONS: Captions = {
    "inbound": (1, "Inbound"),
    "ingress": (1, "Inbound"),
    "outbound": (2, "Outbound"),
    "egress": (2, "Outbound"),
    "internal": (3, "Lateral"),
}
_UNKNOWN = (0, "Unknown")
"""Source: OCSF 1.5.0, network_connection_info, direction_id."""
_ADDRESS, _RESOURCE = ("IP Address", 2), ("Resource UID", 10)
"""Source: OCSF 1.5.0, observable, type_id."""


def identifier(captions: Captions) -> Callable[[object], int | None]:
    """Give OCSF's number for a native value; None for one that it does not know."""
    numbers = {value: number for value, (number, _) in captions.items()}
    return numbers.get


def caption(captions: Captions) -> Callable[[object], str | None]:
    """Give the caption of OCSF's number for a native value."""
    texts = {value: text for value, (_, text) in captions.items()}
    return texts.get


def action_id(document: _Document) -> int:
    """Give whether the traffic was let through."""
    return _ACTIONS.get(document.get("action"), _UNKNOWN)[0]


def action(document: _Document) -> str:
    """Give the caption of whether the traffic was let through."""
    return _ACTIONS.get(document.get("action"), _UNKNOWN)[1]


def direction_id(document: _Document) -> int:
    """Give which way the traffic goes."""
    return _direction(document)[0]


def direction(document: _Document) -> str:
    """Give the caption of which way the traffic goes."""
    return _direction(document)[1]


def _direction(document: _Document) -> tuple[int, str]:
    told = document.get("direction") or document.get("flow-direction")
    return _DIRECTIONS.get(told, _UNKNOWN)


def packet_address(name: str) -> _Of:
    """Give the packet's own address; the interface's is an intermediate one."""
    return lambda document: document.get(f"pkt-{name}", document.get(name))


def intermediate(name: str) -> _Of:
    """Give the address at the interface where the packet has another."""

    def addresses(document: _Document) -> list[str] | None:
        at_interface, of_packet = document.get(name), document.get(f"pkt-{name}")
        return None if None in (at_interface, of_packet) or at_interface == of_packet else [str(at_interface)]

    return addresses


def degrees(end: str, part: str) -> _Of:
    """Give one of a place's coordinates; OCSF wants a place to have at least a country or a city."""

    def coordinate(document: _Document) -> float | None:
        has_name = f"{end}-country-code" in document or f"{end}-city" in document
        place = document.get(f"{end}-location")
        return float(place[part]) if place and has_name else None

    return coordinate


def of_endpoint(end: str, name: str, peers: str | None) -> _Of:
    """Give a value of the record's own interface at the end it is; at the other one what is known of the peer.

    A record without addresses (NODATA, SKIPDATA) has no end, but OCSF wants an endpoint: the source is taken.
    """

    def value(document: _Document) -> Any:
        own = document.get("interface-end")
        if own is None and end == "source" and not _has_address(document):
            own = end
        if own == end:
            return document.get(name)
        return document.get(peers) if own is not None and peers else None

    return value


def _has_address(document: _Document) -> bool:
    return any(name in document for name in ADDRESSES)


_WHERE = tuple(
    (end, endpoint, packet_address(name), intermediate(name), of_endpoint(end, "instance-id", None))
    for end, endpoint, name in zip(ENDS, ("src_endpoint", "dst_endpoint"), ("srcaddr", "dstaddr"), strict=True)
)


def observables(document: _Document) -> list[dict[str, Any]] | None:
    """List every address and instance that stands in an endpoint."""
    found = []
    for _, endpoint, address, between, instance in _WHERE:
        found += [(f"{endpoint}.ip", address(document), _ADDRESS)]
        found += [(f"{endpoint}.intermediate_ips[]", each, _ADDRESS) for each in between(document) or ()]
        found += [(f"{endpoint}.instance_uid", instance(document), _RESOURCE)]
    return [
        {"name": name, "type": type_, "type_id": type_id, "value": value}
        for name, value, (type_, type_id) in found
        if value is not None
    ] or None


def enrichments(document: _Document) -> list[dict[str, Any]] | None:
    """List what threat lists say of the addresses."""
    return [
        {
            "name": f"{endpoint}.ip",
            "value": address(document),
            "type": "threat list",
            "provider": provider,
            "data": {"list": provider},
        }
        for end, endpoint, address, _, _ in _WHERE
        if address(document) is not None
        for provider in document.get(f"{end}-threat", ())
    ] or None
