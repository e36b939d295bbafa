"""What is remembered of each scope from run to run: when each kind was taken, and why it was not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.kinds import INTERFACES


@dataclass(slots=True)
class ScopeRecord:
    """One scope: since when it is asked, when each kind was taken last (Unix seconds), a sentence for what failed."""

    taken: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    since: int = 0


Records = dict[Scope, ScopeRecord]
_MEMBERS = {"account-id", "region", "since", "taken", "failed"}


def encode_records(records: Mapping[Scope, ScopeRecord]) -> bytes:
    """Write records as JSON."""
    rows = [
        {
            "account-id": scope.account_id,
            "region": scope.region,
            "since": record.since,
            "taken": record.taken,
            "failed": record.failed,
        }
        for scope, record in sorted(records.items())
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def decode_records(content: bytes, name: str = "the record of scopes") -> Records:
    """Read records; raise UnusableInventory, which calls the content by `name`, where any of it is none.

    A row that has more or less than `encode_records` writes, as another version of this module may, is none.
    """
    try:
        return _records(orjson.loads(content))
    except ValueError as error:
        raise UnusableInventory(f"{name} cannot be read: {error}") from error


def _records(rows: Any) -> Records:
    if type(rows) is not list:
        raise ValueError("it is no list")
    records = dict(map(_record, rows))
    if len(records) != len(rows):
        raise ValueError("a scope stands there twice")
    return records


def _record(row: Any) -> tuple[Scope, ScopeRecord]:
    if type(row) is not dict or row.keys() != _MEMBERS:
        raise ValueError("a row has other members")
    account_id, region, since, taken, failed = (
        row[name] for name in ("account-id", "region", "since", "taken", "failed")
    )
    if not (type(account_id) is type(region) is str and type(taken) is type(failed) is dict and type(since) is int):
        raise ValueError("a row has a value of another type")
    if not (all(type(time) is int for time in taken.values()) and all(type(why) is str for why in failed.values())):
        raise ValueError("a row has a time or a sentence of another type")
    return Scope(account_id, region), ScopeRecord(taken, failed, since)


def stalest(records: Mapping[Scope, ScopeRecord], now: float) -> float:
    """Give the seconds since the interfaces of the stalest scope were taken, or it was first asked in vain."""
    times = [record.taken.get(INTERFACES.name, record.since) for record in records.values()]
    return max(0.0, now - min(times, default=now))


def oldest(records: Mapping[Scope, ScopeRecord], now: int) -> int:
    """Say when the interfaces of the scope that was taken longest ago were; scopes never taken do not count."""
    return min(_taken(records), default=now)


def newest(records: Mapping[Scope, ScopeRecord], now: int) -> int:
    """Say when interfaces were taken last in any scope; `now` where they never were."""
    return max(_taken(records), default=now)


def _taken(records: Mapping[Scope, ScopeRecord]) -> list[int]:
    return [record.taken[INTERFACES.name] for record in records.values() if INTERFACES.name in record.taken]
