"""Keeps what is known of interfaces, and of addresses as interfaces see them, ready to be joined."""

from collections.abc import Sequence
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


class KnownOwn:
    """A record's own interface: fragments of its fields and facts, its addresses, what it has seen of others."""

    __slots__ = ("_careful", "_spelt", "_texts", "bounded", "ends", "facts", "fields", "own")

    def __init__(self, own: Own, fields: bytes, facts: bytes, ends: _Ends) -> None:
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
        self._spelt: dict[bytes, bool] = {}

    def has(self, address: bytes) -> bool:
        """Say whether an address, as it stands in the line, is the interface's own."""
        return address in self._texts or (self._careful and self._look(address))

    def _look(self, address: bytes) -> bool:
        found = self._spelt.get(address)
        if found is None:
            if len(self._spelt) >= MOST_KNOWN:
                self._spelt.clear()
            found = self._spelt[address] = address != ABSENT and has_address(self.own.interface, address.decode())
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
        self._places: dict[str, Facts] = {}

    def own(self, key: tuple[bytes, ...], time: int) -> KnownOwn:
        """Find the interface of a record by the values of its own fields, at a time (Unix seconds)."""
        kept = self.owns.get(key)
        if kept is None or not kept.own.found.since <= time < kept.own.found.until:
            kept = self.owns[key] = self._look_up(key, time)
        if kept.bounded:
            self._knowledge.note(kept.own.found.ambiguous, kept.own.unknown)
        return kept

    def end(self, own: KnownOwn, address: bytes, time: int) -> KnownEnd:
        """Find who had an address in the interface's VPC at a time (Unix seconds)."""
        kept = own.ends.get(address)
        if kept is None or not kept.end.found.since <= time < kept.end.found.until:
            kept = own.ends[address] = self._look_up_end(own.own, address.decode(), time)
        if kept.bounded:
            self._knowledge.note(kept.end.found.ambiguous, None)
        return kept

    def trim(self) -> None:
        """Forget what is too much to keep: call it between batches."""
        for kept in (self.owns, self._places):
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
        return KnownOwn(own, fields, self._spelling.facts(own.facts), ends)

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
        place = self._places.get(address)
        if place is None:
            place = self._places[address] = self._knowledge.places(address)
        return self._spelling.facts({f"{end}-{name}": value for name, value in place.items()})
