"""Reads lines out of text, whatever carries them: headers, JSON, envelopes, time stamps."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from flowlogs.errors import MalformedEnvelope, MalformedRecord
from flowlogs.ingest.cloudwatch_logs import GZIP, Envelope, envelope_of, gunzip, is_envelope
from flowlogs.record.json_line import line_of, names_fields
from flowlogs.record.log_format import LogFormat
from flowlogs.record.timestamps import instant, unix_seconds

BOM = b"\xef\xbb\xbf"
_DEEPEST = 4
"""How often a message may hold a message. A real one does once or twice; this stops nesting without end."""
_LOWER_CASE = frozenset(b"abcdefghijklmnopqrstuvwxyz")  # what a header begins with
_ISO = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))\s+(.*)", re.DOTALL)


class Line(NamedTuple):
    """A flow-record line and the format that orders it; not yet known to fit it.

    `event_time` is when the carrier says it happened (Unix seconds), None where it does not.
    """

    log_format: LogFormat
    text: bytes
    event_time: int | None = None
    number: int = 0


class Refused(NamedTuple):
    """A line that cannot be a record, with the field and the reason."""

    text: bytes
    field: str
    reason: str
    header: bytes
    number: int = 0


class LineReader:
    """Reads the lines of one text. A header sets the order of what follows it, in this text only."""

    def __init__(self, log_format: LogFormat, event_time: int | None = None) -> None:
        self.configured = log_format
        self.log_format = log_format
        self.ignored = 0  # headers, blank and "#" lines, control messages
        self.number = 0  # the line read last, from 1
        self._event_time = event_time
        self._depth = 0

    def read(self, raw: bytes) -> Iterator[Line | Refused]:
        """Read one line of the text (or a text of several): what it holds, which may be nothing or many."""
        if raw.startswith(GZIP):
            yield from self._read_gzip(raw)
            return
        for part in raw.split(b"\n"):
            self.number += 1
            yield from self._read_part(part.removeprefix(BOM).strip())

    def _read_part(self, part: bytes) -> Iterator[Line | Refused]:
        if not part or part.startswith(b"#"):
            self.ignored += 1
        elif part.startswith(b"{"):
            yield from self._read_json(part)
        elif part[0] in _LOWER_CASE and (header := self._header(part)):
            self.log_format = header
            self.ignored += 1
        elif stamped := _ISO.match(part):
            yield self._line(stamped[2], unix_seconds(stamped[1].decode()))
        else:
            yield self._line(part, None)

    def _line(self, text: bytes, event_time: int | None) -> Line:
        return Line(self.log_format, text, self._event_time if event_time is None else event_time, self.number)

    def _header(self, part: bytes) -> LogFormat | None:
        """Know a header; that of the configured order also where most of its fields are not of VPC flow logs."""
        return self.configured if part == self.configured.header else LogFormat.of_header(part)

    def _refused(self, text: bytes, error: MalformedRecord) -> Refused:
        return Refused(text, error.field, error.reason, self.log_format.header, self.number)

    def _read_gzip(self, raw: bytes) -> Iterator[Line | Refused]:
        try:
            text = gunzip(raw)
        except MalformedEnvelope as error:
            self.number += 1
            yield self._refused(raw, MalformedRecord("envelope", str(error)))
        else:
            yield from self._deeper(text, self._event_time)

    def _read_json(self, part: bytes) -> Iterator[Line | Refused]:
        try:
            content = orjson.loads(part)
            yield from self._read_object(content)
        except orjson.JSONDecodeError:
            yield self._refused(part, MalformedRecord("line", "begins like JSON and is none"))
        except MalformedEnvelope as error:
            yield self._refused(part, MalformedRecord("envelope", str(error)))
        except MalformedRecord as error:
            yield self._refused(part, error)

    def _read_object(self, content: dict[str, object]) -> Iterator[Line | Refused]:
        if is_envelope(content):
            yield from self.read_envelope(envelope_of(content))
        elif isinstance(message := content.get("message"), str):
            yield from self._deeper(message.encode(), instant(content.get("timestamp")))
        elif names_fields(content):
            log_format, text = line_of(content)
            yield Line(log_format, text, self._event_time, self.number)
        else:
            raise MalformedRecord("line", "a JSON object with neither a message nor the fields of a flow record")

    def read_envelope(self, envelope: Envelope) -> Iterator[Line | Refused]:
        """Read the log events of a CloudWatch Logs envelope, each a text of its own."""
        if envelope.is_control:
            self.ignored += max(1, len(envelope.events))
            return
        for message, event_time, extracted in envelope.events:
            if extracted is None:
                yield from self._deeper(message, event_time)
            else:
                yield from self._read_extracted(extracted, message, event_time)

    def _read_extracted(
        self, extracted: dict[str, object], message: bytes, event_time: int | None
    ) -> Iterator[Line | Refused]:
        try:
            log_format, text = line_of(extracted)
        except MalformedRecord as error:
            yield self._refused(message, error)
        else:
            yield Line(log_format, text, event_time, self.number)

    def _deeper(self, text: bytes, event_time: int | None) -> Iterator[Line | Refused]:
        """Read a text that this text carries: its headers stay its own."""
        if self._depth >= _DEEPEST:
            raise MalformedEnvelope(f"messages lie more than {_DEEPEST} deep in each other")
        inner = LineReader(self.log_format, event_time if event_time is not None else self._event_time)
        inner._depth = self._depth + 1
        for found in inner.read(text):
            yield found._replace(number=self.number)
        self.ignored += inner.ignored
