"""Turns the text of a Firehose record into documents, line by line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from flowlogs.deliver.ssh_rejects import MARK, Test, ssh_reject_test
from flowlogs.errors import MalformedEnvelope, MalformedRecord
from flowlogs.ingest.cloudwatch_logs import GZIP
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.ingest.narrowing import Narrowing
from flowlogs.record.log_format import LogFormat

_READ_WITH_CARE = frozenset((b"", b"{", b"#", b"\x1f", b"\xef", b" ", b"\t", b"\r"))
"""First bytes of what is no line as it stands: blank, JSON, comment, BOM, leading blanks."""
_OPENED_WHOLE = (GZIP, b"{")
"""How a record begins that is no text of lines."""
_MOST_FORMATS = 16
"""Log formats kept at a time: streams have a few, hostile headers have many."""


class LineEncoder(Protocol):
    """Makes a line a document: `Encoder`, `ShapedLines`, or `RawLines`, which leaves it as it is."""

    def encode(self, line: bytes, event_time: int | None = None) -> bytes:
        """Give the document of a line; raise MalformedRecord when it does not fit."""
        ...

    def trim(self) -> None:
        """Forget what is too much to keep."""
        ...

    def last_end(self) -> int | None:
        """Give the `end` (Unix seconds) of the line encoded last; None where it has none."""
        ...


@dataclass(slots=True)
class Transformed:
    """What became of the lines of one Firehose record; `ssh_rejects`, where counted, are among the documents."""

    documents: list[bytes] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    dropped: int = 0
    ignored: int = 0
    ssh_rejects: int = 0

    @property
    def received(self) -> int:
        """Flow-record lines in this record."""
        return len(self.documents) + len(self.refused) + self.dropped


Read = bytes | Transformed
"""What a Firehose record is read as: the document of a single plain line, or what became of all else."""


class _OfFormat(NamedTuple):
    encoder: LineEncoder
    keeps: Callable[[bytes], bool] | None  # None: everything
    counts: Test | None  # None: nothing is counted


class TextReader:
    """Reads texts in the configured order of fields, or in that of their own headers."""

    def __init__(
        self,
        log_format: LogFormat,
        narrowing: Narrowing,
        make_encoder: Callable[[LogFormat], LineEncoder],
        *,
        counts_ssh_rejects: bool = False,
    ) -> None:
        self._counts = counts_ssh_rejects
        self._configured = log_format
        self._narrowing = narrowing
        self._make_encoder = make_encoder
        self._of_format: dict[LogFormat, _OfFormat] = {}
        plain = not narrowing and not log_format.is_text
        self._encode_plain = self._for(log_format).encoder.encode if plain else None

    def read(self, data: bytes | None, event_time: int | None) -> Read:
        """Make documents of the lines that `data` holds: just the document where it is one plain line that we keep.

        `event_time` (Unix seconds) is when the carrier got it. Data of None could not be decoded: one line, refused.
        """
        if data is not None and b"\n" not in data and data[:1] not in _READ_WITH_CARE and self._encode_plain:
            try:
                return self._encode_plain(data, event_time)
            except MalformedRecord:
                pass  # it may be something else than a line: read it with care
        return self._read_text(data, event_time)

    def _read_text(self, data: bytes | None, event_time: int | None) -> Transformed:
        transformed = Transformed()
        if data is None:
            transformed.refused.append(Refused(b"", "envelope", "not base64", self._configured.header))
            return transformed
        reader = LineReader(self._configured, event_time)
        if data.startswith(_OPENED_WHOLE):
            self._read_with_care(reader, data, transformed)
        else:
            self._read_lines(reader, data.split(b"\n"), event_time, transformed)
        transformed.ignored = reader.ignored
        return transformed

    def lines(self, data: bytes, event_time: int | None) -> list[Line]:
        """Give the lines that `data` holds, those included that cannot be records."""
        found = LineReader(self._configured, event_time).read(data)
        return [
            line if isinstance(line, Line) else Line(LogFormat.parse(line.header.decode()), line.text) for line in found
        ]

    def trim(self) -> None:
        """Forget what is too much to keep: call it between batches."""
        if len(self._of_format) > _MOST_FORMATS:
            configured = self._for(self._configured)
            self._of_format = {self._configured: configured}
        for of_format in self._of_format.values():
            of_format.encoder.trim()

    def last_end(self) -> int | None:
        """Give the latest `end` (Unix seconds) among the lines that the encoders saw last; None where there is none."""
        ends = [of_format.encoder.last_end() for of_format in self._of_format.values()]
        return max((end for end in ends if end is not None), default=None)

    def _read_lines(
        self, reader: LineReader, lines: list[bytes], event_time: int | None, transformed: Transformed
    ) -> None:
        """Encode line after line as if each were plain; what is not shows by being refused and is read with care."""
        log_format, (encoder, keeps, counts) = self._configured, self._for(self._configured)
        add = transformed.documents.append
        if lines[-1] == b"":
            lines.pop()  # behind the last newline there is no line
        for line in lines:
            if line[:1] not in _READ_WITH_CARE and not log_format.is_text:
                try:
                    document = encoder.encode(line, event_time)
                except MalformedRecord:
                    pass
                else:
                    if keeps is None or keeps(line):
                        add(document)
                        if counts is not None and line.find(MARK) >= 0:  # twice as fast as `in`
                            transformed.ssh_rejects += counts(line)
                    else:
                        transformed.dropped += 1
                    continue
            self._read_with_care(reader, line, transformed)
            if reader.log_format is not log_format:  # a header
                log_format, (encoder, keeps, counts) = reader.log_format, self._for(reader.log_format)

    def _read_with_care(self, reader: LineReader, data: bytes, transformed: Transformed) -> None:
        try:
            for found in reader.read(data):
                if isinstance(found, Line):
                    self._take(found, transformed)
                else:
                    transformed.refused.append(found)
        except MalformedEnvelope as error:
            transformed.refused.append(Refused(data, "envelope", str(error), reader.log_format.header))

    def _take(self, line: Line, transformed: Transformed) -> None:
        encoder, keeps, counts = self._for(line.log_format)
        try:
            document = encoder.encode(line.text, line.event_time)
        except MalformedRecord as error:
            transformed.refused.append(Refused(line.text, error.field, error.reason, line.log_format.header))
        else:
            if keeps is None or keeps(line.text):
                transformed.documents.append(document)
                if counts is not None and line.text.find(MARK) >= 0:
                    transformed.ssh_rejects += counts(line.text)
            else:
                transformed.dropped += 1

    def _for(self, log_format: LogFormat) -> _OfFormat:
        kept = self._of_format.get(log_format)
        if kept is None:
            keeps = self._narrowing.chooser(log_format) if self._narrowing else None
            counts = ssh_reject_test(log_format) if self._counts else None
            kept = self._of_format[log_format] = _OfFormat(self._make_encoder(log_format), keeps, counts)
        return kept
