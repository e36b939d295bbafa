"""The inventory as it is kept and published: states of the kinds, the look-up file, Parquet, and the pointer to them.

pointer.json                        names all of the others but the Parquet
states/KIND/RUN.ndjson.gz           intervals of a kind: what is, and what was in the days that are not finished
scopes/RUN.json                     when each account and region was taken, and why it was not
events/RUN.ndjson.gz                events of the last hour, if there were any
lookups/RUN.sqlite.gz               interfaces for the decorator: what is, and what was until a day ago
history.json                        the first day whose Parquet is not finished
history/KIND/date=…/KIND.parquet    every interval of a UTC day, for Athena and DuckDB; written hourly
"""

import gzip
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.daily_tables import DailyTables
from flowlogs.inventory.interface_changes import InterfaceEvent
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import INTERFACES, SUBNETS, Kind
from flowlogs.inventory.lookup_file import write_lookup_file
from flowlogs.inventory.network_interfaces import network_interface, networks_of_subnets, once_each
from flowlogs.inventory.recent_events import decode_events, encode_events
from flowlogs.inventory.scope_record import Records, decode_records, encode_records, newest
from flowlogs.inventory.states import decode, encode
from flowlogs.published import Pointer, Store, read_pointer, swap_pointer
from flowlogs.record.timestamps import iso_utc

LOOK_UP_NAME = "interfaces.sqlite"
"""Name under which a decorator keeps the look-up file."""
LOOK_UP_SECONDS = 86_400
"""How long the look-up file answers for what is gone."""
FORGET_HOURS = 49
"""How long closed intervals stay in the state at least; and until the Parquet of their day is finished."""
TIDY_SECONDS = 3600
"""Age from which an object that no pointer names is deleted: until then a reader may still fetch it."""
_TEMPORARY = ("states/", "scopes/", "events/", "lookups/")


class Publication:
    """The last publication, and the next one in the making; `run` names what this one writes."""

    def __init__(self, store: Store, run: str) -> None:
        """Raise OSError where the store refuses, UnusableInventory where its pointer is none of ours."""
        self._store = store
        self._run = run
        try:
            self._before = read_pointer(store)
            self._states: dict[str, Mapping[str, str]] = dict(self._before.about.get("states", {}))
        except (ValueError, TypeError, AttributeError) as error:
            raise UnusableInventory(f"the inventory's pointer cannot be read: {error}") from error
        self._events: str | None = self._before.about.get("events")
        self._written: list[str] = []

    @property
    def hourly(self) -> int | None:
        """Say when the hourly kinds were taken last (Unix seconds); None for never."""
        return self._before.about.get("hourly")

    def records(self) -> Records:
        """Give what is remembered of each scope; raise OSError or UnusableInventory where it cannot be read."""
        key = self._before.about.get("scopes")
        return {} if key is None else decode_records(self._read(key), key)

    def intervals(self, kind: Kind) -> list[Interval]:
        """Give a kind's intervals as put last; raise OSError or UnusableInventory where they cannot be read."""
        state = self._states.get(kind.name)
        return [] if state is None else decode(self._read(state["key"]), state["key"])

    def put(self, kind: Kind, intervals: Iterable[Interval]) -> None:
        """Write a kind's intervals for the next publication, where they are others than before."""
        content = encode(intervals)
        digest = hashlib.sha256(content).hexdigest()
        if digest != self._states.get(kind.name, {}).get("sha256"):
            key = self._write(f"states/{kind.table}/{self._run}.ndjson.gz", content)
            self._states[kind.name] = {"key": key, "sha256": digest}

    def events(self) -> list[InterfaceEvent]:
        """Give the events of the last hour; raise OSError or UnusableInventory where they cannot be read."""
        return [] if self._events is None else decode_events(self._read(self._events), self._events)

    def put_events(self, events: Sequence[InterfaceEvent]) -> None:
        """Write the events of the last hour for the next publication."""
        self._events = self._write(f"events/{self._run}.ndjson.gz", encode_events(events)) if events else None

    def publish(self, records: Records, now: int, *, hourly: bool) -> bool:
        """Write the look-up file and swap the pointer; say whether it was still the one that was read.

        Where it was not, another run has published, and what this one wrote is deleted.
        """
        about: dict[str, Any] = {
            "taken": iso_utc(newest(records, now)),
            "run": self._run,
            "states": self._states,
            "scopes": self._write(f"scopes/{self._run}.json", encode_records(records)),
            "hourly": now if hourly else self.hourly,
            **({"events": self._events} if self._events else {}),
        }
        files = {LOOK_UP_NAME: self._write(f"lookups/{self._run}.sqlite.gz", self._look_up_file(records, now))}
        won = swap_pointer(self._store, self._before, Pointer(files, about))
        if not won:
            for key in self._written:
                self._store.delete(key)
        return won

    def _look_up_file(self, records: Records, now: int) -> bytes:
        fresh = {scope: INTERFACES.name not in record.failed for scope, record in records.items()}
        interfaces = (
            network_interface(found)
            for found in once_each(self.intervals(INTERFACES), fresh)
            if found.until > now - LOOK_UP_SECONDS
        )
        with tempfile.TemporaryDirectory(prefix="flowlogs-") as folder:
            path, packed = Path(folder) / LOOK_UP_NAME, Path(folder) / f"{LOOK_UP_NAME}.gz"
            write_lookup_file(path, interfaces, networks_of_subnets(self.intervals(SUBNETS)), now)
            with path.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as squeezed:
                shutil.copyfileobj(plain, squeezed, 1 << 20)
            return packed.read_bytes()

    def daily_tables(self, now: int) -> DailyTables:
        """Give the days whose Parquet is to be written; raise OSError or UnusableInventory where that is not known."""
        taken = self._before.about.get("taken")
        return DailyTables(self._store, now, date.fromisoformat(taken[:10]) - timedelta(days=1) if taken else None)

    def tidy(self, now: float) -> None:
        """Delete what neither this publication nor the last names, once nobody can be fetching it any more."""
        before = self._before.about
        named = {*self._before.files.values(), before.get("scopes"), before.get("events"), *self._written}
        named |= {state["key"] for state in (*self._states.values(), *before.get("states", {}).values())}
        for prefix in _TEMPORARY:
            for stored in list(self._store.keys(prefix)):
                if stored.key not in named and stored.modified < now - TIDY_SECONDS:
                    self._store.delete(stored.key)

    def _read(self, key: str) -> bytes:
        found = self._store.read(key)
        if found is None:
            raise UnusableInventory(
                f"{key} is named by the inventory's pointer and is not there; to begin anew, remove pointer.json"
            )
        return found[0]

    def _write(self, key: str, content: bytes) -> str:
        self._store.write(key, content)
        self._written.append(key)
        return key
