"""Keeps what is known of interfaces, and of addresses as interfaces see them, ready to be joined."""

from collections.abc import Sequence
from itertools import count
from typing import cast

from flowlogs.decorate.attribution import ABSENT_END, EndOfFlow, Own, has_address, is_bounded, peer_facts
from flowlogs.decorate.facts import Facts
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.spelling import Spelling
from flowlogs.errors import MalformedRecord
from flowlogs.record.fields import Field, FlowRecord
from flowlogs.record.values import ABSENT, READERS, spelt

OWN_KEYS = frozenset({"version", "account_id", "interface_id", "vpc_id", "subnet_id", "instance_id", "region", "az_id"})
"""Keys of the fields that say which interface a record is of, and of those that never vary with one interface."""

MOST_KNOWN = 1 << 15
"""Interfaces, and addresses, kept at the end of a batch: 32 Ki, with a place of 400 bytes each some 30 MB."""


class KnownEnd:
    """An address as seen from a subnet: fragments of its interface, and of its place at either end once asked for."""

    __slots__ = ("address", "as_destination", "as_source", "bounded", "end", "in_internal", "in_subnet", "peer")

    def __init__(self, address: str, end: EndOfFlow, peer: bytes, place: bytes | None) -> None:
        self.address = address
        self.end = end
        self.peer = peer
        self.as_source = place
        self.as_destination = place
        self.in_subnet = end.in_subnet
        self.in_internal = end.in_internal
        self.bounded = is_bounded(end.found)


_ABSENT_END = KnownEnd("", ABSENT_END, b"", b"")
_Ends = dict[bytes, KnownEnd]
_LookedUp = dict[tuple[int, bytes], bool]
_numbers = count()


class KnownOwn:
    """A record's own interface: fragments of its fields and facts, its addresses, what it has seen of others."""

    __slots__ = ("_careful", "_looked_up", "_number", "_texts", "bounded", "ends", "facts", "fields", "own")

    def __init__(self, own: Own, fields: bytes, facts: bytes, ends: _Ends, looked_up: _LookedUp) -> None:
        interface = own.interface
        addresses = interface.addresses if interface else ()
        self.own = own
        self.fields = fields
        self.facts = facts
        self.ends = ends
        self.bounded = is_bounded(own.found) or own.unknown is not None
        self._texts = frozenset(spelt(address).encode() for address in addresses)
        # IPv6 may be spelt in many ways, and a prefix holds addresses that are in no list
        self._careful = interface is not None and bool(interface.prefixes or any(len(a) > _IPV4 for a in addresses))
        self._looked_up = looked_up
        self._number = next(_numbers)  # names this interface, as it is at its time, among what was looked up

    def has(self, address: bytes) -> bool:
        """Say whether an address, as it stands in the line, is the interface's own."""
        return address in self._texts or (self._careful and self._look(address))

    def _look(self, address: bytes) -> bool:
        key = (self._number, address)
        found = self._looked_up.get(key)
        if found is None:
            found = address != ABSENT and has_address(self.own.interface, address.decode())
            self._looked_up[key] = found
        return found


_IPV4 = 4  # bytes


class Surroundings:
    """Finds interfaces and ends at the time of a record, from memory where that holds."""

    def __init__(self, knowledge: Knowledge, spelling: Spelling, own_fields: Sequence[Field]) -> None:
        self._knowledge = knowledge
        self._spelling = spelling
        self._own_fields = own_fields
        self.owns: dict[tuple[bytes, ...], KnownOwn] = {}
        self._ends: dict[tuple[str | None, str | None], _Ends] = {}
        self._places: dict[tuple[int, str], tuple[Facts, bytes]] = {}
        self._looked_up: _LookedUp = {}

    def own(self, key: tuple[bytes, ...], time: int) -> KnownOwn:
        """Find the interface of a record by the values of its own fields, at a time (Unix seconds)."""
        kept = self.owns.get(key)
        if kept is None or not kept.own.found.since <= time < kept.own.found.until:
            kept = self.owns[key] = self._look_up(key, time)
        return kept

    def end(self, own: KnownOwn, address: bytes, time: int) -> KnownEnd:
        """Find who had an address in the interface's VPC at a time (Unix seconds)."""
        kept = own.ends.get(address)
        if kept is None or not kept.end.found.since <= time < kept.end.found.until:
            kept = own.ends[address] = self._look_up_end(own.own, address.decode(), time)
        return kept

    def note(self, own: KnownOwn, *ends: KnownEnd) -> None:
        """Take notice of a record of which something is unknown or ambiguous."""
        is_ambiguous = own.own.found.ambiguous or any(end.end.found.ambiguous for end in ends)
        if is_ambiguous or own.own.unknown:
            self._knowledge.note(is_ambiguous, own.own.unknown)

    def trim(self) -> None:
        """Forget what is too much to keep: call it between batches."""
        for kept in (self.owns, self._places, self._looked_up):
            if len(kept) > MOST_KNOWN:
                kept.clear()
        if sum(map(len, self._ends.values())) > MOST_KNOWN:
            self._ends.clear()
            self.owns.clear()  # they hold the ends

    def _look_up(self, key: tuple[bytes, ...], time: int) -> KnownOwn:
        record = self._read(key)
        own = self._knowledge.attributor.own(record, time)
        names = {field.key: field.key if self._spelling.columns else field.name for field in self._own_fields}
        fields = self._spelling.fragment({names[name]: value for name, value in record.items()})
        ends = self._ends.setdefault((own.vpc_id, own.subnet_id), {ABSENT: _ABSENT_END})
        return KnownOwn(own, fields, self._spelling.facts(own.facts), ends, self._looked_up)

    def _read(self, key: tuple[bytes, ...]) -> FlowRecord:
        record: dict[str, int | str] = {}
        for field, value in zip(self._own_fields, key, strict=True):
            if value != ABSENT:
                try:
                    record[field.key] = READERS[field.kind](value)
                except ValueError as error:
                    raise MalformedRecord(field.name, str(error)) from error
        return cast(FlowRecord, record)

    def _look_up_end(self, own: Own, address: str, time: int) -> KnownEnd:
        end = self._knowledge.attributor.end(own.vpc_id, own.subnet_id, address, time)
        has_place = self._knowledge.places.may_have(address)
        return KnownEnd(address, end, self._spelling.facts(peer_facts(end.interface)), None if has_place else b"")

    def as_source(self, end: KnownEnd) -> bytes:
        """Write the place of an end as the source's."""
        end.as_source = self._place(end.address, "source")
        return end.as_source

    def as_destination(self, end: KnownEnd) -> bytes:
        """Write the place of an end as the destination's."""
        end.as_destination = self._place(end.address, "destination")
        return end.as_destination

    def _place(self, address: str, end: str) -> bytes:
        """Write the place of an address; neighbours, which have the same facts, share what is written."""
        facts = self._knowledge.places.look_up(address)
        kept = self._places.get((id(facts), end))
        if kept is None or kept[0] is not facts:
            named = {f"{end}-{name}": value for name, value in facts.items()}
            kept = self._places[id(facts), end] = (facts, self._spelling.facts(named))
        return kept[1]
