"""The table of shape `ocsf`: class Network Activity (4001) of the Open Cybersecurity Schema Framework.

Sources: ocsf/ocsf-schema 1.5.0; ocsf/examples, AWS v1.5.0, "VPC Flowlogs" (its mapping and its sample). A native value
stands in the schema's place where that place holds just this value. Where OCSF says it in words of its own, or in one
of two places by the direction, both stand: OCSF's, derived, and the native value below `unmapped`.
"""

from flowlogs.decorate.document import ENDS
from flowlogs.deliver.shapes.addresses import region
from flowlogs.deliver.shapes.layout import (
    AS_MILLISECONDS,
    AS_TEXT,
    INSTANT_AS_MILLISECONDS,
    Derived,
    Held,
    Layout,
    Place,
    copy,
    following,
    instant,
    placed,
)
from flowlogs.deliver.shapes.ocsf_derived import (
    BOUNDARIES,
    DISPOSITIONS,
    VERSIONS,
    action,
    action_id,
    caption,
    degrees,
    direction,
    direction_id,
    enrichments,
    identifier,
    intermediate,
    observables,
    of_endpoint,
    packet_address,
)

OWN = "unmapped"
ENDPOINTS = dict(zip(ENDS, ("src_endpoint", "dst_endpoint"), strict=True))

_LINE = {
    "@timestamp": Place("time", Held.MILLISECONDS, INSTANT_AS_MILLISECONDS),
    "start": Place("start_time", Held.MILLISECONDS, AS_MILLISECONDS),
    "end": Place("end_time", Held.MILLISECONDS, AS_MILLISECONDS),
    "version": Place("metadata.product.version", Held.TEXT, AS_TEXT),
    "account-id": Place("cloud.account.uid"),
    "aws-region": Place("cloud.region"),
    "az-id": Place("cloud.zone"),
    "srcport": Place("src_endpoint.port"),
    "dstport": Place("dst_endpoint.port"),
    "pkt-src-aws-service": Place("src_endpoint.svc_name"),
    "pkt-dst-aws-service": Place("dst_endpoint.svc_name"),
    "protocol": Place("connection_info.protocol_num"),
    "protocol-name": Place("connection_info.protocol_name"),
    "type": Place("connection_info.protocol_ver"),
    "tcp-flags": Place("connection_info.tcp_flags"),
    "packets": Place("traffic.packets"),
    "bytes": Place("traffic.bytes"),
    "log-status": Place("status_code"),
}
_OF_END = {
    "country-code": "location.country",
    "city": "location.city",
    "asn": "autonomous_system.number",
    "as-organization": "autonomous_system.name",
    "network": "zone",
}
"""OCSF's `region` has the country before it (BR-SP), and it has no name of a country or region."""
_OWNER = {
    "interface_uid": "interface-id",
    "instance_uid": "instance-id",
    "vpc_uid": "vpc-id",
    "subnet_uid": "subnet-id",
}
_TEXTS = dict.fromkeys(("name", "type", "value"), Held.TEXT)


def _of_address(end: str, endpoint: str) -> tuple[Derived, ...]:
    """List what follows from the address of an end, and from where it is."""
    name = "srcaddr" if end == "source" else "dstaddr"
    return (
        Derived(f"{endpoint}.ip", Held.ADDRESS, packet_address(name), f"`pkt-{name}`, else `{name}`"),
        Derived(
            f"{endpoint}.intermediate_ips", Held.ADDRESS, intermediate(name), f"`{name}`, where `pkt-{name}` is another"
        ),
        Derived(
            f"{endpoint}.location.region",
            Held.TEXT,
            region(end),
            f"`{end}-country-code` and `{end}-region-code`, with a hyphen",
        ),
        *(
            Derived(f"{endpoint}.location.{to}", Held.DEGREES, degrees(end, part), f"`{end}-location`")
            for to, part in (("lat", "lat"), ("long", "lon"))
        ),
    )


def _of_interface(end: str, endpoint: str) -> tuple[Derived, ...]:
    """List what follows from the interface, where it is this end."""
    return tuple(
        Derived(
            f"{endpoint}.{to}",
            Held.TEXT,
            of_endpoint(end, name, "peer-interface-id" if to == "interface_uid" else None),
            f"`{name}`, where `interface-end` is {end}"
            + (", else `peer-interface-id`" if to == "interface_uid" else "")
            + ("; also where the record has no address" if end == "source" else ""),
        )
        for to, name in _OWNER.items()
    )


_DERIVED = (
    copy("@timestamp", "time_dt", Held.INSTANT),
    following("start", "start_time_dt", Held.INSTANT, instant, "`start`"),
    following("end", "end_time_dt", Held.INSTANT, instant, "`end`"),
    Derived("action_id", Held.NUMBER, action_id, "1 for ACCEPT, 2 for REJECT, 0 without"),
    Derived("action", Held.TEXT, action, "`Allowed`, `Denied` or `Unknown`"),
    following("action", "disposition_id", Held.NUMBER, identifier(DISPOSITIONS), "1 for ACCEPT, 2 for REJECT"),
    following("action", "disposition", Held.TEXT, caption(DISPOSITIONS), "`Allowed` or `Blocked`"),
    Derived(
        "connection_info.direction_id",
        Held.NUMBER,
        direction_id,
        "1 inbound, 2 outbound, 3 internal, 0 unknown: by `direction`, else by `flow-direction`",
    ),
    Derived("connection_info.direction", Held.TEXT, direction, "`Inbound`, `Outbound`, `Lateral` or `Unknown`"),
    following(
        "traffic-path",
        "connection_info.boundary_id",
        Held.NUMBER,
        identifier(BOUNDARIES),
        "4 to 11, by `traffic-path`",
    ),
    following("traffic-path", "connection_info.boundary", Held.TEXT, caption(BOUNDARIES), "its caption"),
    following("type", "connection_info.protocol_ver_id", Held.NUMBER, identifier(VERSIONS), "4 or 6, by `type`"),
    *(each for end, endpoint in ENDPOINTS.items() for each in _of_address(end, endpoint)),
    *(each for end, endpoint in ENDPOINTS.items() for each in _of_interface(end, endpoint)),
    Derived(
        "observables",
        Held.PARTS,
        observables,
        "every address and instance of the endpoints, with where it stands",
        {**_TEXTS, "type_id": Held.NUMBER},
    ),
    Derived(
        "enrichments",
        Held.PARTS,
        enrichments,
        "one for each list in `source-threat` and `destination-threat`",
        {**_TEXTS, "provider": Held.TEXT, "data": Held.KEPT},
    ),
)

OCSF = Layout(
    standard="OCSF 1.5.0, Network Activity (4001)",
    places=placed(
        {
            **_LINE,
            **{
                f"{end}-{name}": Place(f"{at}.{path}")
                for end, at in ENDPOINTS.items()
                for name, path in _OF_END.items()
            },
        },
        OWN,
    ),
    derived=_DERIVED,
    constants={
        "activity_id": 6,
        "activity_name": "Traffic",
        "category_uid": 4,
        "category_name": "Network Activity",
        "class_uid": 4001,
        "class_name": "Network Activity",
        "type_uid": 400106,
        "type_name": "Network Activity: Traffic",
        "severity_id": 1,
        "severity": "Informational",
        "cloud.provider": "AWS",
        "metadata.version": "1.5.0",
        "metadata.profiles": ["cloud", "security_control", "datetime"],
        "metadata.product.name": "Amazon VPC",
        "metadata.product.vendor_name": "AWS",
        "metadata.product.feature.name": "Flowlogs",
    },
    extra=f"{OWN}.extra",
)
