"""Looks for marked lines at their destinations, again and again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from flowlogs.doctor.asked import Buckets, DeliveryStreams, Found, Marks, Unseen
from flowlogs.doctor.lake_content import marks_in
from flowlogs.doctor.refused import Refused
from flowlogs.errors import FlowlogsError, UnreadableInput
from flowlogs.record.log_format import LogFormat

_CLOCKS = timedelta(minutes=10)
"""So much may the clock of this machine be ahead of S3's; the marker tells our objects from older ones."""


class NotYet(FlowlogsError):
    """Nothing can be said so far; `str()` says what is known."""


class Watch(Protocol):
    """A destination that is looked at."""

    def look(self, now: float) -> Mapping[int, int]:
        """Give how often each marked line was seen, by source port; raise Refused, NotYet or Unseen."""
        ...


@dataclass(frozen=True, slots=True)
class SearchWatch:
    """A search domain: asked anew each time."""

    marks: Marks
    marker: str

    def look(self, now: float) -> Mapping[int, int]:  # noqa: ARG002 (the index is not chosen by time)
        """Count the documents with the marker."""
        return self.marks(self.marker)


@dataclass(frozen=True, slots=True)
class DeliveryWatch:
    """A search domain that cannot be seen from here: Firehose counts what it brings there, ours and others'."""

    streams: DeliveryStreams
    stream: str
    expected: int
    since: float
    reason: str

    def look(self, now: float) -> Mapping[int, int]:
        """Raise NotYet while Firehose has brought fewer records than were sent, then Unseen: whose, it does not say."""
        try:
            brought = self.streams.into_search(self.stream, self.since, now)
        except Refused as error:
            if error.for_everything or error.temporary:
                raise
            raise Unseen(f"{self.reason}; nor is Firehose's count to be had: {error}") from error
        said = f"{self.reason}; Firehose says it brought {brought:,} records there since, of whatever lines"
        raise NotYet(said) if brought < self.expected else Unseen(said)


@dataclass(slots=True)
class LakeWatch:
    """The date partitions since `since` (Unix seconds); an object is read once."""

    buckets: Buckets
    bucket: str
    prefix: str
    kind: str
    """parquet, json or raw."""
    log_format: LogFormat
    marker: str
    since: float
    unreadable: list[str] = field(default_factory=list)
    """Objects that could not be read, with the reason."""
    _read: set[str] = field(default_factory=set)
    _seen: Counter[int] = field(default_factory=Counter)

    def look(self, now: float) -> Mapping[int, int]:
        """Read the objects that are new, and count the marked lines in all."""
        for day in self._days(now):
            for found in self.buckets.list(self.bucket, f"{self.prefix}date={day}/"):
                if found.key not in self._read and found.modified >= self._from:
                    self._take(found)
        return self._seen

    @property
    def _from(self) -> datetime:
        return datetime.fromtimestamp(self.since, UTC) - _CLOCKS

    def _days(self, now: float) -> list[str]:
        """List the dates of arrival, which are partitions (UTC), that there may be by now."""
        first, last = self._from.date(), datetime.fromtimestamp(now, UTC).date()
        return [f"{first + timedelta(days=number):%Y-%m-%d}" for number in range((last - first).days + 1)]

    def _take(self, found: Found) -> None:
        content = self.buckets.read(self.bucket, found.key)
        self._read.add(found.key)
        try:
            self._seen += marks_in(content, self.kind, self.marker, self.log_format)
        except UnreadableInput as error:
            self.unreadable.append(f"s3://{self.bucket}/{found.key}: {error}")
