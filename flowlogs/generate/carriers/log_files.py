"""Log files as VPC Flow Logs puts them into S3."""

from dataclasses import dataclass
from datetime import UTC, datetime
from gzip import GzipFile
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from flowlogs.generate.atomic import partial
from flowlogs.generate.vpc import Vpc
from flowlogs.record.log_format import LogFormat

# Source: VPC User Guide, "Publish flow logs to Amazon S3", "Log file" and "Log file names".
WINDOW = 300
"""Seconds; a record's `end` says into which file it goes."""
LARGEST = 75 * 1024 * 1024
"""Bytes after which a file is closed before its time; taken as before compression."""
_STAY_OPEN = 3
"""Windows that are open at once: an aggregation interval of ten minutes reaches over two."""


@dataclass(slots=True)
class _OpenFile:
    path: Path
    raw: BinaryIO
    text: GzipFile
    size: int


class LogFiles:
    """Writes gzip'd text with a header line, a window of five minutes a file; it appears when it is whole."""

    def __init__(self, folder: Path, vpc: Vpc, log_format: LogFormat, *, largest: int = LARGEST) -> None:
        self.count = 0
        """Files closed so far."""
        self._folder = folder / "AWSLogs" / vpc.account_id / "vpcflowlogs" / vpc.region
        self._prefix = f"{vpc.account_id}_vpcflowlogs_{vpc.region}_{vpc.flow_log_id}"
        self._header = log_format.header + b"\n"
        self._largest = largest
        self._open: dict[int, _OpenFile] = {}
        self._opened = 0

    def add(self, line: bytes, end: int) -> None:
        """Add a line whose record ends at this time, Unix seconds."""
        window = end - end % WINDOW
        file = self._open.get(window) or self._start(window)
        file.text.write(line + b"\n")
        file.size += len(line) + 1
        if file.size >= self._largest:
            self._finish(window)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        for window in sorted(self._open):
            if failed is None:
                self._finish(window)
            else:
                self._discard(window)

    def _start(self, window: int) -> _OpenFile:
        for past in [open_ for open_ in self._open if open_ <= window - _STAY_OPEN * WINDOW]:
            self._finish(past)
        path = self._path(window)
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = partial(path).open("wb")
        text = GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0)
        text.write(self._header)
        file = self._open[window] = _OpenFile(path, raw, text, len(self._header))
        return file

    def _path(self, window: int) -> Path:
        """Name a file; the time in it is the start of its window, the last part makes it unique."""
        self._opened += 1
        at = datetime.fromtimestamp(window, UTC)
        unique = sha256(f"{self._prefix} {window} {self._opened}".encode()).hexdigest()[:8]
        return self._folder / f"{at:%Y/%m/%d}" / f"{self._prefix}_{at:%Y%m%dT%H%MZ}_{unique}.log.gz"

    def _finish(self, window: int) -> None:
        file = self._open.pop(window)
        file.text.close()
        file.raw.close()
        partial(file.path).replace(file.path)
        self.count += 1

    def _discard(self, window: int) -> None:
        file = self._open.pop(window)
        file.text.close()  # before the file below it: from Python 3.12 on it holds back what it writes
        file.raw.close()
        partial(file.path).unlink(missing_ok=True)
