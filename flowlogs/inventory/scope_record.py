"""What is remembered of each scope from run to run: when each kind was taken, and why it was not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.kinds import INTERFACES


@dataclass(slots=True)
class ScopeRecord:
    """One scope: Unix seconds of the last snapshot of each kind, and a sentence for each that failed since."""

    taken: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def is_stale(self) -> bool:
        """Say whether its last state is kept because a snapshot failed."""
        return bool(self.failed)


Records = dict[Scope, ScopeRecord]


def encode_records(records: Mapping[Scope, ScopeRecord]) -> bytes:
    """Write records as JSON."""
    rows = [
        {"account-id": scope.account_id, "region": scope.region, "taken": record.taken, "failed": record.failed}
        for scope, record in sorted(records.items())
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def decode_records(content: bytes) -> Records:
    """Read records; raise UnusableInventory where they are none."""
    try:
        return {
            Scope(row["account-id"], row["region"]): ScopeRecord(dict(row["taken"]), dict(row["failed"]))
            for row in orjson.loads(content)
        }
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableInventory(f"the record of scopes cannot be read: {error!r}") from error


def stalest(records: Mapping[Scope, ScopeRecord], now: float) -> float:
    """Give the seconds since the interfaces of the stalest scope were taken; 0 where none was ever taken."""
    times = [record.taken[INTERFACES.name] for record in records.values() if INTERFACES.name in record.taken]
    return max(0.0, now - min(times, default=now))
