"""Makes documents of columns as the encoder does of a line: the same look-ups, once per distinct thing of a block."""

from collections.abc import Callable, Sequence
from operator import attrgetter

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.decorate.attribution import BY_FLOW_DIRECTION, relation
from flowlogs.decorate.facts import Facts
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.line_facts import initiator_facts, protocol_facts
from flowlogs.decorate.spelling import Spelling, is_known
from flowlogs.decorate.surroundings import OWN_KEYS, KnownEnd, KnownOwn, Surroundings
from flowlogs.enrich.coded import Coded, coded, coded_numbers, constant, paired
from flowlogs.enrich.columns import NUMBERS, Columns
from flowlogs.enrich.decorated import Decorated
from flowlogs.enrich.own_addresses import OwnAddresses
from flowlogs.enrich.seen_ends import SeenEnd, SeenEnds
from flowlogs.enrich.spans import at_times
from flowlogs.inventory.network_interface import END
from flowlogs.record.fields import Field
from flowlogs.record.log_format import LogFormat
from flowlogs.record.timestamps import unix_seconds
from flowlogs.record.values import ABSENT, READERS

_NOW = END - 1
"""The time of a record that has none, as for the encoder: look-ups answer with what still is."""

_ENDS = (None, "source", "destination")
"""Which end a record's own interface is, by the codes below."""
_SOURCE, _DESTINATION = 1, 2
_IN_SUBNET, _IN_INTERNAL, _PEER, _PLACE = map(attrgetter, ("in_subnet", "in_internal", "peer", "place"))
_TOLD = {direction.encode(): _ENDS.index(end) for direction, end in BY_FLOW_DIRECTION.items()}


class Decorator:
    """Decorates columns of one log format with what is known; not for several threads at once."""

    def __init__(self, log_format: LogFormat, spelling: Spelling, knowledge: Knowledge) -> None:
        self._spelling = spelling
        self._own = [field for field in log_format.fields if field.key in OWN_KEYS]
        self._varying = [field for field in log_format.fields if is_known(field) and field not in self._own]
        self._unknown = [field for field in log_format.fields if not is_known(field)]
        self._surroundings = Surroundings(knowledge, spelling, self._own)
        self._sources = SeenEnds(self._surroundings, self._as_source)
        self._destinations = SeenEnds(self._surroundings, self._as_destination)
        self._own_addresses = OwnAddresses()
        self._relations = [
            spelling.facts(relation(end, internal=internal)) for end in _ENDS for internal in (False, True)
        ]

    def decorate(self, columns: Columns) -> Decorated:
        """Give the documents of accepted lines."""
        times = _times(columns)
        owns = self._owns(columns, times)
        source = self._sources.find(owns, _first_present(columns, ("pkt_srcaddr", "srcaddr")), times)
        destination = self._destinations.find(owns, _first_present(columns, ("pkt_dstaddr", "dstaddr")), times)
        end = self._interface_end(columns, owns)
        fragments = [
            owns.mapped(lambda own: own.fields + own.facts),
            self._related(end, source, destination),
            _peers(end, source, destination),
            source.mapped(_PLACE),
            destination.mapped(_PLACE),
            *self._of_values(columns),
        ]
        return Decorated(
            len(columns),
            times.mapped(lambda time: None if time == _NOW else time),
            fragments,
            [(field, _present(columns, field)) for field in self._varying],
            _count(owns.tell(lambda own: own.own.unknown is not None)),
        )

    def trim(self) -> None:
        """Forget what is too much to keep: call it between blocks."""
        self._surroundings.trim()
        self._sources.trim()
        self._destinations.trim()

    def _owns(self, columns: Columns, times: Coded[int]) -> Coded[KnownOwn]:
        keys = _together([_as_bytes(_present(columns, field), field) for field in self._own], len(columns))
        return at_times(keys, times, self._surroundings.own, attrgetter("own.found.until"))

    def _interface_end(self, columns: Columns, owns: Coded[KnownOwn]) -> pa.Array:
        """Say which end the interface is, as AWS says or by its addresses: a place in `_ENDS` for each row."""
        is_source = self._own_addresses.are_own(owns, _first_present(columns, ("srcaddr", "pkt_srcaddr")))
        is_destination = self._own_addresses.are_own(owns, _first_present(columns, ("dstaddr", "pkt_dstaddr")))
        one = pc.if_else(is_source, pa.scalar(_SOURCE, pa.int32()), pa.scalar(_DESTINATION, pa.int32()))
        end = pc.if_else(pc.equal(is_source, is_destination), pa.scalar(0, pa.int32()), one)
        directions = columns.of("flow_direction")
        if directions is None:
            return end
        told = coded(directions, None).mapped(lambda value: _TOLD.get(value, 0))
        said = told.spread(pa.array(told.things, pa.int32()))
        return pc.if_else(pc.greater(said, 0), said, end)

    def _related(self, end: pa.Array, source: Coded[SeenEnd], destination: Coded[SeenEnd]) -> Coded[bytes]:
        """Say which end the interface is, and which way the traffic goes."""
        is_internal = pc.or_(
            pc.and_(source.tell(_IN_SUBNET), destination.tell(_IN_SUBNET)),
            pc.and_(source.tell(_IN_INTERNAL), destination.tell(_IN_INTERNAL)),
        )
        return Coded(pc.add(pc.multiply(end, pa.scalar(2, pa.int32())), is_internal.cast(pa.int32())), self._relations)

    def _as_source(self, end: KnownEnd) -> bytes:
        return self._surroundings.as_source(end) if end.as_source is None else end.as_source

    def _as_destination(self, end: KnownEnd) -> bytes:
        return self._surroundings.as_destination(end) if end.as_destination is None else end.as_destination

    def _of_values(self, columns: Columns) -> list[Coded[bytes]]:
        """Give the facts that follow from a value alone, and fields that are not in the table."""
        found = [
            *self._of_number(columns, "protocol", protocol_facts),
            *self._of_number(columns, "tcp_flags", initiator_facts),
        ]
        if self._unknown:
            unknown = _together([self._written(field, columns) for field in self._unknown], len(columns))
            found.append(unknown.mapped(lambda values: self._spelling.unknown(b"".join(values))))
        return found

    def _of_number(self, columns: Columns, key: str, facts: Callable[[int], Facts]) -> list[Coded[bytes]]:
        column = columns.of(key)
        if column is None:
            return []
        values = coded(column, None)
        return [values.mapped(lambda value: b"" if value is None else self._spelling.facts(facts(value)))]

    def _written(self, field: Field, columns: Columns) -> Coded[bytes]:
        write, read = self._spelling.field(field), READERS[field.kind]  # of text: a number is a field of the table
        return coded(_present(columns, field), None).mapped(lambda value: b"" if value is None else write(read(value)))


