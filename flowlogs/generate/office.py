"""The office at work: people on the remote desktop server, beside what the shop does."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from itertools import islice, pairwise
from random import Random

from flowlogs.generate.conversation import TCP, Conversation, End
from flowlogs.generate.exchange import SCREEN, Exchange
from flowlogs.generate.internet import OFFICE_LAN
from flowlogs.generate.plan import Plan
from flowlogs.generate.security_groups import RDP
from flowlogs.generate.vpc import Vpc
from flowlogs.record.fields import FlowRecord

_HOUR = 3600
_DAYS, _HOURS = range(5), range(8, 18)
"""Of seven days and of each day since the plan began: as with the rest, only the options of a plan decide its lines,
not the hour at which it happens to be made. A plan that begins on a Monday at midnight has office hours of UTC."""
_SEATS = [str(address) for address in islice(ip_network(OFFICE_LAN).hosts(), 20, 25)]
_SHARE, _MOST = 0.0015, 300
"""Sessions a record of the plan, and how many there are at most; there is one in any working time."""
_LONGEST = 6
"""Aggregation intervals that a session may last."""
_FIRST_PORT, _PORTS = 49_152, 16_384
"""Ephemeral ports of Windows. Source: RFC 6335 §6, dynamic ports."""

Interval = tuple[int, int]


def records(vpc: Vpc, plan: Plan) -> tuple[FlowRecord, ...]:
    """Give the records of the remote desktop server in order of start; a plan of a few hours has none."""
    at_work = [interval for interval in plan.intervals() if _is_working_time(interval[0] - plan.start)]
    if not at_work:
        return ()
    rng = Random(f"office {plan.seed}")  # noqa: S311 - to be repeated, not to be secret
    sessions = max(1, min(_MOST, int(plan.records * _SHARE)))
    every = [record for _ in range(sessions) for record in _session(vpc, rng, at_work, plan.version)]
    return tuple(sorted(every, key=lambda record: record["start"]))


def _is_working_time(elapsed: int) -> bool:
    days, hours = divmod(elapsed // _HOUR, 24)
    return days % 7 in _DAYS and hours in _HOURS


def _session(vpc: Vpc, rng: Random, at_work: Sequence[Interval], version: int) -> Iterator[FlowRecord]:
    """Give one person's session: one connection over some intervals, cut off when work ends."""
    (server,) = vpc.by_role["desktop"]
    person = End(_SEATS[int(rng.random() ** 2 * len(_SEATS))], by_vpn=True)
    port = _FIRST_PORT + int(rng.random() * _PORTS)
    screen = Exchange((Conversation(person, End(server.address, server), TCP, port, RDP),), SCREEN)
    first = int(rng.random() * len(at_work))
    lasts = _unbroken(at_work[first : first + 1 + int(rng.random() * _LONGEST)])
    for number, interval in enumerate(lasts, 1):
        yield from screen.records(rng, interval, version, opens=number == 1, closes=number == len(lasts))


def _unbroken(intervals: Sequence[Interval]) -> Sequence[Interval]:
    """Give the first intervals, up to where the next one is of another day."""
    gap = (number for number, (one, other) in enumerate(pairwise(intervals), 1) if one[1] + 1 != other[0])
    return intervals[: next(gap, len(intervals))]
