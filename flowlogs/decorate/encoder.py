"""Makes a line a document.

Most values of flow records repeat: interfaces, addresses, ports, seconds. So the JSON text of a value, with every fact
that follows from it alone, is made once, checked once and kept in a bounded map; a document is then a join of such
fragments, each of which begins with a comma. What follows from several values together (whose traffic it is) is
kept by all of them.
"""

from collections.abc import Callable
from operator import getitem, itemgetter
from typing import NamedTuple, cast

from flowlogs.decorate.attribution import Attribution, ends
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.line_facts import initiator_facts, protocol_facts
from flowlogs.decorate.spelling import Spelling, is_known
from flowlogs.errors import MalformedRecord
from flowlogs.inventory.network_interface import END
from flowlogs.record.fields import Field, FlowRecord
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import ABSENT, READERS, read_time

ATTRIBUTED_BY = frozenset(
    {
        "version",
        "account_id",
        "interface_id",
        "srcaddr",
        "dstaddr",
        "pkt_srcaddr",
        "pkt_dstaddr",
        "flow_direction",
        "vpc_id",
        "subnet_id",
        "instance_id",
        "region",
        "az_id",
        "type",
    }
)
"""Keys of the fields by which a record is attributed, and of those that never vary among records alike in these."""

_NOW = END - 1
"""The time of a record that has none: look-ups answer with what still is."""

MOST_FRAGMENTS = 1 << 16
"""Entries a map may hold at the end of a batch: 64 Ki fragments of about 100 bytes are 10 MB."""
MOST_ATTRIBUTED = 1 << 14
"""The same for attributed ends, whose facts with two places are about 1 KB."""


class Attributed(NamedTuple):
    """What is kept of records alike in ATTRIBUTED_BY; `attribution` is None where it holds at any time."""

    fields: bytes
    facts: bytes
    attribution: Attribution | None


class _Fragments(dict[bytes, bytes]):
    """Fragments of one field by the value as it stands in the line."""

    def __init__(self, field: Field, write: Callable[[int | str], bytes]) -> None:
        super().__init__()
        self._name = field.name
        self._read = READERS[field.kind]
        self._write = write

    def __missing__(self, value: bytes) -> bytes:
        try:
            fragment = b"" if value == ABSENT else self._write(self._read(value))
        except ValueError as error:
            raise MalformedRecord(self._name, str(error)) from error
        self[value] = fragment
        return fragment


