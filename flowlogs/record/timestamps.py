"""Instants as ISO 8601 in UTC, and back."""

from datetime import UTC, datetime


def iso_utc(seconds: int) -> str:
    """Write Unix seconds (up to the end of the year 9999) as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix_seconds(iso: str) -> int | None:
    """Read ISO 8601 as Unix seconds; None where it is no instant."""
    try:
        return int(datetime.fromisoformat(iso).timestamp())
    except ValueError:
        return None
