"""Instants as ISO 8601 in UTC, and back."""

from datetime import UTC, datetime

from flowlogs.record.values import LAST_SECOND


def iso_utc(seconds: int) -> str:
    """Write Unix seconds (up to the end of the year 9999) as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(milliseconds: object) -> int | None:
    """Give what a carrier calls a time as Unix seconds; None where it is none."""
    if not isinstance(milliseconds, int) or not 0 <= milliseconds <= 1000 * LAST_SECOND:
        return None
    return milliseconds // 1000


def unix_seconds(iso: str) -> int | None:
    """Read ISO 8601 as Unix seconds, in UTC where it names no zone; None where it is no instant from 1970 to 9999."""
    try:
        read = datetime.fromisoformat(iso)
        seconds = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= LAST_SECOND else None
