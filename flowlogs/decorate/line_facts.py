"""Facts that one value of a line brings with it: its protocol's name, who opened the connection."""

from flowlogs.decorate.facts import Facts
from flowlogs.record.protocols import PROTOCOL_NAMES

_SYN, _ACK = 2, 16


def protocol_facts(protocol: int) -> Facts:
    """Name a protocol; an unassigned number has no name."""
    name = PROTOCOL_NAMES.get(protocol)
    return {} if name is None else {"protocol-name": name}


def initiator_facts(tcp_flags: int) -> Facts:
    """Say which end opened the connection: SYN alone comes from it, SYN-ACK goes to it; other flags do not tell.

    Bits are tested, not equality: flags are OR-ed over the aggregation interval. Source: VPC User Guide,
    "Flow log records", tcp-flags (ACK is recorded only as part of SYN-ACK).
    """
    if not tcp_flags & _SYN:
        return {}
    return {"initiator": "destination" if tcp_flags & _ACK else "source"}
