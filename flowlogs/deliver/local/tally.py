"""Counts what happens on a stream, from several threads."""

from collections import Counter
from threading import Lock

from flowlogs.deliver.local.stream_count import StreamCount


class Tally:
    """Adds to the counts of one stream."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def add(self, **counts: int) -> None:
        """Add to counts by their names in StreamCount."""
        with self._lock:
            self._counts.update(counts)

    def snapshot(self) -> StreamCount:
        """Give the counts as they are now."""
        with self._lock:
            return StreamCount(**self._counts)
