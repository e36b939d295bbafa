"""A subnet of the generated VPC."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `tier` is what lives in it (`public`, `web`, `app`, `data` or `office`)."""

    subnet_id: str
    tier: str
    cidr: str
    ipv6_cidr: str | None
    zone: str
    """Name of the availability zone, e.g. eu-west-1a."""
    az_id: str
    """Id of the availability zone, the same in every account, e.g. euw1-az1."""
