"""What the functions log on a laptop: a file of NDJSON."""

from pathlib import Path
from typing import Any

import orjson


class LogFile:
    """A file that several functions log to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def of(self, function: str) -> "FunctionLog":
        """Give the log of one function."""
        return FunctionLog(self, function)

    def write(self, row: dict[str, Any]) -> None:
        """Add one row."""
        self._file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Finish the file; twice does no harm."""
        self._file.close()


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
        self._file.write({"level": "WARNING", "function": self._function, "message": str(msg), **fields})
