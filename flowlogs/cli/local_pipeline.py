"""The real functions around a local delivery stream, as `flowlogs run` drives them."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from flowlogs.account import Account
from flowlogs.cli.local_inputs import LocalObjects, lines_of_event
from flowlogs.cli.local_logs import LogFile
from flowlogs.deliver.firehose import is_transformation_event, open_transformation_event
from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.deliver.local.lake_parquet import LakeParquet
from flowlogs.deliver.local.reckoning import Reckoning, letters_of
from flowlogs.deliver.local.search_server import SearchServer
from flowlogs.deliver.shapes.reading import reader_of
from flowlogs.errors import UnreadableInput
from flowlogs.ingest.dead_letters import rows_of
from flowlogs.ingest.packing import calls
from flowlogs.ingest.sending import PARALLEL_CALLS, Sender
from flowlogs.ingest.streams import Streams
from flowlogs.record.log_format import LogFormat
from flowlogs.setting_kinds import Shape
from flowlogs.settings import value_of
from functions.decorator import wiring as decorator
from functions.ingestor import wiring as ingestor

SEARCH, LAKE = "search", "lake"
_NO_INVENTORY = "there is no --inventory: direction and security groups are not known of"
_LAMBDA_SECONDS = 900.0
"""The longest that Lambda lets an invocation last."""


class Killed(Exception):
    """An invocation that dies where it stands."""


class KillableStreams:
    """Delivery streams whose caller may be made to die right after a put."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self.armed = False

    def put(self, stream: str, records: Any) -> list[str | None]:
        """Put as the streams behind do, and then die where that is armed."""
        answer = self._streams.put(stream, records)
        if self.armed:
            self.armed = False
            raise Killed
        return answer


class LocalClock:
    """The time here, on which waiting for AWS to recover takes no time: it only moves the clock."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._lock = Lock()

    def now(self) -> float:
        """Give Unix seconds."""
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Move the clock: calls under way at once wait at once."""
        with self._lock:
            self._ahead += seconds / PARALLEL_CALLS


class LocalContext:
    """Lambda's context, for a function that runs here."""

    _numbers = count(1)

    def __init__(self, clock: Callable[[], float]) -> None:
        self.aws_request_id = f"local-{int(clock())}-{next(self._numbers):06}"
        self._clock = clock
        self._end = clock() + _LAMBDA_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Say how long the invocation may still last."""
        return int(1000 * (self._end - self._clock()))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a local run is to be: settings of the functions as in Lambda, which streams, which faults."""

    environ: Mapping[str, str]
    out: Path
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    search: Destination | None = None  # where documents go; None: there is no search stream
    lake: str | None = "parquet"  # parquet, json, raw or None
    faults: Faults = field(default_factory=Faults)


