"""Keeps what is known of interfaces, and of addresses as interfaces see them, ready to be joined."""

from collections.abc import Sequence
from typing import cast

from flowlogs.decorate.attribution import ABSENT_END, EndOfFlow, Own, has_address, is_bounded, peer_facts
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.spelling import Spelling
from flowlogs.errors import MalformedRecord
from flowlogs.record.fields import Field, FlowRecord
from flowlogs.record.values import ABSENT, READERS

OWN_KEYS = frozenset(
    {"version", "account_id", "interface_id", "vpc_id", "subnet_id", "instance_id", "region", "az_id"}
)
"""Keys of the fields that say which interface a record is of, and of those that never vary with one interface."""

MOST_KNOWN = 1 << 15
"""Interfaces, and addresses, kept at the end of a batch: 32 Ki, with a place of 400 bytes each some 30 MB."""


class KnownEnd:
    """An address as seen from a subnet: fragments of its place at either end and of its interface."""

    __slots__ = ("as_destination", "as_source", "bounded", "end", "in_internal", "in_subnet", "peer")

    def __init__(self, end: EndOfFlow, peer: bytes, as_source: bytes, as_destination: bytes) -> None:
        self.end = end
        self.peer = peer
        self.as_source = as_source
        self.as_destination = as_destination
        self.in_subnet = end.in_subnet
        self.in_internal = end.in_internal
        self.bounded = is_bounded(end.found)


_ABSENT_END = KnownEnd(ABSENT_END, b"", b"", b"")
_Ends = dict[bytes, KnownEnd]


class KnownOwn:
    """A record's own interface: fragments of its fields and facts, its addresses, what it has seen of others."""

    __slots__ = ("addresses", "bounded", "ends", "facts", "fields", "own")

    def __init__(self, own: Own, fields: bytes, facts: bytes, ends: _Ends) -> None:
        self.own = own
        self.fields = fields
        self.facts = facts
        self.ends = ends
        self.addresses = _Addresses(own)
        self.bounded = is_bounded(own.found) or own.unknown is not None


class _Addresses(dict[bytes, bool]):
    """Says of an address, as it stands in the line, whether it is the interface's own."""

    def __init__(self, own: Own) -> None:
        super().__init__()
        self._interface = own.interface

    def __missing__(self, address: bytes) -> bool:
        if len(self) >= MOST_KNOWN:
            self.clear()
        found = self[address] = address != ABSENT and has_address(self._interface, address.decode())
        return found


class Surroundings:
    """Finds interfaces and ends at the time of a record, from memory where that holds."""

    def __init__(self, knowledge: Knowledge, spelling: Spelling, own_fields: Sequence[Field]) -> None:
        self._knowledge = knowledge
        self._spelling = spelling
        self._own_fields = own_fields
        self.owns: dict[tuple[bytes, ...], KnownOwn] = {}
        self._ends: dict[tuple[str | None, str | None], _Ends] = {}
        self._places: dict[str, tuple[bytes, bytes]] = {}

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
            text = address.decode()
            end = self._knowledge.attributor.end(own.own.vpc_id, own.own.subnet_id, text, time)
            peer = self._spelling.facts(peer_facts(end.interface))
            kept = own.ends[address] = KnownEnd(end, peer, *self._places_of(text))
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

    def _places_of(self, address: str) -> tuple[bytes, bytes]:
        """Write an address's place as that of the source, and as that of the destination."""
        kept = self._places.get(address)
        if kept is None:
            place = self._knowledge.places(address)
            as_source = {f"source-{name}": value for name, value in place.items()}
            as_destination = {f"destination-{name}": value for name, value in place.items()}
            kept = self._places[address] = (self._spelling.facts(as_source), self._spelling.facts(as_destination))
        return kept