class Encoder:
    """Encodes lines of one log format with what is known at the moment; not for several threads at once.

    `sample_rate` is how many accepted records one stands for where the stream was narrowed by sampling, else None.
    """

    def __init__(
        self, log_format: LogFormat, spelling: Spelling, knowledge: Knowledge, sample_rate: int | None = None
    ) -> None:
        self.log_format = log_format
        self._spelling = spelling
        self._knowledge = knowledge
        self._sample_rate = sample_rate
        self._width = len(log_format.fields)
        self._start = log_format.position("start")
        self._end = log_format.position("end")
        by = [place for place, field in enumerate(log_format.fields) if field.key in ATTRIBUTED_BY]
        own = [place for place in range(self._width) if place not in by]
        known = [place for place in own if is_known(log_format.fields[place])]
        unknown = [place for place in own if place not in known]
        self._key, self._by = _values_at(by), [log_format.fields[place] for place in by]
        self._own, self._fragments = _values_at(known), self._fragments_of(known)
        self._unknown, self._unknown_fragments = _values_at(unknown), self._fragments_of(unknown)
        self._has_unknown = bool(unknown)
        self._attributed: dict[tuple[bytes, ...], Attributed] = {}
        self._places: dict[tuple[str, str], bytes] = {}
        self._last: list[bytes] = []

    def encode(self, line: bytes, event_time: int | None = None) -> bytes:
        """Give the document of a line; raise MalformedRecord, naming the field, when it does not fit the format.

        `event_time` (Unix seconds) is the carrier's, for records that have no time of their own.
        """
        values = line.split()  # bytes: ASCII blanks only
        if len(values) != self._width:
            self.log_format.check_width(values)
        key = self._key(values)
        attributed = self._attributed.get(key)
        if attributed is None or attributed.attribution is not None:
            attributed = self._attribute(key, values, attributed, event_time)
        fragments = [attributed.fields, *map(getitem, self._fragments, self._own(values)), attributed.facts]
        if self._start is None or values[self._start] == ABSENT:
            fragments.append(self._other_time(values, event_time))
        if self._has_unknown:
            unknown = b"".join(map(getitem, self._unknown_fragments, self._unknown(values)))
            fragments.append(self._spelling.unknown(unknown))
        self._last = values
        return b"{" + b"".join(fragments)[1:] + b"}"

    def trim(self) -> None:
        """Forget fragments where there are too many: call it between batches."""
        for fragments in (*self._fragments, *self._unknown_fragments):
            if len(fragments) > MOST_FRAGMENTS:
                fragments.clear()
        if len(self._attributed) > MOST_ATTRIBUTED:
            self._attributed.clear()

    def last_end(self) -> int | None:
        """Give the `end` (Unix seconds) of the line encoded last; None where it has none."""
        value = self._last[self._end] if self._last and self._end is not None else ABSENT
        return None if value == ABSENT else read_time(value)

    def _fragments_of(self, places: list[int]) -> list[_Fragments]:
        fields = [self.log_format.fields[place] for place in places]
        return [_Fragments(field, self._writer(field)) for field in fields]

    def _writer(self, field: Field) -> Callable[[int | str], bytes]:
        """Choose how a value of a field becomes a fragment, with the facts that follow from the value alone."""
        spelling = self._spelling

        def write(value: int | str) -> bytes:
            return spelling.field(field, value)

        def write_start(value: int | str) -> bytes:
            return write(value) + spelling.timestamp(cast(int, value))

        def write_protocol(value: int | str) -> bytes:
            return write(value) + spelling.facts(protocol_facts(cast(int, value)))

        def write_tcp_flags(value: int | str) -> bytes:
            return write(value) + spelling.facts(initiator_facts(cast(int, value)))

        def write_action(value: int | str) -> bytes:
            rate = self._sample_rate if value == "ACCEPT" else 1
            return write(value) + spelling.facts({} if self._sample_rate is None else {"sample-rate": rate or 1})

        special = {"start": write_start, "protocol": write_protocol, "tcp_flags": write_tcp_flags}
        return {**special, "action": write_action}.get(field.key, write)

    def _other_time(self, values: list[bytes], event_time: int | None) -> bytes:
        """Write the time of a record without `start`: `end`, else the carrier's."""
        seconds = self._time(values, event_time)
        return b"" if seconds is None else self._spelling.timestamp(seconds)

    def _time(self, values: list[bytes], event_time: int | None) -> int | None:
        for place in (self._start, self._end):
            if place is not None and values[place] != ABSENT:
                try:
                    return read_time(values[place])
                except ValueError as error:
                    raise MalformedRecord(self.log_format.fields[place].name, str(error)) from error
        return event_time

    def _attribute(
        self, key: tuple[bytes, ...], values: list[bytes], kept: Attributed | None, event_time: int | None
    ) -> Attributed:
        """Find what is known of the ends, from memory where that holds at the time of this record."""
        time = self._time(values, event_time)
        at = _NOW if time is None else time
        if kept is None or kept.attribution is None or not kept.attribution.since <= at < kept.attribution.until:
            kept = self._attributed[key] = self._look_up(key, at)
        if kept.attribution is not None:
            self._knowledge.note(kept.attribution)
        return kept

    def _look_up(self, key: tuple[bytes, ...], time: int) -> Attributed:
        record = self._read(key)
        attribution = self._knowledge.attribute(record, time)
        facts = [self._spelling.facts(attribution.facts)]
        facts += [self._place(end, address) for end, address in ends(record).items()]
        names = {field.key: field.key if self._spelling.columns else field.name for field in self._by}
        fields = self._spelling.fragment({names[name]: value for name, value in record.items()})
        return Attributed(fields, b"".join(facts), None if attribution.holds_always() else attribution)

    def _read(self, key: tuple[bytes, ...]) -> FlowRecord:
        record: dict[str, int | str] = {}
        for field, value in zip(self._by, key, strict=True):
            if value != ABSENT:
                try:
                    record[field.key] = READERS[field.kind](value)
                except ValueError as error:
                    raise MalformedRecord(field.name, str(error)) from error
        return cast(FlowRecord, record)

    def _place(self, end: str, address: str) -> bytes:
        kept = self._places.get((end, address))
        if kept is None:
            if len(self._places) >= MOST_FRAGMENTS:
                self._places.clear()
            facts = {f"{end}-{name}": value for name, value in self._knowledge.places(address).items()}
            kept = self._places[end, address] = self._spelling.facts(facts)
        return kept


def _values_at(places: list[int]) -> Callable[[list[bytes]], tuple[bytes, ...]]:
    """Pick the values at these places of a line: `itemgetter`, which gives a tuple only from two places on."""
    if len(places) > 1:
        return cast(Callable[[list[bytes]], tuple[bytes, ...]], itemgetter(*places))
    return lambda values: tuple(values[place] for place in places)
