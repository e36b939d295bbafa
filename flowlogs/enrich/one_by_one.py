"""Lines that columns do not take: read one after the other, as the decorator reads all."""

from collections.abc import Iterable

import orjson
import pyarrow as pa  # type: ignore[import-untyped]

from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.spelling import Spelling
from flowlogs.enrich.coded import Coded
from flowlogs.enrich.documents import Documents, Encoded, RefusedLine
from flowlogs.enrich.lake_table import TIMESTAMP, table_of_documents
from flowlogs.errors import MalformedEnvelope, MalformedRecord
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.record.log_format import LogFormat
from flowlogs.record.timestamps import unix_seconds

MOST_FORMATS = 16
"""Log formats kept at a time: logs have a few, hostile headers have many."""


class OneByOne:
    """Encodes single lines; not for several threads at once."""

    def __init__(self, spelling: Spelling, knowledge: Knowledge) -> None:
        self._spelling = spelling
        self._knowledge = knowledge
        self._encoders: dict[LogFormat, Encoder] = {}

    def read(self, source: str, log_format: LogFormat, lines: Iterable[tuple[int, bytes]]) -> Encoded:
        """Encode lines of text, which come with their numbers."""
        reader, found = LineReader(log_format), list[Line | Refused]()
        for number, raw in lines:
            reader.number = number - 1
            try:
                found += reader.read(raw)
            except MalformedEnvelope as error:
                found.append(Refused(raw, "envelope", str(error), log_format.header, number))
        encoded = self.encode(source, found)
        encoded.account.ignored += reader.ignored
        return encoded

    def encode(self, source: str, found: Iterable[Line | Refused]) -> Encoded:
        """Encode what a reader found."""
        encoded, documents = Encoded(), list[bytes]()
        unknown = self._knowledge.noticed.unknown_records
        for line in found:
            refused = line if isinstance(line, Refused) else self._encode(line, documents)
            if refused is not None:
                encoded.refused.append(
                    RefusedLine(source, refused.number, refused.field, refused.reason, refused.text, refused.header)
                )
        encoded.account.failed = encoded.account.received = len(encoded.refused)
        encoded.delivered([self._documents(documents)] if documents else [], len(documents))
        encoded.unknown_lines = self._knowledge.noticed.unknown_records - unknown
        return encoded

    def trim(self) -> None:
        """Forget what is too much to keep: call it between blocks."""
        if len(self._encoders) > MOST_FORMATS:
            self._encoders.clear()
        for encoder in self._encoders.values():
            encoder.trim()

    def _encode(self, line: Line, documents: list[bytes]) -> Refused | None:
        encoder = self._encoders.get(line.log_format)
        if encoder is None:
            encoder = self._encoders[line.log_format] = Encoder(line.log_format, self._spelling, self._knowledge)
        try:
            documents.append(encoder.encode(line.text, line.event_time))
        except MalformedRecord as error:
            return Refused(line.text, error.field, error.reason, line.log_format.header, line.number)
        return None

    def _documents(self, documents: list[bytes]) -> Documents:
        read = [orjson.loads(document) for document in documents]
        if self._spelling.columns:
            seconds = [_seconds(document.get(TIMESTAMP)) for document in read]
            rows = table_of_documents(read)
        else:
            seconds = [unix_seconds(document["@timestamp"]) if "@timestamp" in document else None for document in read]
            rows = pa.array([document + b"\n" for document in documents], pa.binary())
        return Documents(rows, Coded(pa.array(range(len(documents)), pa.int32()), seconds))


def _seconds(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else milliseconds // 1000
