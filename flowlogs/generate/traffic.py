"""The flow records of a plan, in the order of their aggregation intervals and never all in memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from random import Random

from flowlogs.generate import office
from flowlogs.generate.exchange import Exchange
from flowlogs.generate.incidents import Incident, plant
from flowlogs.generate.interface import Interface
from flowlogs.generate.plan import Plan
from flowlogs.generate.scenarios import next_exchange, pick
from flowlogs.generate.vpc import Vpc
from flowlogs.record.fields import FlowRecord

_NODATA = 0.01
"""Share of records that say NODATA, at most; one an interval is always allowed."""
_SKIPDATA = 0.005
"""Share of what happens that is a record of SKIPDATA."""
_STAYS_OPEN = 0.15
"""Share of TCP connections that last longer than an aggregation interval."""
_LONGEST = 8
"""Aggregation intervals that a connection may last."""
_OPEN_SHARE = 0.3
"""Share of an interval's records that connections from earlier ones may make up."""


def records(vpc: Vpc, plan: Plan, incidents: Iterable[Incident] | None = None) -> Iterator[FlowRecord]:
    """Give about `plan.records` flow records: an ordinary day with the incidents in it, and the office at work.

    Planted are those given, or those of the plan; the ordinary day has as many records less. The office's come on
    top. An interface of the shop without any in an interval may get one that says NODATA.
    """
    incidents = plant(vpc, plan) if incidents is None else tuple(incidents)
    planted = _by_start([*(incident.records for incident in incidents), office.records(vpc, plan)])
    day = _OrdinaryDay(vpc, plan)
    intervals = list(plan.intervals())
    ordinary_records = max(0, plan.records - sum(len(incident.records) for incident in incidents))
    for number, interval in enumerate(intervals, 1):
        seen: set[str] = set()
        ordinary = day.interval(interval, up_to=ordinary_records * number // len(intervals))
        for record in chain(_until(planted, interval[1]), ordinary):
            seen.add(record["interface_id"])
            yield record
        yield from day.idle(interval, seen)


def _until(planted: deque[FlowRecord], last: int) -> Iterator[FlowRecord]:
    """Take the records that start no later than this second."""
    while planted and planted[0]["start"] <= last:
        yield planted.popleft()


def _by_start(causes: Iterable[Iterable[FlowRecord]]) -> deque[FlowRecord]:
    return deque(sorted(chain.from_iterable(causes), key=lambda record: record["start"]))


class _OrdinaryDay:
    """Draws what happens and remembers which connections are open."""

    def __init__(self, vpc: Vpc, plan: Plan) -> None:
        self._vpc = vpc
        self._version = plan.version
        self._rng = Random(f"traffic {plan.seed}")  # noqa: S311 - to be repeated, not to be secret
        self._open: deque[tuple[Exchange, int]] = deque()
        self._count = 0
        self._allowance = 0

    def interval(self, interval: tuple[int, int], up_to: int) -> Iterator[FlowRecord]:
        """Give the records of one interval, until there are so many of the day."""
        room = self._allowance = up_to - self._count
        for record in chain(self._still_open(interval, room), self._new(interval, up_to)):
            self._count += 1
            yield record

    def _still_open(self, interval: tuple[int, int], room: int) -> Iterator[FlowRecord]:
        """Give the records of connections from before, and let go of those that there is no room for."""
        before, self._open = self._open, deque()
        limit = self._count + int(room * _OPEN_SHARE)
        for exchange, left in before:
            if self._count >= limit:
                return
            yield from exchange.records(self._rng, interval, self._version, opens=False, closes=left == 1)
            if left > 1:
                self._open.append((exchange, left - 1))

    def _new(self, interval: tuple[int, int], up_to: int) -> Iterator[FlowRecord]:
        while self._count < up_to:
            if self._rng.random() < _SKIPDATA:
                yield self._without_data(pick(self._rng, self._vpc.shop), interval, "SKIPDATA")
                continue
            exchange = next_exchange(self._vpc, self._rng)
            stays = exchange.may_last and self._rng.random() < _STAYS_OPEN
            if stays:
                self._open.append((exchange, 1 + int(self._rng.random() * _LONGEST)))
            yield from exchange.records(self._rng, interval, self._version, closes=not stays)

    def idle(self, interval: tuple[int, int], seen: set[str]) -> Iterator[FlowRecord]:
        """Give a NODATA record of some interfaces that are not among those seen in the interval."""
        idle = (interface for interface in self._vpc.shop if interface.interface_id not in seen)
        allowed = 1 + int(self._allowance * _NODATA)
        for interface in islice(idle, allowed):
            self._count += 1
            yield self._without_data(interface, interval, "NODATA")

    def _without_data(self, interface: Interface, interval: tuple[int, int], log_status: str) -> FlowRecord:
        """Give the record of an interface that had no traffic or lost its records; most fields are absent."""
        its = interface.fields
        return {
            "version": self._version,
            "account_id": its["account_id"],
            "interface_id": its["interface_id"],
            "start": interval[0],
            "end": interval[1],
            "log_status": log_status,
        }