def _present(columns: Columns, field: Field) -> pa.Array:
    column = columns.of(field.key)
    assert column is not None, "it is a field of the format"  # noqa: S101 (for the type)
    return column


def _as_bytes(column: pa.Array, field: Field) -> Coded[bytes]:
    """Code values as they stand in lines, but for zeros in front of a number."""
    if field.kind in NUMBERS:
        return coded(column, ABSENT).mapped(lambda value: value if value is ABSENT else b"%d" % value)
    return coded(column, ABSENT)


def _count(mask: pa.Array) -> int:
    return int(mask.true_count)


def _times(columns: Columns) -> Coded[int]:
    """Give the time of each record: `start`, else `end`, else what stands in front of the line."""
    found = None
    for key in ("start", "end"):
        column = columns.of(key)
        if column is not None:
            found = column if found is None else pc.coalesce(found, column)
    if columns.stamps is not None and (found is None or found.null_count):
        seconds = [unix_seconds(stamp.decode()) for stamp in columns.stamps.dictionary.to_pylist()]
        values = pa.array(seconds, pa.int64()).take(columns.stamps.indices)
        found = values if found is None else pc.coalesce(found, values)
    if found is None:
        return constant(_NOW, len(columns))
    return coded_numbers(found.fill_null(_NOW))


def _together(columns: Sequence[Coded[bytes]], length: int) -> Coded[tuple[bytes, ...]]:
    """Give every row all of what it has."""
    found: Coded[tuple[bytes, ...]] = constant((), length)
    for column in columns:
        found = paired(found, column).mapped(lambda pair: (*pair[0], pair[1]))
    return found


def _first_present(columns: Columns, keys: Sequence[str]) -> Coded[bytes]:
    """Give the first of some fields that a record has; "-" where it has none of them."""
    there = [column for key in keys if (column := columns.of(key)) is not None]
    if not there:
        return constant(ABSENT, len(columns))
    first, *others = there
    if not others or not first.null_count:
        return coded(first, ABSENT)
    values = pc.coalesce(*(column.dictionary_decode() for column in there))
    return coded(pc.dictionary_encode(values), ABSENT)


def _peers(end: pa.Array, source: Coded[SeenEnd], destination: Coded[SeenEnd]) -> Coded[bytes]:
    """Say who is at the other end than the interface."""
    things = [b"", *map(_PEER, source.things), *map(_PEER, destination.things)]
    first = pa.scalar(1, pa.int32())
    at_source = pc.add(source.codes, first)
    at_destination = pc.add(destination.codes, pa.scalar(1 + len(source.things), pa.int32()))
    nobody = pa.repeat(pa.scalar(0, pa.int32()), len(end))
    return Coded(pc.choose(end, nobody, at_destination, at_source), things)
