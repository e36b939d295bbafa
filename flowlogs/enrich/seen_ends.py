"""Finds who had the addresses of rows; a pair of subnet and address that was seen before is found by its number."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from operator import attrgetter
from typing import NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.decorate.surroundings import KnownEnd, KnownOwn, Surroundings
from flowlogs.enrich.coded import Coded, coded_numbers, paired
from flowlogs.enrich.spans import at_times
from flowlogs.inventory.network_interface import BEGINNING, END

MOST_SEEN = 1 << 17
"""Pairs, and addresses, kept between blocks: 128 Ki of either, some 30 MB."""
_BITS = 32
_LOW_BITS = (1 << _BITS) - 1
"""A pair's number: that of its address, and in front of these bits that of its subnet."""
_UNTIL = attrgetter("end.found.until")


class SeenEnd(NamedTuple):
    """What documents say of an address at one end of a flow. Many addresses share it."""

    in_subnet: bool
    in_internal: bool
    peer: bytes
    place: bytes


class SeenEnds:
    """Finds the addresses of one end, source or destination, in columns; not for several threads at once.

    What was seen is kept for the span of time in which all of it holds.
    """

    def __init__(self, surroundings: Surroundings, place: Callable[[KnownEnd], bytes]) -> None:
        self._surroundings = surroundings
        self._place = place
        self._forget()

    def _forget(self) -> None:
        self._subnets: dict[tuple[str | None, str | None], int] = defaultdict(count().__next__)
        self._addresses: dict[bytes, int] = defaultdict(count().__next__)
        self._pairs = pa.array([], pa.int64())
        self._end_of = pa.array([], pa.int32())  # the number of each pair's end
        self._ends: dict[SeenEnd, int] = {}
        self._since, self._until = BEGINNING, END

    def trim(self) -> None:
        """Forget what is too much to keep: call it between blocks."""
        if max(len(self._pairs), len(self._addresses)) > MOST_SEEN:
            self._forget()

    def find(self, owns: Coded[KnownOwn], addresses: Coded[bytes], times: Coded[int]) -> Coded[SeenEnd]:
        """Give what documents say of the address of each row, as its interface sees it at its time."""
        first, last = min(times.things), max(times.things)
        if not (self._since <= first and last < self._until):
            self._forget()
        subnets = owns.mapped(self._subnet)
        pairs = _pairs(subnets, addresses.mapped(self._addresses.__getitem__))
        places = pc.index_in(pairs, value_set=self._pairs)
        if places.null_count:
            viewers = dict(zip(subnets.things, owns.things, strict=True))  # from all of a subnet the same is seen
            is_new, known = places.is_null(), pa.scalar(len(self._pairs), pa.int32())
            new = coded_numbers(pairs.filter(is_new))
            if not self._see_all(new.things, viewers, first, last):
                self._forget()
                return self._at_times(subnets.mapped(viewers.__getitem__).merged(), addresses, times)
            places = pc.replace_with_mask(places, is_new, pc.add(new.codes, known))
        ends = list(self._ends)
        return coded_numbers(pc.take(self._end_of, places, boundscheck=False)).mapped(ends.__getitem__)

    def _subnet(self, own: KnownOwn) -> int:
        return self._subnets[own.own.vpc_id, own.own.subnet_id]

    def _see_all(self, pairs: Sequence[int], viewers: Mapping[int, KnownOwn], first: int, last: int) -> bool:
        """Look up pairs that are new; say whether all answers hold from the first time to the last."""
        addresses, numbers = list(self._addresses), []
        for pair in pairs:
            end = self._surroundings.end(viewers[pair >> _BITS], addresses[pair & _LOW_BITS], first)
            found = end.end.found
            if found.until <= last:
                return False
            self._since, self._until = max(self._since, found.since), min(self._until, found.until)
            numbers.append(self._number(end))
        self._pairs = pa.concat_arrays([self._pairs, pa.array(pairs, pa.int64())])
        self._end_of = pa.concat_arrays([self._end_of, pa.array(numbers, pa.int32())])
        return True

    def _number(self, end: KnownEnd) -> int:
        return self._ends.setdefault(self._as_seen(end), len(self._ends))

    def _as_seen(self, end: KnownEnd) -> SeenEnd:
        return SeenEnd(end.in_subnet, end.in_internal, end.peer, self._place(end))

    def _at_times(self, viewers: Coded[KnownOwn], addresses: Coded[bytes], times: Coded[int]) -> Coded[SeenEnd]:
        """Look up pairs of which an answer changes meanwhile."""
        seen = paired(viewers, addresses)
        found = at_times(seen, times, lambda pair, time: self._surroundings.end(*pair, time), _UNTIL)
        return found.mapped(self._as_seen).merged()


def _pairs(subnets: Coded[int], addresses: Coded[int]) -> pa.Array:
    """Give the number of each row's pair of a subnet and an address, the same in every block."""
    high = subnets.spread(pa.array([subnet << _BITS for subnet in subnets.things], pa.int64()))
    low = addresses.spread(pa.array(addresses.things, pa.int64()))
    return pc.add(high, low)
