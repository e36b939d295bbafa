"""Makes a line a document.

Most values of flow records repeat: interfaces, addresses, ports, seconds. So the JSON text of a value, with every fact
that follows from it alone, is made once, checked once and kept in a bounded map; a document is then a join of such
fragments, each of which begins with a comma. What is known of an interface, and of an address as an interface sees
it, is kept alike (`Surroundings`).
"""

from collections.abc import Callable, Sequence
from operator import getitem, itemgetter
from typing import cast

from flowlogs.decorate.attribution import BY_FLOW_DIRECTION, relation
from flowlogs.decorate.fragments import Fragments
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.line_facts import initiator_facts, protocol_facts
from flowlogs.decorate.spelling import Spelling, is_known
from flowlogs.decorate.surroundings import OWN_KEYS, KnownOwn, Surroundings
from flowlogs.errors import MalformedRecord
from flowlogs.inventory.network_interface import END
from flowlogs.record.fields import Field
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import ABSENT, read_time

_NOW = END - 1
"""The time of a record that has none: look-ups answer with what still is."""

_Pick = Callable[[list[bytes]], tuple[bytes, ...]]


class Encoder:
    """Encodes lines of one log format with what is known at the moment; not for several threads at once.

    `sample_rate` is how many accepted records one stands for where the stream was narrowed by sampling, else None.
    """

    def __init__(
        self, log_format: LogFormat, spelling: Spelling, knowledge: Knowledge, sample_rate: int | None = None
    ) -> None:
        fields = log_format.fields
        self.log_format = log_format
        self._spelling = spelling
        self._sample_rate = sample_rate
        self._width = len(fields)
        self._start, self._end = log_format.position("start"), log_format.position("end")
        own = [place for place, field in enumerate(fields) if field.key in OWN_KEYS]
        varying = [place for place, field in enumerate(fields) if is_known(field) and place not in own]
        unknown = [place for place, field in enumerate(fields) if not is_known(field)]
        self._own = _values_at(own)
        self._varying, self._fragments = _values_at(varying), self._fragments_of(varying)
        self._unknown, self._unknown_fragments = _values_at(unknown), self._fragments_of(unknown)
        self._surroundings = Surroundings(knowledge, spelling, [fields[place] for place in own])
        self._owns = self._surroundings.owns
        # the packet's own addresses say who talks to whom, the interface's say which end it is
        self._ends = _first_present(log_format, ("pkt_srcaddr", "srcaddr"), ("pkt_dstaddr", "dstaddr"))
        self._hops = _first_present(log_format, ("srcaddr", "pkt_srcaddr"), ("dstaddr", "pkt_dstaddr"))
        self._has_packet_addresses = any(field.key in ("pkt_srcaddr", "pkt_dstaddr") for field in fields)
        self._direction = log_format.position("flow_direction")
        self._relations = {
            end: tuple(spelling.facts(relation(end, internal=internal)) for internal in (False, True))
            for end in (None, "source", "destination")
        }
        self._last: list[bytes] = []

    def encode(self, line: bytes, event_time: int | None = None) -> bytes:
        """Give the document of a line; raise MalformedRecord, naming the field, when it does not fit the format.

        `event_time` (Unix seconds) is the carrier's, for records that have no time of their own.
        """
        values = line.split()  # bytes: ASCII blanks only
        if len(values) != self._width:
            self.log_format.check_width(values)
        fragments = [b"", *map(getitem, self._fragments, self._varying(values))]
        key = self._own(values)
        own = self._owns.get(key)
        is_noteworthy = own is None or own.bounded
        if own is None or own.bounded:
            own = self._surroundings.own(key, self._time(values, event_time))
        source, destination = self._ends(values)
        at_source, at_destination = own.ends.get(source), own.ends.get(destination)
        if at_source is None or at_source.bounded:
            is_noteworthy = True
            at_source = self._surroundings.end(own, source, self._time(values, event_time))
        if at_destination is None or at_destination.bounded:
            is_noteworthy = True
            at_destination = self._surroundings.end(own, destination, self._time(values, event_time))
        if is_noteworthy:
            self._surroundings.note(own, at_source, at_destination)
        is_internal = (at_source.in_subnet and at_destination.in_subnet) or (
            at_source.in_internal and at_destination.in_internal
        )
        end = self._interface_end(values, own, source, destination)
        fragments[0] = own.fields
        fragments.append(own.facts)
        fragments.append(self._relations[end][is_internal])
        if end is not None:
            fragments.append((at_destination if end == "source" else at_source).peer)
        as_source, as_destination = at_source.as_source, at_destination.as_destination
        fragments.append(self._surroundings.as_source(at_source) if as_source is None else as_source)
        fragments.append(
            self._surroundings.as_destination(at_destination) if as_destination is None else as_destination
        )
        if self._start is None or values[self._start] == ABSENT:
            fragments.append(self._other_time(values, event_time))
        if self._unknown_fragments:
            unknown = b"".join(map(getitem, self._unknown_fragments, self._unknown(values)))
            fragments.append(self._spelling.unknown(unknown))
        self._last = values
        return b"{" + b"".join(fragments)[1:] + b"}"

    def trim(self) -> None:
        """Forget what is too much to keep: call it between batches."""
        for fragments in (*self._fragments, *self._unknown_fragments):
            fragments.trim()
        self._surroundings.trim()

    def last_end(self) -> int | None:
        """Give the `end` (Unix seconds) of the line encoded last; None where it has none."""
        value = self._last[self._end] if self._last and self._end is not None else ABSENT
        return None if value == ABSENT else read_time(value)

    def _interface_end(self, values: list[bytes], own: KnownOwn, source: bytes, destination: bytes) -> str | None:
        """Say which end the interface is, as AWS says or by its addresses (`attribution.interface_end`)."""
        if self._direction is not None:
            told = _TOLD.get(values[self._direction])
            if told is not None:
                return told
        if self._has_packet_addresses:
            source, destination = self._hops(values)
        is_source = own.has(source)
        if is_source == own.has(destination):
            return None
        return "source" if is_source else "destination"

    def _fragments_of(self, places: Sequence[int]) -> list[Fragments]:
        fields = [self.log_format.fields[place] for place in places]
        return [Fragments(field, self._writer(field)) for field in fields]

    def _writer(self, field: Field) -> Callable[[int | str], bytes]:
        """Choose how a value of a field becomes a fragment, with the facts that follow from the value alone."""
        spelling = self._spelling
        write = spelling.field(field)

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
        return b"" if seconds == _NOW else self._spelling.timestamp(seconds)

    def _time(self, values: list[bytes], event_time: int | None) -> int:
        for place in (self._start, self._end):
            if place is not None and values[place] != ABSENT:
                try:
                    return read_time(values[place])
                except ValueError as error:
                    raise MalformedRecord(self.log_format.fields[place].name, str(error)) from error
        return _NOW if event_time is None else event_time


_TOLD = {direction.encode(): end for direction, end in BY_FLOW_DIRECTION.items()}


def _values_at(places: Sequence[int]) -> _Pick:
    """Pick the values at these places of a line: `itemgetter`, which gives a tuple only from two places on."""
    if len(places) > 1:
        return cast(_Pick, itemgetter(*places))
    return lambda values: tuple(values[place] for place in places)


def _first_present(log_format: LogFormat, *choices: tuple[str, ...]) -> _Pick:
    """Pick, for each choice of keys, the first that a line has; "-" where it has none of them."""
    places = [[at for key in keys if (at := log_format.position(key)) is not None] for keys in choices]
    if all(len(at) == 1 for at in places):
        return cast(_Pick, itemgetter(*(at[0] for at in places)))

    def pick(values: list[bytes]) -> tuple[bytes, ...]:
        return tuple(next((values[at] for at in choice if values[at] != ABSENT), ABSENT) for choice in places)

    return pick
