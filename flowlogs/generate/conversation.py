"""Two ends that talk, and the flow records the interfaces between them make of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from flowlogs.generate.interface import Interface
from flowlogs.record.fields import FlowRecord

ICMP, TCP, UDP = 1, 6, 17
FIN, SYN, SYN_ACK = 1, 2, 18
_HTTPS = 443
_INSIDE, _VPN_GATEWAY, _GATEWAY_ENDPOINT, _INTERNET = 1, 3, 7, 8
"""Values of traffic-path. Source: VPC User Guide, "Flow log records", `traffic-path`."""
_BY_NITRO, _BY_APPLICATION = 1, 2
"""Bits of encryption-status."""


@dataclass(frozen=True, slots=True)
class End:
    """One end: the address its packets have, and the interface that records them where that is one of ours.

    At a NAT gateway's interface the address is the one beyond the gateway: pkt-srcaddr and srcaddr differ.
    """

    address: str
    interface: Interface | None = None
    aws_service: str | None = None
    by_vpn: bool = False

    def seen_by(self, observer: Interface) -> str:
        """Give the address as srcaddr or dstaddr has it: at its own interface the primary private IPv4.

        Source: VPC User Guide, "Flow log record examples", NAT gateway and secondary addresses.
        """
        own = observer is self.interface and ":" not in self.address
        return observer.address if own else self.address

    @property
    def way(self) -> int:
        """Say by which traffic-path a packet gets here from inside the VPC."""
        if self.interface is not None:
            return _INSIDE
        if self.by_vpn:
            return _VPN_GATEWAY
        return _GATEWAY_ENDPOINT if self.aws_service is not None else _INTERNET


@dataclass(frozen=True, slots=True)
class Conversation:
    """A client and a server; ports are 0 where the protocol (IANA number) has none."""

    client: End
    server: End
    protocol: int
    client_port: int
    server_port: int

    def encryption(self) -> int:
        """Give encryption-status as this VPC would have it."""
        inside = self.client.interface is not None and self.server.interface is not None
        return (_BY_NITRO if inside else 0) | (_BY_APPLICATION if self.server_port == _HTTPS else 0)


@dataclass(frozen=True, slots=True)
class Packets:
    """What went one way within an aggregation interval; `start` and `end` in Unix seconds."""

    count: int
    size: int
    """Bytes, all packets together."""
    start: int
    end: int
    tcp_flags: int = 0


def accepted(conversation: Conversation, sent: Packets, received: Packets, version: int) -> Iterator[FlowRecord]:
    """Give the records of request and reply, each at the interface of either end that is ours."""
    client, server = conversation.client, conversation.server
    for end, leaves, enters in ((client, sent, received), (server, received, sent)):
        if end.interface is not None:
            other = server if end is client else client
            yield _record(conversation, end, other, leaves, version, egress=True, observer=end.interface)
            yield _record(conversation, other, end, enters, version, egress=False, observer=end.interface)


def rejected(conversation: Conversation, sent: Packets, version: int) -> Iterator[FlowRecord]:
    """Give the records of a request that the server's security groups reject: the client's own let it out."""
    client, server = conversation.client, conversation.server
    if client.interface is not None:
        yield _record(conversation, client, server, sent, version, egress=True, observer=client.interface)
    if server.interface is not None:
        record = _record(conversation, client, server, sent, version, egress=False, observer=server.interface)
        record["action"] = "REJECT"
        yield record


def _record(
    conversation: Conversation,
    source: End,
    destination: End,
    packets: Packets,
    version: int,
    *,
    egress: bool,
    observer: Interface,
) -> FlowRecord:
    """Give one record; what an address's service or the way out would be is absent where there is none."""
    from_client = source is conversation.client
    client_port, server_port = conversation.client_port, conversation.server_port
    record: FlowRecord = {
        **observer.fields,
        "version": version,
        "srcaddr": source.seen_by(observer),
        "dstaddr": destination.seen_by(observer),
        "srcport": client_port if from_client else server_port,
        "dstport": server_port if from_client else client_port,
        "protocol": conversation.protocol,
        "packets": packets.count,
        "bytes": packets.size,
        "start": packets.start,
        "end": packets.end,
        "action": "ACCEPT",
        "tcp_flags": packets.tcp_flags,
        "type": "IPv6" if ":" in source.address else "IPv4",
        "pkt_srcaddr": source.address,
        "pkt_dstaddr": destination.address,
        "flow_direction": "egress" if egress else "ingress",
        "encryption_status": conversation.encryption(),
    }
    if egress:
        record["traffic_path"] = destination.way
    if source.aws_service is not None:
        record["pkt_src_aws_service"] = source.aws_service
    if destination.aws_service is not None:
        record["pkt_dst_aws_service"] = destination.aws_service
    return record
