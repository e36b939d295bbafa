"""Keeps the events of the last hour: what came late or out of order makes sense only together with them."""

import gzip
import zlib
from collections.abc import Iterable
from typing import Any

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interface_changes import Change, Created, Deleted, Given, InterfaceEvent, Launched, Listed
from flowlogs.inventory.interval import Scope

RECENT_SECONDS = 3600
"""How long an event is given again with those that follow. CloudTrail delivers within about 15 minutes. Source:
CloudTrail User Guide, "How CloudTrail works" (on average, not guaranteed)."""
_CHANGES = {change.__name__: change for change in (Created, Launched, Given, Listed, Deleted)}


def recent(events: Iterable[InterfaceEvent], now: float) -> list[InterfaceEvent]:
    """Leave out what is older than an hour, and what stands there twice."""
    kept = {_row(event): event for event in events if event.time > now - RECENT_SECONDS}
    return [kept[row] for row in sorted(kept)]


def encode_events(events: Iterable[InterfaceEvent]) -> bytes:
    """Write events as gzipped NDJSON; the same events give the same bytes."""
    return gzip.compress(b"".join(map(_row, events)), compresslevel=1, mtime=0)


def decode_events(content: bytes) -> list[InterfaceEvent]:
    """Read events; raise UnusableInventory where they are none."""
    try:
        return [_event(orjson.loads(line)) for line in gzip.decompress(content).splitlines()]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise UnusableInventory(f"the recent events cannot be read: {error!r}") from error


def _row(event: InterfaceEvent) -> bytes:
    row = {
        "account-id": event.scope.account_id,
        "region": event.scope.region,
        "interface-id": event.interface_id,
        "time": event.time,
        "change": type(event.change).__name__,
        "values": event.change,
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _event(row: dict[str, Any]) -> InterfaceEvent:
    change: Change = _CHANGES[row["change"]](**row["values"])
    return InterfaceEvent(Scope(row["account-id"], row["region"]), row["interface-id"], row["time"], change)
