"""Who talks to whom on an ordinary day: a small function a habit, and one table of how often each occurs."""

from bisect import bisect
from collections.abc import Callable, Iterable
from itertools import accumulate
from random import Random

from flowlogs.generate import internet
from flowlogs.generate.conversation import ICMP, TCP, UDP, Conversation, End
from flowlogs.generate.exchange import CALL, PAGE, QUERY, SMALL, UPLOAD, Exchange, Sizes
from flowlogs.generate.interface import Interface
from flowlogs.generate.vpc import Vpc

Scenario = Callable[[Vpc, Random], Exchange]

_NOISE_PORTS = (23, 445, 3389, 8088, 5900, 1433, 6379, 2375, 5038, 25)
"""What the Internet knocks at all day. Neither SSH nor the unused rule's port is among them."""


def pick(rng: Random, interfaces: tuple[Interface, ...]) -> Interface:
    """Draw an interface, the first ones more often: in a real network few are busy."""
    return interfaces[int(rng.random() ** 2 * len(interfaces))]


def client_port(rng: Random) -> int:
    """Draw an ephemeral port as Linux does (ip_local_port_range)."""
    return 32_768 + int(rng.random() * 28_232)


def inside(vpc: Vpc, rng: Random, role: str) -> End:
    """Draw an interface of a role, as the end of a conversation by its primary address."""
    interface = pick(rng, vpc.by_role[role])
    return End(interface.address, interface)


def pod(vpc: Vpc, rng: Random) -> End:
    """Draw a pod: an address of an EKS node's delegated prefix."""
    node = pick(rng, vpc.by_role["eks"])
    addresses = list(node.addresses())
    return End(addresses[1 + int(rng.random() * (len(addresses) - 1))], node)


def web(vpc: Vpc, rng: Random) -> End:
    """Draw a web server, by one of its secondary addresses where it has any."""
    server = pick(rng, vpc.by_role["web"])
    return End(rng.choice((server.address, *server.secondary)), server)


def tcp(rng: Random, client: End, server: End, port: int) -> Conversation:
    """Give a TCP conversation from a port drawn to a port given."""
    return Conversation(client, server, TCP, client_port(rng), port)


def through_nat(
    vpc: Vpc, rng: Random, client: Interface, host: str, port: int, protocol: int = TCP
) -> tuple[Conversation, ...]:
    """Give both sides of a NAT gateway: the client's packets to it, and its own to the Internet host."""
    gateways = vpc.by_role["nat"]
    gateway = next((nat for nat in gateways if nat.subnet.zone == client.subnet.zone), gateways[0])
    near, far = client_port(rng), 1024 + int(rng.random() * 64_000)
    return (
        Conversation(End(client.address, client), End(host, gateway), protocol, near, port),
        Conversation(End(gateway.address, gateway), End(host), protocol, far, port),
    )


def visit(vpc: Vpc, rng: Random) -> Exchange:
    """Give a visitor's request to the load balancer, which passes it on to a web server or a pod."""
    balancer = inside(vpc, rng, "alb")
    visitor = End(internet.address(rng, "clients"))
    behind = pod(vpc, rng) if rng.random() < 0.3 else web(vpc, rng)
    return Exchange((tcp(rng, visitor, balancer, 443), tcp(rng, balancer, behind, 8080)), PAGE)


def visit_by_ipv6(vpc: Vpc, rng: Random) -> Exchange:
    """Give a visitor's request over IPv6; over IPv4 where the VPC has none."""
    balancer = pick(rng, vpc.by_role["alb"])
    if balancer.ipv6 is None:
        return redirect(vpc, rng)
    visitor = End(internet.address(rng, "clients", 6))
    return Exchange((tcp(rng, visitor, End(balancer.ipv6, balancer), 443),), PAGE)


def redirect(vpc: Vpc, rng: Random) -> Exchange:
    """Give a request to port 80, answered with the address of port 443."""
    return Exchange((tcp(rng, End(internet.address(rng, "clients")), inside(vpc, rng, "alb"), 80),), SMALL)


def _call(client: str, server: str, port: int, sizes: Sizes = CALL) -> Scenario:
    def call(vpc: Vpc, rng: Random) -> Exchange:
        return Exchange((tcp(rng, inside(vpc, rng, client), inside(vpc, rng, server), port),), sizes)

    return call


def pod_call(vpc: Vpc, rng: Random) -> Exchange:
    """Give a pod's call of the application."""
    return Exchange((tcp(rng, pod(vpc, rng), inside(vpc, rng, "app"), 9090),), CALL)


