"""The decorator's work: an event of Firehose in, its answer out, with what is known at that moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.account import Account
from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge, Noticed
from flowlogs.decorate.knowledge_source import KnowledgeSource, Problems
from flowlogs.decorate.spelling import COLUMNS, NATIVE
from flowlogs.deliver.firehose import Answered, TransformationEvent, open_transformation_event
from flowlogs.deliver.raw_lines import RawLines
from flowlogs.deliver.shapes.layouts import LAYOUTS
from flowlogs.deliver.shapes.shaped_lines import ShapedLines
from flowlogs.deliver.shapes.shaper import Shaper
from flowlogs.deliver.ssh_rejects import MARK, ssh_reject_test
from flowlogs.deliver.text import LineEncoder, Read, TextReader, Transformed
from flowlogs.deliver.transformation import Transformation
from flowlogs.ingest.dead_letters import DeadLetters
from flowlogs.ingest.narrowing import Narrowing
from flowlogs.ingest.sending import Sender
from flowlogs.invocation import Invocation
from flowlogs.record.log_format import LogFormat
from flowlogs.setting_kinds import Destination, Documents, Shape


@dataclass(frozen=True, slots=True)
class Measured:
    """What an invocation measured; `lag` is arrival of the batch minus the last `end` seen, in seconds.

    `ssh_rejects` are among the lines delivered; None where they are not counted, or where nothing came.
    """

    stream: str
    account: Account
    noticed: Noticed
    problems: Problems
    lag: float | None
    database_age_days: float | None
    has_slow_reader: bool = False
    ssh_rejects: int | None = None
    inventory_age_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How documents look and how many a record may hold."""

    log_format: LogFormat
    documents: Documents
    destination: Destination
    shape: Shape
    narrowing: Narrowing
    counts_ssh_rejects: bool = False


class Decoration:
    """Answers transformation events; `report` takes what each invocation measured."""

    def __init__(
        self,
        style: Style,
        source: KnowledgeSource,
        *,
        sender: Sender,
        dead_letters: DeadLetters,
        report: Callable[[Measured], None],
    ) -> None:
        self._style = style
        self._source = source
        self._sender = sender
        self._dead_letters = dead_letters
        self._report = report
        self._knowledge: Knowledge | None = None
        self._reader: TextReader | None = None
        self._answering = Transformation(
            documents=style.documents, log_format=style.log_format, sender=sender, dead_letters=dead_letters
        )

    def answer(self, event: Any, invocation: Invocation) -> dict[str, list[Answered]]:
        """Answer every record of an event once, in order; raise MalformedEnvelope where it is none of Firehose."""
        opened = open_transformation_event(event)
        reader, read = self._read(opened, invocation)
        if self._source.learn(opened.account_id, invocation.now):
            reader, read = self._read(opened, invocation)  # nothing has had an effect yet
        answers, account = self._answering.answer(opened, reader, read, invocation)
        is_counted = self._style.counts_ssh_rejects and account.received > 0
        self._measure(opened, reader, account, self._ssh_rejects(opened, read, answers) if is_counted else None)
        reader.trim()
        return {"records": answers}

    def _read(self, opened: TransformationEvent, invocation: Invocation) -> tuple[TextReader, list[Read]]:
        reader = self._current(opened, invocation)
        return reader, [reader.read(record.data, record.arrival) for record in opened.records]

    def _current(self, opened: TransformationEvent, invocation: Invocation) -> TextReader:
        """Give a reader that knows what is known now; the last one, with all it remembers, while nothing changed."""
        knowledge = self._source.current(invocation.now, opened.region or None)
        if self._reader is None or knowledge is not self._knowledge:
            self._knowledge = knowledge
            style = self._style
            self._reader = TextReader(
                style.log_format,
                style.narrowing,
                self._encoders(knowledge),
                counts_ssh_rejects=style.counts_ssh_rejects,
            )
        return self._reader

    def _encoders(self, knowledge: Knowledge) -> Callable[[LogFormat], LineEncoder]:
        style = self._style
        if style.shape is Shape.RAW:
            one = style.documents is Documents.ONE
            return lambda log_format: RawLines(log_format, style.log_format, one=one)
        if style.shape in LAYOUTS:
            shaper, rate = Shaper(LAYOUTS[style.shape]), style.narrowing.sample_rate
            return lambda log_format: ShapedLines(Encoder(log_format, NATIVE, knowledge, rate), shaper)
        spelling = COLUMNS if style.destination is Destination.PARQUET else NATIVE
        return lambda log_format: Encoder(log_format, spelling, knowledge, style.narrowing.sample_rate)

    def _ssh_rejects(self, opened: TransformationEvent, read: Sequence[Read], answers: Sequence[Answered]) -> int:
        """Count rejected SSH in the records that were answered Ok in the end."""
        is_ssh_reject = ssh_reject_test(self._style.log_format)
        likely = [
            each
            for each in zip(opened.records, read, answers, strict=True)
            if isinstance(each[1], Transformed) or (each[0].data or b"").find(MARK) >= 0
        ]
        return sum(
            found.ssh_rejects if isinstance(found, Transformed) else is_ssh_reject(received.data or b"")
            for received, found, answer in likely
            if answer["result"] == "Ok"
        )

    def _measure(
        self, opened: TransformationEvent, reader: TextReader, account: Account, ssh_rejects: int | None
    ) -> None:
        arrivals = [record.arrival for record in opened.records if record.arrival is not None]
        end = reader.last_end()
        lag = float(max(arrivals) - end) if arrivals and end is not None else None
        noticed = self._knowledge.take_notices() if self._knowledge else Noticed()
        self._source.notice(noticed)
        source = self._source
        age, is_slow = source.database_age_days, source.has_slow_reader
        self._report(
            Measured(
                opened.stream,
                account,
                noticed,
                source.problems,
                lag,
                age,
                is_slow,
                ssh_rejects,
                source.inventory_age_seconds,
            )
        )
