"""Keeps the events of the last hour: what came late or out of order makes sense only together with them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interface_changes import Change, Created, Deleted, Given, InterfaceEvent, Launched, Listed
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.json_lines import line, packed, rows_in

RECENT_SECONDS = 3600
"""How long an event is given again with those that follow. CloudTrail delivers within about 15 minutes. Source:
CloudTrail User Guide, "How CloudTrail works" (on average, not guaranteed)."""


def recent(events: Iterable[InterfaceEvent], now: float) -> list[InterfaceEvent]:
    """Leave out what is older than an hour, and what stands there twice."""
    kept = {_line(event): event for event in events if event.time > now - RECENT_SECONDS}
    return [kept[written] for written in sorted(kept)]


def encode_events(events: Iterable[InterfaceEvent]) -> bytes:
    """Write events as gzipped NDJSON; the same events in the same order give the same bytes."""
    return packed(map(_line, events))


def decode_events(content: bytes, name: str = "the events of the last hour") -> list[InterfaceEvent]:
    """Read events; raise UnusableInventory, which calls the content by `name`, where any of it is none."""
    found = []
    for number, row in rows_in(content, name):
        try:
            found.append(_event(row))
        except (KeyError, TypeError, ValueError) as error:
            raise UnusableInventory(f"{name}: line {number} is no event: {error}") from error
    return found


def _line(event: InterfaceEvent) -> bytes:
    row: dict[str, Any] = {
        "account-id": event.scope.account_id,
        "region": event.scope.region,
        "interface-id": event.interface_id,
        "time": event.time,
        "change": type(event.change).__name__,
        "values": event.change,
    }
    return line(row)


_MEMBERS: Mapping[str, type] = {
    "account-id": str,
    "region": str,
    "interface-id": str,
    "time": int,
    "change": str,
    "values": dict,
}
_CHANGES: Mapping[str, tuple[Callable[..., Change], Mapping[str, type]]] = {
    "Created": (Created, {"facts": dict}),
    "Launched": (Launched, {"facts": dict}),
    "Given": (Given, {"column": str, "value": object}),
    "Listed": (Listed, {"column": str, "value": str, "there": bool}),
    "Deleted": (Deleted, {}),
}
"""The changes by their names, and what each holds."""


def _event(row: Any) -> InterfaceEvent:
    _check(row, _MEMBERS)
    change, values = _CHANGES[row["change"]]
    _check(row["values"], values)
    scope = Scope(row["account-id"], row["region"])
    return InterfaceEvent(scope, row["interface-id"], row["time"], change(**row["values"]))


def _check(row: Any, members: Mapping[str, type]) -> None:
    """Raise ValueError where a row has other members than these, as another version may write, or of other types."""
    if type(row) is not dict or row.keys() != members.keys():
        raise ValueError("it has other members")
    for name, wanted in members.items():
        if wanted is not object and type(row[name]) is not wanted:
            raise ValueError(f"{name} is of another type")
