"""Amazon Data Firehose on a laptop: delivery streams by name."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from flowlogs.deliver.local.atomic_file import discard_begun
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.call_error import CallError
from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.dice import Dice
from flowlogs.deliver.local.failure_files import FailureFiles
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.local_stream import BUFFER_BYTES, LocalStream, Observer
from flowlogs.deliver.local.stream_count import StreamCount
from flowlogs.deliver.local.stream_place import StreamPlace
from flowlogs.deliver.local.tally import Tally
from flowlogs.deliver.local.transformation import Transform, Transformation
from flowlogs.errors import StreamError
from flowlogs.ingest.streams import MAX_CALL_BYTES, MAX_RECORD_BYTES, MAX_RECORDS

TEMPORARY = frozenset({"ServiceUnavailableException", "ThrottlingException", "InternalFailure"})
"""Error codes of calls that may succeed when repeated."""

_FIRST_ID = 49546986683135544286507457936321625675700192471156785154


class LocalFirehose:
    """Takes puts from any thread and only queues them; `deliver` transforms and delivers what is queued.

    As a context it closes at the end, and discards unfinished files where an exception (Ctrl-C too) ends it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        region: str = "us-east-1",
        account_id: str = "123456789012",
        faults: Faults | None = None,
    ) -> None:
        """Keep failed records below `folder`; `clock` gives Unix seconds."""
        self._folder = folder
        self._clock = clock
        self._region = region
        self._account_id = account_id
        self._faults = faults or Faults()
        self._streams: dict[str, LocalStream] = {}
        self._delivery = RLock()
        self._delivering = False

    def create(
        self,
        name: str,
        destination: Destination,
        transform: Transform | None = None,
        *,
        buffer_bytes: int = BUFFER_BYTES,
        function: str = "decorator",
        on_delivered: Observer | None = None,
        on_failed: Observer | None = None,
        on_undelivered: Observer | None = None,
        stays: bool = False,
    ) -> None:
        """Add a delivery stream; raise ValueError where there is one of that name.

        The observers are shown the data of each record delivered, the raw data of each that failed before, and what
        the destination refused (`on_failed` is, where there is no third one). `stays` says that what the destination
        took is there for good: then what failed is kept even where the rest is discarded.
        """
        if name in self._streams:
            raise ValueError(f"there is a delivery stream {name} already")
        place = StreamPlace(name, self._region, self._account_id, function)
        dice, tally = Dice(self._faults, name), Tally()
        self._streams[name] = LocalStream(
            destination,
            FailureFiles(self._folder, name, self._clock),
            ids=(f"{number}000000" for number in count(_FIRST_ID + len(self._streams) * 10**12)),
            clock=self._clock,
            dice=dice,
            tally=tally,
            transformation=Transformation(transform, place, dice, tally) if transform else None,
            buffer_bytes=buffer_bytes,
            on_delivered=on_delivered,
            on_failed=on_failed,
            on_undelivered=on_undelivered,
            stays=stays,
        )

    def put_record_batch(
        self,
        *,
        DeliveryStreamName: str,  # noqa: N803 (boto3's name)
        Records: Sequence[Mapping[str, bytes]],  # noqa: N803 (boto3's name)
    ) -> dict[str, Any]:
        """Answer as boto3 does; raise CallError, or TimeoutError where an answer is lost."""
        stream = self._stream(DeliveryStreamName)
        records = [record["Data"] for record in Records]
        try:
            check_call(records)
        except CallError:
            stream.refuse_call()
            raise
        ids = stream.put(records)
        responses = list(map(_answer, ids))
        return {"FailedPutCount": ids.count(None), "Encrypted": False, "RequestResponses": responses}

    @acts_on(Behaviour.PUT_UNKNOWN_STREAM)
    def _stream(self, name: str) -> LocalStream:
        if name not in self._streams:
            message = f"Firehose {name} under account {self._account_id} not found."
            raise CallError("ResourceNotFoundException", message)
        return self._streams[name]

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        """Put records as the Streams protocol says; raise StreamError when the call failed as a whole."""
        call = [{"Data": data} for data in records]
        try:
            answer = self.put_record_batch(DeliveryStreamName=stream, Records=call)
        except CallError as error:
            raise StreamError(error.code, temporary=error.code in TEMPORARY) from error
        except TimeoutError as error:
            raise StreamError("ReadTimeoutError", temporary=True) from error
        return [response.get("ErrorCode") for response in answer["RequestResponses"]]

    def deliver(self, *, final: bool = False) -> None:
        """Deliver every full buffer, with `final` also what is left, until nothing more comes.

        A transformation may put onto any stream while it runs, its own too: that is queued, and delivered
        here in turn.
        """
        with self._delivery:
            if self._delivering:  # a transformation asked for it: the call that runs it goes on with the rest
                return
            self._delivering = True
            try:
                while any(stream.deliver(final=final) for stream in self._streams.values()):
                    pass
            finally:
                self._delivering = False

    def flush(self) -> None:
        """Deliver all that is queued."""
        self.deliver(final=True)

    @property
    def counts(self) -> dict[str, StreamCount]:
        """What happened on each stream so far."""
        return {name: stream.count for name, stream in self._streams.items()}

    def close(self) -> list[Path]:
        """Deliver all that is queued, finish all files and give their paths."""
        with self._delivery:
            self.flush()
            return [path for stream in self._streams.values() for path in stream.close()]

    def discard(self) -> None:
        """Forget what is queued and remove all files that are not finished."""
        with self._delivery:
            for stream in self._streams.values():
                stream.discard()
            discard_begun()

    def __enter__(self) -> "LocalFirehose":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.discard()  # what `close` finished is out of its reach


@acts_on(Behaviour.PUT_RECORDS, Behaviour.PUT_CALL_BYTES, Behaviour.PUT_RECORD_BYTES, Behaviour.PUT_NOTHING)
def check_call(records: Sequence[bytes]) -> None:
    """Raise CallError where a call is beyond Firehose's limits."""
    if not 1 <= len(records) <= MAX_RECORDS:
        raise _invalid(f"{len(records)} records; a call takes 1 to {MAX_RECORDS}")
    if max(map(len, records)) > MAX_RECORD_BYTES:
        raise _invalid(f"a record is larger than {MAX_RECORD_BYTES} bytes")
    if sum(map(len, records)) > MAX_CALL_BYTES:
        raise _invalid(f"the records are larger than {MAX_CALL_BYTES} bytes together")


def _invalid(message: str) -> CallError:
    return CallError("InvalidArgumentException", message)


@acts_on(Behaviour.PUT_PARTIAL)
def _answer(record_id: str | None) -> dict[str, str]:
    if record_id is None:
        return {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
    return {"RecordId": record_id}
