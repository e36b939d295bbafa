"""The one table of flow-record fields, from which readers, schemas and docs are derived."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict, get_args, get_type_hints


class Kind(StrEnum):
    """How a value is written and checked."""

    NUMBER = "number"  # ASCII digits, at most 2^63 - 1
    TIME = "time"  # Unix seconds; what is above 10^11 is milliseconds
    ADDRESS = "address"  # IPv4 or IPv6
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class About:
    """One row of the table: since which version, its meaning, its unit, its kind where the type does not say."""

    since: int
    meaning: str
    unit: str | None = None
    kind: Kind | None = None


class FlowRecord(TypedDict, total=False):
    """One line of a flow log, in AWS's own names with underscores; a field written "-" is an absent key.

    A field that is not in this table (Transit Gateway flow logs, fields AWS adds later) is kept as text under the
    name its header gives it. Source: VPC User Guide, "Flow log records", table "Available fields".
    """

    version: Annotated[int, About(2, "highest version among the fields of the format")]
    account_id: Annotated[str, About(2, "account that owns the interface, zeros kept; may be `unknown`")]
    interface_id: Annotated[
        str, About(2, "network interface that recorded the flow; absent for a regional NAT gateway")
    ]
    srcaddr: Annotated[str, About(2, "source; on the interface's own side its primary private IPv4", kind=Kind.ADDRESS)]
    dstaddr: Annotated[
        str, About(2, "destination; on the interface's own side its primary private IPv4", kind=Kind.ADDRESS)
    ]
    srcport: Annotated[int, About(2, "source port; 0 is a value")]
    dstport: Annotated[int, About(2, "destination port; 0 is a value")]
    protocol: Annotated[int, About(2, "IANA protocol number; 0 is a value")]
    packets: Annotated[int, About(2, "packets in the aggregation interval", "packets")]
    bytes: Annotated[int, About(2, "bytes in the aggregation interval", "bytes")]
    start: Annotated[int, About(2, "first packet of the aggregation interval", "Unix seconds, UTC", Kind.TIME)]
    end: Annotated[int, About(2, "last packet of the aggregation interval", "Unix seconds, UTC", Kind.TIME)]
    action: Annotated[
        str, About(2, "`ACCEPT` or `REJECT` (security group, network ACL, or after the connection closed)")
    ]
    log_status: Annotated[str, About(2, "`OK`, `NODATA` (no traffic) or `SKIPDATA` (records were lost)")]

    vpc_id: Annotated[str, About(3, "VPC of the interface")]
    subnet_id: Annotated[str, About(3, "subnet of the interface")]
    instance_id: Annotated[str, About(3, "instance of the interface; absent where AWS manages the interface")]
    tcp_flags: Annotated[
        int, About(3, "FIN 1, SYN 2, RST 4, ACK 16 (only as SYN-ACK 18), OR-ed over the interval", "bit mask")
    ]
    type: Annotated[str, About(3, "`IPv4`, `IPv6` or `EFA`")]
    pkt_srcaddr: Annotated[
        str, About(3, "source as the packet has it (secondary address, pod, beyond a NAT)", kind=Kind.ADDRESS)
    ]
    pkt_dstaddr: Annotated[str, About(3, "destination as the packet has it", kind=Kind.ADDRESS)]

    region: Annotated[str, About(4, "region of the interface")]
    az_id: Annotated[str, About(4, "availability zone id; absent in a sublocation")]
    sublocation_type: Annotated[str, About(4, "`wavelength`, `outpost` or `localzone`")]
    sublocation_id: Annotated[str, About(4, "id of the sublocation")]

    pkt_src_aws_service: Annotated[str, About(5, "AWS service that pkt-srcaddr belongs to, by ip-ranges.json")]
    pkt_dst_aws_service: Annotated[str, About(5, "AWS service that pkt-dstaddr belongs to, by ip-ranges.json")]
    flow_direction: Annotated[str, About(5, "`ingress` or `egress`, as the interface sees the packets")]
    traffic_path: Annotated[int, About(5, "way out of egress traffic, 1 to 8 (2 and 8: internet gateway)")]

    ecs_cluster_arn: Annotated[str, About(7, "ECS cluster")]
    ecs_cluster_name: Annotated[str, About(7, "name of the ECS cluster")]
    ecs_container_instance_arn: Annotated[str, About(7, "ECS container instance; absent on Fargate")]
    ecs_container_instance_id: Annotated[str, About(7, "id of the ECS container instance; absent on Fargate")]
    ecs_container_id: Annotated[str, About(7, "Docker id of the first container")]
    ecs_second_container_id: Annotated[str, About(7, "Docker id of the second container")]
    ecs_service_name: Annotated[str, About(7, "name of the ECS service")]
    ecs_task_definition_arn: Annotated[str, About(7, "ECS task definition")]
    ecs_task_arn: Annotated[str, About(7, "ECS task")]
    ecs_task_id: Annotated[str, About(7, "id of the ECS task")]

    reject_reason: Annotated[
        str, About(8, "why it was rejected beyond groups and ACLs: `BPA` (block public access), `EC`")
    ]

    resource_id: Annotated[str, About(9, "resource that recorded the flow, e.g. a regional NAT gateway")]

    encryption_status: Annotated[
        int, About(10, "0 clear, 1 by Nitro, 2 by the application, 3 both; absent where unknown")
    ]

    instance_tag: Annotated[str, About(11, "value of the chosen tag of the instance, percent-encoded UTF-8")]
    instance_tag_2: Annotated[str, About(11, "value of the second chosen tag of the instance")]
    interface_tag: Annotated[str, About(11, "value of the chosen tag of the interface, percent-encoded UTF-8")]
    interface_tag_2: Annotated[str, About(11, "value of the second chosen tag of the interface")]
    asg_tag: Annotated[str, About(11, "value of the chosen tag of the Auto Scaling group, percent-encoded UTF-8")]
    asg_tag_2: Annotated[str, About(11, "value of the second chosen tag of the Auto Scaling group")]
    interface_type: Annotated[str, About(11, "`nat_gateway`, `transit_gateway`, `vpc_endpoint` …, an open set")]
    next_hop_interface_id: Annotated[str, About(11, "egress: the receiving interface; ingress: the sending one")]
    next_hop_subnet_id: Annotated[str, About(11, "subnet of the next hop")]
    next_hop_az_id: Annotated[str, About(11, "availability zone id of the next hop")]
    next_hop_vpc_id: Annotated[str, About(11, "VPC of the next hop")]
    next_hop_interface_type: Annotated[str, About(11, "interface type of the next hop")]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a flow record: `name` as AWS writes it, `key` as Python, Parquet and Athena do."""

    name: str
    key: str
    kind: Kind
    since: int
    unit: str | None
    meaning: str


