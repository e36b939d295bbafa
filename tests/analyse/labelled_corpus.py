"""Flow records of conversations of which it is known who opened them: ordinary ones, and ones that are hard to tell."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from random import Random

from flowlogs.generate.conversation import (
    FIN,
    ICMP,
    SYN,
    SYN_ACK,
    TCP,
    UDP,
    Conversation,
    End,
    Packets,
    accepted,
    rejected,
)
from flowlogs.generate.plan import NEW_YEAR
from flowlogs.generate.scenarios import client_port, next_exchange, through_nat
from flowlogs.generate.vpc import Vpc, build
from flowlogs.record.fields import FlowRecord

SEED = 7
_INTERVAL, _LOGGED = 60, 45 * 60
"""Seconds: an aggregation interval, and all that is logged, from NEW_YEAR on."""
_LASTS = 7
"""Aggregation intervals of a connection that stays open."""
_RST = 4
_ANSWERED_LATER, _LATE = 0.2, 0.02
"""Share of the intervals of a conversation in which one end begins a second after the other, else in the same one; and
in which a direction's `start` is late, by up to a minute: VPC User Guide, "Flow log records", `start`."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A record, which case it is of, and whether its source opened the conversation."""

    record: FlowRecord
    case: str
    by_source: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation and its records."""

    conversation: Conversation
    records: Iterator[FlowRecord]

    def labelled(self, case: str) -> Iterator[Labelled]:
        """Say of every record whether it goes from client to server."""
        client = (self.conversation.client.address, self.conversation.client_port)
        for record in self.records:
            yield Labelled(record, case, (record["pkt_srcaddr"], record["srcport"]) == client)


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC, and chance, which says what happens in it and when."""

    vpc: Vpc
    rng: Random

    def host(self, role: str, number: int = 0) -> End:
        """Give the end of an interface by its primary address."""
        interfaces = self.vpc.by_role[role]
        interface = interfaces[number % len(interfaces)]
        return End(interface.address, interface)

    def moment(self) -> int:
        """Draw a second at which a connection may begin that is to last."""
        return NEW_YEAR + int(self.rng.random() * (_LOGGED - _LASTS * _INTERVAL))

    def talk(self, conversation: Conversation, *, lasts: int = 1, opened_before: bool = False) -> Told:
        """Let two ends talk for some intervals, from a moment on, or from before all that is logged."""
        return Told(conversation, self._talk(conversation, lasts, opened_before))

    def probe(self, conversation: Conversation, flags: int = SYN) -> Told:
        """Let one packet be rejected."""
        return Told(conversation, rejected(conversation, self._packets(conversation, 1, self.moment(), flags), 5))

    def knock(self, conversation: Conversation) -> Told:
        """Let a port that is closed answer so."""
        at = self.moment()
        sent, refused = (self._packets(conversation, 1, at, flags) for flags in (SYN, _RST))
        return Told(conversation, accepted(conversation, sent, refused, 5))

    def _talk(self, conversation: Conversation, lasts: int, opened_before: bool) -> Iterator[FlowRecord]:
        begun = NEW_YEAR if opened_before else self.moment()
        for number in range(lasts):
            opens = number == 0 and not opened_before
            at = begun if opens else (begun // _INTERVAL + number) * _INTERVAL + int(self.rng.random() * 20)
            by_server = not opens and self.rng.random() < 0.5  # who is the first to send in a later interval is chance
            sent, received = self._begun(at, by_server), self._begun(at, not by_server)
            yield from accepted(
                conversation,
                self._packets(conversation, 4, sent, FIN | (SYN if opens else 0)),
                self._packets(conversation, 4, received, FIN | (SYN_ACK if opens else 0)),
                5,
            )

    def _begun(self, at: int, answers: bool) -> int:
        """Give the `start` of a direction."""
        late = int(self.rng.random() * 60) if self.rng.random() < _LATE else 0
        return at + late + int(answers and self.rng.random() < _ANSWERED_LATER)

    def _packets(self, conversation: Conversation, least: int, at: int, flags: int) -> Packets:
        count = least + int(self.rng.random() * 20) * (least > 1)
        return Packets(count, count * 200, at, at + 1, flags if conversation.protocol == TCP else 0)

    def tcp(self, client: End, server: End, port: int) -> Conversation:
        """Give a TCP conversation from a port that the client's system draws."""
        return Conversation(client, server, TCP, client_port(self.rng), port)

    def udp(self, client: End, server: End, port: int) -> Conversation:
        """Give the same by UDP."""
        return Conversation(client, server, UDP, client_port(self.rng), port)


def everyday(net: Network) -> Iterator[Told]:
    """The generator's ordinary day: a shop of several tiers, with noise from outside."""
    for _ in range(2500):
        exchange = next_exchange(net.vpc, net.rng)
        for conversation in exchange.conversations:
            yield net.probe(conversation) if exchange.refused else net.talk(conversation)


def high_server_ports(net: Network) -> Iterator[Told]:
    """Services above 1024, three of them among the ports that clients get."""
    for port in (5432, 8080, 50051, 9999, 23456, 40123, 61000):
        for number in range(20):
            yield net.talk(net.tcp(net.host("web", number), net.host("standby"), port))


def seldom_asked(net: Network) -> Iterator[Told]:
    """Services on unusual ports that two clients asked once."""
    for number in range(60):
        port = 1100 + int(net.rng.random() * 58_000)
        for client in range(2):
            yield net.talk(net.tcp(net.host("web", client), net.host("app", number), port))


def ftp(net: Network) -> Iterator[Told]:
    """File transfers: the control connection, data passively (to any port) and actively (from the server's port 20)."""
    server = net.host("standby")
    for number in range(40):
        client = net.host("app", number)
        yield net.talk(net.tcp(client, server, 21))
        yield net.talk(net.tcp(client, server, client_port(net.rng)))
        yield net.talk(Conversation(server, client, TCP, 20, client_port(net.rng)))


def opened_before(net: Network) -> Iterator[Told]:
    """Connections from before the logged time, over several aggregation intervals."""
    for number in range(60):
        yield net.talk(net.tcp(net.host("app", number), net.host("database"), 5432), lasts=_LASTS, opened_before=True)
        yield net.talk(net.tcp(net.host("app", number), net.host("web"), 9092), lasts=_LASTS, opened_before=True)
        alone = net.tcp(net.host("web", number), net.host("app", number), 1100 + int(net.rng.random() * 58_000))
        yield net.talk(alone, lasts=_LASTS, opened_before=True)


def lasting(net: Network) -> Iterator[Told]:
    """Connections over several aggregation intervals, each to a server of its own."""
    for number in range(100):
        yield net.talk(net.tcp(net.host("app", number), net.host("web", number), 7000 + number), lasts=_LASTS)


def one_way_only(net: Network) -> Iterator[Told]:
    """Logs that have one direction: of half the connections what is sent, of half what is received."""
    for number in range(120):
        told = net.talk(net.tcp(net.host("web", number), net.host("app"), (443, 5432, 9999, 45_000)[number % 4]))
        wanted = told.conversation.client_port if number % 8 < 4 else told.conversation.server_port
        yield Told(told.conversation, (each for each in told.records if each["srcport"] == wanted))


def rejects(net: Network) -> Iterator[Told]:
    """What is rejected: at ports of every height, from every height."""
    for number in range(200):
        source = 1024 + int(net.rng.random() * 64_000)
        port = (22, 445, 3389, 8080, 37_215, 52_869)[number % 6]
        outsider = End(f"203.0.113.{number % 250}")
        yield net.probe(Conversation(outsider, net.host("alb", number), TCP, source, port))


def late_packets(net: Network) -> Iterator[Told]:
    """Answers that come after the connection is closed, and are rejected; the rest of it is before the logged time."""
    for number in range(60):
        server, client = End(f"198.51.100.{number}"), net.host("web", number)
        asked = net.tcp(client, server, (443, 8443, 25)[number % 3])
        turned = Conversation(server, client, TCP, asked.server_port, asked.client_port)
        yield Told(asked, net.probe(turned, FIN).records)


def through_nat_gateway(net: Network) -> Iterator[Told]:
    """Both sides of a NAT gateway, which draws ports from 1024 on."""
    for number in range(100):
        client = net.vpc.by_role["app"][number % len(net.vpc.by_role["app"])]
        for conversation in through_nat(net.vpc, net.rng, client, f"198.51.100.{number % 9}", (443, 8080)[number % 2]):
            yield net.talk(conversation)


def over_udp(net: Network) -> Iterator[Told]:
    """DNS, QUIC, SNMP polls, and time asked from port 123 of port 123."""
    for number in range(60):
        yield net.talk(net.udp(net.host("app", number), net.host("standby"), 53))
        yield net.talk(net.udp(End(f"203.0.113.{number}"), net.host("alb"), 443))
        yield net.talk(net.udp(net.host("bastion"), net.host("web", number), 161))
        yield net.talk(Conversation(net.host("web", number), End("198.51.100.123"), UDP, 123, 123))


def pings(net: Network) -> Iterator[Told]:
    """Echoes of ICMP, which has no ports, some of them rejected."""
    for number in range(80):
        ping = Conversation(End(f"203.0.113.{number}"), net.host("web", number), ICMP, 0, 0)
        yield net.talk(ping) if number % 2 else net.probe(ping, 0)


def between_equals(net: Network) -> Iterator[Told]:
    """Peers that use one port for all they send and receive."""
    ports = [20_000 + int(net.rng.random() * 40_000) for _ in range(12)]
    for one, other in combinations(range(12), 2):
        client, server = (one, other) if net.rng.random() < 0.5 else (other, one)
        conversation = Conversation(net.host("web", client), net.host("web", server), UDP, ports[client], ports[server])
        yield net.talk(conversation)


def scans(net: Network) -> Iterator[Told]:
    """Scans of ports that no group protects: many of one host, one of many, each from one port and from many."""
    for number in range(300):
        fixed, outsider = net.rng.random() < 0.5, End("192.0.2.77")
        source = 54_321 if fixed else client_port(net.rng)
        yield net.knock(Conversation(outsider, net.host("bastion"), TCP, source, 1 + number * 200))
        yield net.knock(Conversation(outsider, net.host("web", number), TCP, source + 1, (22, 3306, 8080)[number % 3]))


def busy_clients(net: Network) -> Iterator[Told]:
    """One client with many connections to one server, and a monitoring host that asks many."""
    for number in range(150):
        yield net.talk(net.tcp(net.host("lambda"), net.host("app", 1), 17_017))
        yield net.talk(net.tcp(net.host("bastion"), net.host(("web", "app")[number % 2], number), 9100))


def from_one_port(net: Network) -> Iterator[Told]:
    """Clients that ask all their servers from one port of their own: a resolver, an access server."""
    for number in range(60):
        yield net.talk(Conversation(net.host("standby"), End(f"198.51.100.{number}"), UDP, 30_053, 53))
        server = net.host("web", number)
        yield net.talk(Conversation(net.host("bastion"), server, UDP, 40_812, 1812 + number % 2))


def low_client_ports(net: Network) -> Iterator[Told]:
    """Network file systems, whose clients take ports below 1024."""
    for number in range(60):
        port = 665 + int(net.rng.random() * 359)
        yield net.talk(Conversation(net.host("web", number), net.host("standby"), TCP, port, 2049))


CASES: Mapping[str, Callable[[Network], Iterator[Told]]] = {
    each.__name__.replace("_", " "): each
    for each in (
        everyday,
        high_server_ports,
        seldom_asked,
        ftp,
        opened_before,
        lasting,
        one_way_only,
        rejects,
        late_packets,
        through_nat_gateway,
        over_udp,
        pings,
        between_equals,
        scans,
        busy_clients,
        from_one_port,
        low_client_ports,
    )
}


def corpus() -> Iterator[Labelled]:
    """Give the records of every case, in the order of cases."""
    vpc = build(seed=SEED, interfaces=80)
    for name, case in CASES.items():
        for told in case(Network(vpc, Random(f"{name} {SEED}"))):
            yield from told.labelled(name)
