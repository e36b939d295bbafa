"""What the functions log on a laptop: a file of NDJSON."""

import sys
from pathlib import Path
from typing import Any, BinaryIO

import orjson


class LogFile:
    """A file that several functions log to, made with its first row; without a path it is standard error."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.warnings: list[str] = []  # each sentence once

    def of(self, function: str) -> "FunctionLog":
        """Give the log of one function."""
        return FunctionLog(self, function)

    def write(self, row: dict[str, Any]) -> None:
        """Add one row."""
        if self._file is None:
            self._file = self._path.open("ab") if self._path else sys.stderr.buffer
        self._file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Finish the file; twice does no harm."""
        if self._file and self._path:
            file, self._file = self._file, None
            file.close()


class FunctionLog:
    """The log of one function (`flowlogs.invocation.Log`)."""

    def __init__(self, file: LogFile, function: str) -> None:
        self._file = file
        self._function = function

    def info(self, msg: object, **fields: Any) -> None:
        """Tell what happened."""
        self._file.write({"level": "INFO", "function": self._function, "message": str(msg), **fields})

    def warning(self, msg: object, **fields: Any) -> None:
        """Tell what someone should look at."""
        if str(msg) not in self._file.warnings:
            self._file.warnings.append(str(msg))
        self._file.write({"level": "WARNING", "function": self._function, "message": str(msg), **fields})