def _field(key: str, hint: object) -> Field:
    type_, about = get_args(hint)
    kind = about.kind or (Kind.NUMBER if type_ is int else Kind.TEXT)
    return Field(key.replace("_", "-"), key, kind, about.since, about.unit, about.meaning)


FIELDS: dict[str, Field] = {
    key.replace("_", "-"): _field(key, hint) for key, hint in get_type_hints(FlowRecord, include_extras=True).items()
}
"""Every VPC field by AWS's name, in the order in which AWS lists them."""


TRANSIT_GATEWAY_FIELDS = frozenset(
    {
        "resource-type",
        "packets-lost-blackhole",
        "packets-lost-mtu-exceeded",
        "packets-lost-no-route",
        "packets-lost-ttl-expired",
        "tgw-attachment-id",
        "tgw-dst-az-id",
        "tgw-dst-eni",
        "tgw-dst-subnet-id",
        "tgw-dst-vpc-account-id",
        "tgw-dst-vpc-id",
        "tgw-id",
        "tgw-pair-attachment-id",
        "tgw-src-az-id",
        "tgw-src-eni",
        "tgw-src-subnet-id",
        "tgw-src-vpc-account-id",
        "tgw-src-vpc-id",
    }
)
"""Names of Transit Gateway flow logs alone (version 6), kept as text. Source: Transit Gateway Guide, "Flow logs"."""


def known_among(names: Iterable[str]) -> int:
    """Count the names, in either spelling, that are fields of VPC or Transit Gateway flow logs."""
    return sum((native := name.replace("_", "-")) in FIELDS or native in TRANSIT_GATEWAY_FIELDS for name in names)


def field_named(name: str) -> Field:
    """Give the field of a name in AWS's or in Parquet's spelling; an unknown name is a field of text."""
    known = FIELDS.get(name.replace("_", "-"))
    return known or Field(name, name, Kind.TEXT, 0, None, "not a field of VPC flow logs; kept as text")