def call_out(vpc: Vpc, rng: Random) -> Exchange:
    """Give a call of a service on the Internet, through the NAT gateway."""
    client = pick(rng, vpc.by_role[rng.choice(("app", "web", "lambda"))])
    return Exchange(through_nat(vpc, rng, client, internet.address(rng, "services"), 443), CALL)


def call_out_by_ipv6(vpc: Vpc, rng: Random) -> Exchange:
    """Give a call over IPv6, which needs no NAT; over IPv4 where the VPC has none."""
    client = pick(rng, vpc.by_role["web"])
    if client.ipv6 is None:
        return call_out(vpc, rng)
    service = End(internet.address(rng, "services", 6))
    return Exchange((tcp(rng, End(client.ipv6, client), service, 443),), CALL)


def store(vpc: Vpc, rng: Random) -> Exchange:
    """Give an upload to S3 through the gateway endpoint."""
    bucket = End(internet.address(rng, "s3"), aws_service="S3")
    return Exchange((tcp(rng, inside(vpc, rng, "app"), bucket, 443),), UPLOAD)


def administer(vpc: Vpc, rng: Random) -> Exchange:
    """Give an administrator's session on the bastion and from there on a server."""
    bastion = inside(vpc, rng, "bastion")
    office = End(internet.address(rng, "office"))
    server = inside(vpc, rng, rng.choice(("web", "app", "eks")))
    return Exchange((tcp(rng, office, bastion, 22), tcp(rng, bastion, server, 22)), CALL)


def ask_name(vpc: Vpc, rng: Random) -> Exchange:
    """Give a DNS query to a resolver on the Internet; AWS does not log those to its own."""
    client = pick(rng, vpc.by_role["app"])
    return Exchange(through_nat(vpc, rng, client, internet.address(rng, "services"), 53, UDP), QUERY)


def ask_time(vpc: Vpc, rng: Random) -> Exchange:
    """Give an NTP query, from port 123 to port 123."""
    bastion, server = inside(vpc, rng, "bastion"), End(internet.address(rng, "services"))
    return Exchange((Conversation(bastion, server, UDP, 123, 123),), SMALL)


def ping(vpc: Vpc, rng: Random) -> Exchange:
    """Give the monitoring's ping; ICMP has ports of 0."""
    server = inside(vpc, rng, rng.choice(("web", "app", "eks")))
    return Exchange((Conversation(inside(vpc, rng, "bastion"), server, ICMP, 0, 0),), SMALL)


def noise(vpc: Vpc, rng: Random) -> Exchange:
    """Give what knocks at every public address and is rejected."""
    target = inside(vpc, rng, rng.choice(("alb", "bastion")))
    client = End(internet.address(rng, "noise"))
    port = rng.choice(_NOISE_PORTS)
    if rng.random() < 0.1:
        return Exchange((Conversation(client, target, UDP, client_port(rng), 5060),), QUERY, refused=True)
    return Exchange((tcp(rng, client, target, port),), SMALL, refused=True)


def mistake(vpc: Vpc, rng: Random) -> Exchange:
    """Give a web server's attempt at the database, which only the application may reach."""
    attempt = tcp(rng, inside(vpc, rng, "web"), inside(vpc, rng, "database"), 5432)
    return Exchange((attempt,), SMALL, refused=True)


_HABITS: Iterable[tuple[int, Scenario]] = (
    (24, visit),
    (5, visit_by_ipv6),
    (3, redirect),
    (18, _call("web", "app", 9090)),
    (14, _call("app", "database", 5432)),
    (6, _call("lambda", "database", 5432)),
    (4, _call("lambda", "endpoint", 443)),
    (5, _call("app", "endpoint", 443)),
    (1, _call("former", "endpoint", 443)),
    (8, pod_call),
    (5, call_out),
    (3, call_out_by_ipv6),
    (3, store),
    (1, administer),
    (3, ask_name),
    (2, ask_time),
    (2, ping),
    (14, noise),
    (3, mistake),
)
_SCENARIOS = tuple(scenario for _, scenario in _HABITS)
_UP_TO = tuple(accumulate(weight for weight, _ in _HABITS))


def next_exchange(vpc: Vpc, rng: Random) -> Exchange:
    """Draw what happens next on an ordinary day."""
    return _SCENARIOS[bisect(_UP_TO, rng.random() * _UP_TO[-1])](vpc, rng)
