"""Instants as ISO 8601 in UTC, and back."""

from datetime import UTC, datetime


def iso_utc(seconds: int) -> str:
    """Write Unix seconds (up to the end of the year 9999) as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix_seconds(iso: str) -> int | None:
    """Read ISO 8601 as Unix seconds, in UTC where it names no zone; None where it is no instant."""
    try:
        instant = datetime.fromisoformat(iso)
        return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())
    except ValueError:
        return None
