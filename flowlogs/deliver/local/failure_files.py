"""Keeps failed records in Firehose's form: one JSON line each, under its error prefix."""

from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.behaviours import Behaviour, acts_on
from flowlogs.deliver.local.failed_record import FailedRecord
from flowlogs.deliver.local.object_names import ObjectNames, arrival
from flowlogs.deliver.local.open_files import OpenFiles


class FailureFiles:
    """Writes the failed records of one stream; an object per error output type and hour of arrival."""

    def __init__(self, folder: Path, stream: str, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._names = ObjectNames(stream)
        self._clock = clock
        self._open: OpenFiles[tuple[str, str], AtomicFile] = OpenFiles()

    def write(self, failed: Sequence[FailedRecord]) -> None:
        """Keep records."""
        ended = int(self._clock() * 1000)
        for record in failed:
            line = orjson.dumps(record.line(ended), option=orjson.OPT_APPEND_NEWLINE)
            self._file(record).file.write(line)

    @acts_on(Behaviour.FAILED_KEY)
    def _file(self, failed: FailedRecord) -> AtomicFile:
        arrived = failed.record.arrived
        key = (failed.output.value, f"{arrival(arrived):%Y/%m/%d/%H}")
        if key not in self._open:
            folder = self._folder.joinpath(*key)
            self._open[key] = AtomicFile.unique(folder, self._names.next(arrived))
        return self._open[key]

    def close(self) -> list[Path]:
        """Finish the objects and give their paths."""
        return self._open.close()

    def discard(self) -> None:
        """Remove what is not finished."""
        self._open.discard()
