"""The shape `raw`: lines that are checked and otherwise left as they are."""

from flowlogs.errors import MalformedRecord
from flowlogs.record.log_format import LogFormat


class RawLines:
    """Passes lines of one format on; one of another order than the configured stands between headers that say so."""

    def __init__(self, log_format: LogFormat, configured: LogFormat, *, one: bool) -> None:
        """With `one`, a document is one line, so that no header can stand beside it."""
        self._format = log_format
        self._passes = log_format == configured or not one
        self._before = b"" if log_format == configured else log_format.header + b"\n"
        self._after = b"" if log_format == configured else b"\n" + configured.header
        self._last_end: int | None = None

    def encode(self, line: bytes, event_time: int | None = None) -> bytes:  # noqa: ARG002 (a raw line has its own time)
        """Give the line itself; raise MalformedRecord when it does not fit its format."""
        if not self._passes:
            raise MalformedRecord("line", "raw documents of one line keep to the configured order of fields")
        self._last_end = self._format.read(line).get("end")
        return self._before + line.strip() + self._after

    def trim(self) -> None:
        """Keep nothing."""

    def last_end(self) -> int | None:
        """Give the `end` (Unix seconds) of the line passed on last; None where it has none."""
        return self._last_end
