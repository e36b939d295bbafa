"""What is planted in the traffic to be found, and what the finder should find."""

from dataclasses import dataclass
from random import Random

from flowlogs.generate import internet, unused
from flowlogs.generate.conversation import SYN, SYN_ACK, Conversation, End, Packets, accepted, rejected
from flowlogs.generate.plan import Plan
from flowlogs.generate.scenarios import tcp, through_nat
from flowlogs.generate.security_groups import UNUSED_PORT
from flowlogs.generate.vpc import Vpc
from flowlogs.record.fields import FlowRecord

_WELL_KNOWN = (21, 23, 25, 53, 80, 110, 111, 135, 139, 143, 443, 445, 993, 1433, 1521, 2049, 3306, 3389, 5432)
_CLOSED = tuple(port for port in (*_WELL_KNOWN, *range(8000, 10_000)) if port != UNUSED_PORT)
_SCAN_SECONDS = 90
_EXFILTRATION_INTERVALS = 10


@dataclass(frozen=True, slots=True)
class Incident:
    """`truth` is what is to be found, in words of the flow record; `records` are in order of start."""

    name: str
    truth: dict[str, object]
    records: tuple[FlowRecord, ...]


def plant(vpc: Vpc, plan: Plan) -> tuple[Incident, ...]:
    """Plant the incidents of a plan; small plans get small ones."""
    rng = Random(f"incidents {plan.seed}")  # noqa: S311 - to be repeated, not to be secret
    seen = (_ssh(vpc, plan, rng), _scan(vpc, plan, rng), _exfiltration(vpc, plan, rng))
    return (*seen, *(Incident(name, truth, ()) for name, truth in unused.truths(vpc, plan)))


def _ssh(vpc: Vpc, plan: Plan, rng: Random) -> Incident:
    """Let one source try SSH on the bastion all the time, rejected each time."""
    bastion = vpc.by_role["bastion"][0]
    source, target = internet.address(rng, "ssh-brute-force"), End(bastion.address, bastion)
    records: list[FlowRecord] = []
    for _ in range(_count(plan, 0.02, 20, 2000)):
        start = plan.start + int(rng.random() * (plan.minutes * 60 - 10))
        knock = Packets(1 + int(rng.random() * 3), 60, start, _within(plan, start, 5), SYN)
        records += rejected(tcp(rng, End(source), target, 22), knock, plan.version)
    return _rejects("ssh-brute-force", records, interface_id=bastion.interface_id, dstport=22)


def _scan(vpc: Vpc, plan: Plan, rng: Random) -> Incident:
    """Let one source try many ports of the bastion, each once, within a minute and a half."""
    bastion = vpc.by_role["bastion"][0]
    source, target = internet.address(rng, "port-scan"), End(bastion.address, bastion)
    ports = rng.sample(_CLOSED, _count(plan, 0.01, 25, 1000))
    first = plan.start + int(rng.random() * max(0, plan.minutes * 60 - _SCAN_SECONDS))
    seconds = min(_SCAN_SECONDS, plan.end - first)
    records: list[FlowRecord] = []
    for number, port in enumerate(ports):
        start = first + number * seconds // len(ports)
        knock = Packets(1, 44, start, start, SYN)
        records += rejected(tcp(rng, End(source), target, port), knock, plan.version)
    return _rejects("port-scan", records, interface_id=bastion.interface_id, ports=sorted(ports))


def _exfiltration(vpc: Vpc, plan: Plan, rng: Random) -> Incident:
    """Let an application server send gigabytes to one host, in one connection through the NAT gateway."""
    culprit = vpc.by_role["app"][-1]
    host = internet.address(rng, "exfiltration")
    conversations = through_nat(vpc, rng, culprit, host, 443)
    intervals = list(plan.intervals())
    count = min(_EXFILTRATION_INTERVALS, len(intervals))
    begin = (len(intervals) - count) // 2
    records: list[FlowRecord] = []
    for number, interval in enumerate(intervals[begin : begin + count]):
        records += _sent_off(conversations, rng, interval, plan.version, opens=number == 0)
    sent = [record for record in records if record["interface_id"] == culprit.interface_id]
    out = [record for record in sent if record["flow_direction"] == "egress"]
    truth: dict[str, object] = {
        "interface_id": culprit.interface_id,
        "srcaddr": culprit.address,
        "dstaddr": host,
        "dstport": 443,
        "action": "ACCEPT",
        "bytes": sum(record["bytes"] for record in out),
        "records": len(out),
        "counted_at": "egress records of interface_id; the NAT gateway's interface has the same bytes again",
    }
    return Incident("exfiltration", truth | _times(out), tuple(records))


def _sent_off(
    conversations: tuple[Conversation, ...],
    rng: Random,
    interval: tuple[int, int],
    version: int,
    *,
    opens: bool,
) -> list[FlowRecord]:
    packets = 1_000_000 + int(rng.random() * 500_000)
    first, last = interval
    sent = Packets(packets, packets * 1460, first, last, SYN if opens else 0)
    received = Packets(packets // 20, packets // 20 * 52, first, last, SYN_ACK if opens else 0)
    return [record for each in conversations for record in accepted(each, sent, received, version)]


def _rejects(name: str, records: list[FlowRecord], **also: object) -> Incident:
    truth = {
        "srcaddr": records[0]["srcaddr"],
        "dstaddr": records[0]["dstaddr"],
        "action": "REJECT",
        "records": len(records),
        **also,
    }
    return Incident(name, truth | _times(records), tuple(sorted(records, key=lambda record: record["start"])))


def _times(records: list[FlowRecord]) -> dict[str, object]:
    """Give first start and last end, Unix seconds."""
    return {
        "start": min(record["start"] for record in records),
        "end": max(record["end"] for record in records),
    }


def _count(plan: Plan, share: float, least: int, most: int) -> int:
    return max(least, min(most, int(plan.records * share)))


def _within(plan: Plan, start: int, seconds: int) -> int:
    """Give an end of so many seconds later that is still in the same aggregation interval."""
    last = plan.start + ((start - plan.start) // plan.interval + 1) * plan.interval - 1
    return min(start + seconds, last)
