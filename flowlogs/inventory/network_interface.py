"""A network interface as it was for a span of time."""

from dataclasses import dataclass

from flowlogs.record.networks import Network, contains

BEGINNING = -(2**63)
"""`since` of an interface whose beginning is not known (Unix seconds)."""
END = 2**63 - 1
"""`until` of an interface that is still there (Unix seconds)."""


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """What is known of an interface from `since` to before `until` (Unix seconds).

    `addresses` holds the packed form of every private and IPv6 address, primary first; `prefixes` the networks
    delegated to it (EKS: /28 and /80), whose addresses count as its own. Absent is None or empty.
    """

    interface_id: str
    addresses: tuple[bytes, ...] = ()
    prefixes: tuple[Network, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    vpc_id: str | None = None
    subnet_id: str | None = None
    region: str | None = None
    instance_id: str | None = None
    owner: str | None = None
    since: int = BEGINNING
    until: int = END

    def has(self, address: bytes) -> bool:
        """Say whether a packed address is this interface's own."""
        return address in self.addresses or any(contains(prefix, address) for prefix in self.prefixes)
