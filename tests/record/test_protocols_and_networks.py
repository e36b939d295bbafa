import socket

import pytest

from flowlogs.record.networks import Networks
from flowlogs.record.protocols import PROTOCOL_NAMES


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, "hopopt"),
        (1, "icmp"),
        (6, "tcp"),
        (17, "udp"),
        (47, "gre"),
        (50, "esp"),
        (51, "ah"),
        (58, "ipv6-icmp"),
        (88, "eigrp"),
        (89, "ospfigp"),
        (103, "pim"),
        (112, "vrrp"),
        (115, "l2tp"),
        (132, "sctp"),
        (136, "udplite"),
        (143, "ethernet"),
        (147, "bit-emu"),
    ],
)
def test_protocols_have_the_names_iana_gives_them(number: int, name: str) -> None:
    assert PROTOCOL_NAMES[number] == name


def test_numbers_without_a_name_have_none() -> None:
    assert not {148, 200, 253, 254, 255} & PROTOCOL_NAMES.keys()
    assert PROTOCOL_NAMES[socket.IPPROTO_SCTP] == "sctp"


@pytest.mark.parametrize(
    ("address", "lies_within"),
    [
        ("10.1.0.0", True),
        ("10.1.255.255", True),
        ("10.10.0.1", False),
        ("10.2.0.0", False),
        ("110.1.0.1", False),
        ("2001:db8::1", True),
        ("2001:DB8:0::1", True),
        ("2001:db9::1", False),
        ("-", False),
        ("", False),
        ("::ffff:10.1.0.1", False),
    ],
)
def test_an_address_lies_in_a_network_by_its_bits_and_not_by_its_text(address: str, lies_within: bool) -> None:
    networks = Networks(["10.1.0.0/16", "2001:db8::/32"])
    assert networks.have(address) is lies_within
    assert networks.have("10.1.0.1", address) is lies_within


@pytest.mark.parametrize("cidr", ["10.0.0.1/8", "10.0.0.0/33", "ten", "10.0.0.0/"])
def test_what_is_no_network_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Networks([cidr])


def test_no_networks_are_falsy() -> None:
    assert not Networks()
    assert Networks(["::/0"])