class LocalPipeline:
    """Takes events, runs the ingestor, the streams and their decorators, and reckons every line.

    As a context it finishes the files at the end, and discards unfinished ones where an exception ends it.
    """

    def __init__(self, plan: Plan) -> None:
        """Raise SettingsError where a setting is wrong."""
        self._plan = plan
        self._format: LogFormat = value_of(plan.environ, "FLOWLOGS_FORMAT")
        self._dead_letters = plan.out / "dead-letters"
        self._earlier = set(self._letter_files())
        self._dropped = dict.fromkeys((SEARCH, LAKE), 0)
        self._unknown = dict.fromkeys((SEARCH, LAKE), 0)
        self.reckonings: dict[str, Reckoning] = {}
        plan.out.mkdir(parents=True, exist_ok=True)
        self._log = LogFile(plan.out / "functions.ndjson")
        self._firehose = LocalFirehose(plan.out, clock=plan.clock, region="", faults=plan.faults)
        self._streams = KillableStreams(self._firehose)
        if plan.search is not None:
            self._create(SEARCH, plan.search, {"FLOWLOGS_DOCUMENTS": "one"})
        if plan.lake:
            self._create(LAKE, *self._lake())
        self._ingestor = self._wire_ingestor()

    def _lake(self) -> tuple[Destination, dict[str, str]]:
        folder, many = self._plan.out / "lake", {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_SEARCH_KEEP": "all"}
        many["FLOWLOGS_DROP_INTERNAL"] = ""
        if self._plan.lake == "parquet":
            return LakeParquet(folder), {**many, "FLOWLOGS_SHAPE": Shape.JSON}  # it has columns of its own
        shape = Shape.RAW if self._plan.lake == "raw" else value_of(self._plan.environ, "FLOWLOGS_SHAPE")
        return LakeFiles(folder), {**many, "FLOWLOGS_DESTINATION": "text", "FLOWLOGS_SHAPE": shape}

    def _create(self, stream: str, destination: Destination, environ: Mapping[str, str]) -> None:
        outside = decorator.Outside(self._firehose, None, self._plan.clock, self._plan.sleep, self._publisher(stream))
        log = self._log.of(f"decorator of {stream}")
        settings = {**self._environ(), **environ}
        function = decorator.wire(settings, log, outside)
        shape = value_of(settings, "FLOWLOGS_SHAPE")
        is_raw = shape is Shape.RAW
        reckoning = self.reckonings[stream] = Reckoning(reader_of(Shape.JSON if is_raw else shape))
        self._firehose.create(
            stream,
            destination,
            lambda event: function(event, LocalContext(self._plan.clock)),
            on_delivered=reckoning.delivered if not is_raw else lambda data: reckoning.passed(data, self._format),
            on_failed=lambda data: reckoning.failed(data, self._format),
            on_undelivered=lambda data: reckoning.undelivered(data, self._format),
            stays=isinstance(destination, SearchServer),
        )

    def _wire_ingestor(self) -> ingestor.Ingestor:
        names = {
            "FLOWLOGS_SEARCH_STREAM": SEARCH if self._plan.search is not None else "",
            "FLOWLOGS_LAKE_STREAM": LAKE if self._plan.lake else "",
        }
        outside = ingestor.Outside(self._streams, LocalObjects(), self._plan.clock, self._plan.sleep, lambda *_: None)
        environ = self._environ() | names
        return ingestor.wire(environ, self._log.of("ingestor"), outside)

    def _environ(self) -> dict[str, str]:
        return {**self._plan.environ, "FLOWLOGS_DEAD_LETTERS": str(self._dead_letters)}

    def _publisher(self, stream: str) -> Callable[[str, str, Mapping[str, float]], None]:
        def publish(_function: str, _stream: str, values: Mapping[str, float]) -> None:
            self._dropped[stream] += int(values["LinesDropped"])
            self._unknown[stream] += int(values["LinesOfUnknownInterface"])

        return publish

    def feed(self, event: Any, *, killed: bool = False) -> None:
        """Run the functions on an event; one that is killed dies once and is repeated, as Lambda does."""
        self._note(event)
        if is_transformation_event(event):
            self._put_directly(event)
        else:
            self._streams.armed = killed
            self._account(self._invoke(event))
            self._streams.armed = False
        self._firehose.deliver()

    def _invoke(self, event: Any) -> dict[str, Any]:
        try:
            return self._ingestor(event, LocalContext(self._plan.clock))
        except Killed:
            return self._ingestor(event, LocalContext(self._plan.clock))
        except OSError as error:
            raise UnreadableInput(str(error)) from error

    def _account(self, answer: dict[str, Any]) -> None:
        for stream, lines in answer["lines"].items():
            self._dropped[stream] += lines["dropped"]
        if answer["batchItemFailures"]:
            raise UnreadableInput("an object that the event names cannot be read; see functions.ndjson")

    def _put_directly(self, event: Any) -> None:
        """Put the records of a Firehose event onto the streams, as a source that writes to Firehose does."""
        records = [record.data for record in open_transformation_event(event).records if record.data is not None]
        sender = Sender(self._firehose, self._plan.sleep)
        for stream in self.reckonings:
            for call in calls(records):
                sender.send(stream, call, lambda: _LAMBDA_SECONDS)

    def _note(self, event: Any) -> None:
        """Reckon the lines of an event, read here once more and apart from what the functions do."""
        for found in (lines := lines_of_event(event, self._format)):
            for reckoning in self.reckonings.values():
                reckoning.came(found)
        for reckoning in self.reckonings.values():
            reckoning.ignored(lines.ignored)

    def close(self) -> dict[str, Account]:
        """Deliver the rest, finish the files and give the account of every line by stream."""
        self._firehose.close()
        self._log.close()
        for file in set(self._letter_files()) - self._earlier:
            for letter in letters_of(rows_of(file.read_bytes())):
                self.reckonings[letter.stream].kept([letter])
        return {stream: reckoning.result(self._dropped[stream]) for stream, reckoning in self.reckonings.items()}

    def remarks(self) -> list[str]:
        """Say what someone should look at: what the functions warned of, and lines whose interface is not known."""
        unknown = max(self._unknown.values())
        told = "the inventory lacks the interface of" if "FLOWLOGS_INVENTORY" in self._plan.environ else _NO_INVENTORY
        return self._log.warnings + ([f"{told} {unknown:,} lines"] if unknown else [])

    def _letter_files(self) -> Iterator[Path]:
        return self._dead_letters.rglob("*.ndjson.gz")

    def __enter__(self) -> "LocalPipeline":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is not None:
                self._firehose.discard()
        finally:
            self._log.close()
