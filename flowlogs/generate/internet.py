"""The public networks that the generated VPC talks to: ordinary addresses, all else about them invented."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from random import Random

OWN_IPV6 = "2a05:d018:f10:6400::/56"
"""IPv6 block of the generated VPC."""
OWN_IPV4 = "34.240.96.0/20"
"""Public IPv4 addresses of its interfaces."""
ADMIN_NETWORK = "85.214.48.0/24"
"""The office that may reach the bastion."""
OFFICE_LAN = "192.168.40.0/24"
"""The same office from inside: it reaches the remote desktop server by VPN, from addresses that have no place."""


@dataclass(frozen=True, slots=True)
class Place:
    """An invented place in a real country; what a geo database would not know is None."""

    country: str
    """ISO 3166-1 code."""
    country_name: str
    region: str | None = None
    """ISO 3166-2 code within the country."""
    region_name: str | None = None
    city: str | None = None
    location: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class Network:
    """A public network; `place` or `asn` None means that the database does not have the network."""

    cidr: str
    use: str
    """`clients`, `services`, `noise`, `s3`, `office`, `own`, or the name of an incident."""
    place: Place | None
    asn: int | None
    """Number of the autonomous system, from the ranges for private use (RFC 6996 §5): nobody's."""
    organization: str | None = None

    def pick(self, rng: Random, among: int = 200) -> str:
        """Draw one of the network's first so many addresses."""
        network = ip_network(self.cidr)
        return str(network[1 + int(rng.random() * min(among, network.num_addresses - 2))])


_IE = Place("IE", "Ireland", "L", "Leinster", "Ballysample", (53.3, -6.3))
_DE = Place("DE", "Germany", "BE", "Land Berlin", "Musterstadt", (52.5, 13.4))
_FR = Place("FR", "France", "IDF", "Île-de-France", "Exempleville", (48.9, 2.3))
_US = Place("US", "United States", "OR", "Oregon", "Sampleton", (45.8, -119.7))
_BR = Place("BR", "Brazil", "SP", "São Paulo", "Exemplópolis", (-23.5, -46.6))
_JP = Place("JP", "Japan", "13", "Tokyo", "Mihon", (35.7, 139.7))
_AU = Place("AU", "Australia", "NSW", "New South Wales", "Specimen Bay", (-33.9, 151.2))
_IN = Place("IN", "India", "KA", "Karnataka", "Namunapur", (12.97, 77.6))
_NL = Place("NL", "Netherlands", "NH", "North Holland", "Voorbeeldam", (52.4, 4.9))
_SE = Place("SE", "Sweden", None, None, None, (59.3, 18.1))
_CA = Place("CA", "Canada", "ON", "Ontario")
_CLOUD = Place("IE", "Ireland", "L", "Leinster", None, (53.3, -6.2))

NETWORKS: tuple[Network, ...] = (
    Network(OWN_IPV4, "own", _CLOUD, 64600, "Generated Cloud"),
    Network(OWN_IPV6, "own", _CLOUD, 64600, "Generated Cloud"),
    Network(ADMIN_NETWORK, "office", _DE, 64601, "Generated Office"),
    Network("86.40.16.0/20", "clients", _IE, 64610, "Generated Broadband Ireland"),
    Network("91.12.32.0/20", "clients", _DE, 64611, "Generated Telekom"),
    Network("90.84.144.0/20", "clients", _FR, 64612, "Generated Mobile"),
    Network("73.162.0.0/18", "clients", _US, 4200000010, "Generated Cable"),
    Network("177.32.64.0/20", "clients", _BR, 4200000011, "Generated Fibra"),
    Network("126.72.8.0/21", "clients", _JP, 4200000012, "Generated Hikari"),
    Network("49.176.128.0/20", "clients", _AU, 4200000013, None),
    Network("106.51.0.0/20", "clients", _IN, 4200000014, "Generated Net"),
    Network("78.72.0.0/20", "clients", _SE, 64613, "Generated Norden"),
    Network("99.224.32.0/20", "clients", _CA, None),
    Network("62.45.64.0/20", "clients", None, 64614, "Generated Kabel"),
    Network("41.190.64.0/20", "clients", None, None),
    Network("2a02:8084:2161::/48", "clients", _IE, 64610, "Generated Broadband Ireland"),
    Network("2003:e8:570f::/48", "clients", _DE, 64611, "Generated Telekom"),
    Network("2601:646:8001::/48", "clients", _US, 4200000010, "Generated Cable"),
    Network("2804:14c:5b40::/48", "clients", None, None),
    Network("151.101.64.0/22", "services", _US, 4200000020, "Generated CDN"),
    Network("104.16.96.0/20", "services", _US, 4200000021, "Generated Payments"),
    Network("185.199.108.0/22", "services", _NL, 64620, "Generated Packages"),
    Network("2606:4700:3030::/48", "services", _US, 4200000021, "Generated Payments"),
    Network("52.218.0.0/20", "s3", _CLOUD, 64600, "Generated Cloud"),
    Network("45.143.200.0/22", "noise", _NL, 64630, "Generated Hosting"),
    Network("61.177.172.0/22", "noise", Place("CN", "China"), 4200000030, "Generated Backbone"),
    Network("193.27.228.0/23", "noise", None, 64631, None),
    Network("79.124.62.0/24", "ssh-brute-force", _SE, 64632, "Generated Bulletproof"),
    Network("167.94.138.0/24", "port-scan", _US, 4200000031, "Generated Census"),
    Network("194.87.68.0/24", "exfiltration", _BR, 4200000032, "Generated Drop"),
)

_BY_USE: dict[tuple[str, int], list[Network]] = {}
for _network in NETWORKS:
    _BY_USE.setdefault((_network.use, ip_network(_network.cidr).version), []).append(_network)


def address(rng: Random, use: str, version: int = 4) -> str:
    """Draw a public address of a network with this use; version 4 or 6 of IP."""
    networks = _BY_USE[use, version]
    return networks[int(rng.random() ** 1.5 * len(networks))].pick(rng)


def own_public_address(number: int) -> str:
    """Give the so-many-th public IPv4 address of the generated VPC, counted from 0."""
    return str(ip_address(int(ip_network(OWN_IPV4)[1]) + number))


def without_place() -> list[str]:
    """List the networks that no place is known of, on purpose."""
    return [network.cidr for network in NETWORKS if network.place is None]


def without_asn() -> list[str]:
    """List the networks that no autonomous system is known of, on purpose."""
    return [network.cidr for network in NETWORKS if network.asn is None]
