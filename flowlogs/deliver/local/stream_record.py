"""One record on a local delivery stream."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record as it was put, or as the transformation answered it; its id and arrival stay the same."""

    record_id: str
    arrived: int
    """When it was put: milliseconds since 1970."""
    data: bytes
