"""The table of shape `ecs`: the Elastic Common Schema, as Elastic's own integration for VPC flow logs fills it.

Sources: elastic/ecs 8.11 (field types); elastic/integrations, packages/aws, data stream vpcflow (its fields, its
sample event and the expected documents of its pipeline tests). What these lack stands below `aws.vpcflow` too, under
its native name with underscores; Elastic has no place for security groups.
"""

from collections.abc import Mapping
from typing import Any

from flowlogs.decorate.document import ENDS
from flowlogs.deliver.shapes.addresses import ADDRESSES, region
from flowlogs.deliver.shapes.layout import (
    AS_INSTANT,
    AS_TEXT,
    Derived,
    Held,
    Layout,
    Place,
    copy,
    distinct,
    following,
    placed,
)

OWN = "aws.vpcflow"
_Document = Mapping[str, Any]

_NUMBER_AS_TEXT = (Held.TEXT, AS_TEXT)
_TIME = (Held.INSTANT, AS_INSTANT)
_LINE = {
    "@timestamp": Place("@timestamp"),
    "version": Place(f"{OWN}.version", *_NUMBER_AS_TEXT),
    "tcp-flags": Place(f"{OWN}.tcp_flags", *_NUMBER_AS_TEXT),
    "traffic-path": Place(f"{OWN}.traffic_path", *_NUMBER_AS_TEXT),
    "pkt-src-aws-service": Place(f"{OWN}.pkt_src_service"),
    "pkt-dst-aws-service": Place(f"{OWN}.pkt_dst_service"),
    "sublocation-type": Place(f"{OWN}.sublocation.type"),
    "sublocation-id": Place(f"{OWN}.sublocation.id"),
    "account-id": Place("cloud.account.id"),
    "aws-region": Place("cloud.region"),
    "az-id": Place("cloud.availability_zone"),
    "srcaddr": Place("source.ip"),
    "dstaddr": Place("destination.ip"),
    "srcport": Place("source.port"),
    "dstport": Place("destination.port"),
    "protocol": Place("network.iana_number", *_NUMBER_AS_TEXT),
    "protocol-name": Place("network.transport"),
    "packets": Place("network.packets"),
    "bytes": Place("network.bytes"),
    "flow-direction": Place("network.direction"),
    "start": Place("event.start", *_TIME),
    "end": Place("event.end", *_TIME),
    "reject-reason": Place("event.reason"),
    "ecs-cluster-arn": Place("orchestrator.cluster.id"),
    "ecs-cluster-name": Place("orchestrator.cluster.name"),
    "ecs-container-instance-arn": Place("orchestrator.resource.name"),
    "ecs-container-instance-id": Place("orchestrator.resource.id"),
    "ecs-service-name": Place("service.name"),
}
_OF_END = {
    "country-code": "geo.country_iso_code",
    "country-name": "geo.country_name",
    "region-name": "geo.region_name",
    "city": "geo.city_name",
    "location": "geo.location",
    "asn": "as.number",
    "as-organization": "as.organization.name",
}
"""Elastic's `region_iso_code` has the country before it (BR-SP), so that ours (SP) stands for itself."""
_FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg")
"""Names of the bits from the lowest on. Source: RFC 9293 §3.1."""


def _types(document: _Document) -> list[str]:
    decided = {"ACCEPT": "allowed", "REJECT": "denied"}.get(document.get("action", ""))
    return ["connection"] if decided is None else ["connection", decided]


def _network_type(document: _Document) -> str | None:
    address = next((document[name] for name in ADDRESSES if name in document), None)
    if address is None:
        return None
    return "ipv6" if ":" in address else "ipv4"


def _flags(flags: int) -> list[str] | None:
    return [name for bit, name in enumerate(_FLAGS) if flags >> bit & 1] or None


def _addresses(document: _Document) -> list[str] | None:
    return distinct(document, ADDRESSES) or None


def _enrichments(document: _Document) -> list[dict[str, Any]] | None:
    """Say which lists hold the addresses. Source: ECS, "Threat fields", threat.enrichments."""
    found = []
    for end, name in zip(ENDS, ("srcaddr", "dstaddr"), strict=True):
        address = document.get(f"pkt-{name}", document.get(name))
        for provider in document.get(f"{end}-threat", ()) if address else ():
            kind = "ipv6-addr" if ":" in address else "ipv4-addr"
            is_packets = address != document.get(name)
            field = f"{OWN}.pkt_{name}" if is_packets else f"{end}.ip"
            found.append(
                {
                    "indicator": {"ip": address, "type": kind, "provider": provider},
                    "matched": {"atomic": address, "field": field},
                }
            )
    return found or None


_ENRICHMENT = {
    "indicator.ip": Held.ADDRESS,
    "indicator.type": Held.TEXT,
    "indicator.provider": Held.TEXT,
    "matched.atomic": Held.TEXT,
    "matched.field": Held.TEXT,
}
_OUTCOMES = {"ACCEPT": "success", "REJECT": "failure"}
_DERIVED = (
    copy("action", "event.action", Held.TEXT),
    following("action", "event.outcome", Held.TEXT, _OUTCOMES.get, "`success` for ACCEPT, `failure` for REJECT"),
    Derived("event.type", Held.TEXT, _types, "`connection`, with `allowed` or `denied`"),
    copy("srcaddr", "source.address", Held.TEXT),
    copy("dstaddr", "destination.address", Held.TEXT),
    copy("bytes", "source.bytes", Held.NUMBER),
    copy("packets", "source.packets", Held.NUMBER),
    Derived("network.type", Held.TEXT, _network_type, "`ipv4` or `ipv6`, by the addresses"),
    copy("account-id", f"{OWN}.account_id", Held.TEXT),
    copy("instance-id", "cloud.instance.id", Held.TEXT),
    following("tcp-flags", f"{OWN}.tcp_flags_array", Held.TEXT, _flags, "names of the bits of `tcp-flags`"),
    Derived("related.ip", Held.ADDRESS, _addresses, "every address of the record, once"),
    *(
        Derived(
            f"{end}.geo.region_iso_code",
            Held.TEXT,
            region(end),
            f"`{end}-country-code` and `{end}-region-code`, with a hyphen",
        )
        for end in ENDS
    ),
    Derived(
        "threat.enrichments",
        Held.NESTED,
        _enrichments,
        "one for each list in `source-threat` and `destination-threat`: the address, where it stands, the list",
        _ENRICHMENT,
    ),
)

ECS = Layout(
    standard="Elastic Common Schema 8.11",
    places=placed(
        {**_LINE, **{f"{end}-{name}": Place(f"{end}.{path}") for end in ENDS for name, path in _OF_END.items()}}, OWN
    ),
    derived=_DERIVED,
    constants={
        "ecs.version": "8.11.0",
        "event.kind": "event",
        "event.category": ["network"],
        "event.module": "aws",
        "event.dataset": "aws.vpcflow",
        "cloud.provider": "aws",
    },
    extra=f"{OWN}.extra",
)
