"""Answers a Firehose transformation event: decides for each record, puts back, keeps dead letters, counts."""

from collections import defaultdict
from dataclasses import dataclass

from flowlogs.account import Account
from flowlogs.deliver.firehose import Answered, Answers, Received, TransformationEvent
from flowlogs.deliver.text import Read, TextReader, Transformed
from flowlogs.errors import NotKept
from flowlogs.ingest.dead_letters import DeadLetter, DeadLetters
from flowlogs.ingest.lines import Line
from flowlogs.ingest.packing import packed, single
from flowlogs.ingest.sending import Sender
from flowlogs.invocation import Invocation
from flowlogs.record.log_format import LogFormat
from flowlogs.setting_kinds import Documents


@dataclass(frozen=True, slots=True)
class Transformation:
    """Answers events of one delivery stream; `log_format` is the configured order of fields."""

    documents: Documents
    log_format: LogFormat
    sender: Sender
    dead_letters: DeadLetters

    def answer(
        self, event: TransformationEvent, reader: TextReader, read: list[Read], invocation: Invocation
    ) -> tuple[list[Answered], Account]:
        """Answer every record once, in order, by what `reader` read of it; give the account of its lines too."""
        answering = _Answering(self, event, reader)
        answering.decide(read)
        answering.put_back(invocation)
        answering.keep_refused(invocation)
        answering.account.received += event.unanswerable
        answering.account.failed += event.unanswerable
        return answering.answers.as_response()["records"], answering.account


class _Answering:
    """The work on one event: what is decided, and what must be done before the rest can be."""

    def __init__(self, settings: Transformation, event: TransformationEvent, reader: TextReader) -> None:
        self._settings = settings
        self._one = settings.documents is Documents.ONE
        self._event = event
        self._reader = reader
        self._read: dict[int, Transformed] = {}  # by place: all but plain lines that were answered
        self._back: dict[int, list[bytes]] = {}  # by place in the event: records to be put back instead
        self._mixed: list[int] = []  # places of records with good and bad lines
        self.answers = Answers([record.record_id for record in event.records])
        self.account = Account()

    def decide(self, read: list[Read]) -> None:
        """Answer each record, or say what must be done before it can be answered."""
        plain = 0
        for place, found in enumerate(read):
            if isinstance(found, Transformed):
                self._decide(place, found)
            elif self.answers.ok(place, found if self._one else found + b"\n"):
                plain += 1
            else:
                self._decide(place, Transformed([found]))
        self.account.received += plain
        self.account.delivered += plain

    def _decide(self, place: int, transformed: Transformed) -> None:
        self._read[place] = transformed
        lines = transformed.received
        self.account.ignored += transformed.ignored
        self.account.received += lines
        if lines > 1 and self._one:
            self._back[place] = [single(line, self._settings.log_format) for line in self._lines(place)]
        elif transformed.documents:
            self._answer(place, transformed)
        elif transformed.refused:
            self.account.failed += lines  # Firehose keeps the whole record, also what we would have left out
        else:
            self.account.dropped += lines
            self.answers.dropped(place)

    def _answer(self, place: int, transformed: Transformed) -> None:
        """Answer with the documents, or put the record back where the answer has no room for them."""
        documents = transformed.documents
        data = documents[0] if self._one else b"\n".join((*documents, b""))
        if len(data) > self.answers.most:
            self._back[place] = self._halves(place)
        elif not self.answers.ok(place, data):
            self._back[place] = self._as_it_is(place)
        else:
            self.account.delivered += len(documents)
            self.account.dropped += transformed.dropped
            self.account.failed += len(transformed.refused)
            if transformed.refused:
                self._mixed.append(place)

    def _received(self, place: int) -> Received:
        return self._event.records[place]

    def _lines(self, place: int) -> list[Line]:
        received = self._received(place)
        return self._reader.lines(received.data or b"", received.arrival)

    def _as_it_is(self, place: int) -> list[bytes]:
        """Give a record unchanged, but for lines without a time, which take that of their first arrival along."""
        received, lines = self._received(place), self._lines(place)
        if all(line.log_format.has_time for line in lines):
            return [received.data or b""]
        return [single(lines[0], self._settings.log_format)] if self._one else [record for record, _ in packed(lines)]

    def _halves(self, place: int) -> list[bytes]:
        """Pack each half of a record's lines anew; nothing for a single line, which would come back for ever."""
        lines = self._lines(place)
        middle = len(lines) // 2
        return [record for half in (lines[:middle], lines[middle:]) for record, _ in packed(half)] if middle else []

    def put_back(self, invocation: Invocation) -> None:
        """Put records back on their stream; one of which a part could not be put back has failed."""
        places: dict[bytes, list[int]] = defaultdict(list)
        for place, records in self._back.items():
            for record in records:
                places[record].append(place)
        failed = {place for place, records in self._back.items() if not records or not self._event.stream}
        records = [record for place, records in self._back.items() if place not in failed for record in records]
        for unsent in self._settings.sender.send(self._event.stream, records, invocation.time_left):
            failed.add(places[unsent.record].pop())
        for place in self._back:
            if place in failed:
                self.account.failed += self._read[place].received
            else:
                self.account.requeued += self._read[place].received
                self.answers.dropped(place)

    def keep_refused(self, invocation: Invocation) -> None:
        """Keep the bad lines of records that also have good ones; where that fails, the whole record has failed."""
        letters = (
            DeadLetter(self._event.stream, refused.reason, refused.text, refused.header, refused.field)
            for place in self._mixed
            for refused in self._read[place].refused
        )
        try:
            self._settings.dead_letters.keep(letters, invocation.now, invocation.name)
        except NotKept:
            for place in self._mixed:
                self._fail(place)

    def _fail(self, place: int) -> None:
        """Take an Ok back."""
        delivered, dropped = len(self._read[place].documents), self._read[place].dropped
        self.answers.failed(place)
        self.account.delivered -= delivered
        self.account.dropped -= dropped
        self.account.failed += delivered + dropped
