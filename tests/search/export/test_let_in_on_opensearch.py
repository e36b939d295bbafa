"""What a group lets in: single records through the pipeline, and which of them the panels show on a real server."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from asked_panels import Panels, refreshed
from opensearch_node.plugin import OpenSearch
from real_index import ran
from time_slices import Span

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = Span(START, START + timedelta(hours=1))
GROUP, INTERFACE, OWN = "sg-0123456789abcdef0", "eni-0123456789abcdef0", "10.0.0.5"
FIELDS = "interface-id srcaddr dstaddr srcport dstport protocol start end action log-status tcp-flags flow-direction"
SYN, SYN_ACK, FIN, OTHER = 2, 18, 1, 0


@dataclass(frozen=True, slots=True)
class Case:
    """A record of the interface; `flags` of None: the line has "-", as of a protocol that has none."""

    name: str
    shown: bool
    srcport: int
    dstport: int
    flags: int | None = SYN
    protocol: int = 6
    direction: str = "ingress"
    action: str = "ACCEPT"

    def line(self, source: str) -> str:
        flags, at = "-" if self.flags is None else self.flags, int(START.timestamp()) + 60
        ports = f"{self.srcport} {self.dstport} {self.protocol}"
        return f"{INTERFACE} {source} {OWN} {ports} {at} {at + 60} {self.action} OK {flags} {self.direction}"


CASES = [
    Case("a call", True, 50000, 443),
    Case("the middle of a call", True, 50000, 443, OTHER),
    Case("a call without flags", True, 50000, 443, None),
    Case("a call between low ports", True, 1024, 443, None),
    Case("a call to the last low port from a low one", True, 1024, 32767, None),
    Case("a call to a high port from a low one, which SYN tells", True, 1024, 50051),
    Case("the middle of a call to a high port from a low one, which nothing tells", False, 1024, 50051, OTHER),
    Case("a call between high ports", True, 50000, 50051),
    Case("a call between high ports without flags", True, 50000, 50051, None),
    Case("an answer", False, 443, 50000, SYN_ACK),
    Case("an answer with its end", False, 443, 50000, SYN_ACK | FIN),
    Case("an answer to a low port", False, 443, 1024, SYN_ACK),
    Case("an answer between high ports", False, 50051, 50000, SYN_ACK),
    Case("the middle of an answer", False, 443, 50000, OTHER),
    Case("the end of an answer", False, 443, 50000, FIN),
    Case("the middle of an answer to a low port, which nothing tells", True, 443, 1024, OTHER),
    Case("an answer to the first high port from the last low one", False, 32767, 32768, None),
    Case("a reply between high ports, which nothing tells", True, 32768, 32768, None),
    Case("an answer of DNS", False, 53, 50000, None, 17),
    Case("a question to DNS", True, 50000, 53, None, 17),
    Case("a ping", True, 0, 0, None, 1),
    Case("what the group sends", False, 50000, 443, direction="egress"),
    Case("what is refused", False, 50000, 443, action="REJECT"),
]
SOURCES = {str(ip_address("198.51.100.1") + number): case for number, case in enumerate(CASES)}


@pytest.fixture(scope="module")
def panels(opensearch: OpenSearch, tmp_path_factory: pytest.TempPathFactory) -> Panels:
    folder, prefix = tmp_path_factory.mktemp("let-in"), opensearch.prefix()
    lines = [FIELDS, *(case.line(source) for source, case in SOURCES.items())]
    (folder / "flows.log").write_text("\n".join(lines) + "\n")
    (folder / "interfaces.json").write_text(json.dumps({"NetworkInterfaces": [interface()]}))
    to = ("--opensearch", opensearch.url, "--index", prefix, "--lake", "none", "--out", str(folder / "out"), "--strict")
    ran("run", str(folder / "flows.log"), "--inventory", str(folder / "interfaces.json"), *to)
    return refreshed(opensearch.url, prefix)


def interface() -> dict[str, object]:
    return {
        "NetworkInterfaceId": INTERFACE,
        "VpcId": "vpc-0123456789abcdef0",
        "SubnetId": "subnet-0123456789abcdef0",
        "PrivateIpAddress": OWN,
        "PrivateIpAddresses": [{"PrivateIpAddress": OWN, "Primary": True}],
        "Groups": [{"GroupId": GROUP, "GroupName": "web"}],
    }


def test_every_case_is_on_the_server(panels: Panels) -> None:
    assert panels.shown("sgdashboard-srcaddr", HOUR).below.keys() == SOURCES.keys()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: SOURCES[source].name)
def test_a_record_is_shown_unless_it_looks_like_a_reply(panels: Panels, source: str) -> None:
    from_addresses = panels.shown("security-groups-let-in-from", HOUR).below[GROUP].below
    assert (source in from_addresses) is SOURCES[source].shown


def test_the_ports_that_are_shown_are_those_of_what_is_let_in(panels: Panels) -> None:
    ports = {case.dstport for case in CASES if case.shown}
    let_in = panels.shown("security-groups-let-in", HOUR).below[GROUP].below
    assert set(let_in) == ports == {0, 53, 443, 1024, 32767, 32768, 50051}
    assert set(panels.shown("security-groups-ports", HOUR).below) == ports
